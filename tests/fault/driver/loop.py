# SPDX-License-Identifier: ISC
"""One flow, again and again, until none of its calls is left that wasn't struck."""
import itertools
import json
import os
import random
import re
import signal
import time

from harness.mail import Mail

from .promise import Promise

KINDS = 2               # of mails in a flow: to confirm, and welcome
OWN = re.compile(r"[\w-]{34}(?![\w-])|\b[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}\b|"
                 r"\d+ [A-Z]\w+ \d{4}(, \d\d:\d\d UTC)?")
QUIET = 0.1             # seconds without a call: all is done
PATIENCE = 1            # the same, while there are fewer than expected
MISSES = 3              # in a row: there are no more calls
TOKENS = re.compile(r"[A-Za-z0-9_-]{34}")
_count = itertools.count(1)


def seed():
    found = int(os.environ.get("ASSENT_SEED", time.time_ns() % 10 ** 9))
    print(f"ASSENT_SEED={found}")
    return found


class Rounds:
    """`fault` is what Shim.arm takes, but for nth.  With it, all others may be
    lost, too."""

    domains = ["example.com", "bücher.example"]

    def __init__(self, daemon, flow, roles, kinds, with_all=False, **fault):
        self.daemon, self.flow, self.roles, self.kinds = daemon, flow, roles, kinds
        self.with_all, self.fault, self.promises, self.hits = with_all, fault, [], 0

    def prepare(self):
        domain = self.domains[len(self.promises) % len(self.domains)]
        promise = Promise(self.daemon, f"{self.flow.name}{next(_count)}@{domain}", self.flow.list)
        self.flow.prepare(promise)
        self.promises.append(promise)
        return promise

    def count(self):
        """How many calls there are to strike, when nothing is struck."""
        promise = self.prepare()
        self.daemon.shim.arm(self.roles, self.kinds)
        self.flow.act(promise)
        self._settle(1)
        self.daemon.shim.disarm()
        self.daemon.wait_for(lambda: promise.look() and self.flow.is_done(promise),
                             self.flow.name)
        return self.daemon.shim.count

    def _settle(self, expected=0):
        """What is done after the answer is waited for by looking at the shim
        alone, since a question would be calls, too."""
        shim, last, end = self.daemon.shim, -1, 0
        while shim.hits == 0 and (shim.count != last or time.monotonic() < end):
            if shim.count != last:
                last = shim.count
                end = time.monotonic() + (QUIET if last >= expected else PATIENCE)
            time.sleep(0.001)

    def strike(self, nth, expected):
        """One round; how often something was struck."""
        promise, shim = self.prepare(), self.daemon.shim
        self.daemon.hurry()
        shim.arm(self.roles, self.kinds, nth, **self.fault)
        self.flow.act(promise)
        self._settle(expected)
        if self.fault.get("sticky"):
            self._suffer()
        hits = shim.disarm()
        self.hits += hits
        if hits and self.with_all:
            self.daemon.lose()
        if hits:
            self.daemon.recover()
        self.flow.after(promise)
        self.daemon.wait_for(promise.is_kept, lambda: f"{promise.address} to have its mails")
        return hits

    def _suffer(self):
        """Whoever starts anew is struck again: a few times will do."""
        end = time.monotonic() + 0.15
        while self.daemon.shim.hits and time.monotonic() < end:
            if self.daemon.process.poll() is None:
                self.daemon.hurry()
            time.sleep(0.02)

    def all(self):
        """Every call, until none is left that could be struck.  (Counting says
        too much: a process makes things once that last.)"""
        calls = self.count()
        nth, misses = 1, 0
        while calls > 0 and misses < MISSES:
            misses = 0 if self.strike(nth, calls) else misses + 1
            nth += 1

    def some(self, chance, count):
        """So many of them."""
        calls = self.count()
        for nth in sorted(chance.sample(range(1, calls + 1), min(count, calls))):
            self.strike(nth, calls)


def rounds_of(daemon, flow, kinds, **how):
    """By each process that has to do with it."""
    return [Rounds(daemon, flow, [role], kinds, **how) for role in flow.roles]


def all_of(rounds):
    for each in rounds:
        each.all()
    return rounds


def some_of(rounds, count):
    chance = random.Random(seed())
    for each in rounds:
        each.some(chance, count)
    return rounds


def finish(daemon, rounds, crashes=()):
    print(f"{sum(len(each.promises) for each in rounds)} rounds, "
          f"{sum(each.hits for each in rounds)} faults")
    check(daemon, rounds, crashes)
    daemon.stop()


def check(daemon, rounds, crashes=()):
    """What must be true of all that was promised, once all is quiet."""
    daemon.wait_for(lambda: daemon.queued() == 0, "an empty outbox")
    for each in rounds:
        for promise in each.promises:
            daemon.wait_for(promise.is_kept, f"{promise.address} to be kept")
    _check_lists(daemon)
    _check_mails(daemon, sum(each.hits for each in rounds))
    check_log(daemon, crashes)


def _check_lists(daemon):
    """The list's rows, its counters, and each address's own view agree."""
    for name, counts in daemon.status()["lists"].items():
        listed = daemon.ctl("list", "--list", name, "--format", "jsonl").out
        rows = [json.loads(line)["state"] for line in listed.splitlines()]
        for state in ("confirmed", "unsubscribed"):
            assert rows.count(state) == counts[state], (name, counts)


def _shape(raw):
    """A mail without what is different in each."""
    mail = Mail(raw)
    text = "\n".join([mail.message["Subject"], *mail.message.keys(), mail.text, mail.html])
    return OWN.sub("", text)


def _check_mails(daemon, hits):
    """What came twice came no oftener than something was struck; and none
    lacks a part."""
    mails = daemon.mails.poll()
    assert len(mails) - len({m.id for m in mails}) <= hits
    shapes = {_shape(m.raw) for m in mails}
    assert len(shapes) <= KINDS, sorted(shapes)


def check_log(daemon, crashes=()):
    """No crash but those, no token, no secret, no address."""
    log = daemon.log
    # What a flow or a test kills itself is no crash.
    died = {int(n) for n in re.findall(r"child_died .*signal=(\d+)", log)}
    assert died <= {signal.SIGKILL, *crashes}, re.findall(r"child_died .*signal=.*", log)
    words = set(TOKENS.findall(log))
    for mail in daemon.mails.poll():
        assert not words & {t.decode() for t in re.findall(rb"/([A-Za-z0-9_-]{34})(?![\w-])",
                                                           mail.raw)}
        assert mail.to not in log
