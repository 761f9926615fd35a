# SPDX-License-Identifier: ISC
"""Rows about mail."""
import re
import subprocess
import time

import measure
import rows_store
import texts
import tools
from harness import env
from ours import Ours
from peers import SmtpSink

SESSIONS = 16
# smtp-source -d keeps its connections for all mails.
MAIL = {"sessions": SESSIONS, "messages_per_session": 1000}


def mails(bench):
    """The queue's confirmation mails, against as large ones of smtp-source."""
    with SmtpSink(bench) as sink:
        ours = Ours(bench, {"mail": MAIL}, mails=sink,
                    contacts=0, waiting=bench.waiting, queued=True)
        try:
            return measure.in_turns(
                bench.rounds, lambda: delivered(bench, ours),
                lambda: sink.rate(bench.seconds, SESSIONS, bench.stock.mail_size))
        finally:
            ours.clean_up()


def delivered(bench, ours):
    """Mails a second, from the first one on."""
    ours.start()
    try:
        env.wait_until(lambda: ours.engine()["mailed"] > 0, "the first mail")
        before, begun = ours.engine()["mailed"], time.monotonic()
        cpu = ours.cpu("engine", "mailer")
        time.sleep(bench.seconds)
        sent, spent = ours.engine()["mailed"] - before, time.monotonic() - begun
        cpu = ours.cpu("engine", "mailer") - cpu
        assert ours.queued() > 0, "more mails must be queued"
        return sent / spent, cpu * 1e6 / max(sent, 1)
    finally:
        ours.kill_all()


class Mailbox:
    """The mails that a sink has written, as tokens of their links."""
    LINK = re.compile(rb"/confirm/([A-Za-z0-9_-]{34})")

    def __init__(self, folder):
        self.folder = folder

    def take(self):
        """Those that came since.  One whose link isn't written yet stays."""
        tokens = []
        for path in self.folder.glob("m.*"):
            found = self.LINK.search(path.read_bytes())
            if found:
                tokens.append(found[1].decode())
                path.unlink()
        return tokens


def cycles(bench):
    """Posts, their mails, and confirmations by the links in them, all at once,
    against the slowest of these alone."""
    rates = [bench.figure(name).value for name in ("many_connections", "mails")]
    rates.append(bench.figure("confirm").value)
    slowest = min(rates)
    count = max(10, round(slowest * bench.seconds))
    with SmtpSink(bench, dumps=True) as sink, \
            Ours(bench, {"mail": MAIL}, mails=sink,
                 contacts=bench.contacts) as ours:
        post = rows_store.posts(bench, ours)
        return measure.in_turns(bench.rounds, lambda: cycle(bench, ours, post, sink, count),
                                lambda: slowest)


def cycle(bench, ours, post, sink, count):
    box = Mailbox(sink.folder)
    request = bench.write("confirm.http", texts.confirm(ours.base))
    begun, left = time.monotonic(), count
    cpu = ours.cpu("web", "engine", "mailer")
    posting = subprocess.Popen(
        [tools.PROGRAMS / "load", "-c", "64", "-n", str(count), "-d", "60", "-e", "202",
         "-s", str(post.first), str(ours.port), post.request], stdout=subprocess.DEVNULL)
    post.first += count
    try:
        while left > 0:
            assert time.monotonic() < begun + 120, f"{left} mails are missing"
            tokens = box.take()
            if not tokens:
                time.sleep(0.01)
                continue
            lines = bench.write("tokens", "".join(t + "\n" for t in tokens))
            done = tools.load(ours.port, request, 60, min(64, len(tokens)), e=200, l=lines)
            left -= done["requests"]
    finally:
        assert posting.wait(60) == 0
    spent = time.monotonic() - begun
    return count / spent, (ours.cpu("web", "engine", "mailer") - cpu) * 1e6 / count
