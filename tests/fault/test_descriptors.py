# SPDX-License-Identifier: ISC
"""No more file descriptors, no more processes: who can't have one waits, and
doesn't spin; and goes on by itself once there are some again."""
import errno
import os
import socket
import time

import pytest

from driver import loop
from driver.flows import NAMED
from driver.promise import Promise
from driver.shim import FAIL
from driver.world import FaultyDaemon
from harness import env

TICKS = os.sysconf("SC_CLK_TCK")
WATCHED = 2             # seconds
IDLE = 0.2              # of a processor, at most


def busy(pids):
    """How much of a processor they use, on average over a while."""
    def used():
        total = 0
        for pid in pids:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                fields = file.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total

    before = used()
    time.sleep(WATCHED)
    return (used() - before) / TICKS / WATCHED


def of_the_long(name):
    return pytest.param(name, marks=pytest.mark.long)


def connect(daemon):
    return socket.create_connection(("127.0.0.1", daemon.port), 5)


@pytest.mark.parametrize("role", ["web", of_the_long("admin"), of_the_long("mailer")])
def test_no_descriptor_is_left(make_daemon, role):
    daemon = make_daemon(kind=FaultyDaemon)
    pids = daemon.pids()
    daemon.shim.arm([role], ["accept", "open"], 1, FAIL, errno.EMFILE, sticky=True)
    promise = Promise(daemon, f"{role}@example.com")
    if role != "web":           # which has nobody to answer
        assert promise.subscribe() == 202
    waiting = [connect(daemon) for _ in range(5)]
    assert daemon.ask_admin("GET", "/status")[0] == (None if role == "admin" else 200)
    assert busy(daemon.family()) < IDLE
    assert daemon.shim.disarm() > 0
    for each in waiting:
        each.close()
    if role == "web":
        assert promise.subscribe() == 202
    daemon.wait_for(promise.is_kept, "the mail")
    assert daemon.pids() == pids
    loop.check_log(daemon)
    daemon.stop()


@pytest.mark.long
def test_few_descriptors(make_daemon):
    """From the start, and more visitors than that."""
    daemon = make_daemon(start=False, kind=FaultyDaemon)
    popen = daemon.popen
    daemon.popen = lambda command, **how: popen(["prlimit", "--nofile=32", *command], **how)
    daemon.start()
    pids = daemon.family()
    waiting = [connect(daemon) for _ in range(100)]
    assert busy(pids) < IDLE
    for each in waiting:
        each.close()
    promise = Promise(daemon, "few@example.com")
    assert promise.subscribe() == 202
    daemon.wait_for(promise.is_kept, "the mail")
    assert daemon.family() == pids
    daemon.stop()


@pytest.mark.parametrize("role", ["engine", *map(of_the_long, ("mailer", "admin", "web"))])
def test_no_process_is_left(make_daemon, role):
    """The parent tries again, less and less often."""
    daemon = make_daemon(kind=FaultyDaemon)
    flow = NAMED["unsubscribe"]
    promise = Promise(daemon, f"{role}@example.com")
    flow.prepare(promise)
    daemon.shim.arm(["parent"], ["fork"], 1, FAIL, errno.EAGAIN, sticky=True)
    daemon.lose(role)
    daemon.wait_log("no_process why=")
    assert busy(daemon.family()) < IDLE
    assert 2 <= daemon.shim.disarm() <= 40
    daemon.recover()
    env.wait_until(lambda: daemon.pids().get(role), f"the {role}")
    assert promise.leave() == 200
    assert promise.is_kept()
    daemon.stop()
