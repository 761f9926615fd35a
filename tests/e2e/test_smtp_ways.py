# SPDX-License-Identifier: ISC
"""Subscriptions are posted while the mail server fails, each time in another
of all the ways there are; every mail reaches the real server behind it."""
import collections
import re
import threading

import pytest
from test_smtp_hostile import IMPLICIT, LATER, OURS, PLAIN, STARTTLS, AWAY, PAUSED, REFUSE

from harness import env, postfix
from harness.certificates import Certificates
from harness.config import WEEKLY, Bare
from harness.mail import QuickMail
from harness.smtp_gate import Gate

pytestmark = pytest.mark.filterwarnings("ignore:.*TLSv1:DeprecationWarning",
                                        "ignore:.*TLSv1_1:DeprecationWarning")
WAYS = [(row.id, row.values[1]) for table in (PLAIN, STARTTLS, IMPLICIT) for row in table
        if row.values[2] in (AWAY, PAUSED, LATER, OURS) and row.values[1] is not REFUSE
        and not (table is IMPLICIT and "tls" in row.values[1])]
ADDRESS = "someone{}@example.com"


class Posts(threading.Thread):
    """One subscription after the other, as many at a time as are asked for."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.daemon_under_test, self.wanted, self.done = daemon, 0, 0
        self.news, self.error = threading.Condition(), None

    def ask(self, count):
        with self.news:
            self.wanted += count
            self.news.notify()

    def run(self):
        web = self.daemon_under_test.web
        conn = web.connect()
        while True:
            with self.news:
                while self.done == self.wanted:
                    self.news.wait()
                if self.wanted < 0:
                    return
            answer = web.post_json("/subscribe", {
                "list": "ways", "email": ADDRESS.format(self.done)}, conn=conn)
            if answer.status != 202:
                self.error = answer
                return
            self.done += 1

    def wait(self):
        env.wait_until(lambda: self.error or self.done == self.wanted, "all posts")
        assert self.error is None


def check_log(daemon, mails, password):
    assert password not in daemon.log
    assert not re.search(r"someone\d|weekly@|ways@", daemon.log)
    for mail in mails:
        token = mail.confirm.rpartition("/")[2]
        assert len(token) == 34 and token not in daemon.log


def run(make_daemon, ways, total):
    if postfix.why_not():
        pytest.skip(postfix.why_not())
    folder = env.Folder("assent-ways-")
    try:
        certificates = Certificates(folder.make("tls"))
        server = postfix.Postfix(folder.make("postfix"), certificates)
        server.kind = QuickMail
        with server, Gate(server.starttls, server.clear, context=certificates.context(),
                          login=(server.username, server.password)) as gate:
            deliver(make_daemon, ways, total, certificates, server, gate)
    finally:
        folder.remove()


def deliver(make_daemon, ways, total, certificates, server, gate):
    secret = certificates.folder / "password"
    secret.write_text(server.password)
    secret.chmod(0o600)
    daemon = make_daemon(mails=gate, changes={
        "mail": {"host": "localhost", "tls": "starttls", "ca_file": certificates.ca_file,
                 "username": server.username, "password_file": str(secret),
                 "retry": ["1s"], "timeout": Bare("1s")},
        ("list", "ways"): {**WEEKLY, "aliases": [], "welcome": False,
                           "from": "ways@news.example.org"}})
    posts = Posts(daemon)
    posts.start()
    share, more = divmod(total, len(ways))
    for n, (name, play) in enumerate(ways):
        play = dict(play)
        if "certificate" in play:
            play["context"] = certificates.context(*play.pop("certificate"))
        # Some are on their way by then, and one is still to come.
        posts.ask(share - 1 + (n < more))
        gate.close(play)
        posts.ask(1)
        env.wait_until(gate.has_struck, f"{name} to strike")
        gate.open()
        arrived = len(server.poll())
        env.wait_until(lambda: len(server.poll()) > arrived or daemon.queued() == 0,
                       f"a mail after {name}")
    posts.wait()
    env.wait_until(lambda: daemon.queued() == 0, "an empty outbox", 4 * env.PATIENCE)
    everybody = {ADDRESS.format(n) for n in range(total)}
    # The server has taken them, and brings the last ones where we look.
    env.wait_until(lambda: everybody <= {m.to for m in server.poll()}, "all mails")
    copies = collections.Counter(m.to for m in server.poll())
    assert copies.keys() == everybody
    duplicates = sum(copies.values()) - total
    print(f"\n{total} subscriptions, {len(ways)} ways, {gate.struck} faults, "
          f"{duplicates} duplicates")
    assert duplicates <= gate.struck
    for address in copies:
        assert len({(m.id, m.date) for m in server.mails if m.to == address}) == 1
    check_log(daemon, server.mails, server.password)
    daemon.stop()


def test_all_arrive_whatever_the_server_does(make_daemon):
    run(make_daemon, WAYS[::4], 200)


@pytest.mark.long
def test_a_thousand_arrive_whatever_the_server_does(make_daemon):
    run(make_daemon, WAYS, 1000)
