# SPDX-License-Identifier: ISC
"""The disk is full, or the database may grow no more: nobody new is taken, but
whoever is there can confirm, leave and be erased; and once there is room, all
goes on, without a restart."""
import itertools
import json

import pytest

from driver import flows, loop
from driver.promise import Promise
from driver.world import FaultyDaemon
from harness import env
from harness.config import Bare
from harness.disk import disk_of

EACH = 5
LONG = {name: "x" * 1000 for name in
        ["source", *(f"utm_{n}" for n in ("source", "medium", "campaign", "term", "content"))]}
_numbers = itertools.count(1)


def prepare(daemon):
    """People who will confirm, leave and be erased."""
    result = []
    for name in ("confirm", "unsubscribe", "unsubscribe"):
        result.append([Promise(daemon, f"full{next(_numbers)}@example.com") for _ in range(EACH)])
        for promise in result[-1]:
            flows.NAMED[name].prepare(promise)
    return result


def post(daemon, **more):
    """A stranger's; the answer."""
    return daemon.ask("POST", "/subscribe", json.dumps(
        {"email": f"more{next(_numbers)}@example.com", "list": "weekly", **more}),
        {"Content-Type": "application/json", "Accept": "application/json"})


def is_refused(answer):
    if answer.status == 202:
        return False
    assert answer.status == 503 and answer.header("Retry-After"), answer
    assert answer.json()["error"]["code"] == "unavailable"
    return True


def fill_up(daemon):
    """Until nobody is taken any more; how many were."""
    for taken in itertools.count():
        if is_refused(post(daemon, **LONG)):
            return taken


def restarts(daemon):
    return [p["restarts"] for p in daemon.status()["processes"]]


def live_through(daemon, people, make_room):
    """From where it is full."""
    to_confirm, to_leave, to_erase = people
    assert daemon.ask("GET", "/readyz").status == 503
    for a, b, c in zip(to_confirm, to_leave, to_erase):
        assert a.confirm() == 200 and b.leave() == 200 and c.order("erase", all=1) == 200
        c.states = {None}
    for promise in itertools.chain(*people):
        assert promise.look() and promise.state() in promise.states
    fill_up(daemon)         # who was erased made room, perhaps, for somebody
    make_room()
    env.wait_until(lambda: not is_refused(post(daemon)), "somebody to be taken")
    late = Promise(daemon, f"late{next(_numbers)}@example.com")
    assert late.subscribe() == 202
    for promise in [late, *itertools.chain(*people)]:
        daemon.wait_for(promise.is_kept, lambda: f"{promise.address} to be kept")
    assert restarts(daemon) == [0] * len(restarts(daemon))
    loop.check_log(daemon)
    daemon.stop()


def test_full_disk(make_daemon):
    daemon = make_daemon({"map_size": Bare("32m")}, start=False, kind=FaultyDaemon)
    disk = disk_of(daemon.path / "db", 16)
    if disk is None:
        pytest.skip("only root can mount a small disk")
    try:
        daemon.start()
        people = prepare(daemon)
        disk.fill()
        fill_up(daemon)
        live_through(daemon, people, disk.free)
    finally:
        disk.close()


@pytest.mark.long
def test_full_map(make_daemon):
    daemon = make_daemon({"map_size": Bare("16m"), "retain": {"proof": Bare("30d")}},
                         kind=FaultyDaemon)
    people = prepare(daemon)
    while fill_up(daemon) > 0:      # each mail that leaves makes room for somebody
        env.wait_until(lambda: daemon.queued() == 0, "an empty outbox")
    # None of the strangers ever confirms, and in the end they are forgotten.
    live_through(daemon, people, lambda: daemon.let_pass(80 * flows.HOUR))
