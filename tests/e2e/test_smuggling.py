# SPDX-License-Identifier: ISC
"""Nobody gets a request past a proxy that the proxy doesn't know of, and
nobody's request is taken for another's."""
import re
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import env
from harness.proxies import Haproxy, Nginx
from harness.smuggling import vectors
from harness.web import Web, read_to_end

VECTORS = vectors()


def test_there_are_enough():
    assert len(VECTORS) >= 300


def exchange(port, data, source=None, timeout=env.PATIENCE):
    with socket.socket() as s:
        s.settimeout(30)
        if source:
            s.bind((source, 0))
        s.connect(("127.0.0.1", port))
        try:
            s.sendall(data)
        except OSError:
            pass
        return read_to_end(s, timeout)


def statuses(out):
    """Of the answers, without those that say "go on"."""
    return [int(x) for x in re.findall(rb"HTTP/1\.[01] (\d\d\d) ", out) if x != b"100"]


def test_directly(daemon):
    """Each vector has the answers that the table says, and then the end."""
    def one(vector):
        out, closed = exchange(daemon.port, vector.data)
        found = statuses(out)
        good = closed and len(found) == len(vector.statuses) and all(
            f in wanted for f, wanted in zip(found, vector.statuses))
        return None if good else (vector, found, closed)
    with ThreadPoolExecutor(8) as pool:
        wrong = [w for w in pool.map(one, VECTORS) if w]
    assert not wrong, f"{len(wrong)} wrong, such as {wrong[:5]}"


def source_of(i, kind):
    """Each client has an address of its own."""
    return f"127.{kind}.{i // 250}.{i % 250 + 1}"


def acted(daemon):
    """How many requests of each client the daemon acted on, and how many it
    refused before anybody could."""
    return (Counter(re.findall(r" request request=\d+ client=(\S+)", daemon.log)),
            len(re.findall(r" request_refused ", daemon.log)))


def unknown_to(proxy, daemon):
    """Clients for whom we acted more often than the proxy says it asked."""
    return acted(daemon)[0] - Counter(client for client, _ in proxy.sent())


def total(daemon):
    by_client, refused = acted(daemon)
    return sum(by_client.values()) + refused


def whole(sent):
    """Without those that the proxy gave up in the middle: they may have come
    to us or not."""
    return len([status for _, status in sent if " " not in status])


@pytest.mark.parametrize("kind", [Nginx, Haproxy], ids=lambda k: k.__name__)
def test_behind(make_daemon, kind):
    daemon = make_daemon({"trusted_proxies": ["127.0.0.1"],
                          "log": {"target": "stderr", "level": "debug"}})

    def attack(i):
        exchange(proxy.port, VECTORS[i].data, source_of(i, 1), 0.5)
        # Somebody else's, most likely on the same connection to us.
        web = Web("127.0.0.1", proxy.port, source_of(i, 2))
        if i % 2:
            return web.get("/nothing").status == 404
        return web.post_json("/subscribe", {"email": f"victim.{i}@example.com"}).status == 202

    with kind(f"127.0.0.1:{daemon.port}") as proxy:
        with ThreadPoolExecutor(8) as pool:
            good = list(pool.map(attack, range(len(VECTORS))))
        assert all(good), [VECTORS[i] for i, g in enumerate(good) if not g][:5]
        # Nobody is acted for more often than the proxy knows of, and nothing
        # that it has an answer to is unknown to us, once both logs are read.
        env.wait_until(lambda: not unknown_to(proxy, daemon) and
                       whole(proxy.sent()) <= total(daemon) <= len(proxy.sent()),
                       lambda: f"{total(daemon)} to be what the proxy knows of: "
                       f"{whole(proxy.sent())} to {len(proxy.sent())} {unknown_to(proxy, daemon)}")
    by_client, _ = acted(daemon)
    # Nobody acted for anybody but those who came, each victim once.
    known = {source_of(i, k) for i in range(len(VECTORS)) for k in (1, 2)}
    assert set(by_client) <= known, set(by_client) - known
    assert all(by_client[source_of(i, 2)] == 1 for i in range(len(VECTORS)))
