"""A browser driven by W3C WebDriver: chromedriver speaks JSON over HTTP, so nothing but Python is needed."""
import base64
import json
import re
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'


class Refused(Exception):
    """What the driver does not do, with its words."""
    def __init__(self, code, words):
        super().__init__(f'{code}: {words}')
        self.code = code


class Browser:
    def __init__(self, driver, width=1280, height=1200, dark=False):
        self.process = subprocess.Popen([driver, '--port=0'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            if found := re.search(r'successfully on port (\d+)', line):
                break
        self.base = f'http://127.0.0.1:{found.group(1)}'
        args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--no-first-run',
                f'--window-size={width},{height}'] + (['--blink-settings=preferredColorScheme=0', '--force-dark-mode'] if dark else [])
        wanted = {'capabilities': {'alwaysMatch': {'goog:chromeOptions': {'args': args}, 'goog:loggingPrefs': {'browser': 'ALL'}}}}
        self.session = ''
        self.session = '/session/' + self.call('POST', '/session', wanted)['sessionId']

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        try:
            self.call('DELETE', '')
        finally:
            self.process.kill()
            self.process.wait()

    def call(self, method, path, body=None):
        data = json.dumps(body if body is not None else {}).encode() if method == 'POST' else None
        request = urllib.request.Request(self.base + self.session + path, data, {'Content-Type': 'application/json'}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)['value']
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode(errors='replace')) from None

    def open(self, url):
        self.call('POST', '/url', {'url': url})

    def find(self, css):
        return self.call('POST', '/element', {'using': 'css selector', 'value': css})[ELEMENT]

    def text(self, css):
        return self.call('GET', f'/element/{self.find(css)}/text')

    def shows(self, css, fits):
        """Whether that element comes to have a text that fits: a click may be answered by another document, which takes its time."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if fits(self.text(css)):
                    return True
            except Refused as error:
                if error.code != 404:  # no such element, or one of the document before
                    raise
        return False

    def click(self, css):
        self.call('POST', f'/element/{self.find(css)}/click')

    def type(self, css, text):
        self.call('POST', f'/element/{self.find(css)}/value', {'text': text})

    def run(self, script):
        return self.call('POST', '/execute/sync', {'script': script, 'args': []})

    def log(self):
        """What the page wrote to its console, refusals of its own policy among it."""
        return [entry for entry in self.call('POST', '/se/log', {'type': 'browser'}) if 'favicon' not in entry['message']]

    def screenshot(self, path):
        with open(path, 'wb') as file:
            file.write(base64.b64decode(self.call('GET', '/screenshot')))
