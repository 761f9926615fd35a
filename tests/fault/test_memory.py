# SPDX-License-Identifier: ISC
"""The n-th time that memory is asked for there is none.  Whoever asked ends its
process, with a line that says so; or it is told as an error, and the rest goes
well."""
import random
import re
import signal

import pytest

from driver import loop
from driver.flows import FLOWS
from driver.shim import FAIL
from driver.world import FaultyDaemon
from harness import env

# Ours; and GLib's own, which ends by SIGTRAP.
WORDS = re.compile(r"^assent: out of memory$|^assent: libcrypto failed$|"
                   r"GLib-ERROR .*failed to allocate", re.M)

pytestmark = pytest.mark.skipif(env.SANITIZED, reason="a sanitizer has memory of its own")


def rounds_of(daemon, flow):
    return [loop.Rounds(daemon, FLOWS[flow], [role], ["memory"], action=FAIL)
            for role in FLOWS[flow].roles]


def finish(daemon, rounds):
    loop.check(daemon, rounds, crashes=[signal.SIGABRT, signal.SIGTRAP])
    died = len(re.findall(r"child_died .*signal=", daemon.log))
    said = len(WORDS.findall(daemon.log))
    print(f"{sum(len(each.promises) for each in rounds)} rounds, "
          f"{sum(each.hits for each in rounds)} faults, {died} ends")
    assert died == said
    daemon.stop()


@pytest.mark.long
@pytest.mark.parametrize("flow", FLOWS)
def test_out_of_memory(make_daemon, flow):
    daemon = make_daemon(kind=FaultyDaemon)
    rounds = rounds_of(daemon, flow)
    for each in rounds:
        each.all()
    finish(daemon, rounds)


@pytest.mark.parametrize("flow", FLOWS)
def test_some(make_daemon, flow):
    chance = random.Random(loop.seed())
    daemon = make_daemon(kind=FaultyDaemon)
    rounds = rounds_of(daemon, flow)
    for each in rounds:
        each.some(chance, 10)
    finish(daemon, rounds)
