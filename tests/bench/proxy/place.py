"""Where it is measured: a network namespace of its own with nothing but loopback, a certificate, a log's target that is
never read, and a realm."""
import json
import os
import shutil
import socket
import subprocess
import sys

from peers import LOG

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


def enter():
    """Begins anew in a network of its own, where no traffic is but this."""
    if os.environ.get(INSIDE):
        return prepare_network()
    os.environ[INSIDE] = "1"
    return os.execvp("unshare", ["unshare", *unshare_flags(), sys.executable, *sys.argv])


def prepare_network():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name, value in (("ipv4/tcp_congestion_control", "reno"), ("ipv4/ip_local_port_range", "8000 65535")):
        with open(f"/proc/sys/net/{name}", "w", encoding="ascii") as file:
            file.write(value)


def unread_log():
    """Bound and never read, so that each program's lines cost it what they cost, and nobody else."""
    log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    log.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    log.bind(("127.0.0.1", LOG))
    return log


def make_certificate(folder):
    key, certificate = f"{folder}/key.pem", f"{folder}/bench.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=bench.example.com", "-days", "2", "-keyout", key, "-out", certificate], check=True,
                   stderr=subprocess.DEVNULL)
    with open(key, encoding="ascii") as file, open(certificate, "a", encoding="ascii") as both:
        both.write(file.read())
    return certificate


class Realm:
    """A real KDC and a user's ticket. Without the KDC's programs `missing` says so."""

    def __init__(self, build):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([f"{build}/bench_realm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.missing = None
        if line:
            said = json.loads(line)
            self.environment, self.keytab, self.service = said["environment"], said["keytab"], said["service"]
            return
        self.missing = self.process.stderr.read().strip()
        if self.process.wait() != SKIPPED:
            raise RuntimeError(self.missing)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
