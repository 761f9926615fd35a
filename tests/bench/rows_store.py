# SPDX-License-Identifier: ISC
"""Rows about posts and confirmations, which are on the disk when they are
answered."""
import subprocess

from harness import env

import measure
import texts
import tools
from ours import Ours, Unsynced
from peers import Postgres


class Requests:
    """A kind of request to one daemon; one that changes something, never twice."""

    def __init__(self, bench, ours, name, text, status, lines=None, changes=True):
        self.bench, self.ours, self.status, self.lines = bench, ours, status, lines
        self.request = bench.write(f"{name}.http", text)
        self.changes, self.first, self.end = changes, 0, 0

    def run(self, connections, seconds=None, rate=None):
        done = tools.load(self.ours.port, self.request, seconds or self.bench.seconds,
                          connections, e=self.status, l=self.lines, s=self.first, r=rate)
        self.end = self.first + done["requests"]
        if self.changes:
            self.first = self.end
        return done

    def rate(self, connections):
        return measure.with_cpu(lambda: self.ours.cpu("web", "engine"),
                                lambda: self.run(connections))


def posts(bench, ours):
    return Requests(bench, ours, "post", texts.post("new##########@example.com"), 202)


def one_connection(bench):
    with Ours(bench, contacts=bench.contacts) as ours:
        one = posts(bench, ours)
        return measure.in_turns(bench.rounds, lambda: one.rate(1),
                                lambda: bench.disk()["rate"])


def many_connections(bench):
    with Ours(bench, contacts=bench.contacts) as ours, \
            Postgres(bench, bench.contacts) as postgres:
        many = posts(bench, ours)
        return measure.in_turns(bench.rounds, lambda: many.rate(64),
                                lambda: postgres.rate(bench.seconds))


def waits_for_disk(ours):
    """As status and -V have it, which must agree."""
    said = env.program(ours.binary)
    warns = "NOT SYNCED" in subprocess.run([said, "-V"], capture_output=True, text=True).stdout
    status = ours.status()["database"].get("synced", True)
    assert warns != status, (said, status)
    assert warns == ("NOT SYNCED" in ours.ctl("status").out)
    return status


def without_sync(bench):
    with Ours(bench, contacts=bench.contacts) as ours, \
            Unsynced(bench, contacts=bench.contacts) as unsynced:
        assert waits_for_disk(ours) and not waits_for_disk(unsynced)
        synced, other = posts(bench, ours), posts(bench, unsynced)
        return measure.in_turns(bench.rounds, lambda: synced.rate(256),
                                lambda: other.rate(256))


def latency(bench):
    """The wait of each post counts from when it was due."""
    with Ours(bench, contacts=bench.contacts) as ours:
        some = posts(bench, ours)
        half = max(some.rate(64)[0] for _ in range(2)) / 2
        runs = []

        def p99():
            runs.append(some.run(64, rate=half))
            return runs[-1]["p99"]

        figure = measure.in_turns(bench.rounds, p99, lambda: bench.disk()["p50"])
        figure.note = f"at {half:.0f} posts/s; " + ", ".join(
            f"{p} {measure.middle(r[p] for r in runs) / 1e3:.1f} ms"
            for p in ("p50", "p99", "p99.9"))
        return figure


def by_link(bench, name, text, changes):
    """That, and posts of the same run, at 64 connections each."""
    with Ours(bench, contacts=bench.contacts, waiting=bench.waiting) as ours:
        some = posts(bench, ours)
        links = Requests(bench, ours, name, text(ours.base), 200, ours.links, changes)
        figure = measure.in_turns(bench.rounds, lambda: links.rate(64),
                                  lambda: some.rate(64))
        assert links.end <= bench.waiting, f"{links.end} of {bench.waiting} links"
        return figure


def confirm(bench):
    return by_link(bench, "confirm", texts.confirm, changes=True)


def show(bench):
    return by_link(bench, "show", texts.show, changes=False)
