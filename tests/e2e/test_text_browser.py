# SPDX-License-Identifier: ISC
"""The whole job in w3m, which knows neither scripts nor styles: in a terminal, by
keys.  Where a press can't be vouched for, the code or a box stands for it."""
import re
import shutil
import subprocess

import pytest

from harness import env, pages, terminal

pytestmark = [
    pytest.mark.skipif(shutil.which("w3m") is None, reason="needs w3m"),
    pytest.mark.skipif(env.SANITIZED, reason="the pages are those of the other build"),
]


@pytest.fixture(scope="module")
def daemon():
    with pages.make_daemon() as running:
        yield running


def test_subscribe_and_confirm(daemon, address):
    with terminal.TextBrowser(daemon.base + "/subscribe/fields") as w3m:
        w3m.wait("Subscribe to The Quarterly")
        w3m.fill("Email address", "jo@example")
        w3m.press("Subscribe", "does not look right")
        w3m.fill("Email address", address)
        w3m.fill("Name", "Ada")
        w3m.choose("Size of the type", 1, "small")
        w3m.tick("I want The Quarterly")
        w3m.press("Subscribe", "Please check your email")
        mail = daemon.mails.wait(address)
        w3m.go(mail.confirm)
        w3m.wait("One more step: please type the code")
        w3m.fill("Code from the email", "AAAA-2222")
        w3m.press("Yes, subscribe me", "not the code")
        assert daemon.state(address, "fields") == "pending"
        w3m.fill("Code from the email", mail.code.lower())
        w3m.press("Yes, subscribe me", "You are subscribed")
    found = daemon.show(address)
    assert (found["name"], found["fields"]) == ("Ada", {"size": "small"})
    assert daemon.state(address, "fields") == "confirmed"
    assert [e["method"] for e in found["events"] if e["event"] == "confirm"] == ["code"]


def test_the_button_without_the_code(daemon, address):
    daemon.subscribe(address)
    mail = daemon.mails.wait(address)
    with terminal.TextBrowser(mail.confirm) as w3m:
        w3m.wait("Please confirm your subscription")
        w3m.press("Yes, subscribe me", "One more step")
        assert daemon.state(address) == "pending"
        w3m.fill("Code from the email", mail.code)
        w3m.press("Yes, subscribe me", "You are subscribed")
    daemon.wait_state(address, "confirmed")


def test_leave(daemon, address):
    with terminal.TextBrowser(daemon.confirmed(address).unsubscribe) as w3m:
        w3m.wait("Unsubscribe?")
        w3m.press("Unsubscribe", "tick the box")
        assert daemon.state(address) == "confirmed"
        w3m.tick("Yes, I am sure")
        w3m.press("Unsubscribe", "You are unsubscribed")
    daemon.wait_state(address, "unsubscribed")


def test_not_me_and_undo(daemon, address):
    daemon.subscribe(address)
    with terminal.TextBrowser(daemon.mails.wait(address).notme) as w3m:
        w3m.wait("Not you?")
        w3m.press("That was not me", "tick the box")
        w3m.tick("Yes, I am sure")
        w3m.press("That was not me", "That is withdrawn")
        assert daemon.state(address) != "pending"
        w3m.press("Undo", "tick the box")
        assert daemon.state(address) != "pending"
        w3m.tick("Yes, I am sure")
        w3m.press("Undo", "Please check your email")
    daemon.wait_state(address, "pending")


def test_manage(daemon, address):
    daemon.confirmed(address, ("weekly", "fields"), consent="yes", size="large", name="Ada")
    with terminal.TextBrowser(daemon.base + "/manage") as w3m:
        w3m.wait("Your subscriptions and data")
        w3m.fill("Email address", address)
        w3m.press("Send me the link", "Please check your email")
        mail = env.wait_until(lambda: [m for m in daemon.mails.to(address) if m.links("manage")],
                              "the link")[-1]
        w3m.go(mail.link("manage"))
        w3m.wait("Behind this button")
        w3m.fill("Code from the email", mail.code)
        w3m.press("Open", address)
        w3m.fill("Name", "Ada Byron")
        w3m.tick("The Weekly")
        w3m.choose("Size of the type", -1, "small")
        w3m.press("Save", "Saved.")
        found = daemon.show(address)
        assert (found["name"], found["fields"]) == ("Ada Byron", {"size": "small"})
        assert daemon.state(address) == "unsubscribed"
        w3m.tick("The Weekly")
        w3m.press("Save", "Saved.", "[*] The Weekly")
        daemon.wait_state(address, "confirmed")
        w3m.press("See all that is stored", "All that is stored about you")
        w3m.press("Back", "About you")
        w3m.press("Unsubscribe from everything", "not subscribed to anything")
        w3m.press("Erase everything", "Erase everything?")
        w3m.tick("And never email me again")
        w3m.press("Yes, erase everything", "It is erased")
    assert daemon.show(address)["suppressions"]


def test_each_control_has_a_line_of_its_own(daemon, address, tmp_path):
    """Nothing runs into its neighbour where no style sheet keeps them apart."""
    for path in ("/subscribe/fields", "/pending/weekly", "/manage",
                 daemon.confirmed(address).unsubscribe):
        done = subprocess.run(["w3m", "-dump", "-cols", "200", path if "://" in path else daemon.base + path],
                              capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path),
                                   "LANG": "C.UTF-8"})
        assert done.returncode == 0 and "Example Ltd" in done.stdout, done
        for line in done.stdout.splitlines():
            assert line.count("[") <= 1, line
            assert not re.search(r"\] *\w", line) or line.startswith(("[ ]", "[*]")), line
