# SPDX-License-Identifier: ISC
"""People who subscribe, open the link that they were mailed, and leave: real
clients, each with what it was promised last, and what it can't know."""
import collections
import http.client
import random
import threading
import time

from . import web

GOOD = {"pending": (303,), "confirmed": (200, 303), "unsubscribed": (200,)}


class Person:
    """`state` is what an answer said; `maybe` what was asked for since, and
    not answered: it happened, or not."""

    def __init__(self):
        self.state, self.maybe = None, set()

    def may_be(self):
        return self.maybe | {self.state}


class Visitors:
    """So many at a time.  `box` is where their mails arrive."""

    def __init__(self, daemon, box, seed, count=3, pause=0.02):
        self.daemon, self.box, self.pause = daemon, box, pause
        self.people = collections.defaultdict(Person)
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.looked, self.known = 0, set()
        self.to_confirm, self.to_leave = collections.deque(), collections.deque()
        self.left = {}              # address: the mails it had got by then
        self.answers, self.refused = collections.Counter(), collections.Counter()
        self.strange = []
        self.threads = [threading.Thread(target=self._run, args=(i, random.Random(f"{seed} {i}")))
                        for i in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    # ---- what they do ----
    def ask(self, address, state, request):
        """Asks for a state; whether it was promised."""
        person = self.people[address]
        person.maybe.add(state)
        try:
            answer = request()
        except (OSError, http.client.HTTPException):
            self.answers["none"] += 1
            return False
        self.answers[answer.status] += 1
        if answer.status in GOOD[state]:
            person.state, person.maybe = state, set()
            return True
        if answer.status == 503:
            self.refused[state] += 1
        else:
            self.strange.append((address, state, answer))
        return False

    def subscribe(self, address, conn=None, **fields):
        return self.ask(address, "pending", lambda: self.daemon.web.post_form(
            "/subscribe", {"email": address, "list": "weekly", **fields},
            self.daemon.web.as_page(), conn))

    def confirm(self, mail, conn=None):
        return self.ask(mail.to, "confirmed", lambda: self.daemon.web.post_form(
            mail.confirm, {"press": "1"}, self.daemon.web.as_page(), conn))

    def leave(self, mail, conn=None):
        done = self.ask(mail.to, "unsubscribed", lambda: self.daemon.web.request(
            "POST", mail.unsubscribe, {"Content-Type": web.URLENCODED},
            "List-Unsubscribe=One-Click", conn))
        if done:
            self.left[mail.to] = {m.id for m in self.box.to(mail.to)}
        return done

    # ---- one of them ----
    def look(self):
        """Sorts what has arrived; whoever gets the same again ignores it."""
        with self.lock:
            new = self.box.poll()[self.looked:]
            self.looked += len(new)
            for mail in new:
                if mail.id not in self.known:
                    self.known.add(mail.id)
                    (self.to_confirm if mail.is_confirm else self.to_leave).append(mail)

    def _run(self, number, chance):
        conn = None
        for n in range(10 ** 6):
            if self.stopping.is_set():
                break
            before = self.answers["none"]
            conn = conn or self.daemon.web.connect(60)
            self._step(f"visitor{number}.{n}@example.com", chance, conn)
            if self.answers["none"] > before or chance.random() < 0.2:
                conn.close()
                conn = None
            time.sleep(self.pause)
        if conn:
            conn.close()

    def _step(self, address, chance, conn):
        self.look()
        queue, does, odds = chance.choice((
            (self.to_confirm, self.confirm, 0.8), (self.to_leave, self.leave, 0.4)))
        self.subscribe(address, conn)
        if chance.random() < odds:
            self.next(queue, does, conn)

    def next(self, queue, does, conn=None):
        """The oldest of a queue does it, and tries again later if it fails;
        None if nobody is there."""
        try:
            mail = queue.popleft()
        except IndexError:
            return None
        done = does(mail, conn)
        if not done:
            queue.append(mail)
        return done
