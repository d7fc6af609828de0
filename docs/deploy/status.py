"""What hosts answer to `look` and `verify`, and the table of `status`."""
import json
import socket
from types import SimpleNamespace

import proxy_socket


def parse(text):
    """host.sh's lines: `owner`, `file`, `keytool`; what follows `keytool` is its own report."""
    seen = SimpleNamespace(owner='', files={}, keytool='', told=[])
    for line in text.splitlines():
        words = line.split('\t')
        if seen.keytool:
            seen.told.append(line)
        elif words[0] == 'owner':
            seen.owner = words[1]
        elif words[0] == 'file' and len(words) == 5:
            seen.files[words[1]] = SimpleNamespace(sha=words[2], mode=words[3], owner=words[4])
        elif words[0] == 'keytool':
            seen.keytool = words[1]
    return seen


def first_failure(lines):
    """The first line of keytool verify's report that failed, with its cause."""
    for at, line in enumerate(lines):
        if '  fail  ' in line:
            return ' '.join(line.split()) + (f' ({lines[at + 1].strip()})' if at + 1 < len(lines) else '')
    return lines[0] if lines else 'it says nothing'


def kvno_of(keytool, folder, service, proxy, host):
    """The newest kvno of the proxy's principal in the planned keytab, else of the host's own."""
    newest = {}
    files = sorted(folder.glob('*.keytab'))
    if not files:
        return '-'
    listed = keytool('list', '--json', *map(str, files), may_fail=True)
    if listed.returncode:
        return '?'
    for file in json.loads(listed.stdout)['files']:
        for entry in file['entries']:
            name = entry['principal'].split('@')[0]
            newest[name] = max(newest.get(name, 0), entry['kvno'])
    return str(newest.get(f'{service}/{proxy}', newest.get(f'{service}/{host}', '-')))


def answers(address):
    """Whether a port takes a connection: opened and closed at once, as the proxy's checks do."""
    try:
        with socket.create_connection(address, timeout=3):
            return 'answers'
    except OSError as error:
        return (error.strerror or 'no answer').lower()


def views_of(settings):
    """[its servers, or None] of each proxy of PROXY_SOCKET, and why there are none."""
    views, why = [], []
    with proxy_socket.Proxies(settings) as proxies:
        for proxy in proxies:
            try:
                views.append(proxy.servers())
            except proxy_socket.Trouble as trouble:
                views.append(None)
                why.append(str(trouble))
    return views, why


def service_and_view(host, views):
    """Whether the port answers; the states that the host has at each proxy: `UP`, of two that differ `UP, DRAIN`."""
    mine = [[server for server in servers or [] if server.host == host] for servers in views]
    states = ['?' if servers is None else ' '.join(sorted({one.state for one in own})) or '-' for servers, own in zip(views, mine)]
    seen = [server for own in mine for server in own]
    service = answers((seen[0].address, seen[0].port)) if seen else '-'
    return service, states[0] if len(set(states)) == 1 else ', '.join(states)


def table(settings, hosts, row_of, state, seen, out, keytool):
    views, why = views_of(settings)
    lines = [('HOST', 'KEYTAB', 'KVNO', 'FILES', 'SERVICE', 'PROXY', 'PUSHED')]
    for host in hosts:
        found = seen.get(host, {'error': 'not come to'})
        service, view = service_and_view(host, views)
        kvno = kvno_of(keytool, out / host, settings.service, settings.proxy, host)
        wrong = found.get('wrong')
        files = found.get('error') or (', '.join(wrong) if wrong else 'as planned')
        # What the plan has is known; what is there is known to be that only where it is the same.
        if 'error' in found or any(text.startswith(row_of(host)['keytab'].split('/')[-1]) for text in wrong if 'mode' not in text):
            kvno = '?'
        pushed = 'yes' if (state / f'{host}.pushed').exists() else 'due'
        lines.append((host, found.get('keytab', '?'), kvno, files, service, view, pushed))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print('  '.join(text.ljust(width) for text, width in zip(line, widths)).rstrip())
    for reason in why:
        print(f"the proxy's view is not known: {reason}")
