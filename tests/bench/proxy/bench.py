#!/usr/bin/env python3
"""bench.py BUILD [--rounds N] [--seconds S] [--only TEXT] [--peers A,B] [--curves] [--write DOCS]

Measures the proxy against HAProxy and nginx in a network namespace of its own: loopback, reno, proxy on one CPU,
clients and backend on another. Rounds are interleaved, every other one in reverse order. Prints a table of medians, and
of each round's ratio to the others with its spread; --write puts the table and a plot into DOCS. With --curves: what a
connection costs as servers, listeners, principals and connections grow.
"""
import argparse
import sys

import curves
import page
import place
import report
from measure import Load, Place, measure
from rows import ROWS


def rows(options, realm):
    chosen = [row for row in ROWS if not options.only or options.only in row.name]
    if realm.missing and any(row.kind.login for row in chosen):
        print(f"SKIPPED logins: {realm.missing}")
        chosen = [row for row in chosen if not row.kind.login]
    return [row.smaller() for row in chosen] if options.smoke else chosen


class Round:
    """Rows that want other figures of the same load share it."""

    def __init__(self, here):
        self.here, self.said = here, {}

    def figure(self, row, peer):
        load = Load(row.arguments, row.kind, row.threads)
        key = (peer.name, row.threads, *row.arguments, peer.text(row.kind, row.threads, self.here))
        if key not in self.said:
            self.said[key] = measure(self.here, peer, load, row.name)
        said = self.said[key]
        return None if said is None else said[row.figure]


def run(options, here):
    measured = here.peers()
    results = [report.Result(row) for row in rows(options, here.realm)]
    for turn in range(options.rounds):
        this = Round(here)
        for result in results:
            for peer in measured if turn % 2 == 0 else reversed(measured):
                result.add(peer.name, this.figure(result.row, peer))
        print(f"round {turn + 1} of {options.rounds} done", file=sys.stderr)
    return results, [peer.name for peer in measured]


def bench(options, here):
    results, names = run(options, here)
    text = report.table(results, names) + report.extra_table(results)
    print(text)
    if options.write:
        page.write(options.write, "bench", f"Rounds: {options.rounds}, of {options.seconds:g} s each.\n\n" + text)
        page.write_image(options.write, "performance", report.plot(results, names))
    failed = [result.row.name for result in results if result.middle("kerbgate") is None and "kerbgate" in names]
    if failed:
        sys.exit("bench: no figure for " + ", ".join(failed))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help="folder of the programs load and proxy")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--warm", type=float, default=0.5)
    parser.add_argument("--only", help="rows (or curves) whose name has this in it")
    parser.add_argument("--peers", help="of kerbgate, haproxy, haproxy-256k, nginx-64k; all without")
    parser.add_argument("--old", metavar="PROXY", help="another build of the proxy, the peer `old`: did a change help")
    parser.add_argument("--smoke", action="store_true", help="fewer connections: does every row work")
    parser.add_argument("--curves", action="store_true", help="costs as work grows, in place of the rows")
    parser.add_argument("--write", metavar="DOCS", help="folder of performance.md to put the table into")
    options = parser.parse_args()
    place.skip_unless_possible()
    place.enter()
    with Place(options) as here:
        curves.run(options, here) if options.curves else bench(options, here)


if __name__ == "__main__":
    main()
