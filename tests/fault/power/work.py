# SPDX-License-Identifier: ISC
"""People who use a daemon while what it writes is recorded, and when each of
them was promised what."""
import threading
import time
from typing import NamedTuple

from history.mailbox import spell, plain
from history.clients import form
from history.wire import Wire

from . import disk

# What the person asks for next, and how the store may tell of it.
STEPS = {"subscribe": {"new", "waiting"}, "confirm": {"confirmed"},
         "unsubscribe": {"unsubscribed"}, "notme": {"withdrawn"}, "erase": set()}
# What `show` calls it.
SHOWN = {"new": "pending", "waiting": "pending"}
WAYS = [("subscribe", "confirm"), ("subscribe", "confirm", "unsubscribe"),
        ("subscribe", "notme"), ("subscribe",),
        ("subscribe", "confirm", "erase", "subscribe", "confirm"),
        ("subscribe", "erase")]


class Promise(NamedTuple):
    step: str
    asked: int          # the recording's length then,
    kept: int           # and when the answer was there


class Person:
    """Somebody who asks for one thing after the other."""

    def __init__(self, number, site):
        self.number, self.key, self.site = number, f"p{number}", site
        self.web, self.admin = Wire(site.port), Wire(site.socket)
        self.promises, self.seen = [], 0

    def run(self):
        assert self.web.open() and self.admin.open()
        for step in WAYS[self.number % len(WAYS)]:
            self._step(step)
        self.web.close()
        self.admin.close()

    def _step(self, step):
        asked = self.site.now()
        if step == "subscribe":
            wire, request, wanted = self.web, (
                "POST", "/subscribe",
                form(email=spell(self.key, self.number << 4 | self.seen), list="weekly")), 202
        elif step == "erase":
            wire, request, wanted = self.admin, (
                "POST", "/erase", form(address=plain(self.key))), 200
        else:
            wire, request, wanted = self.web, (
                "POST", f"/{step}/{self.letter.token[step]}",
                "List-Unsubscribe=One-Click&press=1"), 200
        status, body = wire.ask(*request)
        assert status == wanted, (step, status, body)
        self.promises.append(Promise(step, asked, self.site.now()))
        if step == "subscribe":
            self._wait_for_mail()

    def _wait_for_mail(self):
        end = time.monotonic() + 30
        self.seen += 1
        while len(self.site.mailbox.letters(self.key)) < self.seen:
            assert time.monotonic() < end, f"no mail for {self.key}"
            time.sleep(0.002)
        self.letter = self.site.mailbox.letters(self.key)[-1]

    def may_be(self, moment):
        """What the store may tell of them when the power went at that moment:
        as promised last, or as asked for since."""
        kept = {frozenset()}
        for promise in self.promises:
            told = {frozenset([s]) for s in STEPS[promise.step]} or {frozenset()}
            if promise.kept <= moment:
                kept = told
            elif promise.asked < moment:
                kept = kept | told
        return kept


class Site:
    def __init__(self, daemon, mailbox, record):
        self.port, self.socket = daemon.port, daemon.values["admin"]["socket"]
        self.mailbox, self.record = mailbox, record

    def now(self):
        return disk.used(self.record)


def work(site, people, at_once=4):
    """Has so many people come, some at a time; returns them."""
    everybody = [Person(n, site) for n in range(people)]
    queue, failed, lock = list(reversed(everybody)), [], threading.Lock()

    def run():
        while True:
            with lock:
                if not queue or failed:
                    return
                person = queue.pop()
            try:
                person.run()
            except Exception as error:      # told below
                failed.append(error)
                return

    threads = [threading.Thread(target=run) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return everybody


def compare(people, moment, told):
    """What is wrong with what the store tells, lines "address state"."""
    seen = {}
    for line in told:
        address, state = line.split()
        seen.setdefault(address.lower(), set()).add(state)
    wrong = []
    for person in people:
        states = frozenset(seen.pop(plain(person.key), ()))
        if states not in person.may_be(moment):
            wrong.append(f"{person.key}: {set(states)}, of {person.promises} at {moment}")
    return wrong + [f"{address}: nobody asked" for address in seen]
