# SPDX-License-Identifier: ISC
"""What the figures stand on: is a copied person what the original is, and does
the load count the wait of what was late?  No figure is judged."""
import contextlib
import json
import re
import socket
import threading
import time

import texts
import tools
from ours import Ours


def check(bench):
    check_copies(bench)
    check_waits(bench)


def check_copies(bench):
    """A copy shows all that its original does, but for times and names; the
    counts agree; and the database is sound."""
    contacts, waiting = bench.contacts, bench.contacts
    with Ours(bench, contacts=contacts, waiting=waiting) as ours:
        status = ours.status()
        assert status["lists"]["bench"]["confirmed"] == contacts + 1, status
        assert status["requests_waiting"] == waiting + 2, status
        people = [json.loads(line) for line in ours.ctl(
            "list", "--format", "jsonl").out.splitlines()]
        assert len({p["address"] for p in people}) == contacts + waiting + 3, people[:3]
        for state, original in (("confirmed", "confirmed@example.com"),
                                ("pending", "waiting@example.com")):
            copied = [p["address"] for p in people
                      if p["state"] == state and p["address"].startswith("person")]
            assert len(copied) == bench.contacts, state
            for address in (copied[0], copied[-1]):
                assert essence(ours, address) == essence(ours, original), address
        ours.stop()


def essence(ours, address):
    """What `show` tells, without what is each one's own."""
    text = json.dumps(ours.show(address), indent=1)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME", text.replace(address, "ADDRESS"))
    return re.sub(r"[0-9a-f]{32}@", "ID@", text)


STALL = 0.5     # seconds


def check_waits(bench):
    """A server that sleeps once: with a rate, all that were due meanwhile are
    late, and not only the one that it slept on."""
    request = bench.write("wait.http", texts.request("GET", "/"))
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=answer_all, args=(server,), daemon=True).start()
        port = server.getsockname()[1]
        done = tools.load(port, request, 4 * STALL, 1, e=204, r=100)
    assert done["requests"] == round(400 * STALL), done
    assert done["p90"] > STALL * 1e6 / 3, done
    assert done["max"] > STALL * 1e6, done


def answer_all(server):
    connection, _ = server.accept()
    stalled = False
    with connection:
        while connection.recv(65536):
            if not stalled:
                time.sleep(STALL)
                stalled = True
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
