# SPDX-License-Identifier: ISC
"""A reload: all or nothing, and nobody who comes meanwhile notices."""
import asyncio
import collections
import http.client
import os
import random
import shutil
import signal
import socket
import threading
import time

import pytest

from harness import env
from harness.config import Bare
from harness.daemon import children, is_alive, kill
from harness.mail import Mail, QuickMail, SmtpServer, _Controller, _Handler
from harness.tls import Authority, secure

WEEKLY = ("list", "weekly")


def reload(daemon, changes=None, write=True):
    """Lays changes over its config and has it take that; what was said."""
    for key, value in (changes or {}).items():
        if isinstance(value, dict) and isinstance(daemon.values.get(key), dict):
            daemon.values[key] = {**daemon.values[key], **value}
        else:
            daemon.values[key] = value
    if write:
        daemon.write_config()
    return daemon.ctl("reload")


def reloaded(daemon, changes=None):
    done = reload(daemon, changes)
    assert done.status == 0 and done.err == "", done


def works(daemon, address):
    daemon.confirmed(address)
    assert daemon.state(address) == "confirmed"


@pytest.fixture(scope="module")
def authority():
    folder = env.Folder()
    yield Authority(folder.path)
    folder.remove()


# ---- under load ----
class Load:
    """Clients that post without a pause: on connections that they keep, and
    on a new one each time."""

    def __init__(self, daemon, kept=2, fresh=2):
        self.daemon, self.stop = daemon, threading.Event()
        self.accepted, self.failed = [], []
        self.threads = [threading.Thread(target=self.run, args=(f"{'kf'[i >= kept]}{i}", i < kept))
                        for i in range(kept + fresh)]

    def run(self, name, keeps):
        conn = self.daemon.web.connect() if keeps else None
        for n in range(10 ** 6):
            if self.stop.is_set():
                break
            address = f"{name}.{n}@example.com"
            try:
                answer = self.daemon.web.post_json("/subscribe", {"email": address}, conn=conn)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append((address, repr(error)))
                return
            if answer.status == 202:
                self.accepted.append(address)
            else:
                self.failed.append((address, answer))
            time.sleep(0.03)
        if conn:
            conn.close()

    def __enter__(self):
        for t in self.threads:
            t.start()
        env.wait_until(lambda: len(self.accepted) > 20, "some load")
        return self

    def __exit__(self, *_):
        self.stop.set()
        for t in self.threads:
            t.join()


def fds(daemon):
    """How many files the parent and the engine have open."""
    return [len(os.listdir(f"/proc/{pid}/fd"))
            for pid in (daemon.process.pid, daemon.pids()["engine"][0])]


@pytest.mark.parametrize("how,count", [
    ("tcp", 10), ("tls", 10), pytest.param("tcp", 100, marks=pytest.mark.long),
    pytest.param("tls", 100, marks=pytest.mark.long)])
def test_many_under_load(make_daemon, authority, how, count):
    daemon = make_daemon(start=False)
    if how == "tls":
        secure(daemon, authority)
    daemon.start()
    daemon.mails.kind = QuickMail
    engine = daemon.pids()["engine"]
    reloaded(daemon)
    env.wait_until(lambda: len(daemon.family()) == 6, "the former ones to end")
    before = fds(daemon)
    with Load(daemon) as load:
        for n in range(count):
            reloaded(daemon, {WEEKLY: {"title": f"Title {n}"}})
    assert not load.failed, load.failed[:3]
    env.wait_until(lambda: daemon.queued() == 0 and daemon.status()["requests_waiting"]
                   == len(load.accepted), "all to be worked on", pause=0.2)
    got = collections.Counter(m.to for m in daemon.mails.poll())
    assert [a for a in load.accepted if got[a] != 1] == []
    daemon.mails.kind = Mail
    assert daemon.pids()["engine"] == engine
    env.wait_until(lambda: len(daemon.family()) == 6,
                   lambda: f"the former ones to end: {daemon.family()}")
    env.wait_until(lambda: fds(daemon) == before,
                   lambda: f"no more open files than {before}: {fds(daemon)}")
    works(daemon, "last@example.com")


def test_a_kept_connection_is_told(make_daemon):
    daemon = make_daemon()
    conn = daemon.web.connect()
    assert daemon.web.request("GET", "/healthz", conn=conn).status == 200
    reloaded(daemon)
    answer = daemon.web.request("GET", "/healthz", conn=conn)
    assert answer.status == 200
    assert answer.header("connection") == "close"
    conn.close()


def test_a_request_half_sent_is_answered(make_daemon):
    daemon = make_daemon()
    body = b"email=slow%40example.com"
    with socket.create_connection(("127.0.0.1", daemon.port)) as s:
        s.sendall(b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n"
                  b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" % len(body))
        s.sendall(body[:5])
        env.wait_until(lambda: daemon.web.get("/healthz").status == 200, "an answer")
        reloaded(daemon)
        s.sendall(body[5:])
        s.settimeout(env.PATIENCE)
        assert s.recv(100).startswith(b"HTTP/1.1 303 ")
    daemon.mails.wait("slow@example.com")


# ---- what is refused ----
def bad_files(daemon, taken):
    """Changes that can't be taken: what is done to config or files, and what
    is said of it."""
    conf, templates = str(daemon.conf), daemon.path / "templates"
    port = ("listen", f"127.0.0.1:{taken}")
    junk = daemon.path / "junk.pem"
    junk.write_text("junk")
    yield {"databse": "x"}, None, f"{conf}:LINE: unknown key `databse`"
    yield {}, lambda: daemon.conf.write_text(daemon.conf.read_text() + "list {"), f"{conf}:LINE: "
    yield {WEEKLY: {"from": "nobody"}}, None, f"{conf}:LINE: from = nobody"
    yield {"templates": "/nowhere"}, None, f"{conf}:LINE: templates = /nowhere"
    yield {}, (templates / "page/pending.html").unlink, f"{templates}/page/pending.html:1: "
    yield {}, lambda: (templates / "page/confirm.html").write_text("{{#x}}"), \
        f"{templates}/page/confirm.html:1: "
    yield {}, lambda: (templates / "lang/en").write_text("nonsense"), f"{templates}/lang/en:1: "
    yield {port: {}}, None, f"{conf}:LINE: cannot listen on 127.0.0.1:{taken}: Address already"
    yield {("listen", "127.0.0.1:0"): {"certificate": str(junk), "key": str(junk)}}, None, \
        f"{conf}:LINE: "
    yield {"log": {"target": "/nowhere/log"}}, None, f"{conf}:LINE: target = /nowhere/log"
    yield {"log": {"target": "syslog"}}, None, f"{conf}:LINE: target = syslog"
    yield {"mail": {"transport": "smtp", "host": "localhost", "tls": "none", "username": "u",
                    "password_file": "/nowhere/p"}}, None, f"{conf}:LINE: password_file = "
    yield {}, daemon.conf.unlink, f"{conf}: cannot read it"
    for key, value in (("database", str(daemon.path / "other")),
                       ("secret_file", str(daemon.path / "other")), ("map_size", Bare("2g"))):
        yield {key: value}, None, f"{conf}:LINE: {key}"


def test_what_is_wrong_is_refused(make_daemon):
    daemon = make_daemon(start=False)
    folder = daemon.path / "templates"
    shutil.copytree(env.TEMPLATES, folder)
    daemon.values["templates"] = str(folder)
    daemon.start()
    loaded = daemon.status()["load"]
    assert loaded["errors"] == [] and loaded["refused_at"] is None
    pids = daemon.pids()
    values = daemon.values
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        for changes, break_it, says in bad_files(daemon, other.getsockname()[1]):
            daemon.values = dict(values)
            shutil.rmtree(folder)
            shutil.copytree(env.TEMPLATES, folder)
            since = len(daemon.lines)
            for key, value in changes.items():
                old = values.get(key)
                daemon.values[key] = {**old, **value} if isinstance(old, dict) else value
            daemon.write_config()
            if break_it:
                break_it()
            done = reload(daemon, write=False)
            start, _, rest = says.partition("LINE")
            assert done.status == 1, (says, done)
            line = next((x for x in done.err.splitlines()
                         if x.startswith("assentctl: " + start)), None)
            assert line, (says, done)
            if rest:
                number, _, text = line.removeprefix("assentctl: " + start).partition(":")
                assert number.isdigit() and text.startswith(rest[1:]), (says, line)
            told = daemon.status()["load"]
            assert line.removeprefix("assentctl: ") in told["errors"]
            assert told["refused_at"] and told["loaded_at"] == loaded["loaded_at"]
            assert "RELOAD REFUSED" in daemon.ctl("status").out
            assert "reload_refused" in daemon.wait_log("reload_refused", since)
            assert daemon.web.get("/subscribe/weekly").status == 200
    assert daemon.pids() == pids
    works(daemon, "jo@example.com")
    daemon.values = values
    reloaded(daemon)
    told = daemon.status()["load"]
    assert told["errors"] == [] and told["refused_at"] is None


def test_a_signal_says_it_in_the_log(make_daemon):
    daemon = make_daemon()
    pids = daemon.pids()
    daemon.conf.write_text("nonsense = 1\n")
    daemon.process.send_signal(signal.SIGHUP)
    line = daemon.wait_log("reload_refused")
    assert f"{daemon.conf}:1: unknown key" in line
    assert daemon.pids() == pids
    daemon.write_config()
    since = len(daemon.lines)
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_log(r"\breloaded\b", since)
    works(daemon, "jo@example.com")


def test_json(make_daemon):
    daemon = make_daemon()
    done = daemon.ctl("--json", "reload")
    assert done.status == 0 and done.json()["load"]["errors"] == []
    daemon.conf.write_text("nonsense = 1\n")
    done = daemon.ctl("--json", "reload")
    assert done.status == 1
    assert done.json()["error"]["code"] == "refused"
    assert daemon.ctl("reload", "now").status == 2


# ---- what changes ----
def test_lists_come_and_go(make_daemon):
    daemon = make_daemon()
    daemon.subscribe("waits@example.com")
    waits = daemon.mails.wait("waits@example.com")
    welcome = daemon.confirmed("jo@example.com")
    weekly = daemon.values[WEEKLY]
    monthly = {"title": "The Monthly", "from": "monthly@news.example.org",
               "consent": "Once a month.", "languages": ["en"]}
    reloaded(daemon, {WEEKLY: None, ("list", "monthly"): monthly, "default_list": "monthly"})
    assert daemon.web.get("/subscribe/weekly").status == 404
    answer = daemon.web.post_json("/subscribe", {"email": "a@example.com", "list": "weekly"})
    assert answer.status == 400 and answer.json()["error"]["code"] == "unknown_list"
    works_monthly = daemon.subscribe("al@example.com", ("monthly",))
    assert works_monthly.status == 303
    assert "The Monthly" in daemon.mails.wait("al@example.com").message["Subject"]
    # Links of a list that is gone go on working.
    assert daemon.web.get(waits.confirm).status == 200
    assert daemon.press(waits.confirm).status in (200, 303)
    assert daemon.press(welcome.unsubscribe).status == 200
    assert daemon.state("jo@example.com") == "unsubscribed"
    reloaded(daemon, {WEEKLY: {**weekly, "title": "The New Weekly"}, "default_list": "weekly"})
    assert "The New Weekly" in daemon.web.get("/subscribe/weekly").text
    assert daemon.state("jo@example.com") == "unsubscribed"
    works(daemon, "new@example.com")
    assert "The New Weekly" in daemon.mails.to("new@example.com")[0].message["Subject"]


def test_templates(make_daemon):
    daemon = make_daemon(start=False)
    folder = daemon.path / "templates"
    shutil.copytree(env.TEMPLATES, folder)
    daemon.values["templates"] = str(folder)
    daemon.start()
    page = folder / "page/pending.html"
    page.write_text(page.read_text().replace("<title>", "<title>Another "))
    catalogue = folder / "lang/en"
    catalogue.write_text(catalogue.read_text().replace(
        "pending_title = ", "pending_title = New "))
    text = folder / "mail/confirm.txt"
    text.write_text(text.read_text() + "\nAnother last line.\n")
    reloaded(daemon)
    text = daemon.web.get("/pending/weekly").text
    assert "<title>Another " in text and "New Please check" in text
    daemon.subscribe("jo@example.com")
    assert "Another last line." in daemon.mails.wait("jo@example.com").text


def test_limits(make_daemon):
    daemon = make_daemon({"limits": {"per_network": "3/1d"}})

    def post(n):
        return daemon.web.post_json("/subscribe", {"email": f"l{n}@example.com"}).status
    assert [post(n) for n in range(4)] == [202, 202, 202, 429]
    env.wait_until(lambda: daemon.queued() == 0, "all to be worked on")
    reloaded(daemon, {"limits": {"per_network": "5/1d"}})
    assert [post(n) for n in range(10, 13)] == [202, 202, 429]
    reloaded(daemon, {"limits": {"per_network": "off"}})
    assert post(20) == 202


def test_processes_and_log(make_daemon):
    daemon = make_daemon()
    assert len(daemon.pids()["web"]) == 2
    log = daemon.path / "the.log"
    log.touch()
    log.chmod(0o666)
    reloaded(daemon, {"web_processes": 3, "log": {"target": str(log), "level": "debug"}})
    assert len(daemon.pids()["web"]) == 3
    works(daemon, "jo@example.com")
    old = daemon.path / "the.log.1"
    env.wait_until(lambda: "info mailer mailed" in log.read_text(), "the mailer to log there")
    log.rename(old)
    daemon.process.send_signal(signal.SIGUSR1)
    env.wait_until(log.exists, "a new log")
    reloaded(daemon, {"web_processes": 1, "log": {"target": "stderr", "level": "info"}})
    assert len(daemon.pids()["web"]) == 1
    assert "reloaded" in daemon.wait_log("reloaded")
    since = len(daemon.lines)
    works(daemon, "al@example.com")
    daemon.wait_log("mailer0? mailed", since)


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
        return True
    except OSError:
        return False


def test_listeners_come_and_go(make_daemon):
    daemon = make_daemon()
    first, second = daemon.port, env.free_port()
    path = daemon.path / "web.sock"
    listen = {("listen", f"127.0.0.1:{second}"): {}, ("listen", f"unix:{path}"): {}}
    for _ in range(2):      # and at once again
        reloaded(daemon, listen)
        assert can_connect(first) and can_connect(second) and path.is_socket()
        daemon.web.port = second
        assert daemon.web.get("/healthz").status == 200
        daemon.web.port = first
        reloaded(daemon, dict.fromkeys(listen))
        assert can_connect(first) and not can_connect(second) and not path.exists()
    admin = daemon.path / "other.sock"
    done = reload(daemon, {"admin": {"socket": str(admin)}})
    assert done.status == 1         # it asked on the new one, where nobody is yet
    old = daemon.path / "admin.sock"
    daemon.values["admin"]["socket"] = str(old)
    assert daemon.ctl("reload").status == 0
    assert not old.exists()
    daemon.values["admin"]["socket"] = str(admin)
    works(daemon, "jo@example.com")


# ---- certificates ----
def peer(daemon, context, session=None):
    """A connection: its certificate, whether it resumed, and its session."""
    raw = socket.create_connection(("127.0.0.1", daemon.port), 30)
    with context.wrap_socket(raw, server_hostname="localhost", session=session) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while s.recv(4096):
            pass
        return s.getpeercert()["serialNumber"], s.session_reused, s.session


def test_a_renewed_certificate(make_daemon, authority):
    daemon = make_daemon(start=False)
    cert, key = secure(daemon, authority)
    daemon.start()
    context = authority.context()
    serial, _, session = peer(daemon, context)
    new_cert, new_key = authority.issue("renewed", "DNS:localhost")
    cert.write_text("half written")
    done = reload(daemon)
    assert done.status == 1 and str(daemon.conf) in done.err
    assert peer(daemon, context)[0] == serial
    shutil.copy(new_cert, cert)
    shutil.copy(new_key, key)
    reloaded(daemon)
    assert peer(daemon, context)[0] not in (serial, None)
    # Tickets outlive it, in all processes.
    for _ in range(6):
        assert peer(daemon, context, session)[1]


# ---- mail ----
class Gate(SmtpServer):
    """Takes no mail until it is opened, whatever it is told."""

    def __enter__(self):
        gate = self
        self.arrived, self.open = threading.Event(), threading.Event()

        class Handler(_Handler):
            async def handle_DATA(self, server, session, envelope):
                gate.arrived.set()
                while not gate.open.is_set():
                    await asyncio.sleep(0.02)
                return await super().handle_DATA(server, session, envelope)
        self.controller = _Controller(Handler(self), hostname="127.0.0.1", port=self.port)
        self.controller.start()
        return self


def test_a_mail_on_its_way(make_daemon):
    """It arrives once, although its mailer has a successor; what waited goes
    to the new mail server."""
    with Gate() as slow, SmtpServer() as quick:
        daemon = make_daemon({"mail": {"sessions": 1}}, mails=slow)
        daemon.subscribe("first@example.com")
        assert slow.arrived.wait(env.PATIENCE)
        daemon.subscribe("waits@example.com")
        old = daemon.pids()["mailer"][0]
        reloaded(daemon, {"mail": {"port": quick.port}})
        quick.wait("waits@example.com")
        assert is_alive(old)
        daemon.subscribe("second@example.com")
        quick.wait("second@example.com")
        slow.open.set()
        slow.wait("first@example.com")
        env.wait_until(lambda: not is_alive(old), "the former mailer to end")
        env.wait_until(lambda: daemon.queued() == 0, "an empty outbox")
        assert len(slow.tried) == 1 and len(quick.tried) == 2


# ---- trouble ----
def test_a_storm_of_signals(make_daemon):
    daemon = make_daemon()
    for n in range(200):
        daemon.process.send_signal(signal.SIGHUP)
        if n == 150:
            daemon.values[WEEKLY] = {**daemon.values[WEEKLY], "title": "The Last"}
            daemon.write_config()
    # None of them is lost: the last one is after the last change.
    env.wait_until(lambda: "The Last" in daemon.web.get("/subscribe/weekly").text,
                   "the last config")
    reloaded(daemon)
    env.wait_until(lambda: len(daemon.family()) == 6, "the former ones to end")
    works(daemon, "jo@example.com")


def test_several_ask_at_once(make_daemon):
    daemon = make_daemon()
    results = []
    threads = [threading.Thread(target=lambda: results.append(daemon.ctl("reload")))
               for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [r.status for r in results] == [0] * 8, results


def test_children_die_meanwhile(make_daemon):
    daemon = make_daemon()
    dice = random.Random(7)
    for n in range(12):
        daemon.process.send_signal(signal.SIGHUP)
        time.sleep(dice.random() * 0.15)    # wherever it is by now
        # Not what a child of ours makes: LeakSanitizer waits for its helper.
        ours = children(daemon.process.pid)
        if ours:
            kill(dice.choice(ours))
    reloaded(daemon)
    env.wait_until(daemon.is_ready, "readiness")
    env.wait_until(lambda: len(daemon.family()) == 6,
                   lambda: f"the former ones to end: {daemon.family()}")
    works(daemon, "jo@example.com")


def test_the_engine_is_away(make_daemon):
    """It waits for the next one, and then it is done."""
    daemon = make_daemon()
    kill(daemon.pids()["engine"][0])
    daemon.values[WEEKLY] = {**daemon.values[WEEKLY], "title": "The Other"}
    daemon.write_config()
    daemon.process.send_signal(signal.SIGHUP)
    env.wait_until(lambda: "The Other" in daemon.web.get("/subscribe/weekly").text,
                   "the other config")
    works(daemon, "jo@example.com")


@pytest.mark.parametrize("wait", [0, 0.02, 0.05, 0.1, 0.2])
def test_stopping_meanwhile(make_daemon, wait):
    daemon = make_daemon()
    family = daemon.family()
    daemon.process.send_signal(signal.SIGHUP)
    time.sleep(wait)                        # wherever it is by now
    family += daemon.family()
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.wait_exit() == 0
    assert not any(map(is_alive, family))
    assert not (daemon.path / "admin.sock").exists()


def test_a_service_manager_is_told(make_daemon, monkeypatch):
    daemon = make_daemon(start=False)
    path = daemon.path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        path.chmod(0o666)
        manager.settimeout(env.PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        daemon.start()
        assert manager.recv(1000) == b"READY=1"
        for wrong in (False, True):
            if wrong:
                daemon.conf.write_text("nonsense = 1\n")
            before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            daemon.process.send_signal(signal.SIGHUP)
            state, when = manager.recv(1000).decode().split("\n")
            assert state == "RELOADING=1"
            assert before <= int(when.removeprefix("MONOTONIC_USEC=")) < before + 60 * 10 ** 6
            assert manager.recv(1000) == b"READY=1"
