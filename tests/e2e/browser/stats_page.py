#!/usr/bin/env python3
"""stats_page.py DRIVER PORT EVIL: what a person does with the stats page of a proxy with the section `one`, its servers s and t, user admin
with password secret, and a refused login whose ticket is for EVIL. Exit 1 with what was not so."""
import sys
import urllib.error
import urllib.request

from webdriver import Browser

driver, port, evil = sys.argv[1:4]
url = f'http://admin:secret@127.0.0.1:{port}/'
wrong = []


def hold(fact, what):
    print(('ok      ' if fact else 'WRONG   ') + what)
    if not fact:
        wrong.append(what)


try:
    urllib.request.urlopen(f'http://127.0.0.1:{port}/')
    hold(False, 'asks for a password')
except urllib.error.HTTPError as error:
    hold(error.code == 401, 'asks for a password')

with Browser(driver) as browser:
    browser.open(url)
    browser.open(f'http://127.0.0.1:{port}/')  # the browser knows the password now
    hold('kerbgate' in browser.text('h1'), 'the page is there')
    hold(browser.run('return document.querySelectorAll(".chart polyline").length') == 6, 'six lines are drawn in four charts')
    hold(browser.run('return Math.max(...[...document.querySelectorAll(".chart svg")].map(e=>e.getBoundingClientRect().width))') > 150,
         'a chart has a width')
    hold(browser.run('return getComputedStyle(document.body).fontVariantNumeric') == 'tabular-nums', 'the style is in force')
    hold(browser.run('return window.harmed') is None, 'no script of a principal ran')
    hold(evil in browser.run('return document.getElementById("refusals").textContent'), 'the principal is shown as text')
    hold(browser.run('return document.scripts.length') == 1, 'one script, its own')

    browser.click('input[value="s"]')
    browser.click('button[value=drain]')
    state = 'tr:has(input[value="s"]) .pill'
    hold(browser.shows(state, lambda text: text.startswith('DRAIN')), 'a click drains the server')
    hold(browser.shows('.notice', lambda text: 'Done' in text), 'the page says so')
    hold(browser.run('return location.href').endswith('/'), 'loading anew does not say it again')
    browser.click('input[value="s"]')
    browser.click('button[value=ready]')
    hold(browser.shows(state, lambda text: not text.startswith('DRAIN')), 'a click brings it back')

    names = 'return [...document.querySelectorAll(".servers tbody .name")].map(e=>e.textContent).join()'
    browser.click('.servers thead th:nth-child(2)')
    first = browser.run(names)
    browser.click('.servers thead th:nth-child(2)')
    hold(browser.run(names) == ','.join(reversed(first.split(','))), 'a click on a column sorts the other way')
    hold(browser.log() == [], f'nothing on the console: {browser.log()}')

with Browser(driver, width=500) as browser:
    browser.open(url)
    hold(browser.run('return document.documentElement.scrollWidth <= window.innerWidth'), 'nothing is wider than a phone')

sys.exit(bool(wrong))
