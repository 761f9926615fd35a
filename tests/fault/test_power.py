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


class Ways:
    """The different states that a disk may be left in.  They are made anew each
    time that they are gone through: kept, they would fill the memory."""

    def __init__(self, notes, seed, several):
        self.notes, self.seed, self.several = notes, seed, several
        self.moments = {}       # of each state, all that may leave it
        for state, moment, _ in self._all():
            self.moments.setdefault(state, []).append(moment)

    def _all(self):
        for moment, images in disk.states(self.notes, random.Random(self.seed),
                                          self.several):
            yield tuple(hashlib.blake2b(i, digest_size=16).digest()
                        for i in images), moment, images

    def some(self, chosen):
        """Each of the chosen ones once: which, its moments, its images."""
        left = set(chosen)
        for state, _, images in self._all():
            if state in left:
                left.discard(state)
                yield state, self.moments[state], images


def begin():
    seed = int(os.environ.get("ASSENT_SEED", time.time_ns() % 10**9))
    print(f"ASSENT_SEED={seed}")
    return seed


def lose_power(count, at_most, starts):
    """So many people; so many of the states, of which some get a daemon."""
    seed = begin()
    chance = random.Random(seed)
    with Recorded(CONFIG) as daemon:
        people = run_and_record(daemon, count)
        ways = Ways(list(disk.read_notes(daemon.record)), seed, several=3)
        chosen = chance.sample(list(ways.moments), min(at_most, len(ways.moments)))
        begun = set(chance.sample(chosen, starts))
        with Bench(people) as bench:
            for state, moments, images in ways.some(chosen):
                bench.put(images)
                wrong = bench.look(moments)
                if state in begun and not wrong:
                    wrong = bench.start(daemon, images, moments[-1])
                assert not wrong, (moments, wrong)
        print(f"{len(ways.notes)} notes, {len(chosen)} states of a disk, {starts} of "
              f"them started from")


def test_power_loss():
    lose_power(count=4, at_most=60, starts=1)


def test_what_is_never_synced_is_lost():
    """A disk that forgets what assentd trusted it to keep: this is seen."""
    seed = begin()
    with Recorded(CONFIG) as daemon:
        people = run_and_record(daemon, 2)
        ways = Ways([n for n in disk.read_notes(daemon.record) if n.kind != disk.SYNC],
                    seed, several=1)
        chosen = random.Random(seed).sample(list(ways.moments), 50)
        with Bench(people) as bench:
            for _, moments, images in ways.some(chosen):
                bench.put(images)
                if bench.look(moments):
                    return
    pytest.fail("nothing was missed")


@pytest.mark.long
def test_power_loss_at_each_moment():
    lose_power(count=int(os.environ.get("ASSENT_PEOPLE", 320)), at_most=5000, starts=40)
