"""pool.py [--write DOCS]: Hue's pattern (pooled.py) before two stand-ins, in each way that it is said to work or not to."""
import argparse
import os
import re
import struct
import subprocess
import sys

import clients
import proxies
import report
import world
from coordinators import StandIn

# (login, balance, what is to come out). `cut off`: a request reaches a coordinator that does not know the session.
WAYS = (
    ("inspect", "source", "works"),
    ("verify", "source", "works"),
    ("verify", "principal", "works"),
    ("late", "principal", "works"),
    ("late", "leastconn", "works while fresh"),
    ("inspect", "leastconn", "cut off"),
)
FRESH = 300  # clockskew of krb5.conf, unless it says otherwise


def run_pool(port, before_late=None):
    """What pooled.py printed, a list a line; BEFORE_LATE is called before its late requests."""
    pool = subprocess.Popen([f"{world.CACHE}/python/bin/python", f"{clients.HERE}/pooled.py", str(port)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lines = []
    for line in pool.stdout:
        lines.append(line.rstrip("\n").split("\t" if line.startswith("late") else " "))
        if lines[-1][0] == "requests":
            if before_late:
                before_late()
            pool.stdin.write("late\n" if before_late else "\n")
            pool.stdin.flush()
    pool.wait(30)
    print(lines, file=sys.stderr)
    return lines


def judge(lines, wanted):
    """(whether it is as wanted, in words)."""
    failure = [" ".join(line[2:]) for line in lines if line[0] == "failed"]
    if failure:
        return wanted == "cut off" and bool(re.search("Invalid (session id|or unknown query handle)", failure[0])), f"fails: {report.quoted(failure[0])}"
    hosts = sorted({line[2] for line in lines if line[0] == "session"})
    requests = next(line[1] for line in lines if line[0] == "requests")
    words = f"{requests} requests answered, sessions on {' and '.join(hosts)}"
    if wanted != "works while fresh":
        return wanted == "works" and len(hosts) == 1, words
    late = next(line for line in lines if line[0] == "late")
    told = late[-1].partition(": ")[2]
    return (len(hosts) == 2 and re.search(r"more than 300 s old", told) is not None,
            f"{words}; {FRESH + 1} s after the login a request for the other coordinator: {report.quoted(told)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", metavar="DOCS")
    options = parser.parse_args()
    world.log_in()
    servers = [StandIn(host) for host in world.HOSTS]
    with open("clock", "wb") as clock:
        clock.write(struct.pack("q", 0))
    sections = {way: proxies.Section(f"{way[0]}-{way[1]}", servers, [f"kerberos login {way[0]}", f"balance {way[1]}"])
                for way in WAYS}
    preload = f"{world.BUILD}/libshifted_clock.so:{os.environ['LD_PRELOAD']}"
    proxies.kerbgate(list(sections.values()), env={"LD_PRELOAD": preload, "KERBGATE_CLOCK_FILE": os.path.abspath("clock")})

    def move_the_proxys_clock():
        with open("clock", "r+b") as clock:
            clock.write(struct.pack("q", FRESH + 1))

    rows, failures = [], 0
    for login, balance, wanted in sorted(WAYS, key=lambda way: way[2] == "works while fresh"):  # the clock moves last
        lines = run_pool(sections[login, balance, wanted].port, move_the_proxys_clock if "fresh" in wanted else None)
        is_right, words = judge(lines, wanted)
        failures += not is_right
        rows.append([f"`{login}`", f"`balance {balance}`", words])
        print(f"   {login:8s} {balance:10s} {'ok: ' if is_right else 'FAILED: '}{words}", flush=True)
    if options.write:
        report.write_between_marks(f"{options.write}/compatibility.md", "pool", report.table(["login", "balance", ""], rows))
    return 1 if failures else 0


sys.exit(main())
