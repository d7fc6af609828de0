"""matrix.py [--write DOCS]: each client in each way of login on two HiveServer2, behind each way of TLS, with a coordinator
dead, with a stale keytab. Exit status 1 when a cell is not as it should be."""
import argparse
import contextlib
import re
import subprocess
import sys

import clients
import proxies
import report
import world
from coordinators import HiveServer2, change_proxy_key, give_key

SQL = "select logged_in_user(), '${hiveconf:kerbgate.host}'"
COLUMNS = {
    "source": "balance source",
    "leastconn": "balance leastconn",
    "offload": "TLS offload",
    "bridging": "TLS bridging",
    "passthrough": "TLS passthrough",
    "dead": "a coordinator dead",
    "stale": "a stale keytab",
    "checked": "the same, kerberos-check",
}
NO_LOGIN_SEEN = "The proxy refuses the file: with TLS passed through it sees no login that it could verify."
# Cells that cannot work, and why: a cell that is here and works is as wrong as one that is not here and does not.
EXPECTED = {
    ("pass", "stale"): "`pass` reads no login, so it cannot know that the coordinator refused it; `option kerberos-check` finds "
                       "the stale keytab in every way of login.",
    ("verify", "passthrough"): NO_LOGIN_SEEN,
    ("late", "passthrough"): NO_LOGIN_SEEN,
}


class Matrix:
    """What was seen: (client, mode, column) -> (ok, text)."""

    def __init__(self):
        self.cells = {}

    def put(self, client, mode, column, outcome, host):
        """HOST: who is to have answered, a regular expression."""
        ok = outcome.status == 0 and re.search(rf"\balice\W+({host})\b", outcome.output) is not None
        self.note(client, mode, column, ok, report.what_it_says(outcome))

    def note(self, client, mode, column, ok, text):
        self.cells[client, mode, column] = (ok, text)
        print(f"   {client:13s} {mode:8s} {column:12s} {'ok' if ok else 'no: ' + text}", flush=True)

    def wrong(self):
        return [cell for cell, (ok, _) in self.cells.items() if ok == (cell[1:] in EXPECTED)]


def ask(client, text):
    # impala-shell has variables of its own and leaves those behind a backslash, which Hive drops from its text.
    sql = SQL.replace("$", "\\$") if client == "impala-shell" else SQL
    return clients.ask(client, text, sql, hiveserver2=True)


def try_all(matrix, sections, column, host="host[12]", tls=False):
    for mode in [mode for mode in proxies.MODES if (column, mode) in sections]:
        for client in clients.CLIENTS:
            matrix.put(client, mode, column, ask(client, clients.settings(client, sections[column, mode].port, tls=tls)), host)


def try_source(matrix, sections):
    """One address: one coordinator, for every client in every mode."""
    first = ask("impyla", clients.settings("impyla", sections["source", "pass"].port))
    found = re.search(r"host[12]", first.output)
    try_all(matrix, sections, "source", found.group() if found else "none")


@contextlib.contextmanager
def held(port):
    """A session on one of the two; gives the name of the other."""
    holder = subprocess.Popen([f"{world.CACHE}/python/bin/python", f"{clients.HERE}/hold.py", str(port), SQL],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        line = holder.stdout.readline()
        yield "host1" if "host2" in line else "host2" if "host1" in line else "none"
    finally:
        holder.stdin.close()
        holder.wait(30)


def try_leastconn(matrix, sections):
    """While one coordinator has a session, the other one answers."""
    for mode in proxies.MODES:
        port = sections["leastconn", mode].port
        with held(port) as other:
            for client in clients.CLIENTS:
                matrix.put(client, mode, "leastconn", ask(client, clients.settings(client, port)), other)


def try_direct(matrix, servers, column, tls=False):
    for client in clients.CLIENTS:
        text = clients.settings(client, 21050, via=(servers[0].host, servers[0].port), tls=tls)
        matrix.put(client, "direct", column, ask(client, text), servers[0].host)


def start(tls=False):
    servers = [HiveServer2(host, tls) for host in world.HOSTS]
    for server in servers:
        server.wait()
    # The first statement makes Hive's tables.
    for server in servers:
        ask("impyla", clients.settings("impyla", 21050, via=(server.host, server.port), tls=tls))
    return servers


def sections_of(kinds):
    """KINDS: column -> what Section takes behind its name. One for each mode that can be with it."""
    made = {}
    for column, (servers, lines, *rest) in kinds.items():
        for mode in proxies.MODES:
            if EXPECTED.get((mode, column)) is not NO_LOGIN_SEEN:
                made[column, mode] = proxies.Section(f"{column}-{mode}", servers, [f"kerberos login {mode}", *lines], *rest)
    return made


def without_tls(matrix):
    servers = start()
    certificate = f"ssl crt {world.FOLDER}/tls/proxy.pem"
    sections = sections_of({
        "source": (servers, ["balance source"], "", "check"),
        "leastconn": (servers, ["balance leastconn"], "", "check"),
        "offload": (servers, ["balance source"], certificate, "check"),
        # host1 is asked first, and no check warns of it.
        "stale": (servers, ["balance first"]),
        "dead": (servers, ["balance first"]),
    })
    proxy = proxies.kerbgate(list(sections.values()))
    try_source(matrix, sections)
    try_leastconn(matrix, sections)
    try_all(matrix, sections, "offload", tls=True)
    try_direct(matrix, servers, "source")
    make_stale()
    try_all(matrix, sections, "stale", "host2")
    try_checked(matrix, servers)
    servers[0].stop()
    try_all(matrix, sections, "dead", "host2")
    for process in (proxy, *servers):
        process.stop()


def try_checked(matrix, servers):
    """A proxy of its own, since a running one looks with a new ticket every 5 minutes: it has found host1 out."""
    sections = sections_of({"checked": (servers, ["balance first", "option kerberos-check"], "", "check")})
    proxy = proxies.kerbgate(list(sections.values()), name="kerbgate-checked")
    proxy.wait_until("host1 down in each section", lambda: all(
        re.search(rf"Server {section.name}/host1 is DOWN", proxy.text()) for section in sections.values()), 120)
    try_all(matrix, sections, "checked", "host2")
    proxy.stop()


def make_stale():
    """The key changes at the KDC; host1 is forgotten. Everyone reads files as they change."""
    change_proxy_key()
    world.export_key(f"impala/{world.PROXY}", "keytabs/new.keytab")
    world.merge(["keytabs/new.keytab", "keytabs/proxy.keytab"], "keytabs/both.keytab")
    give_key("host2", "keytabs/both.keytab")
    world.run("mv", "keytabs/both.keytab", "keytabs/proxy.keytab")
    world.log_in()


def try_refused(matrix, servers, column):
    """The modes whose file the proxy refuses: what it says at -c."""
    for mode in [mode for mode in proxies.MODES if EXPECTED.get((mode, column)) is NO_LOGIN_SEEN]:
        section = proxies.Section(f"{column}-{mode}", servers, [f"kerberos login {mode}", "tls-passthrough"])
        status, text = proxies.judge([section])
        for client in clients.CLIENTS:
            matrix.note(client, mode, column, status == 0, re.sub(r"\[ALERT\].*?\] : ", "", text.splitlines()[0]))


def with_tls(matrix):
    servers = start(tls=True)
    verified = f"check ssl ca-file {world.FOLDER}/tls/ca.pem verify required verifyhost {world.PROXY}"
    sections = sections_of({
        "bridging": (servers, ["balance source"], f"ssl crt {world.FOLDER}/tls/proxy.pem", verified),
        "passthrough": (servers, ["balance source", "tls-passthrough"], "", "check"),
    })
    proxy = proxies.kerbgate(list(sections.values()))
    try_all(matrix, sections, "bridging", tls=True)
    try_all(matrix, sections, "passthrough", tls=True)
    try_refused(matrix, servers, "passthrough")
    try_direct(matrix, servers, "bridging", tls=True)
    for process in (proxy, *servers):
        process.stop()


def markdown(matrix):
    notes, rows = [], []  # a note: why, what was said

    def cell(client, mode, column):
        if (client, mode, column) not in matrix.cells:
            return "-"
        ok, text = matrix.cells[client, mode, column]
        if ok:
            return "ok"
        why = EXPECTED.get((mode, column), "NOT AS IT SHOULD BE.")
        group = next((note for note in notes if note[0] == why), None)
        if group is None:
            notes.append(group := (why, []))
        said = f"{client}: {report.quoted(text)}" if why is not NO_LOGIN_SEEN else f"`-c`: {report.quoted(text)}"
        if said not in group[1]:
            group[1].append(said)
        return f"no ({notes.index(group) + 1})"

    for mode in proxies.MODES:
        rows += [[client, f"`{mode}`", *(cell(client, mode, column) for column in COLUMNS)] for client in clients.CLIENTS]
    text = report.versions(("HiveServer2", report.jar("hiveserver2", "hive-service"))) + "\n"
    text += report.table(["client", "login", *COLUMNS.values()], rows)
    text += "\nPast the proxy, for its name (`keytool client --via`):\n\n" + report.table(
        ["client", "plain", "TLS"],
        [[client, cell(client, "direct", "source"), cell(client, "direct", "bridging")] for client in clients.CLIENTS])
    for index, (why, said) in enumerate(notes, 1):
        text += f"\n({index}) {why}\n\n" + "".join(f"- {words}\n" for words in said)
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", metavar="DOCS")
    options = parser.parse_args()
    world.make_certificates()
    world.log_in()
    clients.prepare()
    matrix = Matrix()
    with_tls(matrix)
    without_tls(matrix)  # the last: a key changes and a coordinator dies
    if options.write:
        report.write_between_marks(f"{options.write}/compatibility.md", "matrix", markdown(matrix))
    wrong = matrix.wrong()
    print(f"   {len(matrix.cells)} cells, {len(wrong)} not as they should be", *wrong, sep="\n   ")
    return 1 if wrong else 0


sys.exit(main())
