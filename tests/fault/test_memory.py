# SPDX-License-Identifier: ISC
"""The n-th time that memory is asked for there is none.  Whoever asked ends its
process, with a line that says so; or it is told as an error, and the rest goes
well."""
import re
import signal

import pytest

from driver import loop
from driver.flows import each_flow
from driver.shim import FAIL
from driver.world import FaultyDaemon
from harness import env

# Ours; and GLib's own, which ends by SIGTRAP.
WORDS = re.compile(r"^assent: out of memory$|^assent: libcrypto failed$|"
                   r"GLib-ERROR .*failed to allocate", re.M)
CRASHES = [signal.SIGABRT, signal.SIGTRAP]

pytestmark = pytest.mark.skipif(env.SANITIZED, reason="a sanitizer has memory of its own")


def finish(daemon, rounds):
    loop.finish(daemon, rounds, CRASHES)
    died = re.findall(r"child_died .*signal=(?!9\b)", daemon.log)
    assert len(died) <= len(WORDS.findall(daemon.log))


@pytest.mark.long
@each_flow
def test_each(make_daemon, flow):
    daemon = make_daemon(kind=FaultyDaemon)
    finish(daemon, loop.all_of(loop.rounds_of(daemon, flow, ["memory"], action=FAIL)))


@each_flow
def test_some(make_daemon, flow):
    daemon = make_daemon(kind=FaultyDaemon)
    finish(daemon, loop.some_of(loop.rounds_of(daemon, flow, ["memory"], action=FAIL), 10))
