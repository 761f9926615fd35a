# SPDX-License-Identifier: ISC
"""One's own data in a real browser: with a press, without scripts, as a robot."""
import pytest

from harness import env
from harness.browser import Browser
from harness.config import WEEKLY, Bare
from harness.daemon import Daemon

pytestmark = pytest.mark.browser

LONG_TITLE = "Neues für Datenschutzgrundverordnungsbeauftragte"
ROBOT = """
addEventListener('DOMContentLoaded', function () {
    document.querySelectorAll('button').forEach(function (b) { b.click(); });
    var form = document.forms[0];
    if (form && !sessionStorage.sent) {
        sessionStorage.sent = 1;
        if (form.elements.press) form.elements.press.value = '1';
        form.submit();
    }
});
"""


@pytest.fixture(scope="module")
def daemon():
    long = {**WEEKLY, "aliases": [], "title": LONG_TITLE, "welcome": False,
            ("field", "size"): {"type": "choice", "choices": ["small", "large"],
                                "label": "Size of the type"},
            ("field", "born"): {"type": "date", "label": "Birthday"}}
    with Daemon({("list", "long"): long, ("list", "daily"): {"confirm_within": Bare("24h")},
                 "limits": {"interval": 0, "per_address": "off"}},
                host="localhost") as running:
        yield running


def link(daemon, browser, address):
    """A person asks for the link on the page."""
    browser.open(daemon.base + "/manage")
    browser.one("input[name=email]").send_keys(address)
    browser.button().click()
    env.wait_until(lambda: browser.url.endswith("/manage/sent"), lambda: browser.url)
    mail = env.wait_until(lambda: [m for m in daemon.mails.to(address)
                                   if m.links("manage")], "the link")[-1]
    return mail.link("manage"), mail.code


def press(browser, word):
    """The one button that does that."""
    browser.one(f"button[value={word}]").click()


def test_a_person(daemon, address):
    daemon.confirmed(address, ("long", "weekly"), name="Ada Lovelace", country="NO")
    with Browser() as browser:
        url, _ = link(daemon, browser, address)
        browser.open(url)
        assert address not in browser.text
        browser.button().click()
        browser.wait_text(address)
        name = browser.one("input[name=name]")
        assert name.get_attribute("value") == "Ada Lovelace"
        name.clear()
        name.send_keys("Ada Byron")
        browser.one("input[name=list_weekly]").click()
        press(browser, "save")
        browser.wait_text("saved")
        assert daemon.show(address)["name"] == "Ada Byron"
        assert daemon.state(address) == "unsubscribed"
        browser.one("input[name=join_weekly]").click()
        press(browser, "save")
        daemon.wait_state(address, "confirmed")
        browser.wait_text("saved")
        press(browser, "see")
        browser.wait_text("Ada Byron", "127.0.0.1")
        press(browser, "open")
        browser.wait_text("save")
        press(browser, "erase")
        browser.wait_text("erase everything?")
        assert daemon.state(address) == "confirmed"
        press(browser, "erase_now")
        browser.wait_text("it is erased")
        assert daemon.show(address)["subscriptions"] == []
        browser.open(url)
        browser.wait_text("one hour only")
        assert [c for c in browser.complaints() if "410" not in c] == []


def test_without_scripts(daemon, address):
    daemon.confirmed(address, name="Ada")
    with Browser(scripts=False) as browser:
        url, code = link(daemon, browser, address)
        browser.open(url)
        field = browser.one("input[name=code]")
        field.send_keys("AAAA-AAAA")
        browser.one("button").click()
        browser.wait_text("not the code")
        browser.one("input[name=code]").send_keys(code)
        browser.one("button").click()
        browser.wait_text(address)
        browser.one("input[name=name]").send_keys(" Byron")
        press(browser, "save")
        browser.wait_text("saved")
        assert daemon.show(address)["name"] == "Ada Byron"
        press(browser, "leave")
        browser.wait_text("not subscribed")
        assert daemon.state(address) == "unsubscribed"


def test_a_robot_with_scripts(daemon, address):
    daemon.confirmed(address, name="Ada Lovelace")
    with Browser() as browser:
        url, _ = link(daemon, browser, address)
    before = daemon.show(address)
    with Browser(robot=ROBOT) as browser:
        browser.open(url)
        browser.wait_text("one more step", "code")
        assert address not in browser.text and "Lovelace" not in browser.text
    assert daemon.show(address) == before


def test_in_german(daemon, address):
    daemon.confirmed(address, lang="de")
    with Browser(lang="de") as browser:
        url, _ = link(daemon, browser, address)
        browser.open(url)
        browser.button().click()
        browser.wait_text("Ihre Abos und Daten")
        press(browser, "see")
        browser.wait_text("Was geschehen ist")
