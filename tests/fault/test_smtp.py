# SPDX-License-Identifier: ISC
"""The calls and the memory of the program that speaks to the mail server, and
of the mailer that starts it.  Nothing is lost, whichever fails: another session
sends what this one didn't."""
import dataclasses
import errno

import pytest
from test_io import ONCE
from test_memory import CRASHES

from driver import loop
from driver.flows import NAMED
from driver.shim import FAIL
from driver.world import FaultyDaemon
from harness import env
from harness.mail import QuickMail, SmtpServer

FLOW = dataclasses.replace(NAMED["subscribe"], roles=("smtp", "mailer"))
FAULTS = dict(ONCE)
if not env.SANITIZED:       # which has memory of its own
    FAULTS["memory"] = {"kinds": ["memory"], "action": FAIL}


@pytest.fixture(params=[1, 100], ids=lambda count: f"sessions of {count}")
def faulty(make_daemon, request):
    with SmtpServer() as server:
        server.kind = QuickMail
        yield make_daemon({"mail": {"messages_per_session": request.param, "timeout": 1}},
                          kind=FaultyDaemon, mails=server)


def finish(daemon, rounds):
    loop.finish(daemon, rounds, CRASHES)
    assert all(sum(each.hits for each in rounds if each.roles == [role]) > 0
               for role in FLOW.roles)


@pytest.mark.long
@pytest.mark.parametrize("fault", ONCE)
def test_each(faulty, fault):
    finish(faulty, loop.all_of(loop.rounds_of(faulty, FLOW, **FAULTS[fault])))


@pytest.mark.long
@pytest.mark.skipif(env.SANITIZED, reason="a sanitizer has memory of its own")
def test_much_of_memory(faulty):
    """There are more than a thousand calls, and a second is waited after each."""
    finish(faulty, loop.some_of(loop.rounds_of(faulty, FLOW, **FAULTS["memory"]), 60))


def test_no_mail_has_a_hole(faulty):
    """Whatever couldn't be sent, nothing that comes after it is."""
    rounds = loop.Rounds(faulty, FLOW, ["smtp"], ["send"], action=FAIL, error=errno.EIO)
    rounds.all()
    assert rounds.hits >= 4     # MAIL, RCPT with DATA, the message, its result
    loop.finish(faulty, [rounds])


def test_some(faulty):
    rounds = [each for fault in FAULTS.values()
              for each in loop.rounds_of(faulty, FLOW, **fault)]
    finish(faulty, loop.some_of(rounds, 1))
