# SPDX-License-Identifier: ISC
"""Under a service manager that holds the sockets: which of them are taken,
and a restart under load that refuses nobody."""
import http.client
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from harness import env
from harness.mail import QuickMail
from harness.manager import Manager, listening

RESTARTS = 3


@pytest.fixture
def managed(make_daemon):
    """managed(sockets, changes, …): a daemon that isn't started yet, and its
    manager, whose sockets are made by sockets(daemon)."""
    managers = []

    def make(sockets, changes=None, **kwargs):
        daemon = make_daemon(changes, start=False)
        manager = Manager(daemon, sockets(daemon), **kwargs)
        managers.append(manager)
        return daemon, manager

    yield make
    for manager in managers:
        manager.close()


def inode(sock):
    return os.fstat(sock.fileno()).st_ino


def sockets_of(pid):
    """The inodes of the sockets that a process holds."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            text = str(link.readlink())
        except FileNotFoundError:
            continue
        if text.startswith("socket:["):
            found.add(int(text[8:-1]))
    return found


class Clients:
    """Real ones: each posts a new address on a connection that it keeps, or
    on a new one, and remembers what became of it."""

    def __init__(self, daemon, count, kept):
        self.daemon, self.kept = daemon, kept
        self.accepted, self.failed = [], []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(count)]
        for thread in self.threads:
            thread.start()

    def _run(self, number):
        conn = self.daemon.web.connect(timeout=60)
        n = 0
        while not self.stopping.is_set():
            n += 1
            address = f"c{number}.{n}@example.com"
            try:
                answer = self.daemon.web.post_json("/subscribe", {"email": address},
                                                   conn=conn if self.kept else None)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append((address, repr(error)))
                conn.close()
                continue
            if answer.status == 202:
                self.accepted.append(address)
            else:
                self.failed.append((address, answer))
        conn.close()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("kept", [False, True], ids=["new", "kept"])
def test_a_restart_under_load_refuses_nobody(managed, kept):
    daemon, manager = managed(lambda d: [listening(d.port)])
    daemon.mails.kind = QuickMail
    daemon.start()
    clients = Clients(daemon, 8, kept)
    for _ in range(RESTARTS):
        goal = len(clients.accepted) + 200
        env.wait_until(lambda: len(clients.accepted) > goal or clients.failed, "some load")
        manager.restart()
    goal = len(clients.accepted) + 100
    env.wait_until(lambda: len(clients.accepted) > goal or clients.failed, "more load")
    clients.stop()
    print(f"{len(clients.accepted)} accepted over {RESTARTS} restarts")
    assert not clients.failed, clients.failed[:5]
    daemon.mails.wait_total(len(clients.accepted), timeout=120, pause=0.3)
    assert {m.to for m in daemon.mails.poll()} == set(clients.accepted)


def test_whoever_comes_meanwhile_waits(managed):
    """Nobody runs: the connection is made, and answered by the next one."""
    daemon, _ = managed(lambda d: [listening(d.port)])
    daemon.start()
    daemon.stop()
    with socket.create_connection(("127.0.0.1", daemon.port), 60) as early:
        early.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        daemon.start()
        assert early.recv(1000).startswith(b"HTTP/1.1 200")


def test_who_comes_while_it_stops_waits_for_the_next(managed):
    """An answer that is due holds the end up: nobody new is accepted then, and
    nobody is turned away."""
    daemon, _ = managed(lambda d: [listening(d.port)], {"web_processes": 1})
    daemon.start()
    slow = socket.create_connection(("127.0.0.1", daemon.port), 60)
    slow.sendall(b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 21\r\n"
                 b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=a%40")
    env.wait_until(lambda: daemon.web.get("/healthz").status == 200, "the slow one's turn")
    daemon.process.send_signal(signal.SIGTERM)
    daemon.wait_log("stopping")
    late = socket.create_connection(("127.0.0.1", daemon.port), 60)
    late.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    slow.sendall(b"example.com")
    assert slow.recv(1000).split(b" ")[1] in (b"202", b"303")
    slow.close()
    assert daemon.wait_exit() == 0
    daemon.start()
    assert late.recv(1000).startswith(b"HTTP/1.1 200")
    late.close()


def test_all_kinds_are_matched_by_address(managed):
    """TCP, a UNIX socket and the admin socket are passed, in any order; one more line has none and is bound here."""
    daemon, manager = managed(lambda d: [
        listening(d.path / "admin.sock"), listening(d.path / "http.sock"), listening(d.port)],
        names=["admin", "http", "web"])
    other = env.free_port()
    daemon.values[("listen", f"unix:{daemon.path}/http.sock")] = {}
    daemon.values[("listen", f"127.0.0.1:{other}")] = {}
    daemon.start()
    pids = daemon.pids()
    admin, http_sock, tcp = map(inode, manager.sockets)
    for role, wanted in (("web", {http_sock, tcp}), ("admin", {admin}),
                         ("engine", set()), ("mailer", set())):
        for pid in pids[role]:
            assert sockets_of(pid) & {admin, http_sock, tcp} == wanted, role
    for port in (daemon.port, other):
        with socket.create_connection(("127.0.0.1", port), 60) as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert s.recv(1000).startswith(b"HTTP/1.1 200")
    done = subprocess.run(["curl", "-s", "--unix-socket", str(daemon.path / "http.sock"),
                           "http://x/healthz"], capture_output=True, timeout=60)
    assert done.returncode == 0
    daemon.stop()
    # The manager's files stay, and it wasn't woken by a look at them.
    for name, sock in (("admin.sock", manager.sockets[0]), ("http.sock", manager.sockets[1])):
        assert (daemon.path / name).is_socket()
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.accept()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", other), 1)
    daemon.start()
    daemon.confirmed("again@example.com")


def refused(daemon):
    daemon.launch()
    assert daemon.wait_exit() == 1
    lines = [line for line in daemon.lines if line.startswith("assentd:")]
    assert len(lines) == 1, daemon.log
    return lines[0]


def test_a_socket_that_no_line_names(managed):
    port = env.free_port()
    daemon, _ = managed(lambda d: [listening(d.port), listening(port)])
    line = refused(daemon)
    assert f'add listen "127.0.0.1:{port}" {{ }}' in line and str(daemon.conf) in line


def test_a_reload_keeps_the_sockets(managed):
    """Who connects to one that is no longer named would wait for ever."""
    other = env.free_port()
    daemon, _ = managed(lambda d: [listening(d.port), listening(other)],
                        {("listen", f"127.0.0.1:{other}"): {}})
    daemon.start()
    del daemon.values[("listen", f"127.0.0.1:{other}")]
    daemon.write_config()
    done = daemon.ctl("reload")
    assert done.status == 1 and f"127.0.0.1:{other}" in done.err, done
    with socket.create_connection(("127.0.0.1", other), 60) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        assert s.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_a_socket_of_the_wrong_kind(managed):
    def datagrams(daemon):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", daemon.port))
        return [s]

    daemon, _ = managed(datagrams, names=["mine"])
    line = refused(daemon)
    assert "mine" in line and "ListenStream=" in line


def test_sockets_that_are_meant_for_another(managed):
    """What an earlier process forgot in its environment is not ours."""
    daemon, manager = managed(lambda d: [listening(env.free_port())], LISTEN_PID="1")
    daemon.start()
    daemon.confirmed("a@example.com")


def test_it_tells_the_manager(managed):
    daemon, manager = managed(lambda d: [], WATCHDOG_USEC="200000")
    daemon.start()
    env.wait_until(lambda: manager.said().count("WATCHDOG=1") > 3, "four signs of life")
    daemon.stop()
    said = [each for each in manager.said() if each != "WATCHDOG=1"]
    assert said == ["READY=1", "STOPPING=1"]
