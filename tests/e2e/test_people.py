# SPDX-License-Identifier: ISC
"""One click for people: none in the browser that asked, one in another,
whatever robots, prerendering and hidden tabs did before; and nobody else's
page makes a browser into one that asked."""
import time

import pytest
from selenium.webdriver.common.keys import Keys

from harness import env, mailed
from harness.browser import Browser, Website, fill_in
from harness.web import URLENCODED

browsers = pytest.mark.browser


@pytest.fixture(scope="module")
def site():
    with Website() as running:
        yield running


@pytest.fixture(scope="module")
def daemon(site):
    with mailed.make_daemon({("list", "weekly"): {"origins": [site.base]}}) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    """A person's; its one cookie is that of the last form they filled in."""
    with Browser() as running:
        yield running


@pytest.fixture(scope="module")
def robot():
    with Browser() as running:
        yield running


@pytest.fixture(scope="module")
def visitor():
    """A browser that never filled in a form of ours."""
    with Browser() as running:
        yield running


def seen(daemon):
    """How many pages of confirming there were, and how many posts."""
    return [mailed.posts(daemon, "/confirm/", method) for method in ("GET", "POST")]


def scan(daemon, robot, mail):
    """What a scanner does before the mail is read."""
    for url in mailed.urls_in(daemon, mail):
        for form in daemon.web.get(url).forms():
            daemon.web.post_form(form.action or url, form.fields())
    robot.open(mail.confirm)
    robot.driver.execute_script("document.querySelector('form button').click()")
    robot.wait_text("code from the email")


def proof(daemon, address):
    """What is kept of the one confirmation."""
    event, = [e for e in daemon.show(address)["events"] if e["event"] == "confirm"]
    return event


# ---- confirming ----
@browsers
def test_the_same_browser_after_a_scanner(daemon, browser, robot, address):
    fill_in(browser, daemon, address)
    mail = daemon.mails.wait(address)
    scan(daemon, robot, mail)
    assert daemon.state(address) == "pending"
    before = seen(daemon)
    browser.open(mail.confirm)
    daemon.wait_state(address, "confirmed")
    browser.wait_text("subscribed")
    assert [n - m for n, m in zip(seen(daemon), before)] == [1, 1]
    assert proof(daemon, address)["method"] == "cookie"


@browsers
@pytest.mark.parametrize("key", [None, Keys.ENTER, Keys.SPACE], ids=["mouse", "enter", "space"])
def test_another_browser_after_a_scanner(daemon, browser, robot, address, key):
    fill_in(browser, daemon, "other-" + address)     # its cookie is another's
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    scan(daemon, robot, mail)
    before, asked_at = seen(daemon), time.monotonic()
    time.sleep(1)       # so that there is something to be counted
    browser.open(mail.confirm)
    if key:
        browser.driver.execute_script("arguments[0].focus()", browser.button())
        browser.driver.switch_to.active_element.send_keys(key)
    else:
        browser.button().click()
    daemon.wait_state(address, "confirmed")
    assert [n - m for n, m in zip(seen(daemon), before)] == [1, 1]
    kept = proof(daemon, address)
    assert kept["method"] == "click" and kept["sec_fetch_user"] == "?1"
    assert kept["sec_fetch_site"] == "same-origin" and "Chrome" in kept["user_agent"]
    assert 1 <= kept["seconds_since_mail"] <= time.monotonic() - asked_at + 60


def test_the_cookie_alone_confirms_nothing(daemon, address):
    """It is there in whatever this browser fetches ahead: it takes a post."""
    cookie = daemon.subscribe(address).cookie
    link, conn = daemon.mails.wait(address).confirm, daemon.web.connect()
    before = mailed.stored(daemon)
    for _ in range(100):
        for method in ("GET", "HEAD"):
            answer = daemon.web.request(method, link, {"Cookie": cookie}, conn=conn)
            assert answer.status == 200
    conn.close()
    assert daemon.state(address) == "pending" and mailed.stored(daemon) == before


RULES = """
    const rules = document.createElement('script');
    rules.type = 'speculationrules';
    rules.textContent = JSON.stringify({[arguments[1]]: [
        {source: 'list', urls: [arguments[0]], eagerness: 'immediate'}]});
    document.head.append(rules);"""
LINK = """
    const link = document.createElement('link');
    link.rel = arguments[1];
    link.href = arguments[0];
    document.head.append(link);"""
GO = """
    const go = document.createElement('a');
    go.id = go.textContent = 'go';
    go.href = arguments[0];
    document.body.append(go);"""


@browsers
@pytest.mark.parametrize("script, how, again", [
    (RULES, "prerender", 0), (RULES, "prefetch", 0), (LINK, "prefetch", 1)],
    ids=["prerendered", "prefetched", "linked"])
def test_fetched_ahead_in_the_same_browser(daemon, browser, address, script, how, again):
    """The page is there before anybody looks at it: it confirms when somebody does."""
    browser.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    fill_in(browser, daemon, address)
    mail, before = daemon.mails.wait(address), seen(daemon)
    browser.open(daemon.base + "/pending/weekly")
    browser.driver.execute_script(script, mail.confirm, how)
    env.wait_until(lambda: seen(daemon) == [before[0] + 1, before[1]], lambda: seen(daemon))
    time.sleep(0.5)     # a script would have had its chance
    assert daemon.state(address) == "pending"
    browser.driver.execute_script(GO, mail.confirm)
    browser.one("#go").click()
    daemon.wait_state(address, "confirmed")
    # Made ahead by rules, it is the very page that is shown then.
    assert seen(daemon) == [before[0] + 1 + again, before[1] + 1]
    assert proof(daemon, address)["method"] == "cookie"


@browsers
def test_a_hidden_tab_of_the_same_browser(daemon, browser, address):
    fill_in(browser, daemon, address)
    mail, before = daemon.mails.wait(address), seen(daemon)
    tab = browser.driver.execute_cdp_cmd("Target.createTarget", {
        "url": mail.confirm, "background": True})["targetId"]
    env.wait_until(lambda: seen(daemon) == [before[0] + 1, before[1]], lambda: seen(daemon))
    time.sleep(0.5)
    assert daemon.state(address) == "pending"
    browser.driver.switch_to.window(tab)        # which shows it
    daemon.wait_state(address, "confirmed")


# ---- pages of others ----
SUBMIT = "document.forms[0].submit()"
FETCH = "fetch('{to}', {{method: 'POST', credentials: 'include', body: new URLSearchParams('{body}')}})"


@browsers
@pytest.mark.parametrize("listed", [True, False], ids=["listed", "foreign"])
@pytest.mark.parametrize("how", ["submit", "click", "frame", "sandbox", "fetch", "no-cors"])
def test_no_page_plants_the_cookie_by_script(daemon, site, visitor, address, how, listed):
    """A page that posts somebody's address without their doing gets no browser
    to count as theirs: behind it is the page with the button."""
    to = daemon.base + "/subscribe"
    form = (f'<form action="{to}" method="post"><input name="email" value="{address}">'
            "<button>x</button></form>")
    fetch = FETCH.format(to=to, body=f"email={address}")
    script = {"click": "document.querySelector('button').click()", "fetch": fetch,
              "no-cors": fetch.replace("{method", "{mode: 'no-cors', method")}.get(how, SUBMIT)
    page = f"{form}<script>{script}</script>"
    if how in ("frame", "sandbox"):
        limits = ' sandbox="allow-scripts allow-forms"' if how == "sandbox" else ""
        page = f'<iframe{limits} src="/inner"></iframe>'
    before = mailed.posts(daemon)
    with Website() as foreign:
        where = site if listed else foreign
        where.pages["/"] = page
        where.pages["/inner"] = f"{form}<script>{SUBMIT}</script>"
        visitor.open(where.base + "/")
        env.wait_until(lambda: mailed.posts(daemon) > before, "the post")
        visitor.open(daemon.base + "/pending/weekly")
    assert visitor.driver.execute_cdp_cmd("Storage.getCookies", {})["cookies"] == []
    if not listed and how != "sandbox":     # whose origin is null: no page of anybody's
        assert daemon.show(address) is None
        daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    visitor.open(mail.confirm)
    assert visitor.button().is_displayed() and not visitor.all("form[data-auto]")
    time.sleep(0.3)
    assert daemon.state(address) == "pending"


@browsers
@pytest.mark.parametrize("how", ["submit", "by hand"])
def test_the_page_in_between_plants_what_the_first_post_earned(site, visitor, how):
    """It sends itself, without a gesture: what counts is who sent the first."""
    address = f"{how.replace(' ', '.')}@example.com"
    with mailed.make_daemon({"limits": {"challenge": "always"},
                             ("list", "weekly"): {"origins": [site.base]}}) as daemon:
        site.pages["/"] = (f'<form action="{daemon.base}/subscribe" method="post">'
                           f'<input name="email" value="{address}"><button id="b">x</button></form>')
        visitor.open(site.base + "/")
        if how == "submit":
            visitor.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": SUBMIT})
        else:
            visitor.one("#b").click()
        env.wait_until(lambda: visitor.url.endswith("/pending/weekly"), lambda: visitor.text)
        assert mailed.posts(daemon) == 2
        visitor.open(daemon.mails.wait(address).confirm)
        if how == "submit":
            assert visitor.button().is_displayed() and not visitor.all("form[data-auto]")
            assert daemon.state(address) == "pending"
        else:
            daemon.wait_state(address, "confirmed")
        visitor.driver.execute_cdp_cmd("Storage.clearCookies", {})


# ---- nobody is stopped from leaving ----
CROSS = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
LEAVERS = {
    "a program": {},
    "an old browser": {"User-Agent": "Mozilla/4.0", "Referer": "http://old.example/"},
    "from webmail": {**CROSS, "Origin": "https://webmail.example", "Cookie": "other=1"},
    "from an app": {"Origin": "null", **CROSS},
    "by a synthetic click": {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate",
                             "Sec-Fetch-User": "?0"},
}


@pytest.mark.parametrize("who", list(LEAVERS))
def test_nobody_is_stopped_from_leaving(daemon, address, who):
    """The button, and if that isn't enough, one box; whoever and wherever."""
    daemon.subscribe(address)
    waiting = daemon.mails.wait(address)
    welcome = daemon.confirmed("there-" + address)
    again = daemon.confirmed("again-" + address)
    late = daemon.mails.to("again-" + address)[0]
    for url in (waiting.notme, welcome.unsubscribe, late.notme):
        form, = daemon.web.get(url).forms()
        answer = daemon.web.post_form(form.action, form.fields(), LEAVERS[who])
        asked, = answer.forms()
        box, = asked.named("sure")
        done = daemon.web.post_form(asked.action, asked.fields(sure=box["value"]), LEAVERS[who])
        assert done.status == 200 and "set-cookie" not in dict(done.headers)
    assert daemon.state(address) is None
    assert daemon.state("there-" + address) == daemon.state("again-" + address) == "unsubscribed"
    assert again.unsubscribe not in done.text


@pytest.mark.parametrize("who", list(LEAVERS))
def test_one_click_is_one_click(daemon, address, who):
    """Of the confirmation mail too, before and after it was answered."""
    daemon.subscribe(address)
    waiting = daemon.mails.wait(address)
    daemon.confirmed("there-" + address)
    late = daemon.mails.to("there-" + address)[0]
    for mail in (waiting, late):
        answer = daemon.web.request("POST", mail.unsubscribe, {
            "Content-Type": URLENCODED, **LEAVERS[who]}, "List-Unsubscribe=One-Click")
        assert answer.status == 200 and answer.header("set-cookie") is None
    assert daemon.state(address) is None
    assert daemon.state("there-" + address) == "unsubscribed"
    assert daemon.press(waiting.confirm).status == 410
