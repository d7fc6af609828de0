"""The programs that are measured, each with a configuration that does the same: one backend, leastconn unless a row says
otherwise, checks, timeouts, limits, a log line a session, statistics."""
import ctypes
import os
import select
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

LISTEN = 7100
BACKEND = 7001
LOG = 7514
PROXY_CPU, LOAD_CPU = 0, 1
NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"
PATIENCE = 60


@dataclass(frozen=True)
class Kind:
    """What the proxy is set to do: TLS with its clients, with its backend; kerbgate's way with logins, which the others
    pass; how many servers it chooses from and ports it listens at."""
    tls: bool = False
    backend_tls: bool = False
    login: str = ""
    balance: str = "leastconn"
    servers: int = 1
    listeners: int = 1
    inter: str = "2s"
    more: str = ""  # lines of HAProxy's global section

    def addresses(self):
        """Of the servers: one backend, under as many addresses as there are servers."""
        if self.servers == 1:
            return ["127.0.0.1"]
        return [f"127.1.{i // 250}.{i % 250 + 1}" for i in range(self.servers)]

    def maxconn(self):
        """As many as 20,000 descriptors allow HAProxy, which keeps one for each server's check."""
        return 9800 if self.servers == 1 else 8000

    def ports(self):
        return range(LISTEN, LISTEN + self.listeners)


PLAIN, OFFLOAD, BRIDGE = Kind(), Kind(tls=True), Kind(tls=True, backend_tls=True)
BUSY = Kind(more="  busy-polling\n")


def haproxy_text(kind, threads, place, extra="", kerberos=""):
    """HAProxy's language, which kerbgate-proxy reads too."""
    bind = f" ssl crt {place.certificate} ssl-min-ver TLSv1.3" if kind.tls else ""
    server = " ssl verify none" if kind.backend_tls else ""
    servers = "".join(f"  server s{i} {address}:{BACKEND} check inter {kind.inter}{server}\n"
                      for i, address in enumerate(kind.addresses()))
    sections = "".join(f"""listen bench{port - LISTEN}
  bind 127.0.0.1:{port}{bind}
  balance {kind.balance}
{kerberos}{servers}""" for port in kind.ports())
    return f"""global
  log 127.0.0.1:{LOG} local0
  maxconn {kind.maxconn()}
  nbthread {threads}
{kind.more}{extra}defaults
  mode tcp
  log global
  option tcplog
  option redispatch
  timeout connect 5s
  timeout client 12h
  timeout server 12h
{sections}"""


def kerbgate_text(kind, threads, place):
    if not kind.login:
        return haproxy_text(kind, threads, place)
    return haproxy_text(kind, threads, place, f"  kerberos fqdn lb.example.test\n  kerberos dns-check off\n"
                        f"  kerberos keytab {place.realm.keytab}\n", f"  kerberos login {kind.login}\n")


def nginx_text(kind, threads, place):
    crt = place.certificate
    tls = f"ssl_certificate {crt};\n    ssl_certificate_key {crt};\n    ssl_protocols TLSv1.3;\n" if kind.tls else ""
    balance = {"leastconn": "least_conn;", "source": "hash $remote_addr consistent;"}[kind.balance]
    upstream = " ".join(f"server {address}:{BACKEND};" for address in kind.addresses())
    servers = "".join(f"""  server {{
    listen 127.0.0.1:{port}{" ssl" if kind.tls else ""} backlog=4096 reuseport;
    {tls}proxy_pass bench;
    {"proxy_ssl on;" if kind.backend_tls else ""}
    proxy_buffer_size 64k;
    proxy_timeout 12h;
  }}
""" for port in kind.ports())
    return f"""load_module {NGINX_STREAM};
worker_processes {threads};
daemon off;
pid {place.folder}/nginx.pid;
error_log {place.folder}/nginx.log warn;
events {{ worker_connections 20000; }}
stream {{
  log_format line '$remote_addr $status $bytes_sent $bytes_received $session_time';
  access_log syslog:server=127.0.0.1:{LOG} line;
  upstream bench {{ {balance} {upstream} }}
{servers}}}
"""


class Peer:
    def __init__(self, name, program, text, arguments, module=None):
        self.name, self.program, self.text, self.arguments, self.module = name, program, text, arguments, module

    def missing(self):
        if not shutil.which(self.program):
            return f"{self.program} is not installed"
        return f"no {self.module}" if self.module and not os.path.exists(self.module) else None


def peers(own, folder, old=None):
    file = f"{folder}/proxy.cfg"
    haproxy = ["haproxy", "-f", file, "-db"]
    other = [Peer("old", old, kerbgate_text, [old, "-f", file])] if old else []
    return [
        Peer("kerbgate", own, kerbgate_text, [own, "-f", file]), *other,
        Peer("haproxy", "haproxy", haproxy_text, haproxy),
        Peer("haproxy-256k", "haproxy",
             lambda kind, threads, place: haproxy_text(kind, threads, place, "  tune.pipesize 262144\n"), haproxy),
        Peer("nginx-64k", "nginx", nginx_text, ["nginx", "-c", file, "-p", folder], NGINX_STREAM),
    ]


def inherit_orphans():
    """nginx's workers are ours to wait for when their master has gone."""
    subreaper = 36  # PR_SET_CHILD_SUBREAPER
    ctypes.CDLL(None).prctl(subreaper, 1, 0, 0, 0)


def descendants(pid):
    """The process and all that it started: of nginx the workers carry the load."""
    found = [pid]
    for parent in found:
        try:
            with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
        except OSError:
            pass
    return found


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total / 1e9


def listening():
    """The ports of the kernel's table, in which a finished load leaves many thousand rows of its own."""
    listen = " 0A "
    with open("/proc/net/tcp", encoding="ascii") as table:
        return {int(line.split()[1].split(":")[1], 16) for line in table if listen in line}


class Running:
    """A started peer that listens."""

    def __init__(self, peer, text, threads, ports, place):
        with open(f"{place.folder}/proxy.cfg", "w", encoding="ascii") as file:
            file.write(text)
        cpus = str(PROXY_CPU) if threads == 1 else f"{PROXY_CPU},{LOAD_CPU}"
        # pylint: disable=consider-using-with
        self.output = open(f"{place.folder}/{peer.name}.out", "w", encoding="utf-8")
        self.process = subprocess.Popen(["taskset", "-c", cpus, *peer.arguments], stdout=self.output,
                                        stderr=subprocess.STDOUT, env=os.environ | place.environment())
        self.wait_listening(peer, set(ports))
        self.pids = descendants(self.process.pid)
        self.start_cpu = cpu_seconds(self.pids)

    def wait_listening(self, peer, ports):
        """The kernel tells nobody that a port is open now: its table is looked at until the program has ended, which it
        does tell."""
        look = 5  # ms
        ended = select.poll()
        process = os.pidfd_open(self.process.pid)
        ended.register(process, select.POLLIN)
        deadline = time.monotonic() + PATIENCE
        open_now = ports <= listening()
        while not open_now and not ended.poll(look) and time.monotonic() < deadline:
            open_now = ports <= listening()
        os.close(process)
        if open_now:
            return
        self.stop()
        with open(self.output.name, encoding="utf-8") as file:
            raise RuntimeError(f"{peer.name} does not listen:\n{file.read()}")

    def stop(self):
        """Gone with all its sockets when this returns."""
        family = descendants(self.process.pid)
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        for pid in family[1:]:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass
        self.output.close()
