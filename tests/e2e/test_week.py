# SPDX-License-Identifier: ISC
"""A week in fast motion: people come and go, and meanwhile happens all that
happens to a server.  At the end nothing is lost."""
import collections
import itertools
import json
import os
import random
import re
import shutil
import signal
import socket
import time

import pytest

from harness import env
from harness.certificates import Certificates
from harness.config import Bare
from harness.daemon import Daemon, is_alive, kill
from harness.disk import disk_of
from harness.manager import Manager, listening
from harness.smtp_play import Player, late
from harness.tls import Authority, secure
from harness.visitors import Visitors

LOGIN = ("news", "pass-w0rd-of-mail")
SESSIONS = 2
PAUSE, LOAD = (0.1, 10) if env.SANITIZED else (0.02, 25)
WEEKLY = ("list", "weekly")
LONG = ["source"] + [f"utm_{name}" for name in ("source", "medium", "campaign", "term", "content")]


class Week:
    """One daemon, its mail server, its visitors, and all that happens."""

    def __init__(self, folder, seed):
        self.chance = random.Random(seed)
        self.certificates = Certificates(folder.make("mail"))
        self.authority = Authority(folder.make("visitors"))
        self.server = Player("starttls", self.certificates.context(), LOGIN)
        self.daemon = Daemon(self.config(folder.path / "password"), mails=self.server)
        self.daemon.values["log"]["target"] = str(self.daemon.folder.make("log") / "assent.log")
        self.files = secure(self.daemon, self.authority)
        self.disk = None
        self.manager = Manager(self.daemon, [listening(self.daemon.port)])
        self.visitors = Visitors(self.daemon, self.server, seed, pause=PAUSE)
        self.suppressed, self.numbers = [], itertools.count(1)
        self.faults = 0         # that may cost a mail sent twice

    def config(self, password):
        password.write_text(LOGIN[1])
        password.chmod(0o600)
        env.give_away(password)
        return {"map_size": Bare("16m"), "mail": {
            "host": "localhost", "tls": "starttls", "ca_file": self.certificates.ca_file,
            "username": LOGIN[0], "password_file": str(password), "sessions": SESSIONS,
            "retry": ["1s"], "timeout": Bare("5s")}}

    def start(self):
        """Its log file is told; so is the service manager."""
        ready = self.manager.said().count("READY=1")
        self.daemon.launch()
        env.wait_until(lambda: self.manager.said().count("READY=1") > ready,
                       lambda: "a start\n" + self.log()[-3000:])

    def clean_up(self):
        self.server.stop()
        self.manager.close()
        self.daemon.clean_up()
        if self.disk:
            self.disk.close()

    # ---- its days ----
    def pass_by(self, events):
        with self.visitors:
            self.some_load()
            for event in self.chance.sample(events, len(events)):
                began = time.monotonic()
                name, *arguments = event.split()
                getattr(self, name)(*arguments)
                self.some_load()
                print(f"{event}: {time.monotonic() - began:.1f} s, {dict(self.visitors.answers)}, "
                      f"{len(self.server.mails)} mails")

    def some_load(self):
        answers, goal = self.visitors.answers, self.visitors.answers[303] + LOAD
        env.wait_until(lambda: answers[303] >= goal or self.visitors.strange,
                       lambda: f"some load: {answers}\n{self.log()[-3000:]}")
        assert not self.visitors.strange, self.visitors.strange[:3]

    def log(self):
        files = sorted(self.daemon.path.glob("log/*"), key=lambda p: p.stat().st_mtime)
        return self.daemon.log + "".join(p.read_text() for p in files)

    # ---- what an administrator does ----
    def reload(self):
        done = self.daemon.ctl("reload")
        assert done.status == 0, done

    def is_reloaded(self):
        number = next(self.numbers)
        self.daemon.values["web_processes"] = 1 + number % 2
        self.daemon.values[WEEKLY] = {**self.daemon.values[WEEKLY], "title": f"Number {number}"}
        self.daemon.write_config()
        self.reload()
        assert f"Number {number}" in self.daemon.web.get("/subscribe/weekly").text

    def is_given_a_bad_config(self):
        with open(self.daemon.conf, "a") as file:
            file.write("list {")
        self.daemon.process.send_signal(signal.SIGHUP)
        env.wait_until(lambda: self.daemon.status()["load"]["errors"], "a refusal")
        self.daemon.write_config()
        self.reload()

    def is_given_a_new_certificate(self):
        old = self.serial()
        made = self.authority.issue(f"new{next(self.numbers)}", "DNS:localhost")
        for new, path in zip(made, self.files):
            shutil.copy(new, path)
        self.reload()
        assert self.serial() != old

    def serial(self):
        with socket.create_connection(("127.0.0.1", self.daemon.port), env.PATIENCE) as raw:
            with self.daemon.web.context.wrap_socket(raw, server_hostname="localhost") as s:
                return s.getpeercert()["serialNumber"]

    def is_restarted(self):
        self.faults += SESSIONS
        self.daemon.process.send_signal(signal.SIGTERM)
        assert self.daemon.wait_exit() == 0, self.log()[-3000:]
        self.start()

    def has_its_log_rotated(self):
        path = self.daemon.path / "log/assent.log"
        path.rename(path.with_name(f"assent.log.{next(self.numbers)}"))
        self.daemon.process.send_signal(signal.SIGUSR1)
        env.wait_until(lambda: path.exists() and path.stat().st_size, "lines in a new log")

    # ---- what breaks ----
    def loses(self, role):
        self.faults += SESSIONS
        if role == "parent":
            family = self.daemon.family()
            kill(self.daemon.process.pid)
            self.daemon.process.wait(env.PATIENCE)
            env.wait_until(lambda: not any(map(is_alive, family)), "its children to end")
            self.start()
            return
        pid = self.chance.choice(self.daemon.pids()[role])
        kill(pid)
        env.wait_until(lambda: pid not in self.pids(role) and self.pids(role), f"another {role}")

    def pids(self, role):
        try:
            return self.daemon.pids().get(role, [])
        except (AssertionError, ValueError):        # admin is away itself
            return []

    def has_no_mail_server(self):
        """Who is suppressed meanwhile isn't mailed once it is back."""
        self.faults += SESSIONS
        self.server.stop()
        self.some_load()
        address = f"suppressed{len(self.suppressed)}@example.com"
        env.wait_until(lambda: self.visitors.subscribe(address), "a promise")
        env.wait_until(lambda: self.daemon.show(address), f"{address} to be worked on")
        assert self.daemon.ctl("suppress", address).status == 0
        self.suppressed.append(address)
        self.server.start()

    def meets(self, **play):
        """For a while the mail server does that, on new connections; one of
        them may be all that it gets for the next minute."""
        self.faults += 2 * SESSIONS
        self.server.play = play
        before = self.server.connections
        self.server.hang_up()
        env.wait_until(lambda: self.server.connections > before,
                       lambda: "a session to meet it\n" + self.log()[-6000:])
        self.some_load()
        self.server.play = {}
        self.server.hang_up()

    def is_refused_its_mails(self):
        self.meets(rcpt=b"451 4.7.1 come again\r\n")

    def has_a_slow_mail_server(self):
        self.meets(rcpt=late(0.5, b"250 2.1.5 Ok\r\n"))

    def meets_a_stranger(self):
        self.meets(context=self.certificates.context("foreign"))

    def has_a_full_disk(self):
        self.disk.fill()
        self.is_full()
        self.disk.free()

    def has_a_full_map(self):
        """People who bring much with them, until it is; then it may grow."""
        values = {name: "x" * 1000 for name in LONG}
        for n in itertools.count():
            address = f"visitor{next(self.numbers)}.long@example.com"
            if not self.visitors.subscribe(address, **values) and self.visitors.answers[503]:
                break
        self.is_full()
        self.daemon.values["map_size"] = Bare("256m")
        self.is_restarted()

    def is_full(self):
        """Nobody is taken any more, but whoever confirms or leaves can."""
        visitors = self.visitors
        before = collections.Counter(visitors.refused)
        env.wait_until(lambda: visitors.refused["pending"] > before["pending"] + 5,
                       "posts to be refused")
        for queue, act in (visitors.to_leave, visitors.leave), (visitors.to_confirm, visitors.confirm):
            for _ in range(5):
                env.wait_until(lambda: visitors.next(queue, act) is not None, "somebody who may")
        for state in ("confirmed", "unsubscribed"):
            assert visitors.refused[state] == before[state], self.log()[-3000:]

    # ---- what is true at the end ----
    def check(self):
        self.visitors.subscribe("visitor.last@example.com")
        env.wait_until(lambda: self.server.to("visitor.last@example.com") and
                       self.daemon.queued() == 0, "an empty outbox", 4 * env.PATIENCE, 0.2)
        states = self.states()
        people = self.visitors.people
        wrong = {a: (p.may_be(), states.get(a)) for a, p in people.items()
                 if a not in self.suppressed and states.get(a) not in p.may_be()}
        assert not wrong, f"{len(wrong)} of {len(people)}: {list(wrong.items())[:5]}"
        assert states.keys() <= people.keys()
        self.check_mails()
        self.check_log()

    def states(self):
        done = self.daemon.ctl("list", "--list", "weekly", "--format", "jsonl")
        assert done.status == 0, done
        rows = [json.loads(line) for line in done.out.splitlines()]
        states = {row["address"]: row["state"] for row in rows}
        assert len(states) == len(rows), "somebody is listed twice"
        print(dict(collections.Counter(states.values())))
        return states

    def check_mails(self):
        """Each promise was mailed, once unless something broke, and nobody
        who had left or was suppressed."""
        copies = collections.defaultdict(collections.Counter)
        for mail in self.server.poll():
            copies[mail.to][mail.id] += 1
        promised = {a for a, p in self.visitors.people.items() if p.state}
        missed = promised - copies.keys() - set(self.suppressed)
        assert not missed, f"{len(missed)} were never mailed: {sorted(missed)[:5]}"
        assert not copies.keys() & set(self.suppressed)
        for address, before in self.visitors.left.items():
            assert copies[address].keys() <= before, f"{address} had left and was mailed"
        duplicates = sum(n - 1 for ids in copies.values() for n in ids.values())
        print(f"{len(copies)} people mailed, {duplicates} duplicates, {self.faults} faults")
        assert duplicates <= self.faults
        # A confirmation and a welcome; never another of either.
        assert max(map(len, copies.values())) <= 2

    def check_log(self):
        log = self.log()
        assert LOGIN[1] not in log
        assert not re.search(r"(visitor|suppressed)[.\d]|weekly@", log)
        for mail in self.server.poll():
            for kind in ("confirm", "notme", "unsubscribe"):
                for link in mail.links(kind):
                    assert link.rpartition("/")[2] not in log

    def holds_at_rest(self):
        """How many files each kind of its processes has open, after a reload
        whose former ones have ended; root alone can look."""
        self.daemon.values["web_processes"] = 2
        self.daemon.write_config()
        self.reload()
        env.wait_until(lambda: len(self.daemon.family()) == 6, "the former ones to end")
        pids = {"parent": [self.daemon.process.pid], **self.daemon.pids()}
        return {role: {len(os.listdir(f"/proc/{pid}/fd")) for pid in each}
                for role, each in pids.items() if os.geteuid() == 0}


EVENTS = ["is_reloaded", "is_given_a_bad_config", "is_given_a_new_certificate", "is_restarted",
          "has_its_log_rotated", "has_no_mail_server", "is_refused_its_mails",
          "has_a_slow_mail_server", "meets_a_stranger", "loses engine", "loses mailer",
          "loses web", "loses admin", "loses parent"]


@pytest.fixture
def folder():
    folder = env.Folder()
    yield folder
    folder.remove()


@pytest.mark.parametrize("full,times", [
    ("disk", 1), pytest.param("disk", 5, marks=pytest.mark.long),
    pytest.param("map", 2, marks=pytest.mark.long)])
def test_a_week(folder, full, times):
    seed = int(os.environ.get("ASSENT_SEED", time.time_ns() % 10 ** 9))
    print(f"ASSENT_SEED={seed}")
    week = Week(folder, seed)
    try:
        events = EVENTS * times
        if full == "disk":
            week.disk = disk_of(week.daemon.path / "db", 5 + 3 * times)
            events += ["has_a_full_disk"] * (times if week.disk else 0)
        else:
            events += ["has_a_full_map"]
        week.server.start()
        week.start()
        before = week.holds_at_rest()
        week.pass_by(events)
        week.check()
        env.wait_until(lambda: week.holds_at_rest() == before,
                       lambda: f"no more than {before}: {week.holds_at_rest()}", pause=1)
        week.daemon.stop()
        week.daemon.fsck()
    finally:
        week.clean_up()
