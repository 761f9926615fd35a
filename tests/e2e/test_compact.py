# SPDX-License-Identifier: ISC
"""Erasure is real: what was deleted is in no file any more once the database
was compacted; and nobody notices that it is, whatever happens meanwhile."""
import base64
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from harness import env
from harness.config import Bare
from harness.daemon import children, kill
from harness.smtp_play import Player
from harness.visitors import Visitors

PROXY = {"trusted_proxies": ["127.0.0.1"], "limits": {"interval": 0}}
PAUSE = 0.1 if env.SANITIZED else 0.02


class Trace:
    """Somebody, by all that a post and a click tell of them."""

    def __init__(self, word, ip):
        self.address, self.name = f"{word}.Von.{word}@Sub.Example.com", f"{word} the Trace"
        self.mailed_to = f"{word}.Von.{word}@sub.example.com"
        self.ip, self.agent, self.source = ip, f"Agent{word}/7.1", f"Campaign-{word}"
        self.url = f"https://www.example.org/{word}-form"

    def headers(self, daemon):
        return {**daemon.web.as_page("https://www.example.org"), "X-Forwarded-For": self.ip,
                "User-Agent": self.agent, "Referer": self.url}

    def subscribe(self, daemon, *lists):
        fields = [("email", self.address), ("name", self.name), ("utm_source", self.source),
                  *(("list", name) for name in lists or ("weekly",))]
        answer = daemon.web.post_form("/subscribe", fields, self.headers(daemon))
        assert answer.status == 303, answer

    def press(self, daemon, url):
        answer = daemon.web.post_form(url, {"press": "1"}, {
            **daemon.web.as_page(), "X-Forwarded-For": self.ip, "User-Agent": self.agent})
        assert answer.status in (200, 303), answer

    def needles(self):
        """However it may be written."""
        texts = [self.address, self.mailed_to, self.address.partition("@")[0], self.name,
                 self.ip, self.agent, self.source, self.url]
        for text in texts + [text.lower() for text in texts]:
            yield from (text.encode(), text.encode().hex().encode(),
                        base64.b64encode(text.encode()).rstrip(b"=")[:-1])
        yield bytes(int(part) for part in self.ip.split("."))


def remnants(daemon, *people):
    """What of them stands in which file below the database's folder."""
    found = []
    for path in sorted((daemon.path / "db").rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        found += [(path.name, needle) for person in people for needle in person.needles()
                  if needle in content]
    return found


def compact(daemon):
    done = daemon.ctl("--json", "compact")
    assert done.status == 0, (done, daemon.log_tail())
    return done.json()["compaction"]


def quoting(code):
    """As many servers answer."""
    return lambda talk: f"{code} <{talk.recipient}> says so\r\n".encode()


@pytest.fixture
def player():
    with Player() as server:
        server.play = {"rcpt": quoting("250 2.1.5"), "dot": quoting("250 2.0.0")}
        yield server


def test_who_is_erased_is_in_no_file(make_daemon, player):
    """Who had many mails, came back, and asked for their data."""
    daemon = make_daemon(PROXY, mails=player)
    ada, bob = Trace("Ada", "203.0.113.77"), Trace("Bob", "203.0.113.78")
    for who in ada, bob:
        who.subscribe(daemon, "weekly", "daily")
        who.press(daemon, player.wait(who.address).confirm)
        welcome = player.wait(who.address, 2)
        who.subscribe(daemon)
        player.wait(who.address, 3)
        who.press(daemon, welcome.unsubscribe)
    daemon.web.post_form("/manage", {"email": ada.address}, ada.headers(daemon))
    player.wait(ada.address, 4)
    assert daemon.ctl("suppress", ada.address).status == 0
    env.wait_until(lambda: daemon.queued() == 0, "an empty outbox")
    assert daemon.ctl("erase", ada.address, "--all").status == 0
    assert remnants(daemon, ada)
    last = compact(daemon)
    assert not remnants(daemon, ada)
    assert last["bytes_after"] < last["bytes_before"] and last["deleted_since"] is None
    assert {n for _, n in remnants(daemon, bob)} >= {bob.mailed_to.encode(), bob.ip.encode()}
    assert daemon.state(bob.address, "daily") == "confirmed"
    assert not any(who.mailed_to.lower() in daemon.log.lower() for who in (ada, bob))
    daemon.stop()
    daemon.fsck()


def test_a_sealed_proof_tells_nothing(make_daemon):
    """Until its end it is there, for who has the address and the secret."""
    daemon = make_daemon({**PROXY, "retain": {"proof": Bare("3s")}, "compact": Bare("1s")})
    ada = Trace("Ada", "203.0.113.77")
    ada.subscribe(daemon)
    ada.press(daemon, daemon.mails.wait(ada.address).confirm)
    daemon.mails.wait(ada.address, 2)
    assert daemon.ctl("erase", ada.address).status == 0
    env.wait_until(lambda: not remnants(daemon, ada), lambda: str(remnants(daemon, ada)))
    daemon.wait_log("proof_ended")
    ended = len(daemon.lines)
    daemon.wait_log(" compacted ", since=ended)
    assert daemon.show(ada.address) is None


def test_who_has_left_is_in_no_file(make_daemon):
    """By time alone, which runs from the last list."""
    daemon = make_daemon({**PROXY, "retain": {"proof": Bare("2s")}, "compact": Bare("1s")})
    ada, bob = Trace("Ada", "203.0.113.77"), Trace("Bob", "203.0.113.78")
    for who in bob, ada:
        who.subscribe(daemon, "weekly", "daily")
        who.press(daemon, daemon.mails.wait(who.address).confirm)
        weekly = daemon.mails.wait(who.address, 2).unsubscribe
        who.press(daemon, weekly)
    assert daemon.ctl("unsubscribe", ada.address).status == 0
    env.wait_until(lambda: not remnants(daemon, ada), lambda: str(remnants(daemon, ada)))
    assert daemon.show(ada.address) is None
    assert daemon.state(bob.address, "daily") == "confirmed"
    # Their link is one to leave by all the same.
    assert daemon.one_click(weekly).status == 200
    daemon.stop()
    daemon.fsck()


def test_who_never_confirmed_is_in_no_file(make_daemon, player):
    """By time alone; nor whoever the mail server doesn't know."""
    daemon = make_daemon({**PROXY, "compact": Bare("1s"), "mail": {"lifetime": Bare("1s")},
                          ("list", "weekly"): {"confirm_within": Bare("1s")}}, mails=player)
    eve, nemo = Trace("Eve", "203.0.113.79"), Trace("Nemo", "203.0.113.80")
    player.by_recipient[nemo.mailed_to] = {"rcpt": quoting("550 5.1.1")}
    for who in eve, nemo:
        who.subscribe(daemon)
    player.wait(eve.address)
    daemon.wait_log("says so.*refused|refused.*says so")
    env.wait_until(lambda: not remnants(daemon, eve, nemo),
                   lambda: str(remnants(daemon, eve, nemo)))
    assert daemon.show(eve.address) is None
    assert not any(who.mailed_to.lower() in daemon.log.lower() for who in (eve, nemo))
    daemon.stop()
    daemon.fsck()


def copiers(daemon):
    def name(pid):
        try:
            return Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            return ""
    return [pid for pid in children(daemon.process.pid) if name(pid) == "assentd-copier"]


def stops(pid):
    """Whether it could be stopped before its end."""
    kill(pid, signal.SIGSTOP)
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return False
        if state in "TZX":
            return state == "T"
        time.sleep(0.001)


class Caught:
    """A compaction that somebody has ordered, its copier stopped."""

    def __init__(self, daemon):
        self.daemon, self.pid, self.thread, self.done = daemon, None, None, None

    def order(self):
        self.done = self.daemon.ctl("compact")

    def catch(self):
        self.thread = threading.Thread(target=self.order)
        self.thread.start()
        while self.thread.is_alive():
            self.pid = next(filter(stops, copiers(self.daemon)), None)
            if self.pid:
                return True
            time.sleep(0.001)
        return False

    def __enter__(self):
        assert any(self.catch() for _ in range(10)), "it is too fast"
        return self

    def __exit__(self, *_):
        kill(self.pid, signal.SIGCONT)
        self.thread.join()


def left_over(daemon):
    return [path.name for path in (daemon.path / "db").iterdir()
            if path.name not in ("data.mdb", "journal", "lock.mdb", "lock")]


def test_nobody_notices(make_daemon):
    """Who comes, confirms and leaves is served while the copy is made, and
    when it takes the place of what it was made of; so is a reload."""
    daemon = make_daemon()
    visitors = Visitors(daemon, daemon.mails, seed=os.getpid(), pause=PAUSE)
    answers = visitors.answers

    def some_more(count=10):
        goal = answers[303] + count
        env.wait_until(lambda: answers[303] >= goal, lambda: f"{answers}\n{daemon.log_tail()}")

    with visitors:
        some_more()
        compact(daemon)
        compact(daemon)
        with Caught(daemon) as caught:
            some_more()
            assert daemon.status()["database"]["compacting"]
            assert daemon.ctl("reload").status == 0
            some_more()
        assert caught.done.status == 0, caught.done
        assert not daemon.status()["database"]["compacting"]
        some_more()
    assert set(answers) <= {200, 303}, answers
    assert not visitors.strange and not visitors.refused
    rows = map(json.loads, daemon.ctl("list", "--format", "jsonl").out.splitlines())
    states = {row["address"]: row["state"] for row in rows}
    wrong = {a: (p.state, states.get(a)) for a, p in visitors.people.items()
             if states.get(a) not in p.may_be()}
    assert len(states) > 40 and not wrong
    assert not left_over(daemon)
    daemon.stop()
    daemon.fsck()


def grown(daemon):
    """Somebody who stays, and much that was deleted."""
    daemon.confirmed("stays@example.com")
    for n in range(5):
        daemon.subscribe(f"gone{n}@example.com", **{f"utm_{name}": "x" * 1000 for name in (
            "source", "medium", "campaign", "term", "content")})
    daemon.settle()
    assert daemon.ctl("erase", "gone0@example.com").status == 0


def still_there(daemon):
    assert daemon.state("stays@example.com") == "confirmed"
    daemon.confirmed(f"new{daemon.process.pid}@example.com")
    size = (daemon.path / "db/data.mdb").stat().st_size
    assert compact(daemon)["bytes_after"] <= size
    assert not left_over(daemon)
    daemon.stop()
    daemon.fsck()


def test_the_copier_dies(make_daemon):
    daemon = make_daemon()
    grown(daemon)
    with Caught(daemon) as caught:
        kill(caught.pid)
    assert caught.done.status == 1 and "the copier failed" in caught.done.err
    assert not left_over(daemon)
    assert "NOT COMPACTED" in daemon.ctl("status").out
    still_there(daemon)


@pytest.mark.parametrize("who", ["engine", "all"])
def test_a_death_meanwhile(make_daemon, who):
    daemon = make_daemon()
    grown(daemon)
    with Caught(daemon) as caught:
        daemon.subscribe("meanwhile@example.com")
        assert left_over(daemon)
        if who == "all":
            daemon.kill_all()
        else:
            kill(daemon.pids()["engine"][0])
    assert caught.done.status == 1
    if who == "all":
        daemon.start()
    env.wait_until(lambda: daemon.status()["ready"], "the engine's next start")
    assert daemon.state("meanwhile@example.com") == "pending"
    still_there(daemon)


def test_a_stop_meanwhile(make_daemon):
    daemon = make_daemon()
    grown(daemon)
    with Caught(daemon):
        daemon.subscribe("meanwhile@example.com")
        daemon.stop()
    assert not left_over(daemon)
    daemon.fsck()
    daemon.start()
    assert daemon.state("meanwhile@example.com") == "pending"
    still_there(daemon)
