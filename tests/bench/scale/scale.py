#!/usr/bin/env python3
"""scale.py BUILD [--servers N] [--connections N] [--hosts N] [--write DOCS]

What grows with the cluster, measured in a network namespace of its own: a configuration of N coordinators (check, start, memory, how even
its health checks are, every page and command), N connections through the proxy (memory, CPU), N hosts in an inventory (plan, and a push that
finds nothing to do). Prints a table; --write puts it between the marks of DOCS/scale.md. Exit status 77: no namespace may be made here.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

PORT, FRONT, PAGE, BACKEND = 21050, 21052, 21051, 27001
INSIDE = 'KERBGATE_SCALE_NAMESPACE'
INTER = 2.0  # seconds between two checks of a server
SLOT = 0.1
SKIPPED = 77
TIMESTAMP = 35  # SO_TIMESTAMPNS: when the kernel saw the packet, not when this program did


def enter_namespace():
    if os.environ.get(INSIDE):
        return
    flags = ['-n'] if os.geteuid() == 0 else ['-r', '-n']
    if not shutil.which('unshare') or subprocess.run(['unshare', *flags, 'true'], stderr=subprocess.DEVNULL, check=False).returncode:
        print('scale: SKIPPED, no network namespace may be made here')
        sys.exit(SKIPPED)
    os.environ[INSIDE] = '1'
    os.execvp('unshare', ['unshare', *flags, sys.executable, *sys.argv])


class Figures:
    """Rows of the table."""

    def __init__(self):
        self.rows = []

    def add(self, what, figure):
        self.rows.append((what, figure))
        print(f'{what}: {figure}', flush=True)

    def table(self):
        return '| what | measured |\n|---|---|\n' + ''.join(f'| {what} | {figure} |\n' for what, figure in self.rows)


def amount(octets):
    return f'{octets / 2**20:.1f} MiB' if octets >= 2**20 else f'{octets / 1024:.0f} KiB'


def of_status(pid, field):
    """Octets, of a line of /proc/PID/status that counts kB."""
    text = pathlib.Path(f'/proc/{pid}/status').read_text(encoding='ascii')
    return int(re.search(rf'^{field}:\s+(\d+) kB', text, re.M)[1]) * 1024


def cpu(pid):
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='ascii').rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def finished(argv, **more):
    """(wall seconds, CPU seconds, peak octets, what it printed) of a command that must succeed."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT, **more)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - begun
        out.seek(0)
        said = out.read().decode()
    if child.returncode:
        sys.exit(f'scale: {" ".join(map(str, argv))} failed:\n{said[-2000:]}')
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, said


# ---- coordinators in a configuration ----------------------------------------------------------------------------------

def address(n):
    return f'127.1.{n // 250}.{n % 250 + 1}'


def configuration(servers, socket_path):
    lines = [f'    server host{n:05d} {address(n)}:{PORT}' for n in range(servers)]
    return f'''global
    stats socket {socket_path} level admin
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    default-server check inter {INTER:g}s
listen impala
    bind 127.0.0.1:{FRONT}
    balance leastconn
''' + '\n'.join(lines) + f'''
listen page
    mode http
    bind 127.0.0.1:{PAGE}
    stats enable
'''


class Running:
    """A proxy from a text, until it says that it is ready."""

    def __init__(self, proxy, folder, text):
        self.file, self.log = folder / 'proxy.cfg', folder / 'proxy.log'
        self.file.write_text(text, encoding='ascii')
        begun = time.monotonic()
        with open(self.log, 'wb') as log:
            self.process = subprocess.Popen([proxy, '-f', self.file], stdout=log, stderr=subprocess.STDOUT)
        while b'ready:' not in self.log.read_bytes():
            if self.process.poll() is not None:
                sys.exit('scale: the proxy does not start:\n' + self.log.read_text())
            time.sleep(0.002)
        self.start = time.monotonic() - begun
        self.start_cpu = cpu(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def seen_syns(servers, seconds):
    """When SYNs to PORT left, by the kernel's clock, for `seconds` and until every server has had one."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        wire.setsockopt(socket.SOL_SOCKET, TIMESTAMP, 1)
        wire.bind(('lo', 0))
        wire.settimeout(0.2)
        times, asked, end = [], set(), time.monotonic() + seconds
        while time.monotonic() < end or len(asked) < servers:
            if time.monotonic() > end + 60:
                sys.exit(f'scale: {len(asked)} of {servers} servers are checked')
            try:
                packet, notes, _, sender = wire.recvmsg(96, 64)
            except TimeoutError:
                continue
            if sender[2] != socket.PACKET_HOST or packet[23] != socket.IPPROTO_TCP:
                continue
            tcp = 14 + (packet[14] & 15) * 4
            to, flags = struct.unpack_from('!H', packet, tcp + 2)[0], packet[tcp + 13]
            if to == PORT and flags & 0x12 == 2:
                whole, rest = struct.unpack('@ll', notes[0][2])
                times.append(whole + rest / 1e9)
                asked.add(packet[30:34])
        return times


def slots(times):
    """How many fell into each slot of one interval, the first and last seconds left out."""
    begin = times[0] + 0.5
    count = [0] * round(INTER / SLOT)
    for at in times:
        if begin <= at < begin + INTER:
            count[min(int((at - begin) / SLOT), len(count) - 1)] += 1
    return count


def fetched(path):
    begun = time.monotonic()
    with urllib.request.urlopen(f'http://127.0.0.1:{PAGE}{path}', timeout=60) as answer:
        body = answer.read()
    return body, time.monotonic() - begun


def commanded(path, command):
    begun = time.monotonic()
    with socket.socket(socket.AF_UNIX) as talk:
        talk.connect(str(path))
        talk.sendall(command.encode() + b'\n')
        pieces = []
        while piece := talk.recv(1 << 20):
            pieces.append(piece)
    return b''.join(pieces), time.monotonic() - begun


def measure_servers(options, folder, figures):
    n, proxy = options.servers, options.build / 'proxy'
    path = folder / 'admin.sock'
    text = configuration(n, path)
    file = folder / 'check.cfg'
    file.write_text(text, encoding='ascii')
    checks = [finished([proxy, '-c', '-f', file]) for _ in range(3)]
    figures.add(f'`proxy -c`, {n:,} servers', f'{min(c[1] for c in checks) * 1000:.0f} ms of CPU, {amount(len(text))} of text')
    with listening_everywhere(), Running(proxy, folder, text) as running:
        pid = running.process.pid
        figures.add('start, until the port is open', f'{running.start * 1000:.0f} ms, {running.start_cpu * 1000:.0f} ms of CPU')
        times = seen_syns(n, INTER * 2 + 1)
        counts = slots(times)
        figures.add(f'checks in each {SLOT * 1000:.0f} ms of one interval of {INTER:g} s', f'{min(counts)} to {max(counts)}, {n * SLOT / INTER:.0f} expected; {sum(counts):,} in all')
        before, begun = cpu(pid), time.monotonic()
        time.sleep(INTER * 2)
        share = (cpu(pid) - before) / (time.monotonic() - begun)
        figures.add('CPU of checks alone', f'{share * 100:.1f} % of a core, {share / (n / INTER) * 1e6:.0f} us each')
        figures.add('memory (VmRSS)', f"{amount(of_status(pid, 'VmRSS'))}")
        for path_of, name in (('/', 'stats page'), ('/;csv', 'csv'), ('/stats.json', 'JSON'), ('/metrics', 'Prometheus')):
            measure_answer(figures, pid, name, n, lambda path_of=path_of: fetched(path_of))
        for command in ('show stat', 'show servers state'):
            measure_answer(figures, pid, f'`{command}`', n, lambda command=command: commanded(path, command))
        figures.add('memory after all of them', f"{amount(of_status(pid, 'VmRSS'))}, {amount(of_status(pid, 'VmHWM'))} at most")


def listening_everywhere():
    """A coordinator at every address of 127/8: checks leave before it would have to accept. The proxy has its own port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('0.0.0.0', PORT))
    listener.listen(4096)
    return listener


def measure_answer(figures, pid, name, servers, ask):
    """An answer that names every server, or the whole run fails."""
    before, taken, body = cpu(pid), [], b''
    rounds = 5
    for _ in range(rounds):
        body, seconds = ask()
        taken.append(seconds)
    spent = (cpu(pid) - before) / rounds
    named = len(set(re.findall(rb'host\d{5}', body)))
    if named != servers:
        sys.exit(f'scale: {name} names {named} of {servers} servers')
    figures.add(name, f'{amount(len(body))}, {statistics.median(taken) * 1000:.0f} ms, {spent * 1000:.0f} ms of CPU')


# ---- connections ------------------------------------------------------------------------------------------------------

def measure_connections(options, folder, figures):
    text = f'''defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen impala
    bind 127.0.0.1:{FRONT}
    server one 127.0.0.1:{BACKEND}
'''
    n = options.connections
    command = [options.build / 'load', '--connect', f'127.0.0.1:{FRONT}', '--backend', f'127.0.0.1:{BACKEND}', '--mode', 'idle',
               '--connections', str(n), '--hold', '2', '--wait']
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        load.stdout.readline()
        with Running(options.build / 'proxy', folder, text) as running:
            pid = running.process.pid
            empty, begun = of_status(pid, 'VmRSS'), cpu(pid)
            said, _ = load.communicate(f'{pid}\n', timeout=600)
            peak, spent = of_status(pid, 'VmHWM'), cpu(pid) - begun
    answer = json.loads(said)
    if load.returncode or answer['errors']:
        sys.exit(f'scale: {n} connections: {said}')
    figures.add(f'{n:,} connections: memory of the proxy for each', f"{answer['bytes_per_pair']:.0f} octets")
    figures.add('the proxy alone: before, and at most', f'{amount(empty)}, {amount(peak)}')
    figures.add('CPU to open, ask once and hold each', f'{spent / n * 1e6:.0f} us')


# ---- hosts in an inventory --------------------------------------------------------------------------------------------

def measure_hosts(options, folder, figures):
    n, keytool = options.hosts, options.build / 'keytool'
    finished([options.build / 'make_cluster', folder, str(n)])
    plan = [keytool, 'plan', '--inventory', folder / 'inventory', '--proxy', 'proxy.example.com', '--keytabs', folder / 'keytabs',
            '--realm', 'EXAMPLE.COM', '--out', folder / 'out']
    wall, spent, peak, _ = finished(plan)
    figures.add(f'`keytool plan`, {n:,} hosts', f'{wall:.1f} s, {spent:.1f} s of CPU, {amount(peak)}')
    wall, spent, _, said = finished(plan)
    if f'{n} unchanged' not in said:
        sys.exit('scale: the second plan has changed something:\n' + said[-500:])
    figures.add('the same with nothing new', f'{wall:.1f} s, {spent:.1f} s of CPU')
    files = [file for file in (folder / 'out').rglob('*') if file.is_file()]
    figures.add('what a plan is on disk', f'{len(files):,} files, {amount(sum(file.stat().st_size for file in files))}')
    measure_push(options, folder, figures)


def measure_push(options, folder, figures):
    """What a push costs here before and after it reaches hosts: all are stamped as pushed, so that none is due."""
    make = ['make', '--no-print-directory', '-f', pathlib.Path(__file__).resolve().parents[3] / 'Makefile.deploy', '-j', '2', 'push',
            f"INVENTORY={folder / 'inventory'}", 'PROXY=proxy.example.com', f"KEYTABS={folder / 'keytabs'}", 'REALM=EXAMPLE.COM',
            f"OUT={folder / 'out'}", f"KEYTOOL={options.build / 'keytool'}"]
    state = folder / 'out' / '.fleet'
    _, _, _, said = finished([*make, 'DRY_RUN=1'])
    due = said.count(': would get ')
    for row in state.glob('*.row'):
        row.with_suffix('.pushed').touch()
    wall, spent, peak, said = finished(make)
    if due != options.hosts or f'{options.hosts} unchanged and not touched, 0 failed' not in said:
        sys.exit(f'scale: {due} hosts due at first; then:\n{said[-500:]}')
    figures.add('`make push` with nothing new', f'{wall:.1f} s, {spent:.1f} s of CPU, {amount(peak)} at most')


# ---- all --------------------------------------------------------------------------------------------------------------

def write(docs, table):
    page = pathlib.Path(docs, 'scale.md')
    begin, end = '<!-- scale: begin -->\n', '<!-- scale: end -->\n'
    before, rest = page.read_text(encoding='utf-8').split(begin)
    page.write_text(before + begin + table + end + rest.split(end)[1], encoding='utf-8')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', type=lambda text: pathlib.Path(text).resolve(), help='folder of the programs')
    parser.add_argument('--servers', type=int, default=2000)
    parser.add_argument('--connections', type=int, default=9800)
    parser.add_argument('--hosts', type=int, default=10000)
    parser.add_argument('--only', choices=['servers', 'connections', 'hosts'])
    parser.add_argument('--write', help='folder of scale.md')
    options = parser.parse_args()
    enter_namespace()
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    figures = Figures()
    for name, measure in (('servers', measure_servers), ('connections', measure_connections), ('hosts', measure_hosts)):
        if options.only in (None, name):
            with tempfile.TemporaryDirectory(prefix='kerbgate-scale') as folder:
                measure(options, pathlib.Path(folder), figures)
    if options.write:
        write(options.write, figures.table())


if __name__ == '__main__':
    main()
