# SPDX-License-Identifier: ISC
"""A thousand clients that take their time, and honest ones among them who are
all served.  How fast is for benchmarks."""
import random
import resource
import selectors
import socket
import subprocess
import time

import pytest

from harness import env
from harness.web import Web, read_to_end

SLOW = 1000
POST = (b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n")


@pytest.fixture(scope="module", autouse=True)
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def honest_ones(daemon, word, is_over):
    """A form, a page and a health check at a time, until it is over."""
    served = 0
    while not is_over():
        assert daemon.web.get("/healthz").status == 200
        assert daemon.web.get("/subscribe/weekly").status == 200
        daemon.subscribe(f"{word}.{served}@example.com")
        served += 1
    for i in random.sample(range(served), min(served, 5)):
        daemon.mails.wait(f"{word}.{i}@example.com")
    return served


# What each says at once, and what it goes on with, a byte at a time.
KINDS = {
    "silent": (b"", b""),
    "line": (b"GET /heal", b"t"),
    "head": (b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: ", b"b"),
    "body": (POST + b"Content-Length: 10000\r\n\r\nemail=", b"x"),
    "chunks": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\ne\r\n", b"1"),
    "extension": (POST + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a"),
}


class Slow:
    """All of them: dripping until the server has had enough."""

    def __init__(self, port):
        self.selector = selectors.DefaultSelector()
        self.open = {}
        self.dripped = time.monotonic()
        kinds = list(KINDS.values())
        for i in range(SLOW):
            s = socket.create_connection(("127.0.0.1", port), 30)
            s.setblocking(False)
            s.send(kinds[i % len(kinds)][0])
            self.open[s] = kinds[i % len(kinds)][1]
            self.selector.register(s, selectors.EVENT_READ)

    def go_on(self):
        """True when the last of them was thrown out."""
        for key, _ in self.selector.select(0):
            try:
                if key.fileobj.recv(65536):
                    continue
            except OSError:
                pass
            self.close(key.fileobj)
        if time.monotonic() - self.dripped > 1:
            self.dripped = time.monotonic()
            for s, drop in list(self.open.items()):
                try:
                    s.send(drop)
                except OSError:
                    self.close(s)
        return not self.open

    def close(self, s):
        self.selector.unregister(s)
        s.close()
        del self.open[s]


def test_a_thousand_slow_clients(make_daemon):
    daemon = make_daemon()
    slow = Slow(daemon.port)
    end = time.monotonic() + 4 * env.PATIENCE
    served = honest_ones(daemon, "honest",
                         lambda: slow.go_on() or time.monotonic() > end)
    assert not slow.open, f"{len(slow.open)} are still there"
    assert served >= 3
    assert not daemon.show("xxx@example.com")


MODES = {"head": ["-H", "-i", "1"], "body": ["-B", "-i", "1", "-s", "16000"],
         "read": ["-X", "-k", "5", "-n", "1", "-w", "10", "-y", "20", "-z", "4"]}


def test_slowhttptest(make_daemon):
    """Its three modes at a time."""
    daemon = make_daemon()
    url = f"http://127.0.0.1:{daemon.port}/subscribe"
    running = [subprocess.Popen(
        ["slowhttptest", "-c", str(SLOW // 3), "-r", "200", "-l", "8", "-p", "5",
         "-u", url + ("/weekly" if mode == "read" else ""), *args],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd=daemon.path) for mode, args in MODES.items()]
    served = honest_ones(daemon, "test", lambda: all(p.poll() is not None for p in running))
    assert served >= 3
    assert daemon.web.get("/healthz").status == 200


BLOCK = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c%b\x0a\0\0\1\0\1\0\2"


def test_one_peer_has_a_cap(make_daemon):
    """128 connections for each client of a proxy; others don't notice."""
    daemon = make_daemon(start=False, changes={"trusted_proxies": ["127.0.0.1"],
                                               "web_processes": 1})
    port = env.free_port()
    daemon.values[("listen", f"127.0.0.1:{port}")] = {"proxy_protocol": True}
    daemon.start()

    def dial(client):
        s = socket.create_connection(("127.0.0.1", port), 30)
        s.sendall(BLOCK % socket.inet_aton(client) + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            return s, s.recv(65536).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return s, False
    # Held open in the middle of a request, so that none idles out.
    first = [dial("192.0.2.1") for _ in range(128)]
    for s, _ in first:
        s.sendall(b"GET /")
    assert all(good for _, good in first)
    more = [dial("192.0.2.1") for _ in range(5)]
    assert not any(good for _, good in more)
    other, good = dial("192.0.2.2")
    assert good
    first.pop()[0].close()
    env.wait_until(lambda: dial("192.0.2.1")[1], "a place to be free again")


def test_all_of_them_have_a_cap(make_daemon):
    """With few descriptors: who idles makes room, and honest ones are served."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    daemon = make_daemon({"web_processes": 1}, start=False)
    daemon.write_config()
    resource.setrlimit(resource.RLIMIT_NOFILE, (160, hard))
    try:
        daemon.launch()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    daemon.wait_log(r"\bready\b")
    idle = []
    for _ in range(300):
        s = socket.create_connection(("127.0.0.1", daemon.port), 30)
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert s.recv(65536).startswith(b"HTTP/1.1 200 ")
        idle.append(s)
        if len(idle) % 50 == 0:
            assert daemon.web.get("/healthz").status == 200
    # The longest idle had to go.
    assert read_to_end(idle[0], env.PATIENCE)[1]
    # Silent ones leave when their time is up; whoever waits comes in then.
    silent = [socket.create_connection(("127.0.0.1", daemon.port), 30) for _ in range(110)]
    assert Web("127.0.0.1", daemon.port).get("/healthz").status == 200
    for s in idle + silent:
        s.close()
