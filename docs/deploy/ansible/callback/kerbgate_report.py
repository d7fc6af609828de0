"""One line of JSON for each result. Ansible's own such callback is in a collection that ansible-core does not bring."""
import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = '''
name: kerbgate_report
type: stdout
short_description: one line of JSON for each result
description: What each host answered, for the program that started the play. A task with no_log comes censored.
'''


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'kerbgate_report'

    def _say(self, result, failed):
        told = {name: result._result[name] for name in ('stdout', 'stderr', 'msg') if name in result._result}
        self._display.display(json.dumps({'host': result._host.get_name(), 'failed': failed, **told}))

    def v2_runner_on_ok(self, result):
        self._say(result, False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._say(result, not ignore_errors)

    def v2_runner_on_unreachable(self, result):
        self._say(result, True)
