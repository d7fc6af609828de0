"""The clients, each on the very settings that `keytool client` prints for it."""
import os
import re
import subprocess
import sys

from world import BUILD, CACHE, FOLDER, JAVA_REALM, OPENS, PROXY

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENTS = ("impala-shell", "impyla", "Beeline", "JDBC")


def settings(client, port, via=None, tls=False):
    """VIA: (host, port) of a coordinator, to go past the proxy."""
    argv = [f"{BUILD}/keytool", "client", "--for", client.lower(), "--proxy", f"{PROXY}:{port}"]
    argv += ["--via", f"{via[0]}.example.test:{via[1]}"] if via else []
    argv += ["--ssl", "--ca", f"{FOLDER}/tls/ca.pem"] if tls else []
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout.strip()


def prepare():
    """What a host of a cluster has for a JVM: a core-site.xml that says Kerberos."""
    os.makedirs("java", exist_ok=True)
    with open("java/core-site.xml", "w", encoding="ascii") as file:
        file.write("<configuration><property><name>hadoop.security.authentication</name><value>kerberos</value></property>"
                   "</configuration>\n")
    with open("java/log4j.properties", "w", encoding="ascii") as file:
        file.write("log4j.rootLogger=OFF\n")
    os.environ["CLIENTS_CONF"] = f"{FOLDER}/java"
    os.environ["CLIENTS_JAVA"] = f"{CACHE}/java"
    os.environ["JAVA_TOOL_OPTIONS"] = " ".join([JAVA_REALM, "-Djavax.security.auth.useSubjectCredsOnly=false", *OPENS])
    os.environ["PATH"] = f"{HERE}/../bin:{CACHE}/python/bin:{os.environ['PATH']}"


def command(client, text, sql, hiveserver2):
    """The client's command line. HIVESERVER2: a server without Impala's additions to the protocol."""
    if client == "impala-shell":
        if hiveserver2:
            text = text.replace("impala-shell ", f"{CACHE}/python/bin/python {HERE}/strict_shell.py --strict_hs2_protocol ")
        return ["bash", "-c", f'{text} -B -q "$1"', "-", sql]
    if client == "Beeline":
        return ["bash", "-c", f'{text} --silent=true --outputformat=tsv2 -e "$1"', "-", sql]
    if client == "impyla":
        program = f'{text}\n\ncursor = connection.cursor()\ncursor.execute({sql!r})\nprint(*cursor.fetchone(), sep="\\t")'
        return [f"{CACHE}/python/bin/python", "-c", program]
    return ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{FOLDER}/java:{CACHE}/java/*", f"{HERE}/../Query.java", text,
            sql]


class Outcome:
    """What a client printed, and its exit status; None where it had to be ended."""

    def __init__(self, status, output):
        self.status = status
        # The JVM's own line about JAVA_TOOL_OPTIONS is the test's doing.
        self.output = re.sub(r"(?m)^Picked up JAVA_TOOL_OPTIONS.*\n", "", output)


def ask(client, text, sql, hiveserver2=False, seconds=300, env=None):
    """Runs a statement. A client that hangs is ended after SECONDS, with all that it started."""
    argv = ["timeout", "--kill-after=5", str(seconds), *command(client, text, sql, hiveserver2)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          env={**os.environ, **(env or {})})
    output = done.stdout.decode(errors="replace")
    print(f"--- {client}: {' '.join(argv[3:])}\n{output}exit status {done.returncode}\n", file=sys.stderr, flush=True)
    return Outcome(None if done.returncode in (124, 137) else done.returncode, output)
