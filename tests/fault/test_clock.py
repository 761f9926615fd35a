# SPDX-License-Identifier: ISC
"""The machine's clock jumps while a daemon runs, and while it is stopped: it
says so, loses nobody by it, and believes it again when it is back."""
import pytest

from driver.shim import Shim
from harness.daemon import Daemon

DAY, YEAR = 86400, 365 * 86400


class Clocked(Daemon):
    """A daemon whose wall clock is ours to turn."""

    def __init__(self, changes=None):
        super().__init__({**(changes or {}), "log": {"level": "info"}})
        self.shim = Shim(self.path / "faults")

    def _environment(self):
        result = {**super()._environment(), **self.shim.environment}
        # A sanitizer's library wants to come first, and needn't.
        result["ASAN_OPTIONS"] += ":verify_asan_link_order=0"
        return result

    def turn(self, seconds):
        self.shim.move_clocks(seconds, monotonic=False)

    def clean_up(self):
        super().clean_up()
        self.shim.close()


@pytest.fixture
def daemon(make_daemon):
    return make_daemon(kind=Clocked)


def look(daemon, name):
    """Something happens, so that the engine looks at its clock."""
    daemon.subscribe(f"{name}@example.org")
    daemon.mails.wait(f"{name}@example.org")


def clock(daemon):
    told = daemon.status()["clock"]
    return told["jumped_seconds"], told["held_seconds"]


def test_ahead_and_back(daemon):
    daemon.subscribe("jo@example.org")
    mail = daemon.mails.wait("jo@example.org")
    daemon.subscribe("mo@example.org")
    assert daemon.press(daemon.mails.wait("mo@example.org").notme).status == 200
    assert clock(daemon) == (0, 0)
    daemon.turn(10 * YEAR + 60)
    look(daemon, "a")
    assert "seconds=3153" in daemon.wait_log("clock_jumped")
    ahead, held = clock(daemon)
    assert abs(ahead - 10 * YEAR) <= 60 and DAY - 60 < held <= DAY
    told = daemon.ctl("status")
    assert "CLOCK JUMPED 3650 d" in told.out and told.status == 0
    # Nobody has been forgotten, and nobody who said no is mailed.
    assert daemon.state("jo@example.org") == "pending"
    assert daemon.show("mo@example.org")["suppressions"]
    assert daemon.press(mail.confirm).status in (200, 303)
    daemon.turn(-10 * YEAR - 60)
    look(daemon, "b")
    daemon.wait_log("clock_came_back")
    assert clock(daemon) == (0, 0)
    assert "CLOCK" not in daemon.ctl("status").out
    assert daemon.state("jo@example.org") == "confirmed"


def test_back(daemon):
    look(daemon, "a")
    daemon.turn(-10 * YEAR - 60)
    look(daemon, "b")
    assert "seconds=-3153" in daemon.wait_log("clock_jumped")
    assert "3650 d back" in daemon.ctl("status").out


def test_a_start_days_later(daemon):
    daemon.subscribe("jo@example.org")
    mail = daemon.mails.wait("jo@example.org")
    daemon.settle()
    daemon.stop()
    daemon.turn(8 * DAY)
    daemon.start()
    assert clock(daemon)[0] >= 8 * DAY
    assert daemon.press(mail.confirm).status in (200, 303)
    daemon.stop()
    # What it knows of the time is what it believes, not what it was shown.
    daemon.turn(-8 * DAY)
    daemon.start()
    assert clock(daemon) == (0, 0)


def test_small_jumps_are_none(daemon):
    for seconds in (3600, -3600, DAY - 60, 60 - DAY):
        daemon.turn(seconds)
        daemon.confirmed(f"a{abs(seconds)}{seconds > 0}@example.org")
        assert clock(daemon) == (0, 0)
    assert "clock_jumped" not in daemon.log


def test_timeouts_have_another_clock(daemon):
    """A connection and a form outlive what the wall clock shows meanwhile."""
    kept = daemon.web.connect()
    for seconds in (0, 10 * YEAR, -20 * YEAR, 10 * YEAR):
        daemon.turn(seconds)
        assert daemon.web.request("GET", "/healthz", conn=kept).status == 200
    form = daemon.web.get("/subscribe/weekly").forms()[0]
    for seconds in (3600, -7200, 3600):
        daemon.turn(seconds)
        answer = daemon.web.post_form(
            "/subscribe", form.fields(email="jo@example.org"), daemon.web.as_page())
        assert answer.status == 303, answer
