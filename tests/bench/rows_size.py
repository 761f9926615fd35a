# SPDX-License-Identifier: ISC
"""Rows about many contacts: what they cost in time, memory and disk."""
import time
from contextlib import contextmanager

import measure
import rows_store
import stock
import tools
from ours import Ours

SHIPPED_LIMITS = {"per_network": "30/1m", "per_address": "3/1d, 5/30d",
                  "per_domain": "6000/1h", "total": "60000/1h", "challenge": "auto"}


@contextmanager
def running(ours):
    """For a while; what it has stays."""
    ours.start()
    try:
        yield ours
    finally:
        ours.kill_all()


def against_few(bench, many):
    with Ours(bench, contacts=bench.contacts) as few:
        some, others = rows_store.posts(bench, many), rows_store.posts(bench, few)
        some.run(64)
        return measure.in_turns(bench.rounds, lambda: some.rate(64),
                                lambda: others.rate(64))


def larger(bench):
    with Ours(bench, contacts=bench.larger) as many:
        return against_few(bench, many)


def largest(bench):
    with running(bench.large()) as many:
        return against_few(bench, many)


def memory_idle(bench):
    with Ours(bench) as ours:
        return anonymous(ours)


def memory_full(bench):
    """Posts, and what goes on behind them, have been at work, too."""
    giant = bench.large()
    stock.fill(giant, "queued@example.com", bench.queued)
    begun = time.monotonic()
    with running(giant):
        spent = time.monotonic() - begun
        rows_store.posts(bench, giant).run(64)
        return anonymous(giant, f"{bench.largest:,} contacts, {bench.queued:,} queued mails, "
                         f"with which it is ready in {spent:.1f} s; ")


def anonymous(ours, note=""):
    """Once nothing happens any more.  What processes share with the one they
    were forked from counts in each; in the note, once."""
    time.sleep(1)
    every, once = (tools.memory_of(ours.process.pid, kind) / 1e6
                   for kind in ("Anonymous", "Pss_Anon"))
    return measure.Figure([every], note=f"{note}{once:.1f} MB if what is shared counts once")


def size_of(bench):
    return f"{bench.largest:,} contacts, {bench.queued:,} queued mails"


def disk(bench):
    """The difference that contacts make to a database with one."""
    used = []
    for count in (1, bench.larger):
        with Ours(bench, contacts=count) as ours:
            used.append(ours.status()["database"]["used"])
    return measure.Figure([(used[1] - used[0]) / (bench.larger - 1)])


def ready(bench):
    """From the start of the program to its line that says so.  With limits as
    they are shipped: their counts are made anew of the last 30 days."""
    giant, values = bench.large(), []
    off, giant.values["limits"] = giant.values["limits"], SHIPPED_LIMITS
    for _ in range(bench.rounds):
        begun = time.monotonic()
        with running(giant):
            values.append(time.monotonic() - begun)
    giant.values["limits"] = off
    return measure.Figure(values, note=f"{bench.largest:,} contacts")
