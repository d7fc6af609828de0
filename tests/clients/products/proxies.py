"""What the clients connect to: the proxy, and HAProxy for comparison."""
import subprocess

from world import BUILD, FOLDER, PROXY, Process, address, free_port, is_listening

MODES = ("pass", "inspect", "verify", "late")
DEFAULTS = """defaults
    mode tcp
    log global
    option tcplog
    option redispatch
    retries 3
    timeout connect 5s
    timeout client 1h
    timeout server 1h
"""


class Section:
    """A listener on a port of its own with servers behind it. LINES stand in it as they are; SERVER is put behind each
    server's address."""

    def __init__(self, name, servers, lines=(), bind="", server=""):
        self.name, self.servers, self.lines, self.bind, self.server = name, servers, lines, bind, server
        self.port = free_port(address(PROXY))

    def text(self):
        lines = [f"listen {self.name}", f"    bind {address(PROXY)}:{self.port} {self.bind}".rstrip()]
        lines += [f"    {line}" for line in self.lines]
        lines += [f"    server {one.host} {one.host}.example.test:{one.port} {self.server}".rstrip() for one in self.servers]
        return "\n".join(lines) + "\n"


class Listening(Process):
    """A program that serves SECTIONS; it runs when all of its ports are open."""

    def __init__(self, name, head, sections, argv, env=None):
        file = f"{FOLDER}/{name}.cfg"
        with open(file, "w", encoding="ascii") as out:
            out.write(head + DEFAULTS + "".join(section.text() for section in sections))
        super().__init__(name, [*argv, "-f", file], env)
        self.wait_until("its ports", lambda: all(is_listening(address(PROXY), one.port) for one in sections))


HEAD = f"""global
    log stdout format raw local0
    kerberos fqdn {PROXY}
    kerberos service impala
    kerberos keytab {FOLDER}/keytabs/proxy.keytab
"""


def kerbgate(sections, env=None, name="kerbgate"):
    return Listening(name, HEAD, sections, [f"{BUILD}/proxy", "-db"], env)


def judge(sections):
    """What the proxy makes of a file with SECTIONS: exit status of -c, and what it says."""
    with open("judged.cfg", "w", encoding="ascii") as out:
        out.write(HEAD + DEFAULTS + "".join(section.text() for section in sections))
    done = subprocess.run([f"{BUILD}/proxy", "-c", "-f", "judged.cfg"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.returncode, done.stdout


def haproxy(sections):
    return Listening("haproxy", "global\n    log stdout format raw local0\n", sections, ["haproxy", "-db"])
