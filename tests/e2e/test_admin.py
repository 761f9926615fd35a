# SPDX-License-Identifier: ISC
"""assentctl: each command, what it prints, and its exit status."""
import csv
import io
import json
import os
import socket
import re
import stat
import subprocess
from datetime import datetime, timezone

import pytest

from harness import env
from harness.daemon import Daemon, run
from harness.mail import SmtpServer


@pytest.fixture(scope="module")
def daemon():
    """With a person in each state."""
    with Daemon() as running:
        running.confirmed("ada@example.com", in_order=True, name="Ada", country="NO",
                          source="footer")
        running.subscribe("bob@example.com")
        running.mails.wait("bob@example.com")
        running.one_click(running.confirmed("cyd@example.com").unsubscribe)
        running.confirmed("dan@example.com", ("daily",))
        running.settle()
        yield running


def rows(done):
    assert done.status == 0, done
    return [json.loads(line) for line in done.out.splitlines()]


def addresses(done):
    return {r["address"] for r in rows(done) if not r["address"].startswith("marker")}


def test_status(daemon):
    done = daemon.ctl("status")
    assert done.status == 0 and "weekly" in done.out and done.err == ""
    found = daemon.status()
    assert found["lists"]["weekly"]["confirmed"] == 1
    assert found["lists"]["weekly"]["unsubscribed"] == 1
    assert found["requests_waiting"] >= 1
    assert found["lists"]["daily"]["confirmed"] == 1
    assert found["queue"]["total"] == 0
    roles = [p["role"] for p in found["processes"] if p["pid"]]
    assert sorted(roles) == ["admin", "engine", "mailer", "web", "web"]
    for each in found["processes"]:
        assert each["restarts"] == 0


def test_show(daemon):
    done = daemon.ctl("show", "ada@example.com")
    assert done.status == 0
    for each in ("ada@example.com", "Ada", "weekly", "confirmed", "footer"):
        assert each in done.out
    found = daemon.show("ADA@example.com")
    assert found["address"] == "ada@example.com" and found["name"] == "Ada"
    assert found["lang"] == "en" and found["fields"] == {"country": "NO"}
    row, = found["subscriptions"]
    assert (row["list"], row["state"], row["source"]) == ("weekly", "confirmed", "footer")
    since = datetime.fromisoformat(row["since"].replace("Z", "+00:00"))
    assert abs((datetime.now(timezone.utc) - since).total_seconds()) < 3600
    names = [e["event"] for e in found["events"]]
    assert names.index("subscribe") < names.index("mailed") < names.index("confirm")
    for event in found["events"]:
        assert {"time", "event", "list"} <= set(event)
        datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    confirm = next(e for e in found["events"] if e["event"] == "confirm")
    assert confirm["ip"] == "127.0.0.1" and confirm["method"] == "click"


def test_show_options_in_any_place(daemon):
    wanted = daemon.show("ada@example.com")
    for args in (("show", "--json", "ada@example.com"), ("show", "ada@example.com", "--json")):
        done = daemon.ctl(*args)
        assert done.status == 0 and done.json() == wanted


def test_show_of_one_who_waits(daemon):
    found = daemon.show("bob@example.com")
    assert [(s["list"], s["state"]) for s in found["subscriptions"]] == [("weekly", "pending")]


@pytest.mark.parametrize("json_too", [True, False])
def test_show_of_nobody(daemon, json_too):
    done = daemon.ctl(*(["--json"] if json_too else []), "show", "nobody@example.com")
    assert done.status == 1 and done.out == ""
    assert re.fullmatch(r"assentctl: .+\n", done.err)


def test_show_of_no_address(daemon):
    done = daemon.ctl("show", "not an address")
    assert done.status in (1, 2) and done.err.startswith("assentctl: ")


def test_list(daemon):
    assert addresses(daemon.ctl("list", "--format", "jsonl", "--state", "confirmed")) == {
        "ada@example.com", "dan@example.com"}
    assert addresses(daemon.ctl("list", "--format", "jsonl", "--state", "confirmed",
                                "--list", "daily")) == {"dan@example.com"}
    assert addresses(daemon.ctl("list", "--format", "jsonl", "--state", "unsubscribed")) == {
        "cyd@example.com"}
    assert {"ada@example.com", "cyd@example.com", "dan@example.com"} <= \
        addresses(daemon.ctl("list", "--format", "jsonl"))


def test_list_of_those_who_wait(daemon):
    assert "bob@example.com" in addresses(daemon.ctl(
        "list", "--format", "jsonl", "--state", "pending"))


def test_list_rows(daemon):
    row, = [r for r in rows(daemon.ctl("list", "--format", "jsonl"))
            if r["address"] == "ada@example.com"]
    assert (row["name"], row["list"], row["state"]) == ("Ada", "weekly", "confirmed")
    assert row["fields"] == {"country": "NO"} and row["tags"] == []
    assert row["unsubscribe_url"] == daemon.mails.to("ada@example.com")[1].unsubscribe
    assert datetime.fromisoformat(row["confirmed_at"].replace("Z", "+00:00"))


def test_csv(daemon):
    done = daemon.ctl("list", "--format", "csv", "--list", "weekly")
    table = list(csv.DictReader(io.StringIO(done.out)))
    ada, = [r for r in table if r["address"] == "ada@example.com"]
    assert ada["name"] == "Ada" and ada["state"] == "confirmed"
    assert ada["unsubscribe_url"].startswith(daemon.base + "/unsubscribe/")


def test_export_is_the_confirmed(daemon):
    assert addresses(daemon.ctl("export", "--format", "jsonl")) == {
        "ada@example.com", "dan@example.com"}
    assert addresses(daemon.ctl("export", "--format", "jsonl", "--state", "unsubscribed")) == {
        "cyd@example.com"}
    done = daemon.ctl("export")
    assert done.status == 0 and "ada@example.com" in done.out


def test_since(daemon):
    past, future = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
    assert addresses(daemon.ctl("export", "--format", "jsonl", "--since", past)) == {
        "ada@example.com", "cyd@example.com", "dan@example.com"}
    assert addresses(daemon.ctl("list", "--format", "jsonl", "--since", future)) == set()
    assert daemon.ctl("list", "--since", "yesterday").status in (1, 2)


@pytest.mark.parametrize("args", [
    ("list", "--list", "none"), ("list", "--state", "happy"), ("list", "--format", "xml"),
    ("export", "--nothing")])
def test_bad_listings(daemon, args):
    done = daemon.ctl(*args)
    assert done.status in (1, 2) and done.out == "" and done.err.startswith("assentctl: ")


@pytest.mark.parametrize("args", [
    (), ("nonsense",), ("show",), ("show", "a@example.com", "b@example.com"),
    ("--nonsense", "status"), ("status", "extra"), ("unsubscribe",), ("queue", "nonsense")])
def test_usage(daemon, args):
    done = daemon.ctl(*args)
    assert done.status == 2 and done.out == ""
    assert done.err.startswith(("assentctl: ", "usage: "))


@pytest.mark.parametrize("arg, told", [
    ("-x", "-x"), ("-xs", "-x"), ("--nonsense", "--nonsense"), ("--json=1", "--json=1")])
def test_an_unknown_option_is_named(arg, told):
    done = run("assentctl", arg, "status")
    assert done.status == 2 and f" {told} " in done.err, done


@pytest.mark.parametrize("args", [
    ("unsubscribe", "ada@example.com", "--list", ""),
    ("unsubscribe", "ada@example.com", "--list="), ("queue", "retry", ""),
    ("export", "--state", ""), ("show", ""), ("-s", "", "status")])
def test_empty_is_not_everything(daemon, args):
    """A script's variable that isn't set must not widen what it asks for."""
    done = daemon.ctl(*args)
    assert done.status == 2 and "empty" in done.err and done.out == "", done
    assert daemon.state("ada@example.com") == "confirmed"


def test_formulas_in_csv_are_harmless(daemon):
    """A spreadsheet must not run what a stranger typed as a name."""
    daemon.confirmed("formula@example.com", name='=HYPERLINK("http://evil","x")')
    done = daemon.ctl("list", "--format", "csv")
    row, = [r for r in csv.DictReader(io.StringIO(done.out))
            if r["address"] == "formula@example.com"]
    assert not row["name"].startswith(("=", "+", "-", "@"))
    daemon.ctl("unsubscribe", "formula@example.com")


# ---- leaving ----
def test_unsubscribe(make_daemon):
    daemon = make_daemon()
    daemon.confirmed("a@example.com", ("weekly", "daily"))
    assert daemon.ctl("unsubscribe", "A@example.com", "--list", "daily").status == 0
    assert daemon.state("a@example.com", "daily") == "unsubscribed"
    assert daemon.state("a@example.com", "weekly") == "confirmed"
    assert daemon.ctl("unsubscribe", "a@example.com").status == 0
    assert daemon.state("a@example.com", "weekly") == "unsubscribed"
    before = daemon.show("a@example.com")
    assert daemon.ctl("unsubscribe", "a@example.com").status == 0
    assert daemon.show("a@example.com")["subscriptions"] == before["subscriptions"]
    assert daemon.ctl("unsubscribe", "nobody@example.com").status == 1
    assert daemon.ctl("unsubscribe", "a@example.com", "--list", "none").status in (1, 2)
    daemon.wait_log(r"uid=\d+")     # each command is logged with its uid


def test_unsubscribe_from_stdin(make_daemon):
    daemon = make_daemon()
    for name in ("a", "b", "c"):
        daemon.confirmed(f"{name}@example.com")
    done = daemon.ctl("unsubscribe", "-", stdin="a@example.com\r\nB@example.com\n\n")
    assert done.status == 0, done
    assert [daemon.state(f"{n}@example.com") for n in "abc"] == [
        "unsubscribed", "unsubscribed", "confirmed"]
    done = daemon.ctl("unsubscribe", "-", stdin="nobody@example.com\nc@example.com\n")
    assert done.status == 1 and "nobody@example.com" in done.err
    assert daemon.state("c@example.com") == "unsubscribed"


def test_a_terminal_is_safe_from_what_is_refused(daemon):
    done = daemon.ctl("unsubscribe", "-", stdin="\x1b[2Jnobody@example.com\n")
    assert done.status == 1 and "\x1b" not in done.err and r"\x1b[2J" in done.err, done


def test_unsubscribe_from_what_can_not_be_read(daemon):
    folder = os.open(daemon.path, os.O_RDONLY)
    try:
        done = subprocess.run(
            [env.program("assentctl"), "-s", daemon.values["admin"]["socket"],
             "unsubscribe", "-"], stdin=folder, capture_output=True, text=True)
    finally:
        os.close(folder)
    assert done.returncode == 1 and "stdin" in done.stderr, done


# ---- the queue ----
def test_queue(make_daemon):
    server = SmtpServer()
    daemon = make_daemon(mails=server)
    for n in range(3):
        daemon.subscribe(f"q{n}@example.com")
    env.wait_until(lambda: daemon.queued() == 3, "three in the outbox")
    env.wait_until(lambda: any(m["last_reply"] for m in mails(daemon)), "the reason")
    found = {m["address"]: m for m in mails(daemon)}
    assert set(found) == {f"q{n}@example.com" for n in range(3)}
    # No server was there to try them, as the one that asked for it says.
    assert all(m["kind"] == "confirm" and m["attempts"] == 0 for m in found.values())
    done = daemon.ctl("queue", "list")
    assert done.status == 0 and "q1@example.com" in done.out
    assert daemon.ctl("queue").status == 0
    # One that is just being tried doesn't wait; soon it does again.
    number = str(found["q1@example.com"]["id"])
    env.wait_until(lambda: daemon.ctl("queue", "drop", number).status == 0, "the drop")
    assert daemon.queued() == 2
    assert daemon.ctl("queue", "drop", "999999").status == 1
    with server:
        assert daemon.ctl("queue", "retry").status == 0
        daemon.mails.wait("q0@example.com")
        daemon.mails.wait("q2@example.com")
        env.wait_until(lambda: daemon.queued() == 0, "an empty queue")
        assert daemon.mails.to("q1@example.com") == []
        daemon.stop()


def mails(daemon):
    return daemon.ctl("--json", "queue", "list").json()["mails"]


# ---- the socket ----
def test_without_a_daemon(tmp_path):
    done = run("assentctl", "-s", str(tmp_path / "none.sock"), "status")
    assert done.status == 1 and done.out == ""
    assert re.fullmatch(r"assentctl: .*none\.sock.*\n", done.err)


def test_mode_of_the_socket(daemon):
    mode = (daemon.path / "admin.sock").stat().st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660


def over_the_socket(daemon, data):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(env.PATIENCE)
        s.connect(str(daemon.path / "admin.sock"))
        s.sendall(data)
        out = b""
        while chunk := s.recv(65536):
            out += chunk
    return out


def test_the_socket_speaks_http(daemon):
    out = over_the_socket(daemon, b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = out.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ") and b"application/json" in head
    assert json.loads(body)["lists"]["weekly"]["confirmed"] >= 1
    out = over_the_socket(daemon, b"GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert out.startswith(b"HTTP/1.1 404 ")
    out = over_the_socket(daemon, b"GET /status HTTP/1.1\nHost: x\n\n")
    assert out.startswith(b"HTTP/1.1 400 ")


def test_a_get_on_the_socket_changes_nothing(daemon):
    for path in (b"/unsubscribe", b"/unsubscribe/ada@example.com",
                 b"/unsubscribe?address=ada@example.com", b"/queue/drop", b"/queue/retry"):
        over_the_socket(daemon, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n"
                        b"Connection: close\r\n\r\n")
    assert daemon.state("ada@example.com") == "confirmed"


def test_no_whole_address_in_the_log(daemon):
    """Not even of a call that is wrong."""
    for target in ("/show/ada@example.com", "/ada@example.com", "/list?list=ada@example.com",
                   "/show?address=ada@example.com", "/queue?id=ada@example.com"):
        over_the_socket(daemon, f"GET {target} HTTP/1.1\r\nHost: x\r\n"
                        "Connection: close\r\n\r\n".encode())
    daemon.ctl("unsubscribe", "weekly", "--list", "ada@example.com")
    daemon.wait_log("method=POST path=/unsubscribe .*status=400")
    assert "ada@example" not in daemon.log


def test_ten_thousand_in_a_listing_stream(make_daemon):
    """More rows than one page of the engine's holds."""
    daemon = make_daemon({("list", "weekly"): {"welcome": False}})
    count = 300 if env.SANITIZED else 1500
    conn = daemon.web.connect()
    for n in range(count):
        assert daemon.web.post_json("/subscribe", {
            "email": f"many{n}@example.com"}, conn=conn).status == 202
    for mail in daemon.mails.wait_total(count, timeout=120):
        assert daemon.web.post_form(mail.confirm, {"press": "1"}, conn=conn).status == 200
    conn.close()
    assert addresses(daemon.ctl("export", "--format", "jsonl")) == {
        f"many{n}@example.com" for n in range(count)}
    assert daemon.status()["lists"]["weekly"]["confirmed"] == count
    # A reader that goes away hurts nobody.
    cut = subprocess.run(
        ["sh", "-c", '"$0" -s "$1" export --format jsonl | head -1', env.program("assentctl"),
         str(daemon.path / "admin.sock")], capture_output=True, timeout=60)
    assert cut.stdout.count(b"\n") == 1
    assert daemon.state("many1@example.com") == "confirmed"


def test_versions():
    done = run("assentd", "-V")
    assert done.status == 0 and re.match(r"assentd? ?\d+\.\d+", done.out)
    for library in ("libevent", "LMDB", "OpenSSL"):
        assert library.lower() in done.out.lower()
