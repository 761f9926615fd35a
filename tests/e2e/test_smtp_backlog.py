# SPDX-License-Identifier: ISC
"""What waits for a mail server: it costs nothing, and it lets others pass."""
import os
import threading
import time
from pathlib import Path

import pytest

from harness import env
from harness.config import Bare
from harness.smtp_play import GOOD, Player, late

BACKLOG = 100000


def post_many(daemon, count, threads=4):
    failed = []

    def work(first):
        conn = daemon.web.connect()
        for n in range(first, count, threads):
            answer = daemon.web.post_json("/subscribe", {"email": f"b{n}@example.com"}, conn=conn)
            if answer.status != 202:
                failed.append(answer)
                return
    workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert not failed, failed[0]


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Kilobytes that are its own: the database's map isn't."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1])
    raise AssertionError(pid)


def test_a_fresh_mail_passes_those_tried_before(make_daemon):
    """Many are put off; when they are due again, and the server is slow with
    them, one who has just asked for a mail gets it before them."""
    with Player() as server:
        server.play = {"rcpt": b"450 4.7.1 come again\r\n"}
        daemon = make_daemon({"mail": {"retry": ["1h"], "sessions": 4}}, mails=server)
        post_many(daemon, 60)
        env.wait_until(lambda: daemon.log.count("mail_deferred") == 60, "all to be put off")
        server.play = {"rcpt": late(0.2, GOOD["rcpt"])}
        daemon.ctl("queue", "retry")
        env.wait_until(lambda: server.mails, "the first of them")
        daemon.subscribe("fresh@example.com")
        daemon.mails.wait("fresh@example.com")
        assert daemon.queued() > 30
        server.play = {}
        env.wait_until(lambda: daemon.queued() == 0, "an empty outbox", 4 * env.PATIENCE)
        assert len({m.to for m in server.mails}) == len(server.mails) == 61
        daemon.stop()


@pytest.mark.long
def test_a_dead_server_costs_nothing(make_daemon):
    """A hundred thousand mails wait for it, in the database and nowhere else."""
    server = Player()
    daemon = make_daemon({"mail": {"timeout": Bare("10s")}, "map_size": Bare("4g")},
                         mails=server)
    post_many(daemon, 100)
    env.wait_until(lambda: daemon.queued() == 100, "100 in the outbox")
    pids = daemon.pids()
    before = {role: memory(pids[role][0]) for role in ("engine", "mailer")}
    post_many(daemon, BACKLOG)
    env.wait_until(lambda: daemon.queued() > BACKLOG - 100, "all in the outbox", 300)
    after = {role: memory(pids[role][0]) for role in before}
    used, start = cpu_seconds(daemon.family()), time.monotonic()
    time.sleep(60)
    share = (cpu_seconds(daemon.family()) - used) / (time.monotonic() - start)
    print(f"\n{daemon.queued()} wait: {share:.2%} of a core; memory {before} kB -> {after} kB")
    assert share < 0.02
    for role in before:
        assert after[role] - before[role] < 32 * 1024
    daemon.kill_all()
