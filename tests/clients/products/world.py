"""The realm that products.sh has made, seen from Python: processes, ports, keys, certificates. What is started ends with
this process."""
import atexit
import os
import random
import socket
import subprocess
import time

REALM = "EXAMPLE.TEST"
PROXY = "proxy.example.test"
HOSTS = ("host1", "host2")
FOLDER = os.getcwd()
BUILD = os.environ["PRODUCTS_BUILD"]
CACHE = os.environ["PRODUCTS_CACHE"]
JAVA_HOME = os.path.dirname(os.path.dirname(os.path.realpath(subprocess.check_output(["which", "java"], text=True).strip())))
# What Hadoop's classes reach for in a JDK 17.
OPENS = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in (
    "java.lang", "java.lang.reflect", "java.util", "java.util.concurrent", "java.util.concurrent.atomic",
    "java.util.regex", "java.net", "java.nio", "java.io", "java.time", "sun.nio.ch")]
# A JVM does not look at KRB5_CONFIG.
JAVA_REALM = f"-Djava.security.krb5.conf={os.environ['KRB5_CONFIG']}"


class Failure(Exception):
    """The test cannot go on; the text says why."""


class Process:
    """A program in the background, its output in a file."""

    def __init__(self, name, argv, env=None):
        self.name, self.log = name, f"{FOLDER}/{name}.log"
        with open(self.log, "ab") as log:
            self.begins = log.tell()
            self.child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *argv], stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})
        atexit.register(self.stop)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(self.begins)
            return log.read()

    def wait_until(self, what, is_so, seconds=20):
        deadline = time.monotonic() + seconds
        while not is_so():
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"{self.name}: {what} never came; its output ends so:\n{self.text()[-2000:]}")
            time.sleep(0.05)

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


def addresses():
    with open(f"{FOLDER}/hosts", encoding="ascii") as hosts:
        return {name: address for address, name in (line.split() for line in hosts)}


def address(host):
    return addresses()[host if "." in host else f"{host}.example.test"]


def is_listening(ip, port):
    """Asked of the kernel, not by a connection: HiveServer2 writes 22 lines of alarm about one that leaves at once."""
    wanted = "%s:%04X" % (socket.inet_aton(ip)[::-1].hex().upper(), port)
    with open("/proc/net/tcp", encoding="ascii") as table:
        return any(line.split()[1] in (wanted, f"00000000:{port:04X}") and line.split()[3] == "0A"
                   for line in table.readlines()[1:])


def free_port(ip):
    """Below the range from which the kernel takes ports for connections."""
    for port in random.sample(range(20000, 30000), 200):
        with socket.socket() as probe:
            try:
                probe.bind((ip, port))
                return port
            except OSError:
                continue
    raise Failure(f"no free port on {ip}")


def run(*argv, **options):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(argv)}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


def kadmin(*words):
    run("kadmin.local", "-r", REALM, *words)


def export_key(principal, file, *options):
    """The key of PRINCIPAL as the KDC has it, alone in FILE."""
    if os.path.exists(file):
        os.remove(file)
    kadmin("ktadd", "-norandkey", *options, "-k", file, principal)
    return file


def merge(files, out):
    run("keytool", "merge", *files, "-o", out)


def log_in(*options):
    run("kdestroy", "-A")
    run("kinit", *options, "-k", "-t", "alice.keytab", "alice")


def make_certificates():
    """tls/ca.pem, ca.p12 for JVMs, and for the proxy and each host a certificate with key that holds the proxy's name too:
    with TLS passed through, the coordinator shows it."""
    os.makedirs("tls", exist_ok=True)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tls/ca.key", "-out", "tls/ca.pem", "-subj",
        "/CN=test CA", "-days", "2")
    for name in ("proxy", *HOSTS):
        key, request, signed = f"tls/{name}.key", f"tls/{name}.csr", f"tls/{name}.crt"
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj",
            f"/CN={name}.example.test")
        with open(f"tls/{name}.ext", "w", encoding="ascii") as file:
            file.write(f"subjectAltName=DNS:{PROXY},DNS:{name}.example.test\n")
        run("openssl", "x509", "-req", "-in", request, "-CA", "tls/ca.pem", "-CAkey", "tls/ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"tls/{name}.ext", "-out", signed)
        with open(f"tls/{name}.pem", "w", encoding="ascii") as whole:
            for part in (signed, key):
                with open(part, encoding="ascii") as file:
                    whole.write(file.read())
        run("openssl", "pkcs12", "-export", "-in", f"tls/{name}.pem", "-name", "server", "-passout", "pass:changeit", "-out",
            f"tls/{name}.p12")
    if os.path.exists("tls/ca.p12"):
        os.remove("tls/ca.p12")
    run("chmod", "-R", "go=", "tls")
    run(f"{JAVA_HOME}/bin/keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", "tls/ca.pem", "-keystore",
        "tls/ca.p12", "-storetype", "PKCS12", "-storepass", "changeit")
