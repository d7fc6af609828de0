"""One coordinator after another: drained at every proxy, restarted, taken back when each proxy's check has seen it up again.
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
    def __init__(self, settings, proxies, restart, say):
        self.settings, self.proxies, self.restart, self.say = settings, proxies, restart, say
        self.drain_limit, self.up_limit = seconds(settings.drain_timeout), seconds(settings.up_timeout)

    def at(self, proxy):
        """Which of several is meant, in a message."""
        return f' (at {proxy.name})' if len(self.proxies) > 1 else ''

    def each(self, lines, order):
        for proxy, name in lines:
            if answer := proxy.ask(f'set server {name} {order}'):
                raise Stop(f'{name}{self.at(proxy)}: {order}: {answer}')

    def lines_of(self, host):
        """[(proxy, server line)] of the host; each proxy has one, and each backend another that serves meanwhile."""
        lines = []
        for proxy in self.proxies:
            servers = proxy.servers()
            mine = [server for server in servers if server.host == host]
            if not mine:
                raise Stop(f'the proxy{self.at(proxy)} has no server with the name {host}: write it in `server NAME {host}:PORT`')
            for server in mine:
                others = [one for one in servers if one.backend == server.backend and one.host != host and one.up and not one.drained]
                if not others:
                    raise Stop(f'no other server of {server.backend}{self.at(proxy)} is up: its clients would be refused')
                if not server.checked:
                    raise Stop(f'a server line of {host}{self.at(proxy)} has no `check`: the proxy would not see it come back')
            lines += [(proxy, server.name) for server in mine]
        return lines

    def running(self, lines):
        """What runs there yet, in the proxies' words; '' for nothing."""
        answers = [(proxy, proxy.ask(f'drain {name}')) for proxy, name in lines]
        return '\n'.join(answer + self.at(proxy) for proxy, answer in answers if 'nothing runs there' not in answer)

    def drain(self, host, lines):
        last = ''

        def empty():
            nonlocal last
            last = self.running(lines)
            return not last
        begun = time.monotonic()
        try:
            if wait_until(empty, self.drain_limit) or self.settings.drain_force:
                return time.monotonic() - begun
        except proxy_socket.Trouble:
            self.give_back(lines)
            raise
        self.each(lines, 'state ready')
        raise Stop(f'after DRAIN_TIMEOUT={self.settings.drain_timeout} there runs on {host} still:\n{last}\n'
                   f'it takes clients again; end those sessions, wait longer, or say DRAIN_FORCE=1')

    def give_back(self, lines):
        """A proxy is gone in the middle of a drain: the others take the host again, which has not been restarted."""
        for line in lines:
            try:
                self.each([line], 'state ready')
            except (Stop, proxy_socket.Trouble):
                pass

    def up(self, lines):
        states = {(proxy.name, server.name): server.up for proxy in self.proxies for server in proxy.servers()}
        return all(states.get((proxy.name, name)) for proxy, name in lines)

    def one(self, host):
        lines = self.lines_of(host)
        self.say(f"{host}: draining {' '.join(name + self.at(proxy) for proxy, name in lines)}")
        idle = self.drain(host, lines)
        if reason := self.restart(host):
            raise Stop(f'{reason}; it stays drained')
        # Down until a check made after the restart says otherwise: an older success proves nothing.
        self.each(lines, 'health down')
        begun = time.monotonic()
        if not wait_until(lambda: self.up(lines), self.up_limit):
            raise Stop(f'not up {self.settings.up_timeout} after its restart, as the proxy sees it; it stays drained')
        self.each(lines, 'state ready')
        self.say(f'{host}: idle after {idle:.1f} s, up {time.monotonic() - begun:.1f} s after its restart')


def run(settings, hosts, restart, say):
    if not hosts:
        say('rolling-restart: no coordinators')
        return 0
    with proxy_socket.Proxies(settings) as proxies:
        if settings.dry_run:
            for host in hosts:
                say(f"{host}: would be drained at {', '.join(proxy.place for proxy in proxies)} and restarted: {settings.restart_cmd}")
            return 0
        return roll_all(Roll(settings, proxies, restart, say), hosts)


def roll_all(roll, hosts):
    for at, host in enumerate(hosts):
        try:
            roll.one(host)
        except (Stop, proxy_socket.Trouble, KeyboardInterrupt) as trouble:
            why = str(trouble) or 'interrupted; it may be drained'
            roll.say(f'{host}: FAILED: {why}')
            roll.say(f"rolling-restart: {at} of {len(hosts)} restarted; stopped at {host}. When that is mended:\n"
                     f"  make -f {roll.settings.makefile} rolling-restart HOSTS='{' '.join(hosts[at:])}'")
            return 1
    roll.say(f'rolling-restart: {len(hosts)} of {len(hosts)} restarted')
    return 0
