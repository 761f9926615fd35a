# SPDX-License-Identifier: ISC
"""The whole job by keys alone: never a click, a link typed or an element touched
but by Tab, Shift-Tab, Enter, Space and letters."""
import pytest
from selenium.webdriver.common.keys import Keys

from harness import access, env, pages
from harness.browser import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(env.SANITIZED, reason="the pages are those of the other build"),
]


@pytest.fixture(scope="module")
def daemon():
    with pages.make_daemon() as running:
        yield running


class Hands(pages.Visitor):
    """Somebody without a mouse."""

    def at(self):
        """What has the focus, by what it is called or, without a name, says."""
        return self.browser.driver.execute_script(
            "const e = document.activeElement;"
            "return e === document.body ? null : e.name && e.type !== 'submit' ? e.name"
            "    : e.value || e.textContent.trim()")

    def tab_to(self, what, key=Keys.TAB, most=20):
        seen = []
        for _ in range(most):
            if self.at() == what:
                return
            access.keys(self.browser, key)
            seen.append(self.at())
        raise AssertionError(f"no {what} on {self.browser.url}: {seen}")

    def type(self, what, *letters):
        self.tab_to(what)
        access.keys(self.browser, *letters)

    def key(self, key, what=None):
        """That key, on that control, leads to another page."""
        if what:
            self.tab_to(what)
        self.go(lambda: access.keys(self.browser, key))


@pytest.fixture
def hands(daemon):
    with Browser() as browser:
        yield Hands(browser, daemon)


def subscribe(hands, address):
    hands.open("/subscribe/fields")
    hands.type("email", "jo@example.com" + Keys.BACKSPACE * 14 + address)
    hands.type("name", "Ada")
    hands.type("size", "s")                 # the choice that starts with it
    hands.tab_to("name", access.BACKWARDS, 3)
    hands.type("consent", Keys.SPACE)
    hands.key(Keys.ENTER, "Subscribe")
    assert hands.browser.url.endswith("/pending/fields"), hands.browser.text


def test_subscribe_and_confirm_in_the_same_browser(hands, daemon, address):
    subscribe(hands, address)
    hands.open(daemon.mails.wait(address).confirm)
    daemon.wait_state(address, "confirmed", "fields")
    assert daemon.show(address)["fields"] == {"size": "small"}


def test_by_the_code(hands, daemon, address):
    subscribe(hands, address)
    hands.type("code", daemon.mails.wait(address).code)
    hands.key(Keys.ENTER)                   # in the field
    daemon.wait_state(address, "confirmed", "fields")


def test_by_the_code_behind_the_link(hands, daemon, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    hands.open(mail.confirm)
    hands.tab_to("Use the code from the email instead")
    access.keys(hands.browser, Keys.ENTER)
    hands.type("code", mail.code.lower())
    hands.key(Keys.SPACE, "Confirm with the code")
    daemon.wait_state(address, "confirmed")


@pytest.mark.parametrize("key", [Keys.ENTER, Keys.SPACE], ids=["enter", "space"])
def test_confirm_leave_and_come_back(hands, daemon, address, key):
    daemon.subscribe(address)
    hands.open(daemon.mails.wait(address).confirm)
    hands.key(key, "Yes, subscribe me")
    daemon.wait_state(address, "confirmed")
    hands.open(daemon.mails.wait(address, 2).unsubscribe)
    hands.key(key, "Unsubscribe")
    daemon.wait_state(address, "unsubscribed")
    hands.key(Keys.ENTER, "A mistake? Subscribe again")
    hands.type("email", address)
    hands.key(Keys.ENTER)
    again = env.wait_until(lambda: [m for m in daemon.mails.to(address) if m.is_confirm][1:],
                           "another mail to confirm")
    hands.open(again[0].confirm)
    daemon.wait_state(address, "confirmed")


def test_not_me_and_undo(hands, daemon, address):
    daemon.subscribe(address)
    hands.open(daemon.mails.wait(address).notme)
    hands.key(Keys.SPACE, "That was not me")
    env.wait_until(lambda: daemon.state(address) != "pending", "the withdrawal")
    hands.key(Keys.ENTER, "Undo")
    daemon.wait_state(address, "pending")


def test_manage(hands, daemon, address):
    """Every control there is."""
    daemon.confirmed(address, ("weekly", "fields"), consent="yes", size="large", name="Ada")
    hands.open("/manage")
    hands.type("email", address)
    hands.key(Keys.ENTER)
    mail = env.wait_until(lambda: [m for m in daemon.mails.to(address) if m.links("manage")],
                          "the link")[-1]
    hands.open(mail.link("manage"))
    hands.key(Keys.ENTER, "Open")
    hands.type("list_weekly", Keys.SPACE)
    hands.type("name", "Ada Byron")
    hands.type("field_size", "s")
    hands.type("field_shoes", "41")
    hands.key(Keys.ENTER, "save")
    assert "Saved" in hands.browser.text
    found = daemon.show(address)
    assert (found["name"], found["fields"]) == ("Ada Byron", {"size": "small", "shoes": "41"})
    assert daemon.state(address) == "unsubscribed"
    hands.type("join_weekly", Keys.SPACE)
    hands.key(Keys.ENTER, "save")
    daemon.wait_state(address, "confirmed")
    hands.key(Keys.SPACE, "see")
    hands.key(Keys.SPACE, "open")
    hands.key(Keys.SPACE, "leave")
    assert daemon.state(address) == daemon.state(address, "fields") == "unsubscribed"
    hands.key(Keys.ENTER, "erase")
    hands.key(Keys.ENTER, "open")           # no, keep it
    hands.key(Keys.ENTER, "erase")
    hands.type("never", Keys.SPACE)
    hands.key(Keys.ENTER, "erase_now")
    assert daemon.show(address)["suppressions"]


@pytest.mark.parametrize("path,field", [
    ("/subscribe/weekly", "email"), ("/manage", "email"), ("/pending/fields", "code")])
def test_a_mistake_is_announced(hands, address, path, field):
    """It takes the focus to its field, which says what is wrong, as does an alert."""
    if field == "code":         # whoever has no cookie is asked to open the link
        subscribe(hands, address)
    else:
        hands.open(path)
    hands.browser.driver.execute_script("document.querySelector('form').noValidate = true")
    hands.type(field, "jo@example")
    hands.key(Keys.ENTER)
    assert hands.at() == field
    told, title = hands.browser.driver.execute_script(
        "const e = document.activeElement;"
        "return [document.getElementById(e.getAttribute('aria-describedby')).textContent,"
        "    document.title]")
    assert hands.browser.one("[role=alert]").text == told.strip()
    assert title.startswith("Error:")
