# SPDX-License-Identifier: ISC
"""Erasure is real: what was deleted is in no file any more once the database
was compacted, and that takes nothing from anybody."""
import os

import pytest

from harness import env


def remnants(daemon, *texts):
    """Which of the texts stand in which file below the database's folder."""
    needles = {text.encode() for text in texts}
    needles |= {text.lower().encode() for text in texts}
    return [(path.name, needle) for path in sorted(daemon.path.glob("db/**/*"))
            if path.is_file() for needle in needles if needle in path.read_bytes()]


def compact(daemon):
    done = daemon.ctl("--json", "compact")
    if done.status: daemon.wait_log("child_died")
    assert done.status == 0, daemon.log[-3000:] if not print(daemon.log) else 0
    return done.json()["compaction"]


def test_who_is_erased_is_in_no_file(make_daemon):
    daemon = make_daemon({"limits": {"interval": 0}})
    daemon.confirmed("Ada.Lovelace@example.com", name="Ada Byron")
    daemon.confirmed("stays@example.com", name="Bob Stays")
    assert daemon.ctl("erase", "ada.lovelace@example.com", "--all").status == 0
    what = "Ada.Lovelace@example.com", "Ada Byron", "ada.lovelace", "lovelace"
    assert remnants(daemon, *what)
    compact(daemon)
    assert not remnants(daemon, *what)
    assert daemon.show("stays@example.com")["name"] == "Bob Stays"
    print(daemon.ctl("status").out)
    print(daemon.log)
