"""What a connection costs as work grows: tables of medians, and small charts of the same."""
import sys
from statistics import median

import charts
import page
from measure import Load, measure
from peers import PLAIN, Kind
from report import number

CPU, MEMORY, START = "cpu_us_per_answer", "memory_mib", "start_cpu_ms"
PEERS = ("kerbgate", "haproxy")


class Curve:
    """`load`: of a size and of the run's options, which say how long."""

    def __init__(self, name, size, sizes, load, figures, peers=PEERS, login=False):
        self.name, self.size, self.sizes, self.load = name, size, sizes, load
        self.figures, self.peers, self.login = figures, peers, login

    def smaller(self):
        """Two sizes: does it work."""
        return Curve(self.name, self.size, self.sizes[:2], self.load, self.figures, self.peers, self.login)


def churn(**kind):
    """With checks so seldom that they are no part of it."""
    return Load("--mode churn --connections 32 --sources 20".split(), Kind(inter="30s", **kind))


def idle(connections, hold, kind=PLAIN):
    return Load(["--mode", "idle", "--connections", str(connections), "--hold", str(hold)], kind)


def asking(connections, options):
    """Warm for as long as all of them take to be answered some times: what is measured has no beginning in it."""
    return Load(["--mode", "ask", "--connections", str(connections), "--warm", str(options.warm + connections / 3000)])


def principals(count, options):
    logins = 200 if options.smoke else 100_000
    return Load(["--mode", "login", "--connections", "32", "--sources", "20", "--principals", str(count), "--logins",
                 str(logins), "--warm", "0", "--seconds", "250"], Kind(login="verify"))


SERVERS, LISTENERS, CONNECTIONS = (4, 40, 400, 2000), (1, 10, 100), (100, 1000, 9000)
CURVES = [
    Curve("Servers, leastconn", "servers", SERVERS, lambda n, _: churn(servers=n),
          [("CPU us a connection", CPU), ("memory, MiB", MEMORY), ("CPU ms to start", START)]),
    Curve("Servers, source", "servers", SERVERS, lambda n, _: churn(servers=n, balance="source"),
          [("CPU us a connection", CPU)]),
    Curve("Servers, checked every 2 s", "servers", SERVERS,
          lambda n, options: idle(1, options.seconds * 2, Kind(servers=n)),
          [("CPU ms a second", "cpu_ms_per_second")]),
    Curve("Listeners", "listeners", LISTENERS, lambda n, _: churn(listeners=n),
          [("CPU us a connection", CPU), ("memory, MiB", MEMORY), ("CPU ms to start", START)]),
    Curve("Principals, login verify", "principals", (1, 1000, 100_000), principals,
          [("CPU us a login", CPU), ("memory, MiB", MEMORY)], peers=("kerbgate",), login=True),
    Curve("Connections, asking", "connections", CONNECTIONS, asking, [("CPU us a round trip", CPU)]),
    Curve("Connections, idle", "connections", CONNECTIONS, lambda n, options: idle(n, options.seconds / 2),
          [("bytes a pair", "bytes_per_pair")]),
]


class Result:
    """(figure, peer, size) -> the values of all rounds."""

    def __init__(self, curve):
        self.curve, self.values = curve, {}

    def add(self, peer, size, said):
        for _, figure in self.curve.figures:
            self.values.setdefault((figure, peer, size), []).append(None if said is None else said[figure])

    def middle(self, figure, peer, size):
        known = [value for value in self.values.get((figure, peer, size), []) if value is not None]
        return median(known) if known else None

    def peers(self):
        return [peer for peer in self.curve.peers if any(key[1] == peer for key in self.values)]


def table(result):
    curve, names = result.curve, result.peers()
    head = [curve.size, *(f"{title}: {name}" for title, _ in curve.figures for name in names)]
    lines = [f"{curve.name}:", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for size in curve.sizes:
        cells = [number(result.middle(figure, name, size)) for _, figure in curve.figures for name in names]
        lines.append("| " + " | ".join([f"{size:,}", *cells]) + " |")
    return "\n".join(lines) + "\n"


def chosen(options, realm):
    found = [curve for curve in CURVES if not options.only or options.only in curve.name]
    if realm.missing and any(curve.login for curve in found):
        print(f"SKIPPED logins: {realm.missing}")
        found = [curve for curve in found if not curve.login]
    return [curve.smaller() for curve in found] if options.smoke else found


def rounds(options, here):
    results = [Result(curve) for curve in chosen(options, here.realm)]
    for turn in range(options.rounds):
        for result in results:
            measured = [peer for peer in here.peers() if peer.name in result.curve.peers]
            for size in result.curve.sizes:
                load = result.curve.load(size, options)
                for peer in measured if turn % 2 == 0 else reversed(measured):
                    result.add(peer.name, size, measure(here, peer, load, f"{result.curve.name}, {size}"))
        print(f"round {turn + 1} of {options.rounds} done", file=sys.stderr)
    return results


def run(options, here):
    results = rounds(options, here)
    text = "\n".join(table(result) for result in results)
    print(text)
    if options.write:
        head = f"Medians of {options.rounds} rounds of {options.seconds:g} s a point.\n\n"
        page.write(options.write, "curves", head + text)
        page.write_image(options.write, "curves", charts.draw(results))
    failed = {result.curve.name for result in results for key, values in result.values.items()
              if key[1] == "kerbgate" and not any(value is not None for value in values)}
    if failed:
        sys.exit("bench: no figure for " + ", ".join(sorted(failed)))
