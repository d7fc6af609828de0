#!/usr/bin/env python3
"""bench.py BUILD [--rounds N] [--seconds S] [--only TEXT] [--peers A,B] [--write DOCS]

Measures the proxy against HAProxy and nginx in a network namespace of its own: loopback, reno, proxy on one CPU,
clients and backend on another. Rounds are interleaved, every other one in reverse order. Prints a table of medians, and
of each round's ratio to the others with its spread; --write puts the table and a plot into DOCS.
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

import report
from peers import BACKEND, LISTEN, LOAD_CPU, LOG, Running, peers
from rows import ROWS

INSIDE = "KERBGATE_BENCH_NAMESPACE"
SKIPPED = 77


def skip_unless_possible():
    for tool in ("unshare", "taskset", "ip", "openssl"):
        if not shutil.which(tool):
            print(f"bench: SKIPPED, {tool} is not installed")
            sys.exit(SKIPPED)
    if subprocess.run(["unshare", *unshare_flags(), "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("bench: SKIPPED, no network namespace may be made here")
        sys.exit(SKIPPED)


def unshare_flags():
    return ["-n"] if os.geteuid() == 0 else ["-r", "-n"]


def enter_namespace():
    """Begins anew in a network of its own, where no traffic is but this."""
    if os.environ.get(INSIDE):
        return
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", *unshare_flags(), sys.executable, *sys.argv])


def prepare_network():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name, value in (("ipv4/tcp_congestion_control", "reno"), ("ipv4/ip_local_port_range", "8000 65535")):
        with open(f"/proc/sys/net/{name}", "w", encoding="ascii") as file:
            file.write(value)


def make_certificate(folder):
    key, certificate = f"{folder}/key.pem", f"{folder}/bench.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=bench.example.com", "-days", "2", "-keyout", key, "-out", certificate], check=True,
                   stderr=subprocess.DEVNULL)
    with open(key, encoding="ascii") as file, open(certificate, "a", encoding="ascii") as both:
        both.write(file.read())
    return certificate


def measure(options, row, peer, certificate, folder):
    """One figure, or None with the reason on standard error. The backend serves before the proxy looks at it."""
    command = ["taskset", "-c", str(LOAD_CPU), f"{options.build}/load", "--connect", f"127.0.0.1:{LISTEN}", "--backend",
               f"127.0.0.1:{BACKEND}", "--certificate", certificate, "--label", peer.name, "--seconds",
               str(options.seconds), "--warm", str(options.warm), "--wait", *row.arguments]
    load = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        load.stdout.readline()
        running = Running(peer, row.kind, row.threads, certificate, folder)
        try:
            output, _ = load.communicate(" ".join(map(str, running.pids)) + "\n", timeout=300)
        finally:
            running.stop()
    finally:
        load.kill()
        load.wait()
    if load.returncode != 0:
        print(f"{row.name}, {peer.name}: the load ended with {load.returncode}", file=sys.stderr)
        return None
    said = json.loads(output)
    if said["errors"] != 0 or said.get("answers_per_second") == said.get("gib_per_second") == 0:
        print(f"{row.name}, {peer.name}: {said['errors']} errors, the first: {os.strerror(said['first_error'])}",
              file=sys.stderr)
    return said[row.figure]


def rows(options):
    chosen = [row for row in ROWS if not options.only or options.only in row.name]
    return [row.smaller() for row in chosen] if options.smoke else chosen


def run(options, folder):
    certificate = make_certificate(folder)
    measured = [peer for peer in peers(f"{options.build}/proxy", folder, options.old)
                if not options.peers or peer.name in options.peers.split(",")]
    for peer in measured:
        if peer.missing():
            print(f"SKIPPED {peer.name}: {peer.missing()}")
    measured = [peer for peer in measured if not peer.missing()]
    results = [report.Result(row) for row in rows(options)]
    for turn in range(options.rounds):
        for result in results:
            for peer in measured if turn % 2 == 0 else reversed(measured):
                result.add(peer.name, measure(options, result.row, peer, certificate, folder))
        print(f"round {turn + 1} of {options.rounds} done", file=sys.stderr)
    return results, [peer.name for peer in measured]


def version(command):
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
    return said.splitlines()[0].strip() if said else command[0]


def write(options, results, names):
    """Replaces what stands between the marks in performance.md."""
    page = f"{options.write}/performance.md"
    begin, end = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"
    with open(page, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    made = f"Rounds: {options.rounds}, of {options.seconds:g} s each.\n\n" + report.table(results, names)
    with open(page, "w", encoding="utf-8") as file:
        file.write(before + begin + made + end + after)
    with open(f"{options.write}/images/performance.svg", "w", encoding="utf-8") as file:
        file.write(report.plot(results, names))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help="folder of the programs load and proxy")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--warm", type=float, default=0.5)
    parser.add_argument("--only", help="rows whose name has this in it")
    parser.add_argument("--peers", help="of kerbgate, haproxy, haproxy-256k, nginx-64k; all without")
    parser.add_argument("--old", metavar="PROXY", help="another build of the proxy, the peer `old`: did a change help")
    parser.add_argument("--smoke", action="store_true", help="fewer connections: does every row work")
    parser.add_argument("--write", metavar="DOCS", help="folder of performance.md to put the table into")
    options = parser.parse_args()
    skip_unless_possible()
    enter_namespace()
    prepare_network()
    # The log's target: bound and never read, so that each program's lines cost it what they cost, and nobody else.
    log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    log.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    log.bind(("127.0.0.1", LOG))
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        results, names = run(options, folder)
    print(report.table(results, names))
    if options.write:
        write(options, results, names)
    failed = [result.row.name for result in results if result.middle("kerbgate") is None and "kerbgate" in names]
    if failed:
        sys.exit("bench: no figure for " + ", ".join(failed))


if __name__ == "__main__":
    main()
