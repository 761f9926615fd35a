# SPDX-License-Identifier: ISC
"""A daemon whose writes are noted, and a bench on which a disk is set up as
the power may have left it."""
import mmap
import os
import subprocess
import tempfile
from pathlib import Path

from harness import config, env
from harness.daemon import Daemon, run

from . import work

RECORD_SIZE = 256 << 20
JOURNAL_SIZE = 2 << 20


class Recorded(Daemon):
    """A daemon with our record.c before it."""

    def __init__(self, changes):
        super().__init__(changes)
        self.notes = self.path / "notes"
        with open(self.notes, "wb") as file:
            file.truncate(RECORD_SIZE)
        with open(self.notes, "r+b") as file:
            self.record = mmap.mmap(file.fileno(), RECORD_SIZE)

    def _environment(self):
        return {**super()._environment(), "ASSENT_RECORD": str(self.notes),
                "LD_PRELOAD": env.program("fault-record.so")}


class Bench:
    """A folder in memory, for one image of a database after the other."""

    def __init__(self, people):
        self.people = people
        self.first = min(p.promises[0].asked for p in people)
        self.temporary = tempfile.TemporaryDirectory(prefix="assent-power-", dir="/dev/shm")
        self.folder = Path(self.temporary.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def put(self, images, folder=None):
        folder = folder or self.folder
        for name in ("data.mdb", "lock.mdb", "journal"):
            (folder / name).unlink(missing_ok=True)
        for name, image in zip(("data.mdb", "journal"), images):
            if image:
                (folder / name).write_bytes(image)
                env.give_away(folder / name)
        if images[1]:
            os.truncate(folder / "journal", JOURNAL_SIZE)

    def look(self, moments):
        """What is wrong with the image that was put, without a daemon, if the
        power went at any of the moments."""
        done = run("assentctl", "fsck", "-d", str(self.folder))
        # Before the first commit there are no tables to look at.
        if done.status != 0 and moments[-1] >= self.first:
            return [f"fsck: {done}"]
        done = run("fault-look", str(self.folder))
        lines = done.out.splitlines()
        if done.status != 0:
            return [f"look: {done}"]
        return [w for m in moments for w in work.compare(self.people, m, lines)]

    def start(self, daemon, images, moment):
        """What a daemon makes of it, and tells by its public tools."""
        other = Daemon()
        try:
            other.values = config.merge(other.values, {
                "secret_file": str(daemon.path / "secret"),
                ("list", "weekly"): {"welcome": False}})
            self.put(images, other.path / "db")
            other.start()
            env.wait_until(lambda: other.queued() == 0, "an empty outbox")
            wrong = self._told(other, moment)
            other.stop()
        finally:
            other.clean_up()
        return wrong

    def _told(self, other, moment):
        wrong = []
        for person in self.people:
            found = other.show(work.plain(person.key)) or {"subscriptions": []}
            states = frozenset(s["state"] for s in found["subscriptions"])
            allowed = {frozenset(work.SHOWN.get(s, s) for s in may if s != "withdrawn")
                       for may in person.may_be(moment)}
            if states not in allowed:
                wrong.append(f"{person.key}: {set(states)}, of {person.promises}")
        return wrong
