"""The proxy's runtime socket: PROXY_SOCKET is a path here, ADDRESS:PORT, or HOST:/PATH, which is reached by ssh."""
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


def _talk(connection, command, name):
    connection.sendall(command.encode() + b'\n')
    text = b''
    while piece := connection.recv(65536):
        text += piece
    answer = text.decode(errors='replace').rstrip('\n')
    if answer.startswith('Permission denied'):
        raise Trouble(f'{name}: {command}: permission denied; its stats socket line needs `level admin`')
    return answer


def _connect(place, timeout):
    if match := re.fullmatch(r'\[?([^/]+?)\]?:(\d+)', place):
        return socket.create_connection((match[1], int(match[2])), timeout=timeout)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout)
    connection.connect(place)
    return connection


def _over_ssh(settings, host, path, command, timeout):
    """ssh itself carries the far socket here: nothing is needed on that host."""
    with tempfile.TemporaryDirectory(prefix='kg') as folder:
        near = os.path.join(folder, 's')
        argv = ['ssh', *ssh_options(settings), '-o', 'ControlPath=none', '-o', 'ExitOnForwardFailure=yes', '-T',
                '-L', f'{near}:{path}', host, 'echo ready; exec cat']
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tunnel:
            if tunnel.stdout.readline() != b'ready\n':
                raise Trouble(f"PROXY_SOCKET={host}:{path}: {tunnel.stderr.read().decode(errors='replace').strip()}")
            try:
                with _connect(near, timeout) as connection:
                    return _talk(connection, command, path)
            finally:
                tunnel.stdin.close()


def ask(settings, command, timeout=30):
    place = settings.proxy_socket
    try:
        if far := re.fullmatch(r'([^/:]+):(/.+)', place):
            return _over_ssh(settings, far[1], far[2], command, timeout)
        with _connect(place, timeout) as connection:
            return _talk(connection, command, place)
    except OSError as error:
        raise Trouble(f'PROXY_SOCKET={shlex.quote(place)}: {error.strerror or error}') from error


def servers(settings):
    """Every server line of the proxy: its host, address, and whether it is up, drained, in maintenance, checked."""
    found, columns = [], []
    for line in ask(settings, 'show servers state').splitlines():
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
