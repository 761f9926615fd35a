# SPDX-License-Identifier: ISC
"""The power goes at each moment of a recorded run, and takes with it what was
not synced, or some of it: what is left opens, is whole, and holds all that was
promised by then."""
import hashlib
import os
import random
import time

import pytest

from harness import env

from history.mailbox import Mailbox
from history.rounds import CONFIG
from power import disk, work
from power.recorded import Bench, Recorded

pytestmark = pytest.mark.skipif(
    env.SANITIZED, reason="a sanitizer's own library has to come first")


def run_and_record(daemon, count):
    mailbox = Mailbox(daemon.path / "mail")
    try:
        people = work.work(work.Site(daemon, mailbox, daemon.record), count)
    finally:
        mailbox.stop()
    daemon.stop()
    return people


def different(states):
    """Each pair of images once, with all the moments that may leave it."""
    found = {}
    for moment, images in states:
        digest = tuple(hashlib.blake2b(i, digest_size=16).digest() for i in images)
        found.setdefault(digest, ([], images))[0].append(moment)
    return list(found.values())


def begin():
    seed = int(os.environ.get("ASSENT_SEED", time.time_ns() % 10**9))
    print(f"ASSENT_SEED={seed}")
    return random.Random(seed)


def lose_power(count, at_most, starts):
    """So many people; so many of the states, of which some get a daemon."""
    chance = begin()
    with Recorded(CONFIG) as daemon:
        people = run_and_record(daemon, count)
        notes = list(disk.read_notes(daemon.record))
        found = different(disk.states(notes, chance, several=3))
        if len(found) > at_most:
            found = chance.sample(found, at_most)
        begun = set(chance.sample(range(len(found)), starts))
        with Bench(people) as bench:
            for i, (moments, images) in enumerate(found):
                bench.put(images)
                wrong = bench.look(moments)
                if i in begun and not wrong:
                    wrong = bench.start(daemon, images, moments[-1])
                assert not wrong, (i, moments, wrong)
        print(f"{len(notes)} notes, {len(found)} states of a disk, {starts} of them "
              f"started from")


def test_power_loss():
    lose_power(count=4, at_most=60, starts=1)


def test_what_is_never_synced_is_lost():
    """A disk that forgets what assentd trusted it to keep: this is seen."""
    chance = begin()
    with Recorded(CONFIG) as daemon:
        people = run_and_record(daemon, 2)
        notes = [n for n in disk.read_notes(daemon.record) if n.kind != disk.SYNC]
        found = different(disk.states(notes, chance, several=1))
        with Bench(people) as bench:
            for moments, images in chance.sample(found, 50):
                bench.put(images)
                if bench.look(moments):
                    return
    pytest.fail("nothing was missed")


@pytest.mark.long
def test_power_loss_at_each_moment():
    lose_power(count=int(os.environ.get("ASSENT_PEOPLE", 320)), at_most=5000, starts=40)
