# SPDX-License-Identifier: ISC
"""A process ends, as by kill -9, before and after each of its system calls, it
alone or all others with it; and at random points, while many come."""
import os

import pytest

from driver import loop
from driver.flows import each_flow
from driver.shim import CALLS, END_AFTER, END_BEFORE
from driver.world import FaultyDaemon
from harness.config import Bare
from harness.mail import SmtpServer
from harness.storm import LOAD, storm

POINTS = int(os.environ.get("ASSENT_KILLS", 1000))


@pytest.mark.long
@pytest.mark.parametrize("action", [END_BEFORE, END_AFTER], ids=["before", "after"])
@each_flow
def test_one(make_daemon, flow, action):
    daemon = make_daemon(kind=FaultyDaemon)
    loop.finish(daemon, loop.all_of(loop.rounds_of(daemon, flow, CALLS, action=action)))


@pytest.mark.long
@each_flow
def test_all(make_daemon, flow):
    daemon = make_daemon(kind=FaultyDaemon)
    loop.finish(daemon, loop.all_of(loop.rounds_of(daemon, flow, CALLS, action=END_AFTER,
                                                   with_all=True)))


@each_flow
def test_some(make_daemon, flow):
    daemon = make_daemon(kind=FaultyDaemon)
    loop.finish(daemon, loop.some_of(loop.rounds_of(daemon, flow, CALLS, action=END_AFTER), 3))


@pytest.mark.long
def test_random_points_by_maildir(make_daemon):
    daemon = make_daemon(LOAD, kind=FaultyDaemon)
    storm(daemon, POINTS - POINTS // 4, daemon.hurry)
    daemon.stop()


@pytest.mark.long
def test_random_points_by_smtp(make_daemon):
    with SmtpServer() as server:
        daemon = make_daemon({**LOAD, "mail": {"retry": ["1s"], "timeout": Bare("10s")}},
                             kind=FaultyDaemon, mails=server)
        storm(daemon, POINTS // 4, daemon.hurry)
        daemon.stop()
