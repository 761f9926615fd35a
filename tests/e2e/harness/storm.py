# SPDX-License-Identifier: ISC
"""kill -9 under load, at random points: what was answered 2xx is there, and
each gets its mail."""
import collections
import http.client
import json
import os
import random
import signal
import threading
import time

from . import env
from .config import WEEKLY
from .daemon import is_alive, kill
from .mail import QuickMail

VICTIMS = ["engine", "engine", "mailer", "web", "admin", "parent", "all"]
LOAD = {("list", "load"): {**WEEKLY, "aliases": [], "title": "The Load", "welcome": False}}


class Load:
    """Clients that post new addresses and now and then confirm one, and
    remember what they were promised."""

    def __init__(self, daemon, clients=3):
        self.daemon, self.stopping = daemon, threading.Event()
        self.accepted, self.confirmed, self.unknown = set(), set(), set()
        self.strange, self.mailed = [], collections.deque()
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(clients)]
        for t in self.threads:
            t.start()

    def stop(self):
        self.stopping.set()
        for t in self.threads:
            t.join()

    def _run(self, number):
        n, conn = 0, None
        while not self.stopping.is_set():
            n += 1
            address = f"k{number}.{n}@example.com"
            try:
                conn = conn or self.daemon.web.connect(timeout=10)
                self._step(conn, address)
            except (OSError, http.client.HTTPException):
                self.unknown.add(address)
                if conn:
                    conn.close()
                conn = None
                time.sleep(0.005)

    def _step(self, conn, address):
        answer = self.daemon.web.post_json(
            "/subscribe", {"email": address, "list": "load"}, conn=conn)
        if answer.status == 202:
            self.accepted.add(address)
        elif answer.status == 503:
            self.unknown.add(address)   # it may have died between disk and answer
            time.sleep(0.002)
        else:
            self.strange.append((address, answer))
        try:
            mail = self.mailed.popleft()
        except IndexError:
            return
        answer = self.daemon.web.post_form(mail.confirm, {"press": "1"}, conn=conn)
        if answer.status == 200:
            self.confirmed.add(mail.to)
        elif answer.status != 503:
            self.strange.append((mail.to, answer))


def strike(daemon, chance, victim):
    """Kills, and sees to it that the daemon is there again."""
    if victim in ("parent", "all"):
        # Once it is stopped, it starts no child that we don't know of.
        pid = daemon.process.pid
        kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        family = daemon.last_family = daemon.family()
        targets = family if victim == "all" else family[:1]
        chance.shuffle(targets)
        for pid in targets:
            kill(pid)
        daemon.process.wait(env.PATIENCE)
        # The next one must manage even while children of the last one end.
        env.wait_until(lambda: start_again(daemon), "another start", 60)
        return
    pids = [pid for pid in daemon.roles.get(victim, []) if pid]
    if pids:
        kill(chance.choice(pids))


def start_again(daemon):
    if any(is_alive(p) for p in daemon.last_family):
        return False
    daemon.fsck()
    daemon.start()
    return True


def look(daemon):
    """Remembers who is who now; while the admin process is away, who was."""
    try:
        daemon.roles = daemon.pids()
    except (AssertionError, ValueError, KeyError):
        pass


def wait_ready(daemon, hurry):
    def is_ready():
        hurry()
        try:
            return daemon.web.get("/readyz").status == 200
        except (OSError, http.client.HTTPException):
            return False

    env.wait_until(is_ready, "readiness", 60)


def check_all(daemon, load, kills):
    assert not load.strange, load.strange[:3]
    mailed = collections.defaultdict(list)

    def all_there():
        mailed.clear()
        for mail in daemon.mails.poll():
            mailed[mail.to].append(mail)
        return load.accepted <= mailed.keys()

    env.wait_until(all_there, lambda: f"mails of {sorted(load.accepted - mailed.keys())[:5]} "
                   f"and {len(load.accepted - mailed.keys())} of {len(load.accepted)}", 120, 0.3)
    env.wait_until(lambda: daemon.queued() == 0, lambda: "an empty outbox: "
                   + daemon.ctl("queue", "list").out[:2000] + daemon.ctl("status").out
                   + daemon.log_tail(), 60)
    # Nothing was invented, duplicates are not more than faults, and a
    # duplicate is the very same mail.
    assert mailed.keys() <= load.accepted | load.unknown
    extra = 0
    for address, mails in mailed.items():
        assert len({m.id for m in mails}) == 1, address
        assert len({m.confirm for m in mails}) == 1 and len({m.date for m in mails}) == 1
        extra += len(mails) - 1
    print(f"{len(mailed)} mails, {extra} duplicates after {kills} kills")
    # Duplicates come in groups: what was being sent when the mailer died.
    assert extra <= kills * 64
    states = {}
    for line in daemon.ctl("list", "--list", "load", "--format", "jsonl").out.splitlines():
        row = json.loads(line)
        assert row["address"] not in states
        states[row["address"]] = row["state"]
    lost = load.accepted - states.keys()
    assert not lost, f"{len(lost)} lost, {sorted(lost)[:5]}"
    wrong = {a for a in load.confirmed if states.get(a) != "confirmed"}
    assert not wrong, f"{len(wrong)} confirmations lost, {sorted(wrong)[:5]}"
    assert set(states.values()) <= {"pending", "confirmed"}
    sample = random.sample(sorted(load.accepted), min(50, len(load.accepted)))
    for address in sample:
        assert daemon.web.post_form(mailed[address][0].confirm, {"press": "1"}).status == 200
        assert daemon.state(address, "load") == "confirmed"


def storm(daemon, points, hurry=lambda: None):
    """So many blows; whoever was hit and waits to be started again may be told
    to hurry."""
    seed = int(os.environ.get("ASSENT_SEED", time.time_ns() % 10**9))
    print(f"ASSENT_SEED={seed}")
    chance = random.Random(seed)
    daemon.mails.kind = QuickMail
    look(daemon)
    load = Load(daemon)
    seen = 0
    try:
        for _ in range(points):
            time.sleep(chance.uniform(0, 0.15))
            look(daemon)
            strike(daemon, chance, chance.choice(VICTIMS))
            mails = daemon.mails.poll()
            load.mailed.extend(chance.sample(mails[seen:], min(5, len(mails) - seen)))
            seen = len(mails)
            if chance.random() < 0.5:       # else the next blow falls while it is down
                wait_ready(daemon, hurry)
        wait_ready(daemon, hurry)
        env.wait_until(daemon.is_ready, "the admin process")
        time.sleep(0.3)     # some load after the last one
    finally:
        load.stop()
    print(f"{len(load.accepted)} accepted, {len(load.confirmed)} confirmed, "
          f"{len(load.unknown)} unanswered")
    assert len(load.accepted) > points
    check_all(daemon, load, points)
