# SPDX-License-Identifier: ISC
"""The ways of an address.  Each is what comes before it, without faults, and
one act, with them; and when all that follows from the act is done."""
import dataclasses
import typing

import pytest

from harness.daemon import kill

from .promise import Promise

HOUR = 3600


@dataclasses.dataclass
class Flow:
    name: str
    prepare: typing.Callable        # of a Promise
    act: typing.Callable            # of a Promise; a status, None without an answer
    is_done: typing.Callable        # of a Promise that has just looked
    list: str = "weekly"
    roles: tuple = ("engine", "mailer", "web")
    after: typing.Callable = lambda promise: None   # with the faults gone


def _nothing(promise):
    pass


def _mailed(promise):
    return len(promise.events("mailed"))


def _be_pending(promise):
    assert promise.subscribe() == 202
    promise.daemon.wait_for(lambda: promise.is_kept() and _mailed(promise) == 1, "a mail")
    promise.take_link()


def _be_confirmed(promise):
    _be_pending(promise)
    assert promise.confirm() == 200
    promise.daemon.wait_for(lambda: promise.is_kept() and _mailed(promise) == 2, "a welcome")
    promise.take_link()


def _be_sealed(promise):
    _be_confirmed(promise)
    assert promise.order("erase") == 200
    promise.states = {None}
    assert promise.look() and promise.shown["proof_until"]
    # A day at once would be a clock that jumped, to an engine that starts anew:
    # the last one has to note what time it was.
    promise.daemon.let_pass(23 * HOUR)
    promise.daemon.rest()


def _resend(promise):
    before = promise.kinds()[0]
    status = promise.order("resend", force=1)
    promise.wanted = before + (status == 200)
    return status


def _choose_a_victim(promise):
    promise.victim = promise.daemon.pids()["engine"][0]


def _subscribe_after_a_loss(promise):
    kill(promise.victim)
    promise.daemon.recover()
    return promise.subscribe()


def _expire(promise):
    promise.states = {"pending", None}
    promise.daemon.let_pass(2 * HOUR)


def _end_proof(promise):
    promise.daemon.let_pass(2 * HOUR)


def _must_be_gone(promise):
    """What is due is done, whatever went wrong before."""
    promise.states = {"pending", None}
    promise.daemon.wait_for(lambda: promise.look() and promise.state() is None, "an expiry")
    promise.states = {None}


def _must_be_purged(promise):
    promise.daemon.wait_for(lambda: promise.look() and not promise.shown, "the proof's end")


FLOWS = [
    Flow("subscribe", _nothing, Promise.subscribe, lambda p: _mailed(p) == 1),
    Flow("send", _be_pending, _resend, lambda p: _mailed(p) == 2,
         roles=("engine", "mailer", "admin"), after=lambda p: p.daemon.wait_for(
             lambda: p.kinds()[0] >= min(p.wanted, 1), "the mail once more")),
    Flow("confirm", _be_pending, Promise.confirm, lambda p: _mailed(p) == 2),
    Flow("unsubscribe", _be_confirmed, Promise.leave, lambda p: p.state() == "unsubscribed",
         roles=("engine", "web")),
    Flow("expire", _be_pending, _expire, lambda p: p.state() is None, list="brief",
         roles=("engine",), after=_must_be_gone),
    Flow("purge", _be_sealed, _end_proof, lambda p: p.shown is None, roles=("engine",),
         after=_must_be_purged),
    # The parent has nothing to do while nobody dies.
    Flow("restart", _choose_a_victim, _subscribe_after_a_loss, lambda p: _mailed(p) == 1,
         roles=("parent",)),
]
NAMED = {flow.name: flow for flow in FLOWS}
# In all but the last, whoever is lost is started again while faults go on.
WAYS = FLOWS[:-1]

each_flow = pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
each_way = pytest.mark.parametrize("flow", WAYS, ids=lambda flow: flow.name)
