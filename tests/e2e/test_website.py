# SPDX-License-Identifier: ISC
"""Forms on others' websites, in a browser: with our script, in a frame; of the
same site as we are and of another, whose cookies browsers don't keep."""
import time

import pytest
from selenium.webdriver.common.keys import Keys

from harness import env
from harness.browser import Browser, Website
from harness.daemon import Daemon

pytestmark = pytest.mark.browser

# Trusted as TLS is: browsers say there whose script it was that posts.
US, SAME, OTHER, EVIL = (f"{name}.localhost" for name in (
    "news.site", "www.site", "www.other", "www.evil"))
HOSTS = [US, SAME, OTHER, EVIL]


@pytest.fixture(scope="module")
def sites():
    """One of our own site, another, and one that nobody has named."""
    with Website(SAME) as same, Website(OTHER) as other, Website(EVIL) as evil:
        yield {"same": same, "other": other, "evil": evil}


def make(sites, challenge):
    origins = [sites["same"].base, sites["other"].base]
    return Daemon({"limits": {"challenge": challenge},
                   ("list", "weekly"): {"origins": origins,
                                        "languages": ["en", "de", "fr", "es"]}}, host=US)


@pytest.fixture(scope="module")
def daemon(sites):
    with make(sites, "off") as running:
        yield running


@pytest.fixture(scope="module")
def strict(sites):
    """One that asks everybody for a proof."""
    with make(sites, "always") as running:
        # Proofs of the time before it began might have been used then.
        began = int(time.time())
        env.wait_until(lambda: int(time.time()) > began, "another second")
        yield running


@pytest.fixture(scope="module")
def profile():
    with Browser(hosts=HOSTS) as running:
        yield running


@pytest.fixture
def browser(profile):
    """Who has been nowhere yet."""
    profile.open("about:blank")
    profile.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    profile.complaints()
    return profile


def page(daemon, script="", form="", head="", fields=""):
    return (f'<!doctype html><html lang="en"><title>A website</title>{head}'
            f'<script src="{daemon.base}/assets/assent.js" defer {script}></script>'
            f'<h1>A website</h1><form action="{daemon.base}/subscribe" method="post" {form}>'
            f'{fields}<label>Email <input type="email" name="email" id="e" required></label>'
            '<button id="b">Go</button></form>')


def send(browser, site, address):
    browser.open(site.base + "/form")
    browser.one("#e").send_keys(address)
    browser.one("#b").click()


def wait_url(browser, url):
    env.wait_until(lambda: browser.url == url, lambda: (browser.url, browser.text))


def told(browser):
    """What it says beside the form, once it does."""
    env.wait_until(lambda: [b for b in browser.all("[role=status]") if b.text],
                   lambda: (browser.url, browser.text, browser.complaints()))
    assert browser.url.endswith("/form")
    return browser.one("[role=status]")


def method(daemon, address):
    return [e["method"] for e in daemon.show(address)["events"] if e["event"] == "confirm"]


def accepted(daemon, since):
    return sum("outcome=accepted" in line for line in daemon.lines[since:])


def test_it_is_small(daemon):
    """As it is sent; and other sites may have it, for an hour."""
    for name in ("assent.js", "challenge.js"):
        answer = daemon.web.get(f"/assets/{name}")
        assert answer.status == 200
        assert answer.header("cross-origin-resource-policy") == "cross-origin"
        assert answer.header("cache-control") == "public, max-age=3600"
        assert answer.header("content-type").startswith("text/javascript")
    assert len(daemon.web.get("/assets/assent.js").body) < 4096


def test_same_site(daemon, sites, browser, address):
    """Nothing is left but to open the link: it confirms by itself."""
    sites["same"].pages["/form"] = page(daemon)
    send(browser, sites["same"], address)
    box = told(browser)
    assert "on its way" in box.text
    assert browser.driver.switch_to.active_element.id == box.id
    assert not browser.one("[name=code]").get_attribute("value")
    assert not [e for e in browser.all("#e") if e.is_displayed()]
    assert browser.complaints() == []
    browser.open(daemon.mails.wait(address).confirm)
    daemon.wait_state(address, "confirmed")
    assert method(daemon, address) == ["cookie"]


def test_the_code_beside_the_form(daemon, sites, browser, address):
    sites["same"].pages["/form"] = page(daemon)
    send(browser, sites["same"], address)
    told(browser)
    browser.one("[name=code]").send_keys(daemon.mails.wait(address).code, Keys.ENTER)
    wait_url(browser, daemon.base + "/confirm")
    assert "You are subscribed" in browser.text
    assert method(daemon, address) == ["code"]


def test_another_site(daemon, sites, browser, address):
    """It is posted as ever, which is what leaves the cookie."""
    sites["other"].pages["/form"] = page(daemon)
    send(browser, sites["other"], address)
    wait_url(browser, daemon.base + "/pending/weekly")
    browser.open(daemon.mails.wait(address).confirm)
    daemon.wait_state(address, "confirmed")
    assert method(daemon, address) == ["cookie"]


def test_another_site_that_stays(daemon, sites, browser, address):
    """No cookie: there is a button, and no code that couldn't be told apart."""
    sites["other"].pages["/form"] = page(daemon, script="data-stay")
    send(browser, sites["other"], address)
    assert "on its way" in told(browser).text
    assert not browser.all("[name=code]") and browser.complaints() == []
    browser.open(daemon.mails.wait(address).confirm)
    assert daemon.state(address) == "pending"
    browser.button().click()
    daemon.wait_state(address, "confirmed")
    assert method(daemon, address) == ["click"]


def test_a_mistake(daemon, sites, browser, address):
    """Told in words beside the form, and the field has the focus."""
    sites["same"].pages["/form"] = page(daemon, form="novalidate")
    send(browser, sites["same"], "jo@example")
    box = told(browser)
    field = browser.one("#e")
    assert "does not look right" in box.text
    assert browser.driver.switch_to.active_element.id == field.id
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == box.get_attribute("id")
    assert field.is_enabled() and browser.one("#b").is_enabled()
    field.clear()
    field.send_keys(address, Keys.ENTER)
    env.wait_until(lambda: "on its way" in told(browser).text, lambda: browser.text)
    daemon.mails.wait(address)


def test_a_likely_mistake(daemon, sites, browser):
    """The form stays, to be filled in once more; and others are led to their inbox."""
    sites["same"].pages["/form"] = page(daemon)
    send(browser, sites["same"], "jo.site@gmial.com")
    assert "@gmail.com" in told(browser).text
    browser.one("#e").clear()
    browser.one("#e").send_keys("jo.site@gmail.com", Keys.ENTER)
    env.wait_until(lambda: browser.all("[role=status] a"), lambda: browser.text)
    link = browser.one("[role=status] a")
    assert link.text == "Open Gmail"
    assert link.get_attribute("href").startswith("https://mail.google.com/")
    assert "noreferrer" in link.get_attribute("rel")


def test_a_proof(strict, sites, browser, address):
    """It is solved on the page; nobody sees any of it."""
    since = len(strict.lines)
    sites["same"].pages["/form"] = page(strict)
    send(browser, sites["same"], address)
    assert "on its way" in told(browser).text
    asked = [line for line in strict.lines[since:] if "outcome=challenged" in line]
    assert len(asked) == 1 and accepted(strict, since) == 1
    strict.mails.wait(address)


@pytest.mark.parametrize("policy,left", [
    # Its script may not run; may not fetch; may not have the solver.
    ("script-src 'none'", 0), ("connect-src 'none'", 0), ("script-src {0}/assets/assent.js", 1)])
def test_never_a_dead_end(strict, sites, browser, address, policy, left):
    """Then it is posted as ever, and the page in between does the rest."""
    since = len(strict.lines)
    sites["same"].pages["/form"] = page(
        strict, head='<meta http-equiv="Content-Security-Policy" content="%s">'
                     % policy.format(strict.base))
    send(browser, sites["same"], address)
    wait_url(browser, strict.base + "/pending/weekly")
    asked = [line for line in strict.lines[since:] if "outcome=challenged" in line]
    assert len(asked) == 1 + left
    browser.open(strict.mails.wait(address).confirm)
    strict.wait_state(address, "confirmed")


def test_a_site_that_nobody_named(daemon, sites, browser, address):
    sites["evil"].pages["/form"] = page(daemon, script="data-stay")
    send(browser, sites["evil"], address)
    wait_url(browser, daemon.base + "/subscribe")
    assert "not allowed to use it" in browser.text
    assert daemon.show(address) is None


def test_once(daemon, sites, browser, address):
    """However often somebody presses."""
    since = len(daemon.lines)
    sites["same"].pages["/form"] = page(daemon)
    browser.open(sites["same"].base + "/form")
    browser.one("#e").send_keys(address)
    browser.driver.execute_script(
        "for (let i = 0; i < 5; i++) document.forms[0].requestSubmit()")
    told(browser)
    assert accepted(daemon, since) == 1


def test_other_forms_are_left_alone(daemon, sites, browser):
    sites["same"].pages["/form"] = page(daemon, form='id="ours"') + (
        '<form action="/search"><input name="q" id="q"><button id="s">Find</button></form>')
    browser.open(sites["same"].base + "/form")
    browser.one("#q").send_keys("x")
    browser.one("#s").click()
    wait_url(browser, sites["same"].base + "/search?q=x")
    # And a button of ours that leads elsewhere.
    browser.open(sites["same"].base + "/form")
    browser.driver.execute_script(
        "ours.noValidate = true; b.formAction = '/elsewhere'; b.formMethod = 'get'")
    browser.one("#b").click()
    env.wait_until(lambda: "/elsewhere" in browser.url, lambda: browser.url)


# ---- in a frame ----
def framed(browser, daemon, site):
    site.pages["/frame"] = (f'<iframe id="f" width="600" height="700" '
                            f'src="{daemon.base}/subscribe/weekly"></iframe>')
    browser.open(site.base + "/frame")
    browser.driver.switch_to.frame(browser.one("#f"))


@pytest.mark.parametrize("where,way", [("same", "cookie"), ("other", "click")])
def test_in_a_frame(daemon, sites, browser, address, where, way):
    """The hosted form; what comes then takes the whole window.  In another site's
    frame Chromium doesn't say that a person pressed, so there is a button."""
    framed(browser, daemon, sites[where])
    browser.one("input[name=email]").send_keys(address)
    browser.button().click()
    browser.driver.switch_to.default_content()
    wait_url(browser, daemon.base + "/pending/weekly")
    browser.open(daemon.mails.wait(address).confirm)
    if way == "click":
        browser.button().click()
    daemon.wait_state(address, "confirmed")
    assert method(daemon, address) == [way]


def test_in_nobody_elses_frame(daemon, sites, browser):
    framed(browser, daemon, sites["evil"])
    assert not browser.all("input")
    browser.driver.switch_to.default_content()
    assert any("frame-ancestors" in c for c in browser.complaints())
