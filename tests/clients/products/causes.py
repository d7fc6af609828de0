"""What can be wrong, made so for real, one cause at a time; and how a client asks while it is."""
import os
import re
import subprocess
import time

import world
from coordinators import StandIn, change_proxy_key, give_key

PRINCIPAL = f"impala/{world.PROXY}"
KEYTAB = "keytabs/proxy.keytab"


class Cause:
    """NAMED: a text that matches tells its reader the cause. Everything else is as it should be, unless said otherwise:
    ARRANGE makes it wrong, WITHDRAW does so when the coordinators run, EDIT changes a client's settings, LISTENER and BIND the
    listener, ENV a client's environment, MANNER the coordinators. BY_LIBRARY: no text of the proxy can reach the client."""

    def __init__(self, title, named, arrange=None, *, withdraw=None, edit=None, lines=(), client_tls=False, listener_tls=False,
                 env=None, manner=(), by_library=False):
        self.title, self.named = title, named
        self.arrange = arrange or (lambda: None)
        self.withdraw = withdraw or (lambda servers: None)
        self.edit = edit or (lambda client, text: text)
        self.lines, self.client_tls, self.listener_tls = lines, client_tls, listener_tls
        self.env, self.manner, self.by_library = env or {}, manner, by_library

    def start(self):
        """The coordinators, with the cause in force."""
        put_right()
        self.arrange()
        servers = [StandIn(host, *self.manner) for host in world.HOSTS]
        self.withdraw(servers)
        return servers


def put_right():
    """Everyone has the KDC's key, and alice a ticket."""
    world.export_key(PRINCIPAL, KEYTAB)
    for host in world.HOSTS:
        give_key(host, KEYTAB)
    world.log_in()


def key_missing():
    for host in world.HOSTS:
        give_key(host)


def stale_behind():
    change_proxy_key()
    world.export_key(PRINCIPAL, KEYTAB)
    world.log_in()


def stale_everywhere():
    change_proxy_key()
    world.log_in()


def enctype_missing():
    world.run("keytool", "write", KEYTAB, "--enctype", "aes128-cts-hmac-sha1-96", "-o", "keytabs/aes128.keytab")
    for host in world.HOSTS:
        give_key(host, "keytabs/aes128.keytab")


def expired():
    world.log_in("-l", "2s")
    deadline = time.monotonic() + 60
    while subprocess.run(["klist", "-s"], check=False).returncode == 0 and time.monotonic() < deadline:
        time.sleep(0.1)


def no_ticket():
    world.run("kdestroy", "-A")


def have_service_ticket():
    """A client whose clock is wrong later gets no ticket any more."""
    world.run("kvno", "-q", PRINCIPAL)


def second_service():
    world.kadmin("addprinc", "-requires_preauth", "-randkey", f"hive/{world.PROXY}")


def stop(servers):
    for server in servers:
        server.stop()


def asking_for(service, host):
    def edit(client, text):
        if client == "impala-shell":
            return f"{text} -s {service} -b {host}"
        if client == "impyla":
            return text.replace('"impala",', f'"{service}", krb_host="{host}",')
        return text.replace(PRINCIPAL, f"{service}/{host}")
    return edit


def by_password(client, text):
    if client == "impala-shell":
        return f'{text.replace(" -k", "")} -l -u alice --auth_creds_ok_in_clear --ldap_password_cmd="printf secret"'
    if client == "impyla":
        return text.replace('auth_mechanism="GSSAPI",', 'auth_mechanism="PLAIN", user="alice", password="secret",')
    return re.sub(r"principal=[^;']*", "user=alice;password=secret", text)


KEY = r"(?i)keytab|kvno|\bkey\b"
AHEAD = {"LD_PRELOAD": f"{world.BUILD}/libshifted_clock.so:{os.environ['LD_PRELOAD']}", "KERBGATE_CLOCK_OFFSET": "600"}
CAUSES = (
    Cause("The coordinators' keytabs lack the proxy's key", KEY, key_missing),
    Cause("The coordinators' keytabs have an older key of the proxy", KEY, stale_behind),
    Cause("The key was changed at the KDC, and no keytab has it", KEY, stale_everywhere),
    Cause("The coordinators' keytabs lack the ticket's encryption type", r"(?i)keytab|aes256", enctype_missing),
    Cause("The client asks for a coordinator's name", r"ticket is for impala/host1",
          edit=asking_for("impala", "host1.example.test")),
    Cause("The client asks for another service", r"ticket is for hive/", second_service, edit=asking_for("hive", world.PROXY)),
    Cause("The ticket has expired", "(?i)expired|no valid kerberos ticket", expired),
    Cause("There is no ticket", r"(?i)no (valid )?kerberos|no valid credentials|kinit", no_ticket),
    Cause("The client's clock is ten minutes ahead", r"(?i)clock|skew", have_service_ticket, env=AHEAD),
    Cause("The coordinators are stopped", r"(?i)connection refused", withdraw=stop),
    Cause("The coordinators take connections and stay silent", r"(?i)no answer to the login", manner=("--silent",),
          lines=("timeout login-answer 3s",)),
    Cause("The client speaks TLS, the port does not", "TLS|SSL", client_tls=True, by_library=True),
    Cause("The port speaks TLS, the client does not", "TLS|SSL", listener_tls=True),
    # Without a ticket: with one impala-shell goes on to Kerberos by itself.
    Cause("A password in clear, where PLAIN is listed", r"(?i)in clear", no_ticket, edit=by_password,
          lines=("kerberos mechanisms GSSAPI PLAIN",)),
    Cause("A password, where Kerberos alone is listed", r"(?i)mechanism PLAIN is not", no_ticket, edit=by_password),
)
