#!/usr/bin/env python3
"""fleet.py COMMAND: what the fleet targets of Makefile.deploy run. make decides which hosts are due; this does them, side by side, and sums
up. Settings come as FLEET_* from the makefile; state is in OUT/.fleet: one row, one stamp, one result a host."""
import hashlib
import io
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tarfile
from types import SimpleNamespace

import locks
import rolling
import status
from runners import HERE, Ansible, runner

SETTINGS = ('inventory', 'proxy', 'realm', 'service', 'keytabs', 'out', 'user', 'keytab_path', 'flags_path', 'runner',
            'ssh_opts', 'become', 'restart_cmd', 'dry_run', 'hosts', 'keytool', 'proxy_socket', 'drain_timeout',
            'drain_force', 'up_timeout', 'makefile', 'rotate_opts', 'force', 'lock_age', 'target')
settings = SimpleNamespace(**{name: os.environ.get(f'FLEET_{name.upper()}', '').strip() for name in SETTINGS})
out = pathlib.Path(settings.out)
state = out / '.fleet'


def say(text):
    print(text, flush=True)


def rewrite(path, text):
    """Keeps the time of a file that stays the same: make looks at it."""
    if not path.exists() or path.read_text() != text:
        fresh = path.with_name(path.name + '.new')
        fresh.write_text(text)
        fresh.replace(path)


def keytool(*arguments, may_fail=False):
    done = subprocess.run([settings.keytool, *arguments], capture_output=True, text=True, check=False)
    if done.returncode and not may_fail:
        sys.exit(done.stderr.strip() or f'keytool {arguments[0]} failed')
    return done


def options(*more):
    words = ['--inventory', settings.inventory, '--proxy', settings.proxy, '--service', settings.service,
             '--keytab', settings.keytab_path, *more]
    return words + (['--realm', settings.realm] if settings.realm else [])


# ---- which hosts, and what each shall have ----------------------------------------------------------------------------

def rows_of_inventory():
    rows = {}
    for daemon in json.loads(keytool('flags', *options('--format', 'json')).stdout)['daemons']:
        keytab = daemon['flags']['keytab_file']
        row = rows.setdefault(daemon['host'], {
            'host': daemon['host'], 'keytab': keytab, 'owner': settings.user, 'roles': [], 'flagfiles': [],
            'flags': settings.flags_path if settings.flags_path != 'none' else ''})
        row['flags'] = row['flags'] or os.path.dirname(keytab)
        row['roles'].append(daemon['role'])
        if settings.flags_path != 'none' and f"{daemon['daemon']}_flags" not in row['flagfiles']:
            row['flagfiles'].append(f"{daemon['daemon']}_flags")
    return rows


def chosen(rows):
    wanted = settings.hosts.replace(',', ' ').split()
    unknown = [host for host in wanted if host not in rows]
    if unknown:
        sys.exit(f"HOSTS: {', '.join(unknown)} is not in {settings.inventory}")
    return wanted or list(rows)


def command_hosts():
    """The list and the rows, for make."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = rows_of_inventory()
    for host, row in rows.items():
        rewrite(state / f'{host}.row', json.dumps(row, indent=1) + '\n')
    rewrite(hosts_file(), '\n'.join(chosen(rows)) + '\n')


def hosts_file():
    """One a target: `status` may run beside a rolling restart."""
    return state / f'hosts-of-{settings.target}'


def hosts():
    return hosts_file().read_text().split()


def row_of(host):
    return json.loads((state / f'{host}.row').read_text())


def planned(row):
    """What lies in OUT for a host: {place on the host: file here}."""
    folder = out / row['host']
    places = {row['keytab']: folder / os.path.basename(row['keytab'])}
    places.update({f"{row['flags']}/{name}": folder / name for name in row['flagfiles']})
    return places


# ---- results ----------------------------------------------------------------------------------------------------------

def record(action, host, reason):
    (state / f'{host}.{action}').write_text(json.dumps({'reason': reason}))


def command_begin(action):
    command_hosts()
    for old in state.glob(f'*.{action}'):
        old.unlink()
    (state / 'due').unlink(missing_ok=True)


def command_report(action):
    """The end of a run: who failed and why. Exit status 1 when one did."""
    everyone, failed, done = hosts(), {}, 0
    for host in everyone:
        result = state / f'{host}.{action}'
        if result.exists():
            reason = json.loads(result.read_text())['reason']
            done += not reason
            if reason:
                failed[host] = reason
        elif action != 'push':
            failed[host] = 'not come to'
    left = len(everyone) - done - len(failed)
    parts = [f'{done} done'] + ([f'{left} unchanged and not touched'] if action == 'push' else [])
    say(f"{action}: {len(everyone)} hosts: {', '.join(parts)}, {len(failed)} failed")
    for host, reason in failed.items():
        print(f'  {host}: {reason}', file=sys.stderr)
    if failed and action == 'push':
        print('  the next push does those alone', file=sys.stderr)
    elif failed and action == 'restart':
        print(f"  again: make -f {settings.makefile} restart HOSTS='{' '.join(failed)}'", file=sys.stderr)
    elif failed and action == 'verify':
        print('  the next push brings them what the plan has', file=sys.stderr)
    sys.exit(1 if failed else 0)


# ---- one run at a time ------------------------------------------------------------------------------------------------

def hold():
    return locks.Locks(settings, state, on_hosts, say)


def command_lock_here(action, descriptor):
    locks.take_here(settings, state, action, descriptor)


def command_lock(action):
    """All or none: where another run has a host, nothing is changed anywhere. `due`: of a push, what make has found."""
    wanted = due() if action == 'push' else hosts()
    refused = hold().take(wanted, action) if wanted else {}
    if not refused:
        return
    for host, holder in refused.items():
        print(f'  {host}: {holder} has it', file=sys.stderr)
    sys.exit(f"{action}: refused, and nothing was changed: {len(refused)} of {len(wanted)} hosts in another run's hands. Wait for its end; "
             f'the lock of a dead run goes after LOCK_AGE={settings.lock_age}, or by FORCE=1')


def command_unlock():
    hold().release()


# ---- one host ---------------------------------------------------------------------------------------------------------

def words_for(row):
    """host.sh's arguments. Roles: a host's keytab is looked at as its first daemon will."""
    pairs = {'keytab': row['keytab'], 'flags': row['flags'], 'owner': row['owner'], 'proxy': settings.proxy,
             'host': row['host'], 'service': settings.service, 'realm': settings.realm, 'role': row['roles'][0]}
    return [f'{name}={value}' for name, value in pairs.items()] + row['flagfiles']


def script(action, row, more=()):
    return ' '.join(['exec sh -s --', action, *map(shlex.quote, [*more, *words_for(row)])])


def on_hosts(names, action, more=()):
    """(host, Answer) of each, as it comes."""
    jobs = {name: (script(action, row_of(name), more), (HERE / 'host.sh').read_bytes) for name in names}
    return runner(settings).run_all(jobs)


def files_for(row):
    """{name on the way: bytes or path}; the sums are of what is sent."""
    files = {'keytab': planned(row)[row['keytab']]}
    files.update({name: out / row['host'] / name for name in row['flagfiles']})
    contents = {name: path.read_bytes() for name, path in files.items()}
    sums = ''.join(f'{hashlib.sha256(content).hexdigest()}  {name}\n' for name, content in contents.items())
    return {**contents, 'sums': sums.encode(), 'host.sh': (HERE / 'host.sh').read_bytes()}


def archive(files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w', format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o600
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def arrival(row):
    """Unpacks beside the keytab's place, so that a rename moves it there; nobody but root may enter on the way."""
    folder = shlex.quote(os.path.dirname(row['keytab']))
    words = ' '.join(map(shlex.quote, words_for(row)))
    return f'''(umask 022; mkdir -p {folder}) || exit 1
umask 077
from=$(mktemp -d {folder}/.kerbgate.XXXXXX) || exit 1
trap 'rm -rf "$from"' EXIT
trap 'exit 1' HUP INT TERM
said=$(tar -xof - -C "$from" 2>&1) || {{
  printf '%s\\n' {folder}": what was sent cannot be written ($(printf '%s' "$said" | tr '\\n' ' ')); the files in place are untouched" >&2
  exit 1
}}
sh "$from/host.sh" push "from=$from" {words}'''


def not_planned(row):
    missing = [str(path) for path in planned(row).values() if not path.exists()]
    return f"{missing[0]} is not there: plan says why" if missing else ''


def stamp(host):
    return state / f'{host}.pushed'


def finish_push(host, reason, report=''):
    record('push', host, reason)
    fresh = state / f'{host}.begun'
    if reason:
        fresh.unlink(missing_ok=True)
        say(f'{host}: FAILED: {reason}')
    else:
        fresh.replace(stamp(host))
        say(f'{host}: {report}')


def due():
    """What make has found to be older than its plan."""
    file = state / 'due'
    return file.read_text().split() if file.exists() else []


def command_push():
    rows = {host: row_of(host) for host in due()}
    if settings.dry_run:
        for host, row in rows.items():
            say(f"{host}: would get {', '.join(planned(row))}")
        return
    going = []
    for host, row in rows.items():
        # The stamp is as old as the look at the files: what changes meanwhile is seen by the next run.
        (state / f'{host}.begun').touch()
        if reason := not_planned(row):
            finish_push(host, reason)
        else:
            going.append(host)
    for host, answer in pushed(going, rows):
        finish_push(host, '' if answer.status == 0 else answer.reason(), answer.out.strip())


def pushed(going, rows):
    """(host, Answer) of each as it comes."""
    if settings.runner != 'ansible':
        return runner(settings).run_all({host: (arrival(rows[host]), lambda host=host: archive(files_for(rows[host]))) for host in going})
    return pushed_by_ansible(going, rows)


def pushed_by_ansible(going, rows):
    """One play for all."""
    details = {}
    sums = {}
    for host in going:
        row, local = rows[host], planned(rows[host])
        sums[host] = state / f'{host}.sums'
        sums[host].write_bytes(files_for(row)['sums'])
        named = [('keytab', local[row['keytab']]), *((name, out / host / name) for name in row['flagfiles']),
                 ('sums', sums[host]), ('host.sh', HERE / 'host.sh')]
        details[host] = {'folder': os.path.dirname(row['keytab']), 'words': words_for(row),
                         'files': [{'to': name, 'from': str(path.resolve())} for name, path in named]}
    answers = Ansible(settings).play('push.yml', going, {'kerbgate_rows': details, 'kerbgate_become': bool(settings.become)}) if going else {}
    for path in sums.values():
        path.unlink()
    return answers.items()


def differences(row, seen):
    """What a host has that the plan has not, in words."""
    wrong = []
    for place, local in planned(row).items():
        there = seen.files.get(place)
        name = os.path.basename(place)
        is_keytab = place == row['keytab']
        mode, owner = ('400', seen.owner) if is_keytab else ('644', 'root:root')
        if there is None:
            wrong.append(f'{name} is missing')
            continue
        if not local.exists() or there.sha != hashlib.sha256(local.read_bytes()).hexdigest():
            wrong.append(f'{name} is not the planned one')
        if there.mode != mode:
            wrong.append(f'{name} has mode {there.mode}, not {mode}')
        if there.owner != owner:
            wrong.append(f'{name} belongs to {there.owner}, not {owner}')
    return wrong


def command_verify(action='verify'):
    for host, answer in on_hosts(hosts(), action):
        judge(host, answer, action)


def judge(host, answer, action):
    row = row_of(host)
    seen = status.parse(answer.out)
    wrong = differences(row, seen) if answer.status == 0 else [answer.reason()]
    if answer.status == 0 and wrong:
        stamp(host).unlink(missing_ok=True)
    if seen.keytool == 'fail':
        wrong.append('keytool verify there: ' + status.first_failure(seen.told))
    record('verify', host, '; '.join(wrong))
    said = {'': 'no keytool there', 'pass': 'keytool verify passes there', 'fail': ''}[seen.keytool] if action == 'verify' else ''
    say(f"{host}: " + ('FAILED: ' + '; '.join(wrong) if wrong else 'as planned' + (said and f'; {said}')))


def command_look():
    command_verify('look')


def would(action, what):
    for host in hosts():
        record(action, host, '')
        say(f'{host}: would {what}')


def command_rollback():
    if settings.dry_run:
        return would('rollback', 'take back what .prev files it has')
    for host, answer in on_hosts(hosts(), 'rollback'):
        reason = '' if answer.status == 0 else answer.reason()
        if not reason:
            stamp(host).unlink(missing_ok=True)
        record('rollback', host, reason)
        say(f'{host}: ' + (f'FAILED: {reason}' if reason else answer.out.strip()))


def failure_of_restart(answer):
    return '' if answer.status == 0 else f'{settings.restart_cmd}: {answer.reason()}'


def restart(host):
    return failure_of_restart(runner(settings).run(host, settings.restart_cmd))


def command_restart():
    if settings.dry_run:
        return would('restart', f'run {settings.restart_cmd}')
    for host, answer in runner(settings).run_all({host: (settings.restart_cmd, bytes) for host in hosts()}):
        reason = failure_of_restart(answer)
        record('restart', host, reason)
        say(f"{host}: {'FAILED: ' + reason if reason else 'restarted'}")


def found_on(host, answer):
    row = row_of(host)
    seen = status.parse(answer.out)
    return {'error': answer.reason()} if answer.status else {
        'keytab': seen.files[row['keytab']].sha[:12] if row['keytab'] in seen.files else 'missing',
        'wrong': differences(row, seen)}


def command_status():
    command_hosts()
    found = {host: found_on(host, answer) for host, answer in on_hosts(hosts(), 'look')}
    status.table(settings, hosts(), row_of, state, found, out, keytool)


def command_rolling_restart():
    coordinators = [host for host in hosts() if 'coordinator' in row_of(host)['roles']]
    sys.exit(rolling.run(settings, coordinators, restart, say))


def main():
    name = sys.argv[1].replace('-', '_')
    globals()[f'command_{name}'](*sys.argv[2:])


if __name__ == '__main__':
    main()
