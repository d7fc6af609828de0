"""What is measured: a row is a load and the figure that counts."""
import copy

from peers import BRIDGE, BUSY, OFFLOAD, PLAIN, Kind


class Row:
    def __init__(self, name, arguments, figure, unit, kind=PLAIN, threads=1, target=None, more_is_better=False):
        self.name, self.arguments, self.figure, self.unit = name, arguments.split(), figure, unit
        self.kind, self.threads, self.more_is_better = kind, threads, more_is_better
        self.target = target or {}  # peer -> highest ratio that is right

    def smaller(self):
        """The same with few connections: not to be measured by."""
        row = copy.copy(self)
        row.arguments = list(self.arguments)
        for word, most in (("--connections", 4), ("--hold", 0.05)):
            if word in row.arguments:
                at = row.arguments.index(word) + 1
                row.arguments[at] = str(min(type(most)(row.arguments[at]), most))
        return row


class Added:
    """What one row costs more than another, and the most that is right."""

    def __init__(self, name, row, base, most):
        self.name, self.row, self.base, self.most = name, row, base, most


CPU_GIB, CPU_ANSWER = "cpu_seconds_per_gib", "cpu_us_per_answer"
# Kerberos logins with real tickets, each with an authenticator of its own; what is not kerbgate passes them.
LOGIN, MODES = "--mode login --connections 32 --sources 20", ("pass", "inspect", "verify", "late")
# When each server has been checked once.
MEMORY = "--mode idle --connections 1 --hold 2.5"
BULK = {"haproxy": 0.30, "nginx-64k": 0.55}

ROWS = [
    Row("bulk, 1 connection", "--mode bulk --connections 1", CPU_GIB, "CPU s/GiB", target=BULK),
    Row("bulk, 16", "--mode bulk --connections 16", CPU_GIB, "CPU s/GiB", target=BULK),
    Row("bulk, 64", "--mode bulk --connections 64", CPU_GIB, "CPU s/GiB"),
    Row("bulk up, 1", "--mode bulk --connections 1 --up", CPU_GIB, "CPU s/GiB"),
    Row("bulk up, 16", "--mode bulk --connections 16 --up", CPU_GIB, "CPU s/GiB"),
    Row("ping-pong 64 B, 1", "--mode ask --connections 1", CPU_ANSWER, "CPU us"),
    Row("ping-pong 64 B, 64", "--mode ask --connections 64", CPU_ANSWER, "CPU us",
        target={"haproxy": 0.85, "nginx-64k": 1.00}),
    Row("ping-pong 64 B, 1000", "--mode ask --connections 1000", CPU_ANSWER, "CPU us",
        target={"haproxy": 0.75, "nginx-64k": 0.95}),
    Row("p99 at 1000", "--mode ask --connections 1000", "p99_us", "us", target={"haproxy": 1.0, "nginx-64k": 1.0}),
    Row("ping-pong 4 KiB, 64", "--mode ask --connections 64 --answer 4096", CPU_ANSWER, "CPU us"),
    Row("answers of 64 KiB, 16", "--mode ask --connections 16 --answer 65536", CPU_ANSWER, "CPU us"),
    Row("answers of 1 MiB, 16", "--mode ask --connections 16 --answer 1048576", CPU_ANSWER, "CPU us"),
    Row("churn, 32", "--mode churn --connections 32 --sources 20", CPU_ANSWER, "CPU us",
        target={"haproxy": 0.80, "nginx-64k": 0.80}),
    Row("open loop 10,000/s, p50", "--mode ask --connections 64 --rate 10000", "p50_us", "us"),
    Row("open loop 10,000/s, p99", "--mode ask --connections 64 --rate 10000", "p99_us", "us"),
    Row("open loop 10,000/s, p99.9", "--mode ask --connections 64 --rate 10000", "p999_us", "us"),
    Row("2,000/s on one connection, p50", "--mode ask --connections 1 --rate 2000", "p50_us", "us"),
    Row("2,000/s on one, busy-polling, p50", "--mode ask --connections 1 --rate 2000", "p50_us", "us", kind=BUSY),
    Row("5,000/s on 16, p99", "--mode ask --connections 16 --rate 5000", "p99_us", "us"),
    Row("5,000/s on 16 beside a bulk stream, p99", "--mode ask --connections 17 --greedy 1 --rate 5000", "p99_us", "us"),
    Row("idle, 9,000 pairs", "--mode idle --connections 9000 --hold 1", "bytes_per_pair", "B/pair"),
    Row("TLS handshake", "--mode churn --connections 16 --sources 20 --tls", CPU_ANSWER, "CPU us", kind=OFFLOAD,
        target={"haproxy": 0.85}),
    Row("TLS bulk, 1", "--mode bulk --connections 1 --tls", CPU_GIB, "CPU s/GiB", kind=OFFLOAD,
        target={"haproxy": 0.70}),
    Row("TLS ping-pong, 64", "--mode ask --connections 64 --tls", CPU_ANSWER, "CPU us", kind=OFFLOAD),
    Row("TLS bridge bulk, 1", "--mode bulk --connections 1 --tls --backend-tls", CPU_GIB, "CPU s/GiB", kind=BRIDGE,
        target={"haproxy": 0.75}),
    Row("TLS idle, 4,000 pairs", "--mode idle --connections 4000 --tls --hold 1", "bytes_per_pair", "B/pair",
        kind=OFFLOAD),
    *(Row(f"login {mode}, 32", LOGIN, CPU_ANSWER, "CPU us", kind=Kind(login=mode)) for mode in MODES),
    *(Row(f"login {mode}, 32: rate", LOGIN, "answers_per_second", "logins/s", kind=Kind(login=mode),
          more_is_better=True) for mode in MODES),
    Row("memory, 1 server", MEMORY, "memory_mib", "MiB"),
    Row("memory, 2,000 servers", MEMORY, "memory_mib", "MiB", kind=Kind(servers=2000)),
    Row("2 threads: bulk, 16", "--mode bulk --connections 16", CPU_GIB, "CPU s/GiB", threads=2),
    Row("2 threads: ping-pong, 64", "--mode ask --connections 64", CPU_ANSWER, "CPU us", threads=2),
    Row("2 threads: churn, 32", "--mode churn --connections 32 --sources 20", CPU_ANSWER, "CPU us", threads=2),
]

ADDED = [Added(f"login {mode} to login pass", f"login {mode}, 32", "login pass, 32", most)
         for mode, most in (("inspect", 30), ("verify", 150), ("late", 500))]
