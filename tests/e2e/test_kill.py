# SPDX-License-Identifier: ISC
"""kill -9 under load, at random points."""
import os

from harness import env
from harness.config import Bare
from harness.daemon import DaemonOnDisk
from harness.mail import SmtpServer
from harness.storm import LOAD, storm

POINTS = int(os.environ.get("ASSENT_KILLS", 40 if env.SANITIZED else 200))


def test_kill_at_random_points_by_maildir(make_daemon):
    daemon = make_daemon(LOAD, kind=DaemonOnDisk)
    storm(daemon, POINTS - POINTS // 4)
    daemon.stop()
    daemon.fsck()


def test_kill_at_random_points_by_smtp(make_daemon):
    with SmtpServer() as server:
        daemon = make_daemon({**LOAD, "mail": {"retry": ["1s"], "timeout": Bare("10s")}},
                             mails=server, kind=DaemonOnDisk)
        storm(daemon, POINTS // 4)
        daemon.stop()
        daemon.fsck()
