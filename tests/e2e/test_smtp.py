# SPDX-License-Identifier: ISC
"""Over SMTP, to servers on the loopback: delivered, tried again, given up."""
import fcntl
import os
import socket
import threading

import pytest

from harness import env
from harness.config import Bare
from harness.mail import SmtpServer, SmtpSink
from harness.smtp_play import GOOD, Player

QUICK = {"mail": {"retry": ["1s"], "timeout": Bare("10s")}}


def test_delivered_to_aiosmtpd(make_daemon):
    with SmtpServer() as server:
        daemon = make_daemon(mails=server)
        welcome = daemon.confirmed("a@example.com")
        assert daemon.one_click(welcome.unsubscribe).status == 200
        assert daemon.state("a@example.com") == "unsubscribed"
        first = daemon.mails.to("a@example.com")[0]
        assert first.sender and "@" in first.sender
        # A mail is here before its result is there.
        events = env.wait_until(lambda: [
            e for e in daemon.show("a@example.com")["events"] if e["event"] == "mailed"],
            "a mail's result")
        assert "queued as e2e" in str(events[0])
        daemon.stop()


@pytest.mark.parametrize("options", [[], ["-8"], ["-e"], ["-p"], ["-E", "-N", "-a"]],
                         ids=lambda o: "".join(o) or "plain")
def test_delivered_to_smtp_sink(make_daemon, tmp_path_factory, options):
    folder = env.Folder("assent-sink-")
    try:
        with SmtpSink(folder.path, options) as sink:
            daemon = make_daemon(mails=sink)
            daemon.confirmed("a@example.com")
            assert daemon.state("a@example.com") == "confirmed"
            daemon.stop()
    finally:
        folder.remove()


def test_many_over_few_connections(make_daemon):
    with SmtpServer() as server:
        daemon = make_daemon({"mail": {"sessions": 2, "messages_per_session": 7}}, mails=server)
        conn = daemon.web.connect()
        for n in range(60):
            assert daemon.web.post_json("/subscribe", {
                "email": f"m{n}@example.com"}, conn=conn).status == 202
        conn.close()
        server.wait_total(60)
        daemon.settle()
        assert sorted(m.to for m in server.mails if m.to.startswith("m") and "marker" not in m.to) \
            == sorted(f"m{n}@example.com" for n in range(60))
        daemon.stop()


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("reply", ["451 4.7.1 greylisted, come again", "452 4.3.1 no room",
                                   "421 4.3.2 going down", "450 4.2.1 busy"])
def test_tried_again_with_the_same_id_and_date(make_daemon, stage, reply):
    with SmtpServer({stage: [reply, reply]}) as server:
        daemon = make_daemon(QUICK, mails=server)
        daemon.subscribe("a@example.com")
        mail = daemon.mails.wait("a@example.com")
        daemon.settle()
        assert len(daemon.mails.to("a@example.com")) == 1
        if stage == "DATA":
            tries = [raw for to, raw, _ in server.tried if to == "a@example.com"]
            assert len(tries) == 3 and len(set(tries)) == 1
        assert daemon.press(mail.confirm).status == 200
        assert daemon.state("a@example.com") == "confirmed"
        daemon.stop()


def test_server_down_then_up(make_daemon):
    server = SmtpServer()
    daemon = make_daemon(QUICK, mails=server)
    for n in range(5):
        daemon.subscribe(f"d{n}@example.com")
    daemon.wait_log("mail_server_away")
    env.wait_until(lambda: daemon.queued() == 5, "5 in the outbox")
    with server:
        for n in range(5):
            mail = daemon.mails.wait(f"d{n}@example.com")
        assert daemon.press(mail.confirm).status == 200
        daemon.settle()
        confirms = sorted(m.to for m in daemon.mails.poll() if m.is_confirm and m.to[0] == "d")
        assert confirms == [f"d{n}@example.com" for n in range(5)]
        daemon.stop()


def test_server_that_hangs_up_at_once(make_daemon):
    """A connection that ends before its greeting is tried again."""
    server = SmtpServer()
    with socket.create_server(("127.0.0.1", server.port)) as rude:
        daemon = make_daemon(QUICK, mails=server)
        daemon.subscribe("a@example.com")
        rude.settimeout(env.PATIENCE)
        for _ in range(2):
            rude.accept()[0].close()
    with server:
        daemon.mails.wait("a@example.com")
        daemon.stop()


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "553 5.1.3 bad", "554 5.7.1 no"])
def test_refused_is_dropped(make_daemon, stage, reply):
    with SmtpServer({stage: [reply]}) as server:
        daemon = make_daemon(QUICK, mails=server)
        daemon.subscribe("gone@example.com")
        env.wait_until(lambda: not server.script[stage], "the refusal")
        daemon.settle()
        assert daemon.mails.to("gone@example.com") == []
        assert daemon.queued() == 0
        assert "gone@example.com" not in daemon.ctl("queue", "list").out
        daemon.stop()


def test_unsubscribed_while_queued_is_not_mailed(make_daemon):
    """The welcome mail waits for its server; leaving cancels it."""
    server = SmtpServer()
    with server:
        daemon = make_daemon(QUICK, mails=server)
        daemon.subscribe("a@example.com")
        mail = daemon.mails.wait("a@example.com")
        env.wait_until(lambda: daemon.queued() == 0, "its result")
    daemon.press(mail.confirm)
    assert daemon.queued() == 1
    daemon.press(mail.notme)
    assert daemon.state("a@example.com") == "unsubscribed"
    env.wait_until(lambda: daemon.queued() == 0, "the welcome to be dropped")
    with server:
        daemon.settle()
        assert len(daemon.mails.to("a@example.com")) == 1
        daemon.stop()


def test_left_while_the_server_is_away_is_not_mailed(make_daemon):
    """Neither is what was handed to the mailer already."""
    server, people = SmtpServer(), [f"l{n}@example.com" for n in range(12)]
    with server:
        daemon = make_daemon(QUICK, mails=server)
        for address in people:
            daemon.subscribe(address)
        mails = [daemon.mails.wait(address) for address in people]
        env.wait_until(lambda: daemon.queued() == 0, "an empty outbox")
    for mail in mails:
        assert daemon.press(mail.confirm).status == 200
    daemon.wait_log("mail_server_away")
    for mail in mails:
        assert daemon.press(mail.notme).status == 200
    env.wait_until(lambda: daemon.queued() == 0, "the welcomes to be dropped")
    with server:
        daemon.settle()
        assert sorted(m.to for m in server.mails if "marker" not in m.to) == sorted(people)
        daemon.stop()


def test_left_while_the_server_is_slow_is_not_mailed(make_daemon):
    """One mail is on its way, all others wait in the mailer; whoever is
    suppressed, erased or has left by then gets none."""
    go_on = threading.Event()

    def slow(_):
        assert go_on.wait(env.PATIENCE)
        return GOOD["dot"]
    with Player() as server:
        daemon = make_daemon({"mail": {"sessions": 1}}, mails=server)
        welcomed = daemon.confirmed("left@example.com")
        env.wait_until(lambda: daemon.queued() == 0, "an empty outbox")
        server.hang_up()
        server.play = {"dot": slow}
        daemon.subscribe("first@example.com")
        daemon.mails.wait("first@example.com")
        for name in ("suppressed", "erased", "stays"):
            daemon.subscribe(f"{name}@example.com")
        daemon.subscribe("left@example.com", lists=("daily",))
        env.wait_until(lambda: daemon.queued() == 5, "five mails")
        assert daemon.ctl("suppress", "suppressed@example.com").status == 0
        assert daemon.ctl("erase", "--all", "erased@example.com").status == 0
        assert daemon.ctl("erase", "--all", "left@example.com").status == 0
        env.wait_until(lambda: daemon.queued() == 2, "three to be dropped")
        go_on.set()
        daemon.mails.wait("stays@example.com")
        env.wait_until(lambda: daemon.queued() == 0, "an empty outbox")
        assert [m.to for m in server.mails[2:]] == ["first@example.com", "stays@example.com"]
        assert welcomed.to == "left@example.com"
        daemon.stop()


def test_queue_outlives_a_restart(make_daemon):
    server = SmtpServer()
    daemon = make_daemon(QUICK, mails=server)
    for n in range(20):
        daemon.subscribe(f"q{n}@example.com")
    env.wait_until(lambda: daemon.queued() == 20, "20 in the outbox")
    daemon.stop()
    with server:
        daemon.start()
        for n in range(20):
            daemon.mails.wait(f"q{n}@example.com")
        daemon.settle()
        assert len(server.mails) == 21
        daemon.stop()


def test_a_session_of_the_mailer_ends_with_it(make_daemon):
    """A server that never answers holds nobody back from stopping."""
    server = SmtpServer()
    with socket.create_server(("127.0.0.1", server.port)) as silent:
        daemon = make_daemon(QUICK, mails=server)
        daemon.subscribe("a@example.com")
        silent.settimeout(env.PATIENCE)
        with silent.accept()[0] as conn:
            conn.settimeout(env.PATIENCE)
            conn.sendall(b"220 silent.example.org ESMTP\r\n")
            assert conn.recv(1) == b"E"     # assent-smtp's EHLO
            daemon.stop()


def frame(*fields):
    """Of a protobuf message, from its first field on, as the mailer sends it."""
    text = b""
    for number, value in enumerate(fields, 1):
        if isinstance(value, int):
            text += bytes([number << 3, value])
        else:
            text += bytes([number << 3 | 2, len(value)]) + value
    return len(text).to_bytes(4, "big") + text


def start_session(channel, connection):
    """An assent-smtp with these two, which are closed here; its pid."""
    with channel, connection:
        fds = [fcntl.fcntl(s, fcntl.F_DUPFD_CLOEXEC, 10) for s in (channel, connection)]
    actions = [(os.POSIX_SPAWN_DUP2, fd, at) for at, fd in enumerate(fds, 3)]
    try:
        return os.posix_spawn(env.program("assent-smtp"), ["assent-smtp"], os.environ,
                              file_actions=actions)
    finally:
        for fd in fds:
            os.close(fd)


def hear(server):
    try:
        return server.recv(4)
    except ConnectionResetError:    # what it was told was never read
        return b""


@pytest.mark.parametrize("lives", [True, False], ids=["lives", "has ended"])
def test_a_session_says_nothing_for_a_mailer_that_has_ended(lives):
    """It may be killed while its session begins, which has a mail by then."""
    mailer, channel = socket.socketpair()
    server, connection = socket.socketpair()
    with mailer, server:
        server.settimeout(env.PATIENCE)
        server.sendall(b"220 here.example.org ESMTP\r\n")
        mailer.sendall(frame(b"news.example.org", 100))
        mailer.sendall(frame(1, b"weekly@example.org", b"a@example.com", b"A: b\r\n\r\nc\r\n"))
        if not lives:
            mailer.close()
        pid = start_session(channel, connection)
        assert hear(server) == (b"EHLO" if lives else b"")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert lives or status == 1
