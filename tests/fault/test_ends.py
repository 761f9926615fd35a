# SPDX-License-Identifier: ISC
"""A process ends, as by kill -9, before and after each of its system calls: it
alone, or all others with it."""
import random
import signal

import pytest

from driver import loop
from driver.flows import FLOWS, RESTART
from driver.shim import CALLS, END_AFTER, END_BEFORE
from driver.world import FaultyDaemon


def rounds_of(daemon, flow, action, with_all=False):
    return [loop.Rounds(daemon, flow, [role], CALLS, action=action, with_all=with_all)
            for role in flow.roles]


def finish(daemon, rounds):
    # What the restart's flow loses, it kills.
    loop.check(daemon, rounds, crashes=[signal.SIGKILL])
    print(f"{sum(len(each.promises) for each in rounds)} rounds, "
          f"{sum(each.hits for each in rounds)} ends")
    daemon.stop()


@pytest.mark.long
@pytest.mark.parametrize("action", [END_BEFORE, END_AFTER], ids=["before", "after"])
@pytest.mark.parametrize("flow", [*FLOWS.values(), RESTART], ids=lambda flow: flow.name)
def test_one(make_daemon, flow, action):
    daemon = make_daemon(kind=FaultyDaemon)
    rounds = rounds_of(daemon, flow, action)
    for each in rounds:
        each.all()
    finish(daemon, rounds)


@pytest.mark.long
@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.name)
def test_all(make_daemon, flow):
    daemon = make_daemon(kind=FaultyDaemon)
    rounds = rounds_of(daemon, flow, END_AFTER, with_all=True)
    for each in rounds:
        each.all()
    finish(daemon, rounds)


@pytest.mark.parametrize("flow", [*FLOWS.values(), RESTART], ids=lambda flow: flow.name)
def test_some(make_daemon, flow):
    chance = random.Random(loop.seed())
    daemon = make_daemon(kind=FaultyDaemon)
    rounds = rounds_of(daemon, flow, END_AFTER)
    for each in rounds:
        each.some(chance, 3)
    finish(daemon, rounds)
