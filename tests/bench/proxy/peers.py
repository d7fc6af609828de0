"""The programs that are measured, each with a configuration that does the same: one listener, one backend, leastconn,
checks, timeouts, limits, a log line a session, statistics."""
import os
import shutil
import signal
import socket
import subprocess
import time

LISTEN = 7100
BACKEND = 7001
LOG = 7514
PROXY_CPU, LOAD_CPU = 0, 1
NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"


class Kind:
    """What the listener does: plain, TLS offload, or TLS on both sides; `more`: lines of HAProxy's global section."""

    def __init__(self, tls=False, backend_tls=False, more=""):
        self.tls, self.backend_tls, self.more = tls, backend_tls, more


PLAIN, OFFLOAD, BRIDGE = Kind(), Kind(tls=True), Kind(tls=True, backend_tls=True)
BUSY = Kind(more="  busy-polling\n")


def haproxy_text(kind, threads, certificate, extra="", kerberos=""):
    """HAProxy's language, which kerbgate-proxy reads too."""
    bind = f" ssl crt {certificate} ssl-min-ver TLSv1.3" if kind.tls else ""
    server = " ssl verify none" if kind.backend_tls else ""
    return f"""global
  log 127.0.0.1:{LOG} local0
  maxconn 9800
  nbthread {threads}
{kind.more}{extra}defaults
  mode tcp
  log global
  option tcplog
  option redispatch
  timeout connect 5s
  timeout client 12h
  timeout server 12h
listen bench
  bind 127.0.0.1:{LISTEN}{bind}
  balance leastconn
{kerberos}  server one 127.0.0.1:{BACKEND} check inter 2s{server}
"""


def nginx_text(kind, threads, certificate, folder):
    tls = f"ssl_certificate {certificate};\n    ssl_certificate_key {certificate};\n    ssl_protocols TLSv1.3;\n" \
        if kind.tls else ""
    return f"""load_module {NGINX_STREAM};
worker_processes {threads};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 20000; }}
stream {{
  log_format line '$remote_addr $status $bytes_sent $bytes_received $session_time';
  access_log syslog:server=127.0.0.1:{LOG} line;
  upstream bench {{ least_conn; server 127.0.0.1:{BACKEND}; }}
  server {{
    listen 127.0.0.1:{LISTEN}{" ssl" if kind.tls else ""} backlog=4096 reuseport;
    {tls}proxy_pass bench;
    {"proxy_ssl on;" if kind.backend_tls else ""}
    proxy_buffer_size 64k;
    proxy_timeout 12h;
  }}
}}
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
    other = [Peer("old", old, haproxy_text, [old, "-f", file])] if old else []
    return [
        Peer("kerbgate", own, haproxy_text, [own, "-f", file]), *other,
        Peer("haproxy", "haproxy", haproxy_text, haproxy),
        Peer("haproxy-256k", "haproxy",
             lambda kind, threads, crt: haproxy_text(kind, threads, crt, "  tune.pipesize 262144\n"), haproxy),
        Peer("nginx-64k", "nginx", lambda kind, threads, crt: nginx_text(kind, threads, crt, folder),
             ["nginx", "-c", file, "-p", folder], NGINX_STREAM),
    ]


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


def listens():
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", LISTEN)) == 0


class Running:
    """A started peer that listens."""

    def __init__(self, peer, kind, threads, certificate, folder):
        with open(f"{folder}/proxy.cfg", "w", encoding="ascii") as file:
            file.write(peer.text(kind, threads, certificate))
        cpus = str(PROXY_CPU) if threads == 1 else f"{PROXY_CPU},{LOAD_CPU}"
        self.output = open(f"{folder}/{peer.name}.out", "w", encoding="utf-8")
        self.process = subprocess.Popen(["taskset", "-c", cpus, *peer.arguments], stdout=self.output,
                                        stderr=subprocess.STDOUT)
        self.wait_listening(peer)
        self.pids = descendants(self.process.pid)

    def wait_listening(self, peer):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if listens():
                return
            time.sleep(0.02)
        self.stop()
        with open(self.output.name, encoding="utf-8") as file:
            raise RuntimeError(f"{peer.name} does not listen:\n{file.read()}")

    def stop(self):
        for pid in descendants(self.process.pid):  # parents first: nginx would start another worker
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.output.close()
        # nginx's workers are init's to wait for: one that has not gone yet would be taken for the next peer.
        deadline = time.monotonic() + 20
        while listens() and time.monotonic() < deadline:
            time.sleep(0.02)
