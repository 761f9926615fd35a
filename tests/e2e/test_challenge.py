# SPDX-License-Identifier: ISC
"""The price of a post: a page in between that a browser pays by itself, and
anybody by waiting; and challenges for programs and others' widgets."""
import concurrent.futures
import json
import shutil
import subprocess
import time

import pytest

from harness import access, altcha, env
from harness.browser import Browser, Website
from harness.config import WEEKLY
from harness.daemon import Daemon



@pytest.fixture(scope="module")
def site():
    with Website() as running:
        yield running


@pytest.fixture(scope="module")
def daemon(site):
    """One that asks everybody."""
    changes = {"limits": {"challenge": "always"},
               ("list", "weekly"): {"origins": [site.base],
                                    "languages": ["en", "de", "fr", "es"]},
               ("list", "boxed"): {**WEEKLY, "aliases": [], "title": "The Boxed",
                                   "origins": [site.base], "consent_box": "required"}}
    with Daemon(changes, host="localhost") as running:
        # Proofs of the time before it began might have been used then.
        began = int(time.time())
        env.wait_until(lambda: int(time.time()) > began, "another second")
        yield running


@pytest.fixture
def browser():
    with Browser() as running:
        yield running


def form(daemon, fields):
    return f'<form action="{daemon.base}/subscribe" method="post">{fields}' \
           '<input name="email" id="e"><button id="b">Go</button></form>'


def send(browser, site, address):
    browser.open(site.base + "/form")
    browser.one("#e").send_keys(address)
    browser.one("#b").click()


def wait_url(browser, end):
    env.wait_until(lambda: browser.url.endswith(end), lambda: (browser.url, browser.text))


class Challenged:
    """How many posts were asked for a proof since this was made."""

    def __init__(self, daemon):
        self.daemon, self.since = daemon, len(daemon.lines)

    @property
    def count(self):
        return sum("outcome=challenged" in line for line in self.daemon.lines[self.since:])


# ---- a browser ----
@pytest.mark.browser
def test_a_page_in_between_pays_by_itself(daemon, site, browser, address):
    """Nothing to press; and as after a direct post, the link alone confirms."""
    site.pages["/form"] = form(daemon, '<input type="hidden" name="country" value="CH">')
    send(browser, site, address)
    wait_url(browser, "/pending/weekly")
    assert browser.complaints() == []
    mail = daemon.mails.wait(address)
    browser.open(mail.confirm)
    daemon.wait_state(address, "confirmed")
    shown = daemon.show(address)
    assert shown["fields"] == {"country": "CH"}
    asked, confirmed = (next(e for e in shown["events"] if e["event"] == what)
                        for what in ("subscribe", "confirm"))
    assert confirmed["method"] == "cookie"
    # Where it came from at first, and not our page in between.
    assert (asked["origin"], asked["sec_fetch_site"]) == (site.base, "cross-site")
    assert not daemon.mails.wait(address, 2).is_confirm


@pytest.mark.browser
def test_it_carries_everything_on(daemon, site, browser, address):
    """Two lists, a ticked box, a redirect."""
    site.pages["/thanks"] = "<h1>Thanks</h1>"
    site.pages["/form"] = form(daemon, "".join(
        f'<input type="hidden" name="{n}" value="{v}">' for n, v in [
            ("list", "boxed"), ("list", "weekly"), ("consent", "yes"),
            ("redirect", site.base + "/thanks"), ("tag", "a \"b\" & <c>")]))
    send(browser, site, address)
    wait_url(browser, "/thanks")
    mail = daemon.mails.wait(address)
    assert "The Boxed" in mail.text and "The Weekly" in mail.text
    browser.open(mail.confirm)
    daemon.wait_state(address, "confirmed", "boxed")
    assert daemon.state(address) == "confirmed"
    assert browser.complaints() == []


@pytest.mark.browser
def test_the_link_to_ones_own_data(daemon, browser, address):
    daemon.web.post_form("/subscribe", {"email": address}, daemon.web.as_page())
    browser.open(daemon.base + "/manage")
    browser.one("input[name=email]").send_keys(address)
    browser.button().click()
    wait_url(browser, "/manage/sent")
    assert browser.complaints() == []


# A page whose proofs don't arrive.
BLANK = """
    const submit = HTMLFormElement.prototype.submit;
    HTMLFormElement.prototype.submit = function () {
        document.querySelector('[name=altcha]').value = '';
        submit.call(this);
    };
"""


@pytest.mark.browser
def test_whoever_came_back_often_presses_a_button(daemon, site, address):
    """A page that doesn't help doesn't go round for ever: the fourth waits."""
    site.pages["/form"] = form(daemon, "")
    challenged = Challenged(daemon)
    with Browser(robot=BLANK) as browser:
        send(browser, site, address)
        browser.wait_text("Please press the button")
        assert challenged.count == 4
        assert browser.one("[role=status]").text == "That is done. Please press the button."
        if access.AXE.exists():
            assert access.axe(browser)[0] == []
        browser.button().click()
        wait_url(browser, "/pending/weekly")
        assert browser.complaints() == []
        daemon.mails.wait(address)


# ---- without scripts ----
@pytest.mark.browser
def test_without_scripts(daemon, site, address):
    """In a browser, and by a plain client that follows the form: a wait and a
    button, and nothing is lost by being too early."""
    def post(page):
        return daemon.web.post_form(page.action, page.fields(), daemon.web.as_page())

    other = "x" + address
    page = daemon.web.post_form("/subscribe", {"email": other}).forms()[0]
    early = post(page)
    assert early.status == 200 and "a little early" in early.text
    assert daemon.show(other) is None
    again = early.forms()[0]
    assert again.fields()["form_token"] == page.fields()["form_token"]
    site.pages["/form"] = form(daemon, "")
    with Browser(scripts=False) as plain:
        send(plain, site, address)
        plain.wait_text("10 seconds")
        shown = time.time()
        assert not plain.all("progress:not([hidden])") and daemon.show(address) is None
        env.wait_until(lambda: time.time() > shown + 10, "ten seconds", pause=0.2)
        plain.button().click()
        wait_url(plain, "/pending/weekly")
        mail = daemon.mails.wait(address)
        plain.open(mail.confirm).button().click()       # the cookie is there
        daemon.wait_state(address, "confirmed")
    # By the first page, or by the second: the wait is the same, and good once.
    assert post(again).status == 303
    used = post(page)
    assert used.status == 200
    assert used.forms()[0].fields()["form_token"] != page.fields()["form_token"]
    daemon.mails.wait(other)


@pytest.mark.browser
def test_a_script_that_can_not_run(daemon, site):
    """Then it is as if there were none."""
    site.pages["/form"] = form(daemon, "")
    with Browser(robot="delete window.MessageChannel") as browser:
        send(browser, site, "jo@example.com")
        browser.wait_text("Please wait 10 seconds")
        assert browser.button().text == "Go on" and not browser.all("progress:not([hidden])")


# ---- programs ----
def ask(daemon, address, **fields):
    return daemon.web.post_json("/subscribe", {"email": address, **fields})


def code(answer):
    assert answer.status == 400, answer
    return answer.json()["error"]["code"]


def test_a_program_solves_what_it_is_given(daemon, address):
    answer = ask(daemon, address)
    assert code(answer) == "challenge_required" and answer.header("set-cookie") is None
    solved = altcha.solve(answer.json()["error"]["challenge"])
    assert ask(daemon, address, altcha=solved).status == 202
    daemon.mails.wait(address)


def test_a_proof_is_good_once(daemon, address):
    """Whatever its spelling, and however many come at once."""
    solved = altcha.solve(daemon.web.get("/challenge?list=weekly").json())
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda n: ask(daemon, f"n{n}.{address}", altcha=solved
                                          if n % 2 else altcha.respelt(solved)), range(32)))
    assert sorted(a.status for a in got) == [202] + 31 * [400]
    assert {code(a) for a in got if a.status != 202} == {"invalid_challenge"}
    taken = next(n for n, a in enumerate(got) if a.status == 202)
    daemon.mails.wait(f"n{taken}.{address}")
    assert [n for n in range(32) if daemon.show(f"n{n}.{address}")] == [taken]


def test_what_is_no_proof(daemon, address):
    keys = altcha.Keys(daemon)
    good = altcha.solve(keys.make())
    challenge = daemon.web.get("/challenge?list=daily").json()
    bad = {
        "another list": altcha.solve(challenge),
        "too late": altcha.solve(keys.make(seconds=-1)),
        "for ever": altcha.solve(keys.make(seconds=10 ** 6)),
        "no expiry": altcha.solve(keys.make(expiresAt=None)),
        "another cost": altcha.solve(keys.make(cost=2)),
        "another key length": altcha.solve(keys.make(keyLength=16)),
        "an empty prefix": altcha.payload(keys.make(keyPrefix=""), 0,
                                          altcha.derive(keys.make()["parameters"], 0)),
        "no work": altcha.payload(challenge, 0, altcha.derive(challenge["parameters"], 0)),
        "one's own key": altcha.solve({**keys.make(), "signature": "00" * 32}),
        "too long": good + "=" * 4096,
        "no base64": good[:-1] + "!",
        "version 1": altcha.base64.b64encode(json.dumps(
            {"algorithm": "SHA-256", "challenge": "00" * 32, "number": 0, "salt": "00?expires=9&",
             "signature": "00" * 32}).encode()).decode(),
    }
    for what, text in bad.items():
        assert code(ask(daemon, address, altcha=text)) == "invalid_challenge", what
    assert daemon.show(address) is None
    # And it was none of these for another reason.
    assert ask(daemon, address, altcha=good).status == 202


def test_all_addresses_get_the_same_page(daemon):
    """It is decided before anybody knows whose address that is."""
    def post(address, **more):
        return daemon.web.post_form("/subscribe", {"email": address, **more},
                                    daemon.web.as_page())

    def page(address):
        answer = post(address)
        return answer.status, len(answer.body), [h for h in answer.headers if h[0] != "date"]

    known, fresh = "known.one@example.com", "fresh.one@example.com"
    solved = altcha.solve(daemon.web.get("/challenge").json())
    assert post(known, altcha=solved).status == 303
    daemon.press(daemon.mails.wait(known).confirm)
    daemon.wait_state(known, "confirmed")
    assert page(known) == page(fresh)


# ---- who is asked ----
def test_a_form_of_ours_shows_its_age(make_daemon, address):
    """Asked are strangers, and whoever is faster than a person."""
    daemon = make_daemon({"limits": {"challenge": "auto"}})
    page = daemon.web.get("/subscribe/weekly").forms()[0]
    began = time.time()
    fields = page.fields(email=address)
    answer = daemon.web.post_form(page.action, fields, daemon.web.as_page())
    assert answer.status == 200 and 'name="altcha"' in answer.text
    stranger = daemon.web.post_form(page.action, {"email": address})
    assert stranger.status == 200 and 'name="altcha"' in stranger.text
    listed = daemon.web.post_form("/subscribe", {"email": "a" + address},
                                  daemon.web.as_page("https://www.example.org"))
    assert listed.status == 303
    env.wait_until(lambda: time.time() > began + 3, "three seconds")
    assert daemon.web.post_form("/subscribe", {**fields, "list": "daily"},
                                daemon.web.as_page()).status == 200
    assert daemon.web.post_form(page.action, fields, daemon.web.as_page()).status == 303
    daemon.mails.wait(address)


def test_off_asks_nobody(make_daemon, address):
    daemon = make_daemon({"limits": {"challenge": "off"}})
    assert daemon.web.post_form("/subscribe", {"email": address, "hp": "x"}).status == 303
    assert ask(daemon, address, altcha="what others post").status == 202


def test_challenges_are_limited(make_daemon):
    daemon = make_daemon({"limits": {"per_network": "3/1h"}, "web_processes": 1})
    got = [daemon.web.get("/challenge") for _ in range(4)]
    assert [a.status for a in got] == [200, 200, 200, 429]
    assert int(got[3].header("retry-after")) > 0


# ---- ALTCHA's own ----
needs_packages = pytest.mark.skipif(
    not altcha.PACKAGES.exists() or not shutil.which("node"),
    reason="no altcha, altcha-lib (npm): ./quickstart check fetches them")

WIDGET = """
const worker = () => new Worker('/sha.js');
$altcha.algorithms.set('SHA-256', worker);
"""


@needs_packages
@pytest.mark.browser
def test_the_official_widget(daemon, site, browser, address):
    """On a page that lets nothing in from elsewhere but the challenge."""
    dist = altcha.PACKAGES / "altcha/dist"
    site.pages.update({
        "/altcha.js": (dist / "external/altcha.umd.min.cjs").read_text(),
        "/altcha.css": (dist / "external/altcha.css").read_text(),
        "/sha.js": (dist / "workers/sha.js").read_text(), "/setup.js": WIDGET,
        "/form": '<!doctype html><meta http-equiv="Content-Security-Policy" content="'
                 "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
                 f"connect-src {daemon.base}; form-action {daemon.base}\">"
                 '<link rel="stylesheet" href="/altcha.css"><script src="/altcha.js"></script>'
                 '<script src="/setup.js"></script>' + form(
                     daemon, f'<altcha-widget auto="onload" challenge="{daemon.base}'
                             '/challenge?list=weekly"></altcha-widget>')})
    challenged = Challenged(daemon)
    browser.open(site.base + "/form")
    env.wait_until(lambda: browser.driver.execute_script(
        "return (document.querySelector('[name=altcha]') || {}).value"),
        lambda: (browser.text, browser.complaints()))
    browser.one("#e").send_keys(address)
    browser.one("#b").click()
    wait_url(browser, "/pending/weekly")
    assert challenged.count == 0
    assert browser.complaints() == []
    daemon.mails.wait(address)


@needs_packages
def test_the_official_library(daemon, address):
    challenge = daemon.web.get("/challenge").json()
    done = subprocess.run(
        ["node", str(env.SOURCE / "tests/e2e/altcha/both_ways.mjs"), str(altcha.PACKAGES) + "/"],
        input=json.dumps({"challenge": challenge, "secrets": altcha.Keys(daemon).secrets}),
        capture_output=True, text=True, timeout=env.PATIENCE)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["verified"] is True and found["derived"] is True
    assert ask(daemon, address, altcha=found["payload"]).status == 202
