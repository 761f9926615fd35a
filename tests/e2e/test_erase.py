# SPDX-License-Identifier: ISC
"""Erasing a person: what goes, what stays sealed, and who can read that."""
import re

import pytest

from harness import env


def test_erase_leaves_a_sealed_proof(make_daemon):
    daemon = make_daemon({"limits": {"interval": 0}})
    link = daemon.confirmed("ada@example.com", in_order=True, name="Ada Lovelace").unsubscribe
    daemon.subscribe("ada@example.com", ("daily",))
    daemon.wait_told("ada@example.com", 3)
    done = daemon.ctl("erase", "ADA@example.com")
    assert done.status == 0 and done.err == "", done
    assert re.fullmatch(r"ADA@example\.com: is erased; the proof of consent stays sealed "
                        r"until 20\d\d-\S+Z\n", done.out)
    found = daemon.show("ada@example.com")
    assert found["subscriptions"] == [] and found["events"] == [] and found["name"] == ""
    assert found["proof_until"]
    assert "--proof" in daemon.ctl("show", "ada@example.com").out
    assert daemon.ctl("list", "--format", "jsonl").out == ""
    assert daemon.status()["lists"]["weekly"]["confirmed"] == 0
    done = daemon.ctl("show", "--json", "--proof", "ada@example.com")
    events = done.json()["events"]
    assert [e["event"] for e in events] == ["subscribe", "mailed", "confirm", "mailed"]
    assert events[2]["consent"] and events[2]["ip"] == "127.0.0.1"
    daemon.wait_log(r"path=/show address=a…@example.com proof=1 status=200")
    # The link of an old issue is still one to leave by; the form is as ever.
    assert daemon.one_click(link).status == 200
    daemon.confirmed("ada@example.com")
    assert daemon.state("ada@example.com") == "confirmed"


def test_erase_all_and_never_again(make_daemon):
    daemon = make_daemon()
    daemon.confirmed("bob@example.com")
    done = daemon.ctl("erase", "bob@example.com", "--all", "--suppress", "--json")
    assert done.status == 0 and set(done.json()) == {"address", "changed"}
    found = daemon.show("bob@example.com")
    assert found["suppressions"][0].startswith("all lists: erase since ")
    assert "proof_until" not in found and found["events"] == []
    daemon.subscribe("bob@example.com")
    daemon.settle()
    assert len(daemon.mails.to("bob@example.com")) == 2
    done = daemon.ctl("unsuppress", "bob@example.com")
    assert done.status == 1 and "never to be mailed again" in done.err
    daemon.stop()
    daemon.fsck()
    daemon.start()
    assert daemon.show("bob@example.com")["suppressions"] == found["suppressions"]


@pytest.mark.parametrize("args, status, words", [
    (("erase",), 2, "argument is missing"),
    (("erase", "nobody@example.com"), 1, "nothing is known"),
    (("erase", "nobody"), 1, "not an email address"),
    (("erase", "a@example.com", "--list", "weekly"), 2, "options"),
    (("show", "a@example.com", "--all"), 2, "options"),
])
def test_mistakes(daemon, args, status, words):
    done = daemon.ctl(*args)
    assert done.status == status and done.out == "" and words in done.err
    assert re.fullmatch(r"assentctl: .+\n", done.err)
