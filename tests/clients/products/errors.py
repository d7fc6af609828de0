"""errors.py [--write DOCS] [--only TEXT]: what impala-shell, impyla and Beeline print for each cause, behind HAProxy and behind
the proxy in each way of login that reads one. Exit status 1 when the proxy leaves a client that it can tell without the
cause."""
import argparse
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import clients
import proxies
import report
import world
from causes import CAUSES

CLIENTS = ("impala-shell", "impyla", "Beeline")
THROUGH = ("HAProxy", "inspect", "verify", "late")
SECONDS = 60  # what lasts longer hangs
ANSWERED = "(answered)"


def section(cause, through, servers):
    bind = f"ssl crt {world.FOLDER}/tls/proxy.pem" if cause.listener_tls else ""
    lines = ["balance leastconn"]
    if through != "HAProxy":
        lines += [f"kerberos login {through}", *cause.lines]
    return proxies.Section(through.lower(), servers, lines, bind)


def try_cause(cause):
    """(client, through) -> what it printed."""
    servers = cause.start()
    sections = {through: section(cause, through, servers) for through in THROUGH}
    running = [proxies.haproxy([sections["HAProxy"]]),
               proxies.kerbgate([sections[through] for through in THROUGH[1:]])]

    def ask(pair):
        client, through = pair
        text = cause.edit(client, clients.settings(client, sections[through].port, tls=cause.client_tls))
        outcome = clients.ask(client, text, "select 1", seconds=SECONDS, env=cause.env)
        # impala-shell has exit status 0 after some failures.
        return pair, ANSWERED if f"alice@{world.REALM}" in outcome.output else report.what_it_says(outcome)

    # Waiting for one that hangs is no reason to let the others wait.
    with ThreadPoolExecutor(3) as pool:
        said = dict(pool.map(ask, [(client, through) for client in CLIENTS for through in THROUGH]))
    for process in (*running, *servers):
        process.stop()
    return said


def named(cause, said, through):
    # Beeline repeats its URL, which says nothing.
    texts = [re.sub(r"jdbc:\S+", "", said[client, through]) for client in CLIENTS]
    return sum(re.search(cause.named, text) is not None for text in texts)


def summary(results):
    rows = []
    for cause, said in results:
        counts = [named(cause, said, through) for through in THROUGH]
        rows.append([cause.title, *("yes" if count == len(CLIENTS) else f"{count} of {len(CLIENTS)}" if count else "no"
                                    for count in counts)])
    return report.table(["cause", "HAProxy", *(f"`{through}`" for through in THROUGH[1:])], rows)


def details(cause, said):
    rows = []
    for client in CLIENTS:
        texts = {}
        for through in THROUGH:
            texts.setdefault(report.quoted(said[client, through]), []).append(through)
        rows += [[client, ", ".join(through), text] for text, through in texts.items()]
    return f"### {cause.title}\n\n" + report.table(["client", "behind", "prints"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", metavar="DOCS")
    parser.add_argument("--only", default="", metavar="TEXT", help="causes with that in their title")
    options = parser.parse_args()
    world.make_certificates()
    clients.prepare()
    results = []
    for cause in CAUSES:
        if options.only not in cause.title:
            continue
        said = try_cause(cause)
        results.append((cause, said))
        counts = ", ".join(f"{through} {named(cause, said, through)}" for through in THROUGH)
        print(f"   {cause.title}: of {len(CLIENTS)} clients told by {counts}", flush=True)
    if options.write:
        haproxy = ("HAProxy", report.number(report.first_line("haproxy", "-v")))
        report.write_between_marks(f"{options.write}/errors-by-client.md", "summary", summary(results))
        report.write_between_marks(f"{options.write}/errors-by-client.md", "errors", report.versions(haproxy) + "\n" +
                                   "\n".join(details(cause, said) for cause, said in results))
    answered = [(cause.title, *pair) for cause, said in results for pair, text in said.items() if text == ANSWERED]
    worse = [cause.title for cause, said in results
             if not cause.by_library and any(named(cause, said, through) < named(cause, said, "HAProxy") for through in THROUGH[1:])]
    totals = ", ".join(f"{through} {sum(named(cause, said, through) for cause, said in results)}" for through in THROUGH)
    print(f"   {len(results)} causes, {len(results) * len(CLIENTS)} clients; told the cause: {totals}")
    for title in worse:
        print(f"   WORSE than behind HAProxy: {title}")
    for words in answered:
        print("   ANSWERED all the same:", *words)
    return 1 if worse or answered else 0


sys.exit(main())
