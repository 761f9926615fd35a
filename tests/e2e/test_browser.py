# SPDX-License-Identifier: ISC
"""In a real browser: every form and every page, as people use them."""
import time

import pytest
from selenium.webdriver.common.keys import Keys

from harness import env
from harness.browser import Browser, Website, fill_in
from harness.config import CONSENT, WEEKLY
from harness.daemon import Daemon

pytestmark = pytest.mark.browser

# No place to break a line for longer than a small phone is wide.
LONG_TITLE = "Neues für Datenschutzgrundverordnungsbeauftragte"
LONG_CONSENT = ("Ja, gern, so wie es hier steht: https://www.example.org/" + "lang" * 30)


@pytest.fixture(scope="module")
def site():
    with Website() as running:
        yield running


@pytest.fixture(scope="module")
def daemon(site):
    changes = {("list", "weekly"): {"origins": [site.base]},
               ("list", "boxed"): {**WEEKLY, "aliases": [], "title": "The Boxed",
                                   "consent_box": "required"},
               ("list", "long"): {**WEEKLY, "aliases": [], "title": LONG_TITLE,
                                  "consent": LONG_CONSENT, "consent_box": "required"}}
    with Daemon(changes, host="localhost") as running:
        yield running


@pytest.fixture
def browser():
    with Browser() as running:
        yield running


def test_same_profile_confirms_by_itself(daemon, browser, address):
    browser.open(daemon.base + "/subscribe/weekly")
    assert CONSENT in browser.text and "Example Ltd" in browser.text
    fill_in(browser, daemon, address)
    mail = daemon.mails.wait(address)
    assert daemon.state(address) == "pending"
    browser.open(mail.confirm)
    daemon.wait_state(address, "confirmed")
    browser.wait_text("confirmed", "thank")
    assert [e["method"] for e in daemon.show(address)["events"]
            if e["event"] == "confirm"] == ["cookie"]
    assert browser.complaints() == []


def test_another_profile_sees_one_button(daemon, browser, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    browser.open(mail.confirm)
    assert CONSENT in browser.text
    time.sleep(1)       # a script would have had its chance
    assert daemon.state(address) == "pending"
    browser.button().click()
    daemon.wait_state(address, "confirmed")
    browser.wait_text("confirmed", "thank")
    assert [e["method"] for e in daemon.show(address)["events"]
            if e["event"] == "confirm"] == ["click"]
    browser.open(mail.confirm)          # again: says so
    assert not browser.all("form input[name=press]")
    assert browser.complaints() == []


@pytest.mark.parametrize("key", [Keys.ENTER, Keys.SPACE], ids=["enter", "space"])
def test_by_the_keyboard_alone(daemon, browser, address, key):
    daemon.subscribe(address)
    browser.open(daemon.mails.wait(address).confirm)
    for _ in range(12):
        focused = browser.driver.switch_to.active_element
        if focused.id == browser.button().id:
            break
        focused.send_keys(Keys.TAB)
    assert browser.driver.switch_to.active_element.id == browser.button().id
    browser.driver.switch_to.active_element.send_keys(key)
    daemon.wait_state(address, "confirmed")


def test_form_of_a_website(daemon, site, browser, address):
    """Posted from another site, opened from webmail: still one click."""
    site.pages["/form"] = (
        f'<form action="{daemon.base}/subscribe" method="post">'
        '<input type="email" name="email" id="e"><button id="b">Go</button></form>')
    browser.open(site.base + "/form")
    browser.one("#e").send_keys(address)
    browser.one("#b").click()
    env.wait_until(lambda: browser.url == daemon.base + "/pending/weekly", lambda: browser.url)
    mail = daemon.mails.wait(address)
    site.pages["/webmail"] = f'<a id="link" href="{mail.confirm}">confirm</a>'
    browser.open(site.base + "/webmail")
    browser.one("#link").click()
    daemon.wait_state(address, "confirmed")


def test_fetch_from_a_website(daemon, site, browser, address):
    """A page's own script posts JSON and reads the answer."""
    site.pages["/fetch"] = (
        '<button id="b">Go</button><p id="p"></p><script>'
        "document.getElementById('b').onclick = async () => {"
        f"const a = await fetch('{daemon.base}/subscribe', {{method: 'POST', "
        "credentials: 'include', headers: {'Content-Type': 'application/json'}, "
        f"body: JSON.stringify({{email: '{address}'}})}});"
        "document.getElementById('p').textContent = a.status + (await a.json()).status;"
        "}</script>")
    browser.open(site.base + "/fetch")
    browser.one("#b").click()
    browser.wait_text("202pending")
    browser.open(daemon.mails.wait(address).confirm)
    browser.button().click()
    daemon.wait_state(address, "confirmed")


@pytest.mark.parametrize("size", [20000, 200000])
def test_fetch_of_too_much(daemon, site, browser, size):
    """The answer comes before all of it is sent, and can be read all the same."""
    site.pages["/large"] = (
        '<button id="b">Go</button><p id="p"></p><script>'
        "document.getElementById('b').onclick = async () => {"
        f"const a = await fetch('{daemon.base}/subscribe', {{method: 'POST', "
        f"body: new URLSearchParams({{email: 'x'.repeat({size})}})}});"
        "document.getElementById('p').textContent = a.status + (await a.json()).error.code;"
        "}</script>")
    browser.open(site.base + "/large")
    browser.one("#b").click()
    browser.wait_text("413too_large")


def test_a_foreign_website_can_not_post(daemon, browser, address):
    with Website() as evil:
        evil.pages["/form"] = (
            f'<form action="{daemon.base}/subscribe" method="post"><input name="email" '
            f'value="{address}"><button id="b">Go</button></form>')
        browser.open(evil.base + "/form")
        browser.one("#b").click()
        env.wait_until(lambda: browser.url == daemon.base + "/subscribe", lambda: browser.url)
    assert daemon.show(address) is None
    assert not browser.driver.get_cookie("assent_signup")


# ---- leaving ----
def test_unsubscribe_by_the_button(daemon, browser, address):
    welcome = daemon.confirmed(address)
    browser.open(welcome.unsubscribe)
    assert daemon.state(address) == "confirmed"
    browser.button().click()
    daemon.wait_state(address, "unsubscribed")
    env.wait_until(lambda: not browser.all("input[name=press]"), "the answer")
    assert browser.url == welcome.unsubscribe
    assert browser.complaints() == []


def test_notme_and_undo(daemon, browser, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    browser.open(mail.notme)
    browser.button().click()
    env.wait_until(lambda: daemon.state(address) != "pending", "the withdrawal")
    browser.button().click()
    daemon.wait_state(address, "pending")


# ---- without scripts ----
def test_without_scripts_by_the_code(daemon, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    with Browser(scripts=False) as plain:
        plain.open(mail.confirm)
        plain.one("input[name=code]").send_keys(mail.code.lower())
        plain.one("input[name=code]").send_keys(Keys.ENTER)
        daemon.wait_state(address, "confirmed")


def test_without_scripts_same_profile(daemon, address):
    with Browser(scripts=False) as plain:
        fill_in(plain, daemon, address)
        mail = daemon.mails.wait(address)
        plain.open(mail.confirm)
        assert daemon.state(address) == "pending"
        plain.button().click()          # with the cookie a button is enough
        daemon.wait_state(address, "confirmed")


def test_without_scripts_code_on_the_pending_page(daemon, address):
    with Browser(scripts=False) as plain:
        fill_in(plain, daemon, address)
        plain.one("input[name=code]").send_keys(daemon.mails.wait(address).code, Keys.ENTER)
        daemon.wait_state(address, "confirmed")


def test_without_scripts_unsubscribe(daemon, address):
    welcome = daemon.confirmed(address)
    with Browser(scripts=False) as plain:
        plain.open(welcome.unsubscribe).button().click()
        env.wait_until(lambda: plain.all("input[type=checkbox]"), lambda: plain.text)
        box = plain.one("input[type=checkbox]")
        assert not box.is_selected() and daemon.state(address) == "confirmed"
        box.click()
        plain.button().click()
        daemon.wait_state(address, "unsubscribed")


# ---- the form ----
def test_a_mistake_is_told_beside_the_field(daemon, browser):
    browser.open(daemon.base + "/subscribe/weekly")
    field = browser.one("input[name=email]")
    browser.driver.execute_script("document.forms[0].noValidate = true")
    field.send_keys("nobody@example")
    browser.button().click()
    env.wait_until(lambda: browser.all("input[name=email][aria-invalid=true]"),
                   lambda: f"the mistake on {browser.text}")
    field = browser.one("input[name=email]")
    described = field.get_attribute("aria-describedby")
    assert described and browser.one("#" + described.split()[0]).text


def test_a_required_box(daemon, browser, address):
    browser.open(daemon.base + "/subscribe/boxed")
    box = browser.one("input[name=consent]")
    assert not box.is_selected()
    browser.one("input[name=email]").send_keys(address)
    browser.button().click()
    time.sleep(0.5)     # the browser itself says that it is required
    assert browser.url == daemon.base + "/subscribe/boxed"
    assert daemon.show(address) is None
    browser.one("input[name=consent]").click()
    browser.button().click()
    daemon.mails.wait(address)


def test_in_german(daemon, address):
    with Browser(lang="de") as browser:
        browser.open(daemon.base + "/subscribe/weekly")
        assert browser.one("html").get_attribute("lang") == "de"
        fill_in(browser, daemon, address)
        mail = daemon.mails.wait(address)
        assert "bestätig" in mail.text.lower()
        browser.open(mail.confirm)
        daemon.wait_state(address, "confirmed")


def test_every_control_has_a_name(daemon, browser, address):
    """Labels, one heading, a title, a landmark, on each page."""
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    welcome = daemon.confirmed("x" + address)
    for url in ("/subscribe/weekly", "/pending/weekly", "/nothing", mail.confirm, mail.notme,
                welcome.unsubscribe):
        browser.open(url if url.startswith("http") else daemon.base + url)
        assert browser.driver.title
        assert len(browser.all("h1")) == 1 and len(browser.all("main")) == 1
        assert browser.one("html").get_attribute("lang")
        for summary in browser.all("details:not([open]) > summary"):
            summary.click()
        for control in browser.all("input:not([type=hidden]), button, select, textarea"):
            if control.is_displayed():
                assert control.accessible_name, (url, control.get_attribute("outerHTML"))
        assert_fits(browser)


def assert_fits(browser):
    """Nothing makes a page scroll sideways, or sticks out of its card."""
    for width in (320, 390, 1280):
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        wide = browser.driver.execute_script(
            "const card = document.querySelector('.card');"
            "return [document.documentElement.scrollWidth - window.innerWidth,"
            "        card.scrollWidth - card.clientWidth]")
        assert max(wide) <= 0, (browser.url, width, wide)
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_long_words_break(daemon, browser, address, tmp_path):
    daemon.web.post_form("/subscribe", {"email": address, "list": "long", "consent": "yes"},
                         daemon.web.as_page())
    mail = daemon.mails.wait(address)
    page = tmp_path / "mail.html"
    page.write_text(mail.html)
    for url in (daemon.base + "/subscribe/long", daemon.base + "/pending/long", mail.confirm,
                mail.notme, page.as_uri()):
        browser.open(url)
        assert_fits(browser)


def test_a_mistake_in_a_far_field(daemon, browser, address):
    """It is told at the box, which has the focus, and above the form."""
    browser.open(daemon.base + "/subscribe/boxed")
    browser.one("input[name=email]").send_keys(address)
    browser.driver.execute_script("document.forms[0].noValidate = true")
    browser.button().click()
    env.wait_until(lambda: browser.all("input[name=consent][aria-invalid=true]"),
                   lambda: f"the mistake on {browser.text}")
    box = browser.one("input[name=consent]")
    assert browser.driver.switch_to.active_element.id == box.id
    told = browser.one("#" + box.get_attribute("aria-describedby")).text
    assert told and browser.one("[role=alert]").text == told
