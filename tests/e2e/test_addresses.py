# SPDX-License-Identifier: ISC
"""Addresses through the form: which are taken, as what, and that the answer
never tells whether one is known."""
import json
import re

import pytest

from harness import env

GOOD = [
    # typed, the address that gets the mail
    ("plain@example.com", None), ("Smith@Example.COM", "Smith@example.com"),
    ("o'brien@example.com", None), ("a/b@example.com", None), ("_x@example.com", None),
    ("user+tag@example.com", None), ("first.last@example.com", None),
    ("!#$%&'*+-/=?^_`{|}~@example.com", None), ("1@example.com", None),
    ("x" * 64 + "@example.com", None), ("a@" + "b" * 63 + ".example.com", None),
    ("a@1.example.com", None), ("a@a-b.example.com", None), ("a@example.travel", None),
    ("a%b@example.com", None), ("*@example.com", None), ("a_b@example.com", None),
    ("jo@bücher.example", "jo@xn--bcher-kva.example"),
    ("jo@BÜCHER.example", "jo@xn--bcher-kva.example"),
    ("jo@bu\u0308cher.example", "jo@xn--bcher-kva.example"),
    ("jo@faß.example", "jo@xn--fa-hia.example"),
    ("jo@xn--bcher-kva.example", None), ("jo@例え.テスト", "jo@xn--r8jz45g.xn--zckzah"),
    ("  spaced@example.com  ", "spaced@example.com"),
    ("jo@bücher\u3002example", "jo@xn--bcher-kva.example"),
    ("l" * 64 + "@" + ".".join(["d" * 61] * 3) + ".com", None),     # 254 octets
]
BAD = [
    "plain", "@example.com", "a@", "a@@example.com", "a@b@example.com", "a b@example.com",
    ".a@example.com", "a.@example.com", "a..b@example.com", '"a b"@example.com',
    '"a"@example.com', "a(comment)@example.com", "a@example.com (Ada)", "<a@example.com>",
    "Ada <a@example.com>", "a@example.com, b@example.com", "a@example.com;b@example.com",
    "@relay.example:a@example.com", "a@[127.0.0.1]", "a@[IPv6:::1]", "a@127.0.0.1",
    "a@localhost", "a@example", "a@example.123", "a@-a.example.com", "a@a-.example.com",
    "a@a..example.com", "a@.example.com", "a@example.com.", "a@exa_mple.com",
    "a@example.com\r\nBcc: b@example.com", "a\n@example.com", "a@example.com\n",
    "a\r\nRCPT TO:<b@example.com>@example.com", "a\x00@example.com", "a\x1b@example.com",
    "a\u202e@example.com", "a\u200b@example.com", "a\u00ad@example.com", "a@exam\u200bple.com",
    "a@example.com>", "a<b@example.com", "a,b@example.com", "a:b@example.com", "a[b@example.com",
    "a\\b@example.com", "jo\u00ebl@example.com", "用户@example.com", "x" * 65 + "@example.com",
    "a@" + "b" * 64 + ".example.com", "l" * 64 + "@" + ".".join(["d" * 61] * 3) + ".come",
    "a@" + ".".join(["b" * 60] * 5) + ".com", "a@xn--a.example", "a@xn--.example",
    "a@☃.example", "a@💩.example", "a@xn--ls8h.example", "a@exa mple.com", "a@exam%ple.com",
    "a@example.com?x=1", "a@example.com/x", "mailto:a@example.com", "a@xn--bcher-kvb.example-",
    "a@еxample.сom.\u0301", "%", "_", "*", "%@%", "' or 1=1 --", "$(id)@example.com",
    "`id`@example..com", "|id@-example.com",
]
OURS = ["weekly@news.example.org", "Daily@News.Example.Org", "mailer-daemon@example.com",
        "postmaster@example.com", "Abuse@example.com", "noreply@example.com",
        "no-reply@example.com", "owner-list@example.com", "list-request@example.com",
        "list-subscribe@example.com", "list-confirm@example.com"]


@pytest.mark.parametrize("typed,sent", GOOD)
def test_taken(daemon, typed, sent):
    sent = sent or typed
    answer = daemon.web.post_json("/subscribe", {"email": typed})
    assert answer.status == 202, answer
    env.wait_until(lambda: daemon.mails.to(sent), f"mail to {sent}")
    assert any(m.to == sent for m in daemon.mails.to(sent))
    assert daemon.state(typed.strip()) == "pending"


@pytest.mark.parametrize("typed", BAD)
def test_refused(daemon, typed):
    seen = daemon.status()
    for send in (daemon.web.post_json, daemon.web.post_form, daemon.web.post_multipart):
        if send == daemon.web.post_multipart and "\x00" in typed:
            continue
        answer = send("/subscribe", {"email": typed}, {"Accept": "application/json"})
        assert answer.status == 400, (typed, answer)
        error = answer.json()["error"]
        if "\x00" not in typed:
            assert (error["code"], error["field"]) == ("invalid_email", "email"), error
        assert typed not in answer.text or len(typed) < 3
    after = daemon.status()
    for key in ("lists", "requests_waiting", "events"):
        assert after[key] == seen[key], key


@pytest.mark.parametrize("typed", OURS)
def test_our_own_and_machines(daemon, typed):
    answer = daemon.web.post_json("/subscribe", {"email": typed})
    assert answer.status == 400, typed
    assert answer.json()["error"]["code"] == "invalid_email"


def test_case_is_one_contact_and_keeps_its_spelling(daemon):
    daemon.confirmed("Ada.Lovelace@Example.com")
    mail = daemon.mails.to("ada.lovelace@example.com")[0]
    assert mail.to == "Ada.Lovelace@example.com"
    found = daemon.show("ADA.LOVELACE@EXAMPLE.COM")
    assert found["address"] == "Ada.Lovelace@example.com"
    daemon.subscribe("aDA.lovelace@example.com")
    daemon.settle()
    assert daemon.state("ada.lovelace@example.com") == "confirmed"
    exported = [r for r in daemon.ctl("list", "--format", "jsonl").out.splitlines()
                if "lovelace@" in r.lower()]
    assert len(exported) == 1


def test_tags_and_dots_are_others(daemon):
    daemon.confirmed("tag.user@example.com")
    for other in ("taguser@example.com", "tag.user+x@example.com", "t.aguser@example.com"):
        assert daemon.show(other) is None


def test_a_label_and_u_label_are_one(daemon):
    daemon.subscribe("eva@bücher.example")
    daemon.press(daemon.mails.wait("eva@xn--bcher-kva.example").confirm)
    assert daemon.state("eva@xn--bcher-kva.example") == "confirmed"
    assert daemon.state("Eva@BÜCHER.example") == "confirmed"


# ---- nobody learns who is on the list ----
@pytest.fixture(scope="module")
def known():
    """A daemon with an address in each state."""
    from harness.daemon import Daemon
    with Daemon() as running:
        running.subscribe("pending@example.com")
        running.mails.wait("pending@example.com")
        running.confirmed("confirmed@example.com")
        running.one_click(running.confirmed("departed@example.com").unsubscribe)
        running.subscribe("withdrew@example.com")
        running.press(running.mails.wait("withdrew@example.com").notme)
        running.subscribe("expired0@example.com")
        yield running


WAYS = {
    "page": lambda d, a: d.web.post_form("/subscribe", {"email": a}, d.web.as_page()),
    "fetch": lambda d, a: d.web.post_json("/subscribe", {"email": a}, {
        "Origin": "https://www.example.org"}),
    "program": lambda d, a: d.web.post_json("/subscribe", {"email": a}),
    "form": lambda d, a: d.web.post_form("/subscribe", {"email": a}),
}


@pytest.mark.parametrize("way", list(WAYS))
def test_one_answer_for_all(known, way):
    shapes = set()
    for address in ("newcomer" + way + "@example.com", "pending@example.com",
                    "confirmed@example.com", "departed@example.com", "withdrew@example.com"):
        for _ in range(2):
            answer = WAYS[way](known, address)
            headers = [(k, re.sub(r"assent_signup=[^;]+", "assent_signup=" + "x" * len(
                answer.cookie or ""), v)) for k, v in answer.headers if k != "date"]
            shapes.add(json.dumps([answer.status, headers, answer.text,
                                   len(answer.header("date"))]))
    assert len(shapes) == 1, shapes
