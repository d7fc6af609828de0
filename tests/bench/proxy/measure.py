"""One load through one program: what the load generator says of it."""
import json
import os
import subprocess
import sys
import tempfile

from peers import BACKEND, LISTEN, LOAD_CPU, PLAIN, Running, inherit_orphans, peers
from place import Realm, make_certificate, unread_log


class Place:
    """The programs, the folder of their files, the certificate, the realm."""

    def __init__(self, options):
        self.options = options
        # pylint: disable=consider-using-with
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        os.chmod(self.folder, 0o755)
        self.log = unread_log()
        self.certificate = make_certificate(self.folder)
        self.realm = Realm(options.build)
        inherit_orphans()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.realm.close()
        self.temporary.cleanup()

    def environment(self):
        return {} if self.realm.missing else self.realm.environment

    def peers(self):
        """Those that are asked for and there; the others are named."""
        wanted = self.options.peers
        chosen = [peer for peer in peers(f"{self.options.build}/proxy", self.folder, self.options.old)
                  if not wanted or peer.name in wanted.split(",")]
        for peer in chosen:
            if peer.missing():
                print(f"SKIPPED {peer.name}: {peer.missing()}")
        return [peer for peer in chosen if not peer.missing()]


class Load:
    """What is done to a program: the generator's arguments, and what the program is set to do."""

    def __init__(self, arguments, kind=PLAIN, threads=1):
        self.arguments, self.kind, self.threads = arguments, kind, threads

    def command(self, place):
        options, kind = place.options, self.kind
        command = ["taskset", "-c", str(LOAD_CPU), f"{options.build}/load", "--connect", f"127.0.0.1:{LISTEN}",
                   "--backend", f"{'127.0.0.1' if kind.servers == 1 else '0.0.0.0'}:{BACKEND}", "--certificate",
                   place.certificate, "--wait"]
        for word, value in (("--seconds", options.seconds), ("--warm", options.warm)):
            if word not in self.arguments:
                command += [word, str(value)]
        if "login" in self.arguments:
            command += ["--keytab", place.realm.keytab, "--service", place.realm.service]
        if kind.listeners > 1:
            command += ["--ports", str(kind.listeners)]
        return command + self.arguments


def measure(place, peer, load, name):
    """All figures, or None with the reason on standard error. The backend serves before the program looks at it."""
    text = peer.text(load.kind, load.threads, place)
    # pylint: disable=consider-using-with
    generator = subprocess.Popen(load.command(place), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                 env=os.environ | place.environment())
    try:
        generator.stdout.readline()
        running = Running(peer, text, load.threads, load.kind.ports(), place)
        try:
            output, _ = generator.communicate(" ".join(map(str, running.pids)) + "\n", timeout=600)
        finally:
            running.stop()
    finally:
        generator.kill()
        generator.wait()
    if generator.returncode != 0:
        print(f"{name}, {peer.name}: the load ended with {generator.returncode}", file=sys.stderr)
        return None
    said = json.loads(output)
    if said["errors"] != 0 or said.get("answers_per_second") == said.get("gib_per_second") == 0:
        print(f"{name}, {peer.name}: {said['errors']} errors, the first: {os.strerror(said['first_error'])} "
              f"{said['refusal']}", file=sys.stderr)
        return None
    return said | {"start_cpu_ms": running.start_cpu * 1e3}
