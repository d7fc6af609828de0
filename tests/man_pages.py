#!/usr/bin/env python3
"""man_pages.py contents|setting KEYTOOL KEYTOOL_PAGE PROXY PROXY_PAGE

contents: commands and options of each --help are those of the manual page, in both directions; what is written by hand
names no option that no --help has; the sections that a reader looks for are there.
setting: groff, and man where it is installed, set the pages without a warning. Status 77: groff is not installed."""
import pathlib
import re
import shutil
import subprocess
import sys

SECTIONS = {'NAME', 'SYNOPSIS', 'DESCRIPTION', 'EXIT STATUS', 'ENVIRONMENT', 'FILES', 'EXAMPLES', 'SEE ALSO'}
OPTION_IN_HELP = re.compile(r'^ {2,6}(-[\w-]+)(?:(?:, | \[ )(--[\w-]+))?')
ALIAS_IN_HELP = re.compile(r' \((-\w+)\) ')
GENERATED = {'COMMANDS', 'OPTIONS'}
# Options of other programs in the pages' own examples.
FOREIGN = {'-HUP'}


def output(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout


def options_of_help(text):
    found = set()
    for line in text.split('\nexamples:')[0].splitlines():
        option = OPTION_IN_HELP.match(line)
        if option:
            found.update(name for name in option.groups() if name)
            found.update(ALIAS_IN_HELP.findall(line))
    return found


def unescaped(roff):
    return re.sub(r'\\&', '', roff).replace('\\-', '-').replace('\\e', '\\')


def options_of_page(lines):
    """The bold words of each .TP's head."""
    found = set()
    for before, line in zip(lines, lines[1:]):
        if before == '.TP':
            found.update(name for name in re.findall(r'\\fB(.*?)\\fR', unescaped(line))
                         if name.startswith('-'))
    return found


def parts(lines, macro):
    """The lines under each heading of that macro."""
    all_parts, current = {}, None
    for line in lines:
        if line.startswith(macro + ' '):
            current = all_parts.setdefault(unescaped(line[len(macro) + 1:]), [])
        elif current is not None:
            current.append(line)
    return all_parts


class Comparison:
    def __init__(self):
        self.wrong, self.count = [], 0

    def same(self, what, page, program):
        self.count += len(program)
        for name in sorted(program - page):
            self.wrong.append(f'{what}: {name} is in --help and not on the page')
        for name in sorted(page - program):
            self.wrong.append(f'{what}: {name} is on the page and not in --help')
        if not program:
            self.wrong.append(f'{what}: --help has none')

    def page(self, name, lines, known):
        lacking = SECTIONS - set(parts(lines, '.SH'))
        if lacking:
            self.wrong.append(f'{name}: no section {", ".join(sorted(lacking))}')
        written = [line for title, body in parts(lines, '.SH').items() if title not in GENERATED for line in body]
        text = unescaped('\n'.join(written))
        words = set(re.findall(r'(?<![\w/.\\-])--?[A-Za-z][\w-]*', re.sub(r'\\f[BIR]|^\.[A-Z]+ ', ' ', text, flags=re.M)))
        for word in sorted(words - known - FOREIGN):
            self.wrong.append(f'{name}: {word} is no option')


def compare(keytool, keytool_page, proxy, proxy_page):
    result = Comparison()
    lines = keytool_page.read_text().splitlines()
    commands = set(re.findall(r'^  ([a-z]\S*)   ', output(keytool, '--help'), re.M))
    on_page = parts(parts(lines, '.SH').get('COMMANDS', []), '.SS')
    result.same('keytool', set(on_page), commands)
    known = {'--help', '--version'}
    for command in sorted(commands & set(on_page)):
        options = options_of_help(output(keytool, command, '--help'))
        known |= options
        result.same(f'keytool {command}', options_of_page(on_page[command]), options)
    result.page(keytool_page.name, lines, known)

    lines = proxy_page.read_text().splitlines()
    options = options_of_help(output(proxy, '--help'))
    result.same('proxy', options_of_page(parts(lines, '.SH').get('OPTIONS', [])), options)
    result.page(proxy_page.name, lines, options)

    for line in result.wrong:
        print(line)
    print(f'{result.count} commands and options, {len(result.wrong)} wrong')
    return bool(result.wrong)


def set_pages(pages):
    if not shutil.which('groff'):
        print('SKIPPED: groff is not installed (Debian: groff-base)')
        return 77
    said = ''
    for page in pages:
        said += output('groff', '-man', '-Tutf8', '-ww', '-z', page)
        if shutil.which('man'):
            said += output('man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', page).partition('x T utf8')[0]
        if len(output('groff', '-man', '-Tutf8', page)) < 2000:
            said += f'{page}: is next to empty\n'
    print(said or f'{len(pages)} pages set without a warning')
    return bool(said)


what, programs_and_pages = sys.argv[1], sys.argv[2:]
if what == 'setting':
    sys.exit(set_pages(programs_and_pages[1::2]))
sys.exit(compare(programs_and_pages[0], pathlib.Path(programs_and_pages[1]), programs_and_pages[2],
                 pathlib.Path(programs_and_pages[3])))
