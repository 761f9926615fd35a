# SPDX-License-Identifier: ISC
"""assentctl fsck: says nothing of a database that is as it should be, finds
what isn't, and leaves alone what it can't look at."""
from harness.daemon import run


def live(daemon):
    """A life of all that leaves rows behind."""
    daemon.confirmed("stays@example.com")
    leaver = daemon.confirmed("leaves@example.com")
    assert daemon.one_click(leaver.unsubscribe).status == 200
    daemon.subscribe("waits@example.com")
    daemon.subscribe("denies@example.com")
    daemon.press(daemon.mails.wait("denies@example.com").notme)
    daemon.confirmed("erased@example.com")
    assert daemon.ctl("erase", "erased@example.com").status == 0
    assert daemon.ctl("suppress", "never@example.com").status == 0
    daemon.settle()


def test_a_healthy_database_is_clean(make_daemon):
    daemon = make_daemon()
    live(daemon)
    daemon.stop()
    assert daemon.fsck().out.endswith(", 0 findings\n")
    without_secret = run("assentctl", "fsck", "-d", daemon.values["database"])
    assert without_secret.status == 0, without_secret
