# SPDX-License-Identifier: ISC
"""Robots that read mail before people do, against every URL that is mailed:
none of them changes a byte of what is stored."""
import pytest

from harness import env, mailed
from harness.browser import Browser
from harness.mail import KINDS
from harness.web import BROWSER_ACCEPT, URLENCODED

AGENTS = {
    "a link checker": {
        "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
                      "like Gecko) Chrome/120.0 Safari/537.36",
        "Accept": BROWSER_ACCEPT},
    "a browser": {
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Accept": BROWSER_ACCEPT, "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"},
    "a program": {"User-Agent": "python-requests/2.31.0", "Accept": "*/*"},
}
QUERIES = ["press=1", "confirm=true", "sure=1", "undo=1", "do=erase_now&press=1", "_method=POST",
           "List-Unsubscribe=One-Click", "email=robot@example.com"]
# Those of the URLs whose page has a button that does something.
ACTING = ["waiting confirm", "waiting notme", "waiting unsubscribe", "withdrawn notme",
          "both notme", "both unsubscribe", "both manage"]
OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]


@pytest.fixture(scope="module")
def daemon():
    with mailed.make_daemon() as running:
        yield running


@pytest.fixture(scope="module")
def people(daemon):
    return mailed.People(daemon)


class Untouched:
    """Around what a robot does: not a byte has changed."""

    def __init__(self, people):
        self.people, self.daemon = people, people.daemon

    def look(self):
        return {who: self.daemon.show(a) for who, a in self.people.addresses.items()}

    def __enter__(self):
        self.seen, self.bytes, self.mails = (
            self.look(), mailed.stored(self.daemon), len(self.daemon.mails.poll()))

    def __exit__(self, kind, *_):
        if kind is None:
            assert self.look() == self.seen
            assert len(self.daemon.mails.poll()) == self.mails
            assert mailed.stored(self.daemon) == self.bytes


# ---- programs ----
def get(web, url, agent, conn):
    for _ in range(100):
        assert web.request("GET", url, agent, conn=conn).status < 500


def head_and_options(web, url, agent, conn):
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
        assert web.request(method, url, agent, conn=conn).status < 500


def prefetch(web, url, agent, conn):
    for purpose in ({"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch"}, {"X-Moz": "prefetch"},
                    {"Sec-Purpose": "prefetch;prerender"}, {"X-Purpose": "preview"}):
        assert web.request("GET", url, {**agent, **purpose}, conn=conn).status < 500


def queries(web, url, agent, conn):
    for query in QUERIES:
        for name in OVERRIDES:
            web.request("GET", f"{url}?{query}", {**agent, name: "POST"}, conn=conn)
            web.request("HEAD", f"{url}?{query}", {**agent, name: "POST"}, conn=conn)


def bodies(web, url, agent, conn):
    """What a program posts that knows nothing of forms."""
    for kind, body in ((URLENCODED, ""), (URLENCODED, "x=1"), ("application/json", "{}"),
                       (URLENCODED, "confirm=true&_method=POST&submit=Submit"),
                       ("text/plain", "press=1")):
        web.request("POST", url, {**agent, "Content-Type": kind}, body, conn)


def everything_in(form):
    """Each field it finds, ticked boxes or not, and each button in turn."""
    fields = [(i["name"], i.get("value") or "") for i in form.inputs
              if i.get("name") and i["tag"] != "button"]
    buttons = [(i["name"], i.get("value") or "") for i in form.inputs
               if i.get("name") and i["tag"] == "button"]
    return [fields + [b] for b in buttons] or [fields]


def forms(web, url, agent, conn):
    """Posts every form, and those of the answers as they come."""
    for form in web.request("GET", url, agent, conn=conn).forms():
        for fields in everything_in(form):
            answer = web.post_form(form.action or url, fields, agent, conn)
            for second in answer.forms():
                web.post_form(second.action or url, second.fields(), agent, conn)


PROGRAMS = [get, head_and_options, prefetch, queries, bodies, forms]


def test_every_kind_of_mail_is_there(people):
    """What the robots are sent to: all that can be mailed."""
    kinds = {m.message["Subject"] for a in people.addresses.values()
             for m in people.daemon.mails.to(a)}
    assert len(kinds) == len(KINDS), kinds
    for page in ACTING + ["withdrawn confirm", "both confirm", "left notme", "left unsubscribe"]:
        assert page in people.pages(), sorted(people.pages())
    assert {w: people.daemon.state(a) for w, a in people.addresses.items()} == mailed.STATES


@pytest.mark.parametrize("agent", list(AGENTS))
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_programs_change_nothing(daemon, people, program, agent):
    conn, before = daemon.web.connect(), mailed.posts(daemon)
    with Untouched(people):
        for url in people.urls:
            program(daemon.web, url, AGENTS[agent], conn)
    conn.close()
    assert (mailed.posts(daemon) > before) == (program in (bodies, forms))


# ---- browsers ----
# What a scanner's script does: (expression, is it taken for a person's gesture
# in the short run, does it post).
BUTTON = "document.querySelector('form button')"
SCRIPTS = {
    "nothing but the page's own": ("0", False, False),
    "submit": ("document.forms[0].submit()", True, True),
    "requestSubmit": ("document.forms[0].requestSubmit()", True, True),
    "every form": ("[...document.forms].forEach(f => f.submit())", True, True),
    "click": (f"{BUTTON}.click()", True, True),
    "every click": ("document.querySelectorAll('form button, input').forEach(b => b.click())",
                    True, True),
    "sets the field": ("document.querySelector('[name=press]').value = '1';"
                       "document.forms[0].submit()", False, True),
    "pointer": ("for (const t of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])"
                f"    {BUTTON}.dispatchEvent(new PointerEvent(t,"
                "        {bubbles: true, cancelable: true, view: window}))", False, True),
    "keys": (f"{BUTTON}.focus(); for (const t of ['keydown', 'keypress', 'keyup'])"
             "    document.activeElement.dispatchEvent(new KeyboardEvent(t,"
             "        {key: 'Enter', code: 'Enter', keyCode: 13, bubbles: true}))", True, False),
    # Our pages' policy lets no script of theirs speak to anybody.
    "fetch": ("fetch(location.href, {method: 'POST', body: new URLSearchParams('press=1')})",
              True, False),
}
# Ours to see whether a page has been left.
MARK = "document.documentElement.dataset.robot = '1'"
IS_LEFT = ("document.readyState === 'complete' && !document.documentElement.dataset.robot")


@pytest.fixture(scope="module")
def robot():
    """One browser for all of them, which asked for nothing and has no cookie."""
    with Browser() as running:
        yield running


def evaluate(browser, expression, gesture):
    """As the protocol of the browser's own tools does: with a gesture it is
    taken for something that a person has caused."""
    return browser.driver.execute_cdp_cmd("Runtime.evaluate", {
        "expression": expression, "userGesture": gesture, "awaitPromise": True,
        "returnByValue": True})["result"].get("value")


def has_left(browser):
    try:
        return evaluate(browser, IS_LEFT, False)
    except Exception:       # between two pages
        return False


def run(browser, url, name, gesture):
    """Does it on that page, and waits for what it has posted."""
    script, _, posts = SCRIPTS[name]
    browser.open(url)
    evaluate(browser, MARK, False)
    evaluate(browser, script, gesture)
    if posts:
        env.wait_until(lambda: has_left(browser), f"what {name} posts to {url}")


ROWS = [pytest.param(name, gesture, marks=[] if gesture == SCRIPTS[name][1] else pytest.mark.long)
        for name in SCRIPTS for gesture in (False, True)
        # Made for us, and with the means of a debugger: that is no mail scanner.
        if (name, gesture) != ("sets the field", True)]


@pytest.mark.browser
@pytest.mark.parametrize("name, gesture", ROWS)
def test_browsers_change_nothing(daemon, people, robot, name, gesture):
    before = mailed.posts(daemon)
    with Untouched(people):
        for page in ACTING:
            run(robot, people.pages()[page], name, gesture)
    assert (mailed.posts(daemon) - before >= len(ACTING)) == SCRIPTS[name][2]
    assert robot.driver.get_cookies() == []
