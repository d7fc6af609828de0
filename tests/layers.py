#!/usr/bin/env python3
"""layers.py ROOT: fails when an include points upward or a foreign C library stands outside its one place.

The table says, for each folder (or one file of it), which of the project's own folders it may include. A folder that is not in the table
fails: name its place here first (docs/design.md, Layers)."""
import pathlib
import re
import sys

MAY = {
    'include/kerbgate': {'kerbgate'},
    'keytool': {'kerbgate', 'keytool'},
    'keytool/krb5': {'kerbgate', 'keytool', 'krb5', 'network'},
    'keytool/network': {'kerbgate', 'network'},
    'keytool/tls': {'kerbgate', 'network', 'tls'},
    'keytool/name': {'kerbgate', 'keytool', 'name'},
    'keytool/keytab': {'kerbgate', 'keytool', 'krb5', 'keytab'},
    'keytool/inventory': {'kerbgate', 'keytool', 'inventory'},
    'keytool/settings': {'kerbgate', 'keytool', 'settings'},
    'keytool/sasl': {'kerbgate', 'sasl'},
    'keytool/ktutil': {'kerbgate', 'keytool', 'krb5', 'keytab', 'ktutil'},
    'keytool/diagnosis': {'kerbgate', 'keytool', 'keytab', 'settings', 'sasl', 'network', 'tls',
                          'diagnosis'},
    'keytool/plan': {'kerbgate', 'keytool', 'keytab', 'settings', 'plan'},
    'keytool/kadm5': {'kerbgate', 'keytool', 'krb5', 'kadm5'},
    'keytool/rotate': {'kerbgate', 'keytool', 'krb5', 'kadm5', 'settings', 'rotate'},
    'keytool/main.cpp': {'kerbgate', 'commands'},
    'keytool/completion': {'completion'},
    'keytool/commands': {'kerbgate', 'completion', 'keytool', 'keytab', 'inventory', 'settings', 'ktutil', 'plan', 'kadm5', 'rotate',
                         'diagnosis', 'tls', 'commands'},
    'proxy/rules': {'kerbgate', 'rules'},
    'proxy/config': {'kerbgate', 'rules', 'check', 'config'},
    'proxy/balance': {'kerbgate', 'balance'},
    'proxy/login': {'kerbgate', 'login'},
    'proxy/resolve': {'kerbgate', 'resolve'},
    'proxy/check': {'kerbgate', 'rules', 'check'},
    'proxy/hs2': {'kerbgate', 'hs2'},
    'proxy/log': {'kerbgate', 'config', 'log'},
    'proxy/explain': {'kerbgate', 'rules', 'check', 'config', 'explain'},
    'proxy/stats': {'kerbgate', 'login', 'check', 'stats'},
    'proxy/net': {'kerbgate', 'rules', 'config', 'balance', 'login', 'check', 'log', 'stats', 'hs2', 'net'},
    'proxy/net/late': {'kerbgate', 'rules', 'config', 'balance', 'login', 'hs2', 'net'},
    'proxy/net/tls': {'kerbgate', 'rules', 'config', 'net'},
    'proxy/admin': {'kerbgate', 'rules', 'config', 'balance', 'login', 'check', 'log', 'stats', 'net', 'diagnosis', 'admin'},
    'proxy/page': {'kerbgate', 'rules', 'config', 'balance', 'login', 'check', 'log', 'stats', 'net', 'admin', 'page'},
    'proxy/probe': {'kerbgate', 'keytool', 'keytab', 'diagnosis', 'network', 'tls', 'config', 'login', 'check', 'stats', 'probe'},
    'proxy/keeper': {'kerbgate', 'config', 'resolve', 'hs2', 'net', 'log', 'check', 'stats', 'probe', 'keeper'},
    'proxy/program': {'kerbgate', 'rules', 'config', 'balance', 'login', 'check', 'log', 'stats', 'hs2', 'net', 'admin', 'page', 'probe', 'keeper', 'explain', 'completion', 'program'},
    'proxy': {'program'},
}
# header -> the files (prefixes) that alone may include it
FOREIGN = {
    r'krb5(/.*)?\.h|krb5\.h|profile\.h|com_err\.h': ('keytool/krb5/', 'keytool/kadm5/', 'proxy/login/krb5_'),
    r'kadm5/.*\.h|kdb\.h': ('keytool/kadm5/',),
    r'gssapi.*': ('proxy/login/krb5_', 'proxy/check/krb5_', 'keytool/krb5/'),
    r'netdb\.h|resolv\.h': ('keytool/name/system_resolver',),
    r'openssl/.*': ('proxy/net/tls', 'keytool/tls/'),
    r'boost/asio.*|boost/beast.*': ('proxy/net/', 'proxy/probe/', 'proxy/keeper/', 'proxy/program/', 'proxy/admin/', 'proxy/page/'),
    r'boost/program_options.*': ('keytool/commands/', 'keytool/completion/', 'proxy/program/'),
    r'editline/.*|histedit\.h': ('keytool/commands/ktutil_terminal',),
    r'pcre2\.h': ('proxy/rules/regex',),
    r'ares.*\.h': ('proxy/keeper/ares_client',),
    r'sys/epoll\.h': ('proxy/net/',),
    r'systemd/.*': ('proxy/keeper/systemd',),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def folder_of(path):
    return path.parent.as_posix()


def own_folder(name, folder):
    """The project's folder that an include names, None for a foreign one."""
    first = name.split('/')[0] if '/' in name else None
    if first is None:
        return 'keytool' if folder.startswith('keytool') else folder.split('/')[-1]
    return first


def main(root):
    wrong = []
    files = [p.relative_to(root) for top in ('include', 'keytool', 'proxy') for p in sorted((root / top).rglob('*.[ch]pp'))]
    for path in files:
        folder = folder_of(path)
        if folder not in MAY:
            wrong.append(f'{path}: folder {folder} has no row in tests/layers.py')
            continue
        for mark, name in INCLUDE.findall((root / path).read_text()):
            if mark == '"':
                target = own_folder(name, folder)
                may = MAY.get(path.as_posix(), MAY[folder])
                if target not in may:
                    wrong.append(f'{path}: includes "{name}"; {folder} may use only {", ".join(sorted(may))}')
            for pattern, places in FOREIGN.items():
                if re.fullmatch(pattern, name) and not path.as_posix().startswith(places):
                    wrong.append(f'{path}: includes <{name}>, which belongs in {" or ".join(places)}* alone')
    for line in wrong:
        print(line)
    print(f'{len(files)} files, {len(wrong)} wrong includes')
    return bool(wrong) or not files


sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.').resolve()))
