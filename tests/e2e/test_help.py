# SPDX-License-Identifier: ISC
"""What an administrator does when a confirmation doesn't come about: resend and
confirm."""
import re

import pytest


def test_resend(make_daemon):
    daemon = make_daemon()
    daemon.subscribe("ada@example.com")
    first = daemon.mails.wait("ada@example.com")
    done = daemon.ctl("resend", "ada@example.com")
    assert done.status == 1 and "--force" in done.err
    done = daemon.ctl("resend", "ADA@example.com", "--force")
    assert done.status == 0 and "once more" in done.out, done
    second = daemon.mails.wait("ada@example.com", 2)
    assert (second.confirm, second.code) == (first.confirm, first.code)
    assert second.id != first.id
    assert daemon.press(second.confirm).status == 200
    assert daemon.state("ada@example.com") == "confirmed"
    done = daemon.ctl("resend", "ada@example.com", "--force")
    assert done.status == 1 and "waits for its confirmation" in done.err
    by = [e["detail"] for e in daemon.show("ada@example.com")["events"]
          if e["event"] == "resend"]
    assert len(by) == 1 and re.fullmatch(r"admin uid \d+", by[0])


def test_confirm(make_daemon):
    daemon = make_daemon()
    daemon.subscribe("bob@example.com", name="Bob")
    link = daemon.mails.wait("bob@example.com").confirm
    done = daemon.ctl("confirm", "bob@example.com", "--list", "2",
                      "--reason", "rang us at noon: the mail didn't come")
    assert done.status == 0 and "is subscribed" in done.out, done
    found = daemon.show("bob@example.com")
    assert found["name"] == "Bob" and daemon.state("bob@example.com") == "confirmed"
    event = [e for e in found["events"] if e["event"] == "confirm"][0]
    assert event["method"] == "admin" and event["reason"].startswith("rang us")
    assert re.fullmatch(r"admin uid \d+", event["detail"]) and event["consent"]
    assert "rang us" in daemon.ctl("show", "bob@example.com").out
    assert daemon.mails.wait("bob@example.com", 2).unsubscribe
    assert daemon.press(link).status == 200
    done = daemon.ctl("--json", "confirm", "bob@example.com", "--list", "weekly",
                      "--reason", "x")
    assert done.json() == {"address": "bob@example.com", "changed": 0}


@pytest.mark.parametrize("args, status, words", [
    (("resend",), 2, "argument is missing"),
    (("resend", "nobody@example.com"), 1, "waits for its confirmation"),
    (("resend", "nobody"), 1, "not an email address"),
    (("confirm", "a@example.com"), 2, "needs --list: confirm ADDRESS --list LIST --reason TEXT"),
    (("confirm", "a@example.com", "--list", "weekly"), 2, "needs"),
    (("confirm", "a@example.com", "--list", "none", "--reason", "x"), 1, "no such list"),
    (("confirm", "a@example.com", "--list", "weekly", "--reason", ""), 2, "empty"),
    (("confirm", "a@example.com", "--list", "weekly", "--reason", "x"), 1, "has to ask first"),
])
def test_mistakes(daemon, args, status, words):
    done = daemon.ctl(*args)
    assert done.status == status and done.out == "" and words in done.err
    assert re.fullmatch(r"assentctl: .+\n", done.err)
