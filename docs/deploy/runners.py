"""How a command reaches a host: OpenSSH, ClusterShell's clush, or Ansible. Keys go by standard input (ssh, clush) or by
Ansible's copy module into a folder that only root may enter; never by argument or environment."""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
DEADLINE = 900  # seconds for one command on one host, so that a stuck one ends


@dataclass
class Answer:
    status: int
    out: str
    err: str

    def reason(self):
        """One line of why it failed."""
        lines = [line.strip() for line in (self.err + '\n' + self.out).splitlines() if line.strip()]
        lines = [line for line in lines if not line.startswith(('Warning: Permanently added', 'clush: ', '** '))] or lines
        return lines[0] if lines else f'exit status {self.status}'


def _run(argv, payload=b''):
    # Into files, not pipes: a control connection that stays behind would hold a pipe open.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=out, stderr=err) as process:
                try:
                    process.communicate(payload, timeout=DEADLINE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    return Answer(124, '', f'no answer for {DEADLINE} s')
            status = process.returncode
        except FileNotFoundError:
            return Answer(127, '', f'{argv[0]} is not installed here')
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors='replace'))
        return Answer(status, *texts)


def _control_folder():
    """Where ssh's control sockets are: short, since a socket's path has 107 bytes, and entered by nobody else."""
    folder = pathlib.Path(os.environ.get('XDG_RUNTIME_DIR') or '/tmp') / f'kerbgate-{os.getuid()}'
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if state.st_uid != os.getuid() or state.st_mode & 0o7777 != 0o700 or folder.is_symlink():
        raise SystemExit(f'{folder} is not a folder of yours alone: ssh would let others use its connections')
    return folder


def ssh_options(settings):
    """ssh takes the first value of an option: the user's come first."""
    return [*shlex.split(settings.ssh_opts), '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3',
            '-o', 'ControlMaster=auto', '-o', f'ControlPath={_control_folder()}/%C', '-o', 'ControlPersist=60']


def _side_by_side():
    """make's -j: it is in MAKEFLAGS; a bare -j has no number."""
    found = re.search(r'(?:^| )-j(\d*)', os.environ.get('MAKEFLAGS', ''))
    return int(found[1] or 64) if found else 1


def _each(run, jobs):
    def one(host):
        script, payload = jobs[host]
        try:
            return run(host, script, payload())
        except OSError as error:  # of a file that was to be sent
            return Answer(1, '', str(error))
    pool = concurrent.futures.ThreadPoolExecutor(_side_by_side())
    try:
        running = {pool.submit(one, host): host for host in jobs}
        for done in concurrent.futures.as_completed(running):
            yield running[done], done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _shell(settings, script):
    return f'{settings.become} sh -c {shlex.quote(script)}'.strip()


class Ssh:
    def __init__(self, settings):
        self.settings = settings

    def run(self, host, script, payload=b''):
        argv = [*ssh_options(self.settings), '-T', host, _shell(self.settings, script)]
        answer = _run(['ssh', *argv], payload)
        if answer.status == 255 and 'mux_client' in answer.err:  # the kept connection has died: a new one tells why
            answer = _run(['ssh', '-o', 'ControlPath=none', *argv], payload)
        return answer

    def run_all(self, jobs):
        """(host, Answer) of each as it comes; jobs: {host: (script, what gives its standard input)}, as many side by side as
        make was told by -j. One process of ours does them all: a Python for each of 10,000 hosts would be the dearest part."""
        return _each(self.run, jobs)


class Clush:
    """One clush a host: its own configuration says user, ssh and gateways."""

    def __init__(self, settings):
        self.settings = settings

    def run(self, host, script, payload=b''):
        argv = ['clush', '-q', '-S', '-N', '-w', host, '-t', '10']
        if self.settings.ssh_opts:
            argv += ['-o', self.settings.ssh_opts]
        answer = _run([*argv, _shell(self.settings, script)], payload)
        # clush says whose line of standard error it is: `host: text`.
        answer.err = '\n'.join(line.removeprefix(f'{host}: ') for line in answer.err.splitlines())
        return answer

    def run_all(self, jobs):
        """(host, Answer) of each as it comes; jobs: {host: (script, what gives its standard input)}, as many side by side as
        make was told by -j. One process of ours does them all: a Python for each of 10,000 hosts would be the dearest part."""
        return _each(self.run, jobs)


class Ansible:
    def __init__(self, settings):
        self.settings = settings

    def environment(self):
        """Ansible's own variables win where the user has set them."""
        return {'ANSIBLE_STDOUT_CALLBACK': 'kerbgate_report', 'ANSIBLE_CALLBACK_PLUGINS': str(HERE / 'ansible' / 'callback'),
                'ANSIBLE_LOAD_CALLBACK_PLUGINS': '1', 'ANSIBLE_RETRY_FILES_ENABLED': 'False',
                'ANSIBLE_DEPRECATION_WARNINGS': 'False', 'ANSIBLE_SSH_ARGS': shlex.join(ssh_options(self.settings)), **os.environ}

    def play(self, playbook, hosts, variables):
        """{host: Answer}. `variables` may hold paths, never keys."""
        with tempfile.TemporaryDirectory() as folder:
            limit = pathlib.Path(folder, 'limit')
            limit.write_text('\n'.join(hosts) + '\n')
            facts = pathlib.Path(folder, 'variables.json')
            facts.write_text(json.dumps(variables))
            argv = ['ansible-playbook', '-i', self.settings.inventory, '--limit', f'@{limit}', '-e', f'@{facts}',
                    '--forks', str(min(50, len(hosts))), str(HERE / 'ansible' / playbook)]
            try:
                done = subprocess.run(argv, env=self.environment(), capture_output=True, text=True, check=False)
            except FileNotFoundError:
                return {host: Answer(127, '', 'ansible-playbook is not installed here') for host in hosts}
        return self._answers(done, hosts)

    @staticmethod
    def _answers(done, hosts):
        results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{')]
        if not results:
            why = Answer(done.returncode, done.stdout, done.stderr).reason()
            return {host: Answer(done.returncode or 1, '', why) for host in hosts}
        answers = {host: Answer(1, '', 'Ansible did not come to this host') for host in hosts}
        for result in results:
            if result['failed']:
                answers[result['host']] = Answer(1, '', result.get('stderr') or result.get('msg') or 'failed')
            elif 'stdout' in result:
                answers[result['host']] = Answer(0, result['stdout'] + '\n', '')
        return answers

    def run(self, host, script, payload=b''):
        return dict(self.run_all({host: (script, lambda: payload)}))[host]

    def run_all(self, jobs):
        """For what carries no key: all read the same text. One play."""
        if not jobs:
            return iter(())
        payload = next(iter(jobs.values()))[1]()
        return iter(self.play('run.yml', list(jobs), {'kerbgate_scripts': {host: job[0] for host, job in jobs.items()}, 'kerbgate_stdin': payload.decode(),
                                                      'kerbgate_become': bool(self.settings.become)}).items())


def runner(settings):
    kinds = {'ssh': Ssh, 'clush': Clush, 'ansible': Ansible}
    if settings.runner not in kinds:
        raise SystemExit(f'RUNNER={settings.runner}: ssh, clush or ansible expected')
    return kinds[settings.runner](settings)
