# SPDX-License-Identifier: ISC
"""Who must not be mailed: by the administrator's word, from outside and inside."""
import re

import pytest

from harness import env
from harness.mail import SmtpServer


def suppressions(daemon, address):
    return (daemon.show(address) or {}).get("suppressions", [])


def is_mailed(daemon, address):
    """Posts the form; says whether a mail came of it."""
    before = len(daemon.mails.to(address))
    daemon.subscribe(address)
    daemon.settle()
    return len(daemon.mails.to(address)) > before


def test_suppress_and_unsuppress(make_daemon):
    daemon = make_daemon({"limits": {"interval": 0}})
    link = daemon.confirmed("ada@example.com").unsubscribe
    done = daemon.ctl("suppress", "ADA@example.com", "--reason", "complaint")
    assert (done.status, done.err) == (0, ""), done
    assert "will not be mailed" in done.out
    assert daemon.state("ada@example.com") == "unsubscribed"
    assert daemon.ctl("export").out == ""
    found, = suppressions(daemon, "ada@example.com")
    assert re.fullmatch(r"all lists: complaint since \S+ \(admin uid \d+\)", found)
    assert "complaint" in daemon.ctl("show", "ada@example.com").out
    assert not is_mailed(daemon, "ada@example.com")
    assert daemon.one_click(link).status == 200
    done = daemon.ctl("--json", "suppress", "ada@example.com")
    assert done.status == 0 and done.json() == {"address": "ada@example.com", "changed": 0}
    assert "already" in daemon.ctl("suppress", "ada@example.com").out
    assert daemon.ctl("unsuppress", "ada@example.com").status == 0
    assert "not suppressed" in daemon.ctl("unsuppress", "ada@example.com").out
    assert is_mailed(daemon, "ada@example.com")
    daemon.wait_log(r"path=/suppress address=A…@example.com status=200")


def test_an_address_that_nobody_knows(make_daemon):
    daemon = make_daemon()
    assert daemon.ctl("suppress", "new@example.com").status == 0
    assert suppressions(daemon, "new@example.com")[0].startswith("all lists: admin since ")
    assert not is_mailed(daemon, "new@example.com")
    daemon.stop()
    daemon.start()
    assert not is_mailed(daemon, "new@example.com")


@pytest.mark.parametrize("args, status, words", [
    (("suppress",), 2, "argument is missing"),
    (("suppress", "a@example.com", "--reason", "mood"), 1, "a reason is"),
    (("suppress", "nobody"), 1, "not an email address"),
    (("unsuppress", "nobody"), 1, "not an email address"),
    (("unsuppress", "a@example.com", "--reason", "admin"), 2, "options"),
])
def test_mistakes(daemon, args, status, words):
    done = daemon.ctl(*args)
    assert done.status == status and done.out == "" and words in done.err
    assert re.fullmatch(r"assentctl: .+\n", done.err)


def test_a_queued_mail_is_dropped(make_daemon):
    server = SmtpServer()
    daemon = make_daemon(mails=server)
    daemon.subscribe("late@example.com")
    env.wait_until(lambda: daemon.queued() == 1, "a queued mail")
    assert daemon.ctl("suppress", "late@example.com").status == 0
    with server:
        daemon.ctl("queue", "retry")
        daemon.subscribe("other@example.com")
        daemon.mails.wait("other@example.com")
        env.wait_until(lambda: daemon.queued() == 0, "an empty queue")
        assert daemon.mails.to("late@example.com") == []
        daemon.stop()


def test_it_looks_the_same_from_outside(make_daemon):
    daemon = make_daemon()
    for address in ("sup@example.com", "new@example.com"):
        daemon.confirmed(f"x{address}")
    daemon.ctl("suppress", "sup@example.com")
    daemon.ctl("suppress", "xsup@example.com")
    answers = []
    for address in ("sup@example.com", "new@example.com", "xsup@example.com",
                    "xnew@example.com"):
        answer = daemon.web.post_json("/subscribe", {"email": address})
        headers = [(k, v) for k, v in answer.headers if k != "date"]
        answers.append((answer.status, headers, answer.body))
    assert all(a == answers[0] for a in answers)
