"""One coordinator after another: drained at the proxy, restarted, taken back when the proxy's check has seen it up again.
Stops at the first that does not come back, with everything else in service."""
import re
import time

import proxy_socket

LOOK = 0.2  # seconds between two looks at the proxy: its commands answer with the state of the moment


def seconds(text):
    match = re.fullmatch(r'(\d+)([smh]?)', text)
    if not match:
        raise SystemExit(f'{text}: a time such as 30s, 5m or 1h is expected')
    return int(match[1]) * {'': 1, 's': 1, 'm': 60, 'h': 3600}[match[2]]


class Stop(Exception):
    """Why it does not go on."""


def wait_until(check, limit):
    """check()'s first true value, or None after `limit` seconds."""
    end = time.monotonic() + limit
    while not (value := check()):
        if time.monotonic() > end:
            return None
        time.sleep(LOOK)
    return value


class Roll:
    def __init__(self, settings, restart, say):
        self.settings, self.restart, self.say = settings, restart, say
        self.drain_limit, self.up_limit = seconds(settings.drain_timeout), seconds(settings.up_timeout)

    def servers(self):
        return proxy_socket.servers(self.settings)

    def each(self, names, order):
        for name in names:
            if answer := proxy_socket.ask(self.settings, f'set server {name} {order}'):
                raise Stop(f'{name}: {order}: {answer}')

    def names_of(self, host):
        """The host's server lines; each backend must have another one that serves meanwhile."""
        servers = self.servers()
        mine = [server for server in servers if server.host == host]
        if not mine:
            raise Stop(f'the proxy has no server with the name {host}: write it in `server NAME {host}:PORT`')
        for server in mine:
            others = [one for one in servers if one.backend == server.backend and one.host != host and one.up and not one.drained]
            if not others:
                raise Stop(f'no other server of {server.backend} is up: its clients would be refused')
        return [server.name for server in mine], all(server.checked for server in mine)

    def running(self, names):
        """What runs there yet, in the proxy's words; '' for nothing."""
        answers = [proxy_socket.ask(self.settings, f'drain {name}') for name in names]
        return '\n'.join(answer for answer in answers if 'nothing runs there' not in answer)

    def drain(self, host, names):
        last = ''

        def empty():
            nonlocal last
            last = self.running(names)
            return not last
        begun = time.monotonic()
        if wait_until(empty, self.drain_limit) or self.settings.drain_force:
            return time.monotonic() - begun
        self.each(names, 'state ready')
        raise Stop(f'after DRAIN_TIMEOUT={self.settings.drain_timeout} there runs on {host} still:\n{last}\n'
                   f'it takes clients again; end those sessions, wait longer, or say DRAIN_FORCE=1')

    def up(self, names):
        states = {server.name: server.up for server in self.servers()}
        return all(states.get(name) for name in names)

    def one(self, host):
        names, checked = self.names_of(host)
        if not checked:
            raise Stop(f'a server line of {host} has no `check`: the proxy would not see it come back')
        self.say(f"{host}: draining {' '.join(names)}")
        idle = self.drain(host, names)
        if reason := self.restart(host):
            raise Stop(f'{reason}; it stays drained')
        # Down until a check made after the restart says otherwise: an older success proves nothing.
        self.each(names, 'health down')
        begun = time.monotonic()
        if not wait_until(lambda: self.up(names), self.up_limit):
            raise Stop(f'not up {self.settings.up_timeout} after its restart, as the proxy sees it; it stays drained')
        self.each(names, 'state ready')
        self.say(f'{host}: idle after {idle:.1f} s, up {time.monotonic() - begun:.1f} s after its restart')


def run(settings, hosts, restart, say):
    if not hosts:
        say('rolling-restart: no coordinators')
        return 0
    if settings.dry_run:
        for host in hosts:
            say(f'{host}: would be drained at {settings.proxy_socket} and restarted: {settings.restart_cmd}')
        return 0
    roll = Roll(settings, restart, say)
    for at, host in enumerate(hosts):
        try:
            roll.one(host)
        except (Stop, proxy_socket.Trouble, KeyboardInterrupt) as trouble:
            why = str(trouble) or 'interrupted; it may be drained'
            say(f'{host}: FAILED: {why}')
            say(f"rolling-restart: {at} of {len(hosts)} restarted; stopped at {host}. When that is mended:\n"
                f"  make -f {settings.makefile} rolling-restart HOSTS='{' '.join(hosts[at:])}'")
            return 1
    say(f'rolling-restart: {len(hosts)} of {len(hosts)} restarted')
    return 0
