# SPDX-License-Identifier: ISC
"""The tree of processes: who dies comes back, nobody outlives the parent,
SIGTERM finishes what was accepted."""
import http.client
import signal
import socket
import threading
import time

import pytest

from harness import env
from harness.daemon import is_alive, kill
from harness.mail import SmtpServer

ROLES = ["engine", "mailer", "web", "admin"]


def work(daemon, address):
    """The main job, start to end; while something comes back, once more."""
    env.wait_until(daemon.is_ready, "readiness")
    daemon.confirmed(address)
    assert daemon.state(address) == "confirmed"


def wait_for_another(daemon, role, old):
    def there():
        try:
            pids = daemon.pids().get(role, [])
        except (AssertionError, ValueError):
            return None         # the admin process itself is on its way
        return old not in pids and len(pids) == (2 if role == "web" else 1) and pids
    return env.wait_until(there, f"another {role}")


@pytest.mark.parametrize("role", ROLES)
def test_each_comes_back(make_daemon, role):
    daemon = make_daemon()
    work(daemon, "before@example.com")
    for turn in range(3):
        victim = daemon.pids()[role][0]
        kill(victim)
        wait_for_another(daemon, role, victim)
        work(daemon, f"after{turn}@example.com")
    restarts = sum(p["restarts"] for p in daemon.status()["processes"] if p["role"] == role)
    assert restarts == 3
    assert daemon.state("before@example.com") == "confirmed"
    assert [daemon.state(f"after{t}@example.com") for t in range(3)] == ["confirmed"] * 3


def test_without_the_engine_web_says_503(make_daemon):
    daemon = make_daemon()
    engine = daemon.pids()["engine"][0]
    kill(engine, signal.SIGSTOP)
    kill(engine)                      # it dies, and answers nothing more
    answer = daemon.web.post_json("/subscribe", {"email": "a@example.com"})
    assert answer.status in (202, 503)
    if answer.status == 503:
        assert answer.json()["error"]["code"] == "unavailable"
        assert int(answer.header("retry-after")) >= 1
    wait_for_another(daemon, "engine", engine)
    work(daemon, "b@example.com")


@pytest.mark.parametrize("role", ["parent"] + ROLES)
def test_nobody_outlives_the_parent(make_daemon, role):
    daemon = make_daemon()
    family = daemon.family()
    assert len(family) == 6
    if role != "parent":
        kill(daemon.pids()[role][0])
    kill(daemon.process.pid)
    daemon.process.wait(env.PATIENCE)
    env.wait_until(lambda: not any(map(is_alive, family)), "all to be gone")
    daemon.start()                    # nothing is in the way of the next one
    work(daemon, "a@example.com")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopping(make_daemon, how):
    daemon = make_daemon()
    work(daemon, "a@example.com")
    family = daemon.family()
    daemon.process.send_signal(how)
    assert daemon.wait_exit() == 0
    assert not any(map(is_alive, family))
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", daemon.port), 1)
    assert not (daemon.path / "admin.sock").exists()


def test_stopping_leaves_the_next_ones_socket(make_daemon):
    daemon = make_daemon()
    path = daemon.path / "admin.sock"
    pids = daemon.pids()
    kill(pids["engine"][0], signal.SIGSTOP)         # it takes long to stop
    daemon.process.send_signal(signal.SIGTERM)
    env.wait_until(lambda: not is_alive(pids["admin"][0]), "admin to be gone")
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        kill(pids["engine"][0], signal.SIGCONT)
        assert daemon.wait_exit() == 0
        assert path.exists()


def test_stopping_finishes_what_was_accepted(make_daemon):
    daemon = make_daemon()
    accepted, refused, stop = [], [], threading.Event()

    def load(number):
        n = 0
        while not stop.is_set():
            address, n = f"l{number}.{n}@example.com", n + 1
            try:
                answer = daemon.web.post_json("/subscribe", {"email": address})
            except (OSError, http.client.HTTPException):
                refused.append(address)
                if daemon.process.poll() is not None:
                    return
                continue
            (accepted if answer.status == 202 else refused).append(address)

    threads = [threading.Thread(target=load, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    env.wait_until(lambda: len(accepted) > 100, "some load")
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.wait_exit() == 0
    stop.set()
    for t in threads:
        t.join()
    daemon.start()
    for address in accepted:
        daemon.mails.wait(address)


def test_an_open_request_is_answered_before_the_end(make_daemon):
    daemon = make_daemon()
    body = b"email=slow%40example.com"
    with socket.create_connection(("127.0.0.1", daemon.port)) as s:
        s.sendall(b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n"
                  b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" % len(body))
        s.sendall(body[:5])
        env.wait_until(lambda: daemon.web.get("/healthz").status == 200, "an answer")
        daemon.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)     # it has heard of its end by now
        s.sendall(body[5:])
        s.settimeout(env.PATIENCE)
        assert s.recv(65536).startswith((b"HTTP/1.1 202", b"HTTP/1.1 303"))
    assert daemon.wait_exit() == 0
    daemon.start()
    daemon.mails.wait("slow@example.com")


def test_idle_connections_do_not_hold_the_end_up(make_daemon):
    daemon = make_daemon()
    idle = [socket.create_connection(("127.0.0.1", daemon.port)) for _ in range(20)]
    for s in idle[:10]:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert s.recv(1000).startswith(b"HTTP/1.1 200")
    start = time.monotonic()
    daemon.stop()
    assert time.monotonic() - start < 12
    for s in idle:
        s.close()


@pytest.mark.long
def test_who_does_not_stop_costs_the_others_nothing(make_daemon):
    """It is killed once its time is up; the engine and the mailer still
    stop in order."""
    daemon = make_daemon()
    work(daemon, "a@example.com")
    stuck = daemon.pids()["admin"][0]
    kill(stuck, signal.SIGSTOP)
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.wait_exit() == 0
    died = [line for line in daemon.lines if "child_died" in line]
    assert len(died) == 1 and "child=admin" in died[0], daemon.log


def test_children_ignore_the_terminals_interrupt(make_daemon):
    """Ctrl-C reaches the whole group; the parent alone decides."""
    daemon = make_daemon()
    for pid in daemon.family()[1:]:
        kill(pid, signal.SIGINT)
    time.sleep(0.2)
    work(daemon, "a@example.com")
    assert all(p["restarts"] == 0 for p in daemon.status()["processes"])


def test_a_hanging_smtp_session_is_killed_with_its_mailer(make_daemon):
    server = SmtpServer()
    with socket.create_server(("127.0.0.1", server.port)) as silent:
        daemon = make_daemon(mails=server)
        daemon.subscribe("a@example.com")
        silent.settimeout(env.PATIENCE)
        conn, _ = silent.accept()
        conn.sendall(b"220 slow.example.org ESMTP\r\n")
        # Its session is there now, or the mailer waits itself: both must end.
        family = daemon.family()
        kill(daemon.pids()["mailer"][0])
        conn.settimeout(env.PATIENCE)
        while conn.recv(4096):
            pass
        conn.close()
        gone = [p for p in family if p not in daemon.family()]
        env.wait_until(lambda: not any(map(is_alive, gone)), "both to be gone")
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.wait_exit() == 0


def test_many_deaths_in_a_row_back_off(make_daemon):
    """A child that dies at once, again and again, doesn't spin the parent."""
    daemon = make_daemon()
    seen, end = set(), time.monotonic() + 6
    while time.monotonic() < end:
        for pid in set(daemon.pids().get("mailer", [])) - seen:
            seen.add(pid)
            kill(pid)
    assert 3 <= len(seen) <= 40, len(seen)
    env.wait_until(lambda: set(daemon.pids().get("mailer", [])) - seen, "a mailer", 60)
    work(daemon, "a@example.com")
