"""The proxies' runtime sockets: PROXY_SOCKET is one or more, with blanks or commas between. Each is a path here, ADDRESS:PORT, or a path on
another host that ssh reaches: HOST:/PATH or ssh://[USER@]HOST[:PORT]/PATH."""
import os
import re
import shlex
import socket
import subprocess
import tempfile
from types import SimpleNamespace

from runners import ssh_options


class Trouble(Exception):
    """It cannot be asked, or did not answer."""


class Tunnel:
    """A far socket as one here, for as long as this lives. ssh itself carries it: nothing is needed on that host."""

    def __init__(self, settings, words, path):
        self.folder = tempfile.TemporaryDirectory(prefix='kg')  # pylint: disable=consider-using-with
        self.near = os.path.join(self.folder.name, 's')
        self.said = tempfile.TemporaryFile()  # pylint: disable=consider-using-with
        argv = ['ssh', *ssh_options(settings), '-o', 'ControlPath=none', '-o', 'ExitOnForwardFailure=yes', '-T',
                '-L', f'{self.near}:{path}', *words, 'echo ready; exec cat']
        try:
            self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said)  # pylint: disable=consider-using-with
        except FileNotFoundError as error:
            raise Trouble('ssh is not installed here') from error
        if self.process.stdout.readline() != b'ready\n':
            self.process.wait()
            raise Trouble(self.why())

    def why(self):
        self.said.seek(0)
        lines = [line.strip() for line in self.said.read().decode(errors='replace').splitlines() if line.strip()]
        return lines[-1] if lines else 'ssh says nothing'

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.folder.cleanup()


class Proxy:
    """One proxy, and how it is reached."""

    def __init__(self, settings, place):
        self.settings, self.place, self.tunnel = settings, place, None
        far = re.fullmatch(r'ssh://(?:(?P<user>[^@/]+)@)?(?P<host>\[[^]]+\]|[^:/@]+)(?::(?P<port>\d+))?(?P<path>/.+)', place)
        short = re.fullmatch(r'(?P<host>[^/:\[\]]+):(?P<path>/.+)', place)
        if place.startswith('ssh:') and not far:
            raise SystemExit(f'PROXY_SOCKET={shlex.quote(place)}: ssh://[USER@]HOST[:PORT]/PATH is expected')
        if found := (far or short):
            parts = found.groupdict()
            self.name, self.path = parts['host'].strip('[]'), parts['path']
            self.words = ['-l', parts['user']] if parts.get('user') else []
            self.words += (['-p', parts['port']] if parts.get('port') else []) + [self.name]
        else:
            self.name, self.path, self.words = place, place, []

    def _connect(self, timeout):
        if self.words and not self.tunnel:
            self.tunnel = Tunnel(self.settings, self.words, self.path)
        if match := re.fullmatch(r'\[?([^/]+?)\]?:(\d+)', self.path):
            return socket.create_connection((match[1], int(match[2])), timeout=timeout)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(self.tunnel.near if self.tunnel else self.path)
        return connection

    def ask(self, command, timeout=30):
        """The answer; without one, and where the command is not allowed, Trouble."""
        try:
            with self._connect(timeout) as connection:
                connection.sendall(command.encode() + b'\n')
                text = b''
                while piece := connection.recv(65536):
                    text += piece
        except OSError as error:
            why = error.strerror or str(error)
            raise Trouble(f'PROXY_SOCKET={shlex.quote(self.place)}: {why}{self._of_ssh()}') from error
        except Trouble as trouble:
            raise Trouble(f'PROXY_SOCKET={shlex.quote(self.place)}: {trouble}') from trouble
        if not text:  # every answer ends with an empty line: ssh has ended it
            raise Trouble(f'PROXY_SOCKET={shlex.quote(self.place)}: no answer{self._of_ssh()}')
        answer = text.decode(errors='replace').rstrip('\n')
        if answer.startswith('Permission denied'):
            raise Trouble(f'PROXY_SOCKET={shlex.quote(self.place)}: {command}: permission denied; its stats socket line needs `level admin`')
        return answer

    def _of_ssh(self):
        return f' ({self.tunnel.why()}; is a proxy there, may this login open its socket, does sshd allow forwarding?)' if self.tunnel else ''

    def servers(self):
        """Every server line: its host, address, and whether it is up, drained, in maintenance, checked."""
        found, columns = [], []
        for line in self.ask('show servers state').splitlines():
            if line.startswith('# '):
                columns = line[2:].split()
            elif columns and line.strip():
                row = dict(zip(columns, line.split()))
                up, admin = row['srv_op_state'] != '0', int(row['srv_admin_state'])
                state = 'MAINT' if admin & 1 else ('DRAIN' if admin & 8 else 'UP') if up else 'DOWN'
                found.append(SimpleNamespace(
                    name=f"{row['be_name']}/{row['srv_name']}", backend=row['be_name'], address=row['srv_addr'],
                    host=row['srv_fqdn'].lower() if row['srv_fqdn'] != '-' else row['srv_addr'],
                    port=int(row['srv_port']), up=up, drained=bool(admin & 9), state=state, checked=bool(int(row['srv_check_state']) & 4)))
        return found

    def close(self):
        if self.tunnel:
            self.tunnel.close()
            self.tunnel = None


class Proxies(list):
    """All of PROXY_SOCKET: clients may come by each of them."""

    def __init__(self, settings):
        super().__init__(Proxy(settings, place) for place in settings.proxy_socket.replace(',', ' ').split())
        if not self:
            raise SystemExit('PROXY_SOCKET= is empty: where is the runtime socket of the proxy?')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for proxy in self:
            proxy.close()
