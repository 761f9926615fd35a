# SPDX-License-Identifier: ISC
"""The n-th system call fails, or does half of what it should: once, or from
then on.  n = 1, 2, 3 … until none is left."""
import errno

import pytest

from driver import loop
from driver.flows import each_flow, each_way
from driver.shim import CALLS, FAIL, SHORT
from driver.world import FaultyDaemon

DISK = ["write", "sync", "size", "open", "name", "map", "read"]
BYTES = ["write", "read", "send", "receive", "put", "get"]
ONCE = {name: {"kinds": CALLS, "action": FAIL, "error": getattr(errno, name)}
        for name in ("EIO", "ENOSPC", "EDQUOT", "EINTR")}
ONCE["short"] = {"kinds": BYTES, "action": SHORT}
# Of sockets that fail for ever there is nothing to be expected.
FROM_THEN_ON = {name: {**ONCE[name], "kinds": DISK, "sticky": True}
                for name in ("EIO", "ENOSPC", "EDQUOT")}


@pytest.mark.long
@pytest.mark.parametrize("fault", ONCE)
@each_flow
def test_once(make_daemon, flow, fault):
    daemon = make_daemon(kind=FaultyDaemon)
    loop.finish(daemon, loop.all_of(loop.rounds_of(daemon, flow, **ONCE[fault])))


@pytest.mark.long
@pytest.mark.parametrize("fault", FROM_THEN_ON)
@each_way
def test_from_then_on(make_daemon, flow, fault):
    daemon = make_daemon(kind=FaultyDaemon)
    loop.finish(daemon, loop.all_of(loop.rounds_of(daemon, flow, **FROM_THEN_ON[fault])))


@each_way
def test_some(make_daemon, flow):
    daemon = make_daemon(kind=FaultyDaemon)
    rounds = [each for fault in (*ONCE.values(), *FROM_THEN_ON.values())
              for each in loop.rounds_of(daemon, flow, **fault)]
    loop.finish(daemon, loop.some_of(rounds, 2))
