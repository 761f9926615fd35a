# SPDX-License-Identifier: ISC
"""Clients that all do as they like with a few addresses, and note down what
they asked, when, and what they were told."""
import json
import random
import threading
import time
import urllib.parse

from . import model
from .mailbox import plain, spell
from .wire import Broken, Wire

LIST = "weekly"

# How often each operation is done.
WEIGHTS = {"subscribe": 24, "confirm": 12, "code": 6, "notme": 8, "undo": 8,
           "unsubscribe": 10, "show": 14, "leave": 6, "suppress": 3,
           "unsuppress": 7, "erase": 2}
# Done with a link that came by mail; without one yet, there is a look.
BY_MAIL = ("confirm", "code", "notme", "undo", "unsubscribe")
# What an administrator does, and what the model calls it.
ORDERS = {"leave": "/unsubscribe", "suppress": "/suppress",
          "unsuppress": "/unsuppress", "erase": "/erase"}
KINDS = {"code": "confirm"}


def plan(seed, keys, count, clients):
    """What each client is going to do: (kind, key, which of its mails)."""
    plans = []
    for client in range(clients):
        chance = random.Random(f"{seed} {keys[0]} {client}")
        kinds = chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count // clients)
        plans.append([(kind, chance.choice(keys), chance.random()) for kind in kinds])
    return plans


def form(**fields):
    return urllib.parse.urlencode(fields)


def read_show(status, body):
    if status != 200:
        return None
    held = [text.split(":")[0] for text in body["suppressions"]]
    rows = sorted(s["state"] for s in body["subscriptions"])
    # What waits beside a contact isn't compared: some of it may have been
    # without a mail when another link confirmed the same.
    if set(rows) - {"pending"}:
        rows = [row for row in rows if row != "pending"]
    return (tuple(rows),
            LIST in held, "all lists" in held, "proof_until" in body)


class Site:
    """A daemon as its clients see it; one for a whole history."""

    def __init__(self, port, socket, mailbox):
        self.port, self.socket, self.mailbox = port, socket, mailbox
        self.lock, self.number = threading.Lock(), 0
        self.strange = []

    def next_number(self):
        with self.lock:
            self.number += 1
            return self.number


class Client:
    """One visitor, who is an administrator too."""

    def __init__(self, site):
        self.site = site
        self.web, self.admin = Wire(site.port), Wire(site.socket)
        self.ops = {}           # by key

    def close(self):
        self.web.close()
        self.admin.close()

    def run(self, steps):
        for kind, key, which in steps:
            self.act(kind, key, which)

    def act(self, kind, key, which=0.0):
        letter = self._letter(key, which) if kind in BY_MAIL else None
        if kind in BY_MAIL and letter is None:
            kind = "show"
        number = self.site.next_number()
        wire, request = self._request(kind, key, number, letter)
        while not wire.open():
            time.sleep(0.01)
        op = model.Op(number, KINDS.get(kind, kind), time.monotonic(),
                      target=letter.number if letter else None)
        self.ops.setdefault(key, []).append(op)
        try:
            status, body = wire.ask(*request)
        except Broken:
            return
        if status == 503:
            self._wait_until_ready(wire)
            return
        op.returned = time.monotonic()
        op.answer = self._answer(op, status, body)

    def _letter(self, key, which):
        """The last ones are the most used."""
        letters = self.site.mailbox.letters(key)
        return letters[-1 - int(which ** 3 * len(letters))] if letters else None

    def _request(self, kind, key, number, letter):
        """Which connection, and what is asked of it."""
        if kind == "subscribe":
            return self.web, ("POST", "/subscribe", json.dumps(
                {"email": spell(key, number), "list": LIST}), "application/json")
        if kind == "show":
            return self.admin, ("GET", "/show?" + form(address=plain(key)))
        if kind in ORDERS:
            return self.admin, ("POST", ORDERS[kind], form(address=plain(key)))
        body = {"confirm": form(press=1), "code": form(code=letter.code),
                "notme": form(press=1), "undo": form(press=1, undo=1),
                "unsubscribe": "List-Unsubscribe=One-Click"}[kind]
        page = {"code": "confirm", "undo": "notme"}.get(kind, kind)
        return self.web, ("POST", f"/{page}/{letter.token[page]}", body)

    def _answer(self, op, status, body):
        if op.kind == "show":
            return status, read_show(status, body)
        if status in (404, 410):
            return status, None
        if status not in (200, 202):
            self.site.strange.append((op, status, body))
        return status, body.get("changed", body.get("status"))

    def _wait_until_ready(self, wire):
        """It couldn't be done now, or nobody knows: no use in asking on."""
        ask = ("GET", "/readyz") if wire is self.web else ("GET", "/status")
        for _ in range(3000):
            time.sleep(0.01)
            try:
                if wire.open() and wire.ask(*ask)[0] == 200:
                    return
            except Broken:
                pass


def run_clients(site, plans):
    """All at once; returns the operations by key."""
    clients = [Client(site) for _ in plans]
    threads = [threading.Thread(target=c.run, args=(p,)) for c, p in zip(clients, plans)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ops = {}
    for client in clients:
        client.close()
        for key, some in client.ops.items():
            ops.setdefault(key, []).extend(some)
    return ops


def note_mails(ops, mailbox):
    """Which posts were seen to lead to a mail, and when at the latest."""
    for op in ops:
        if op.kind != "subscribe":
            continue
        letter = mailbox.letter(op.number)
        op.mailed_at = letter.seen_at if letter else None
