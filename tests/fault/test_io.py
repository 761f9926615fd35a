# SPDX-License-Identifier: ISC
"""The n-th system call fails, or does half of what it should: once, or from
then on.  n = 1, 2, 3 … until none is left."""
import errno
import random

import pytest

from driver import loop
from driver.flows import FLOWS
from driver.shim import CALLS, FAIL, SHORT
from driver.world import FaultyDaemon

DISK = ["write", "sync", "size", "open", "name", "map", "read"]
BYTES = ["write", "read", "send", "receive", "put", "get"]
ONCE = {
    "EIO": (CALLS, {"action": FAIL, "error": errno.EIO}),
    "ENOSPC": (CALLS, {"action": FAIL, "error": errno.ENOSPC}),
    "EDQUOT": (CALLS, {"action": FAIL, "error": errno.EDQUOT}),
    "EINTR": (CALLS, {"action": FAIL, "error": errno.EINTR}),
    "short": (BYTES, {"action": SHORT}),
}
# Of sockets that fail for ever there is nothing to be expected.
FROM_THEN_ON = {name: (DISK, {"action": FAIL, "error": error, "sticky": True})
                for name, error in [("EIO", errno.EIO), ("ENOSPC", errno.ENOSPC),
                                    ("EDQUOT", errno.EDQUOT)]}


def rounds_of(daemon, flow, fault):
    kinds, what = fault
    return [loop.Rounds(daemon, FLOWS[flow], [role], kinds, **what) for role in FLOWS[flow].roles]


def finish(daemon, rounds):
    loop.check(daemon, rounds)
    print(f"{sum(len(each.promises) for each in rounds)} rounds, "
          f"{sum(each.hits for each in rounds)} faults")
    daemon.stop()


@pytest.mark.long
@pytest.mark.parametrize("fault", ONCE)
@pytest.mark.parametrize("flow", FLOWS)
def test_once(make_daemon, flow, fault):
    daemon = make_daemon(kind=FaultyDaemon)
    rounds = rounds_of(daemon, flow, ONCE[fault])
    for each in rounds:
        each.all()
    finish(daemon, rounds)


@pytest.mark.long
@pytest.mark.parametrize("fault", FROM_THEN_ON)
@pytest.mark.parametrize("flow", FLOWS)
def test_from_then_on(make_daemon, flow, fault):
    daemon = make_daemon(kind=FaultyDaemon)
    rounds = rounds_of(daemon, flow, FROM_THEN_ON[fault])
    for each in rounds:
        each.all()
    finish(daemon, rounds)


@pytest.mark.parametrize("flow", FLOWS)
def test_some(make_daemon, flow):
    chance = random.Random(loop.seed())
    daemon = make_daemon(kind=FaultyDaemon)
    rounds = [r for faults in (ONCE, FROM_THEN_ON) for fault in faults.values()
              for r in rounds_of(daemon, flow, fault)]
    for each in rounds:
        each.some(chance, 2)
    finish(daemon, rounds)
