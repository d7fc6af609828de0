"""One run at a time. Here: flock on OUT/.fleet/lock, which ends with the run whatever kills it. On each host: a file beside
the keytab that says whose run it is and since when; it stays when a run dies, and is then taken by the same OUT's next run,
after LOCK_AGE, or by FORCE=1."""
import datetime
import fcntl
import os
import pathlib
import pwd
import re
import socket


def minutes(text):
    match = re.fullmatch(r'(\d+)([mhd]?)', text)
    if not match:
        raise SystemExit(f'LOCK_AGE={text}: a time such as 30m, 12h or 2d is expected')
    return int(match[1]) * {'': 1, 'm': 1, 'h': 60, 'd': 1440}[match[2]]


def whose(settings):
    """Who, where, and which OUT: two runs of one OUT are kept apart by flock."""
    user = pwd.getpwuid(os.getuid()).pw_name
    return f'{user}@{socket.gethostname()}:{pathlib.Path(settings.out).resolve()}'


def line(settings, action):
    now = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    return f'{whose(settings)}\t{action}\t{now}'


def told(text):
    """alice@admin:/home/alice/plan (push, since 2026-01-31T12:00:00Z)"""
    words = text.strip().split('\t')
    return f'{words[0]} ({words[1]}, since {words[2]})' if len(words) == 3 else text.strip() or 'an unknown run'


def take_here(settings, state, action, number):
    """`number`: the descriptor of OUT/.fleet/lock that make's shell holds open: the lock lives as long as that."""
    descriptor = int(number)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = (state / 'lock').read_text()
        raise SystemExit(f'{action}: {settings.out} is in the hands of {told(holder)}: wait for its end') from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, line(settings, action).encode() + b'\n', 0)


class Locks:
    """Those of a run on the hosts. `on_hosts(hosts, action, words)` runs host.sh there: (host, its answer) of each."""

    def __init__(self, settings, state, on_hosts, say):
        self.settings, self.marks, self.on_hosts, self.say = settings, state / 'locked', on_hosts, say

    def take(self, hosts, action):
        """{host: who has it}, of those that another run has. A host that cannot be reached holds nobody up: what is to be
        done there will fail by itself and say why."""
        words = [f'by={line(self.settings, action)}', f'age={minutes(self.settings.lock_age)}', 'force=1' if self.settings.force else 'force=']
        self.marks.write_text('\n'.join(hosts) + '\n')  # first: what a kill leaves behind is known
        held = {}
        for host, answer in self.on_hosts(hosts, 'lock', words):
            found, _, owner = answer.out.strip().partition('\t')
            if answer.status == 0 and found == 'held':
                held[host] = told(owner)
            elif answer.status == 0 and found == 'taken':
                self.say(f'{host}: the lock of {told(owner)} is taken over')
        return held

    def release(self):
        """Also those of a run of this OUT that was killed. What cannot be released is taken over by the next run."""
        if self.marks.exists():
            list(self.on_hosts(self.marks.read_text().split(), 'unlock', [f'by={whose(self.settings)}']))
            self.marks.unlink()
