# SPDX-License-Identifier: ISC
"""Nobody outside can tell who is known: the answer to a post is the same, bytes
and time, whatever became of the address before.  (That the same is written
before it is answered: daemon/app/engine/engine_enumeration_test.c.)"""
import json
import math
import random
import re
import socket
import time

import pytest

SAMPLES = 10_000


def name_of(kind, n):
    """All of one length."""
    return f"{kind:x<9}{n:06}@example.com"


class Classes:
    """Addresses by what is known of them; `size` of each but the new ones."""

    def __init__(self, daemon, size):
        self.daemon, self.size, self.fresh = daemon, size, 0
        self.known = {kind: [self.make(kind, n) for n in range(size)]
                      for kind in ("pending", "confirmed", "left", "notme", "suppress",
                                   "overbudge")}
        daemon.settle()

    def make(self, kind, n):
        address = name_of(kind, n)
        daemon = self.daemon
        if kind in ("confirmed", "left"):
            daemon.confirmed(address)
        if kind == "left":
            assert daemon.ctl("unsubscribe", address).status == 0
        if kind in ("pending", "notme", "overbudge"):
            daemon.subscribe(address)
        if kind == "notme":
            daemon.press(daemon.mails.wait(address).notme)
        if kind == "suppress":
            assert daemon.ctl("suppress", address).status == 0
        if kind == "overbudge":
            daemon.subscribe(address, ("daily",))
        return address

    def names(self):
        return ["new", "robot", *self.known]

    def address(self, kind):
        if kind in self.known:
            return random.choice(self.known[kind])
        self.fresh += 1
        return name_of(kind, self.fresh)


@pytest.fixture(scope="module")
def classes(daemon):
    return Classes(daemon, 4)


def fields_of(kind, address):
    return {"email": address, "list": "weekly", **({"hp": "x"} if kind == "robot" else {})}


def seen(answer):
    """All that a client gets, but for the hour and the cookie's random part."""
    headers = sorted((k, re.sub(r"(assent_signup=)[^;]{20,}", r"\1RANDOM", v))
                     for k, v in answer.headers if k != "date")
    return answer.status, headers, answer.body


def test_all_answers_are_one(daemon, classes):
    random.seed(5)
    web = daemon.web
    for post in (
            lambda f: web.post_json("/subscribe", f),
            lambda f: web.post_json("/subscribe", f, {"Origin": "https://www.example.org"}),
            lambda f: web.post_form("/subscribe", f, web.as_page()),
            lambda f: web.post_form("/subscribe", f, web.as_page("https://www.example.org")),
            lambda f: web.post_multipart("/subscribe", f),
            lambda f: web.post_form("/manage", {"email": f["email"]}, web.as_page()),
            lambda f: web.post_json("/manage", {"email": f["email"]})):
        answers = {kind: seen(post(fields_of(kind, classes.address(kind))))
                   for kind in classes.names()}
        assert answers["new"][0] in (202, 303)
        assert {k: a for k, a in answers.items() if a != answers["new"]} == {}


def test_hints_are_one(daemon):
    """Where to look, and what was meant, come from the domain alone."""
    for domain, said in (("gmail.com", "?inbox=gmail"), ("gmial.com", "?meant=gmail.com")):
        def answers(name):
            fields = {"email": f"{name}@{domain}"}
            return [seen(daemon.web.post_form("/subscribe", fields, daemon.web.as_page())),
                    seen(daemon.web.post_json("/subscribe", fields, daemon.web.as_page()))]

        daemon.confirmed(f"hint.known@{domain}")
        known, fresh = answers("hint.known"), answers("hint.fresh")
        assert known == fresh
        assert ("location", "/pending/weekly" + said) in known[0][1]


# ---- time ----

class Caller:
    """One connection, and the time from the last byte sent to the first one that
    comes: no library in between."""

    def __init__(self, web):
        self.host = f"{web.host}:{web.port}"
        self.at = ("127.0.0.1", web.port)
        self.connect()

    def connect(self):
        self.s = socket.create_connection(self.at, 30)
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, fields):
        body = json.dumps(fields).encode()
        request = (f"POST /subscribe HTTP/1.1\r\nHost: {self.host}\r\n"
                   "Accept: application/json\r\nContent-Type: application/json\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        begin = time.perf_counter_ns()
        self.s.sendall(request)
        answer = self.s.recv(65536)
        end = time.perf_counter_ns()
        assert answer.startswith(b"HTTP/1.1 202 "), answer
        if b"\r\nConnection: close" in answer:
            self.s.close()
            self.connect()
        return (end - begin) / 1000


def welch(a, b):
    def moments(x):
        mean = sum(x) / len(x)
        return mean, sum((v - mean) ** 2 for v in x) / (len(x) - 1) / len(x)

    (m, v), (n, w) = moments(a), moments(b)
    return (m - n) / math.sqrt(v + w)


def cropped(samples, percent):
    """Without the slowest, which tell of the machine and not of the daemon."""
    limit = sorted(v for x in samples.values() for v in x)[
        sum(map(len, samples.values())) * percent // 100 - 1]
    return {k: [v for v in x if v <= limit] for k, x in samples.items()}


@pytest.mark.long
def test_time_tells_nothing(make_daemon):
    """In an order of chance, so that whatever one post leaves to be done is done in
    the time of any other."""
    daemon = make_daemon({"web_processes": 1})
    classes = Classes(daemon, 20)
    random.seed(7)
    caller = Caller(daemon.web)
    samples = {kind: [] for kind in classes.names()}
    for _ in range(SAMPLES):
        for kind in random.sample(classes.names(), len(samples)):
            samples[kind].append(caller.post(fields_of(kind, classes.address(kind))))
    worst = 0
    for percent in (100, 99, 90):
        part = cropped(samples, percent)
        for kind in sorted(part):
            others = [v for k, x in part.items() if k != kind for v in x]
            t = welch(part[kind], others)
            worst = max(worst, abs(t))
            print(f"{percent:4} % {kind:10} n={len(part[kind]):6} "
                  f"mean={sum(part[kind]) / len(part[kind]):8.1f} us t={t:+.2f}")
    assert worst < 4.5
