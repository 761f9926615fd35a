# SPDX-License-Identifier: ISC
"""/metrics: each counter moves by what was done and by nothing else, survives
whoever dies, and tells nothing about anybody."""
import os
import re
import subprocess
import time

import pytest

from harness import env, web
from harness.config import Bare
from harness.daemon import kill
from harness.metrics import Metrics, key_of, promtool
from harness.smtp_play import Player

# What reading them changes, too.
BUSY = ("assent_process_cpu_seconds_total", "assent_admin_commands_total")
NO_TOKEN = "A" * 34
RULES = env.SOURCE / "config" / "examples" / "prometheus-rules.yml"


def scraped(changes=None):
    """A daemon's config with a port for metrics; the port is .port of it."""
    port = env.free_port()
    return web.Web("127.0.0.1", port), {
        **(changes or {}),
        "admin": {**(changes or {}).get("admin", {}), "metrics": f"127.0.0.1:{port}"}}


@pytest.fixture
def make(make_daemon):
    def start(changes=None, **kwargs):
        port, changes = scraped(changes)
        daemon = make_daemon(changes, **kwargs)
        daemon.port_of_metrics = port
        return daemon
    return start


def read(daemon):
    answer = daemon.port_of_metrics.request("GET", "/metrics")
    assert answer.status == 200, answer
    return Metrics(answer.text)


def wait_for(daemon, name, value, **labels):
    env.wait_until(lambda: read(daemon).get(name, **labels) == value,
                   lambda: f"{name} {labels} to be {value}: {read(daemon).get(name, **labels)}")


def http(route, method, code):
    return key_of("assent_http_requests_total",
                  {"route": route, "method": method, "code": str(code)})


def one(name, **labels):
    return key_of(f"assent_{name}_total", labels)


def outcome(word):
    return one("subscribe_outcomes", outcome=word)


def mail(kind, result="sent"):
    return one("mails", kind=kind, result=result)


def visit(action, word="done"):
    return one("visits", action=action, outcome=word)


class Round:
    """One person's way through all of it; remembers what the mails said."""

    def __init__(self, daemon):
        self.daemon, self.web, self.own = daemon, daemon.web, daemon.web.as_page()
        self.address, self.seen = "round@example.net", 0

    def post(self, headers=None, **fields):
        return self.web.post_form("/subscribe", {"email": self.address, **fields},
                                  self.own if headers is None else headers)

    def mails(self):
        self.seen += 1
        return self.daemon.mails.wait(self.address, self.seen)

    def subscribe(self):
        self.post(foo="1", bar="2")
        self.confirm_url = self.mails().confirm

    def look(self):
        self.web.get(self.confirm_url)

    def forge(self):
        self.web.get(self.confirm_url[:-9] + ("B" if self.confirm_url[-9] != "B" else "C")
                     + self.confirm_url[-8:])

    def confirm(self):
        self.daemon.press(self.confirm_url)
        self.leave_url = self.mails().link("unsubscribe")

    def again(self):
        self.post()
        self.mails()

    def leave(self):
        self.daemon.one_click(self.leave_url)

    def ask_for_data(self):
        self.web.post_form("/manage", {"email": self.address}, self.own)

    def malformed(self):
        self.web.raw(b"GET / HTTP/1.1\r\nno header\r\n\r\n")


SENT = one("events", event="mailed")
# What is done, and what moves by how much (1, unless it says so).
STEPS = [
    ("a new address", Round.subscribe, [
        http("/subscribe", "POST", 303), outcome("accepted"), one("requests", result="mailed"),
        one("events", event="subscribe"), SENT, mail("confirm"),
        (one("form_fields_ignored"), 2)]),
    ("the page behind the link", Round.look, [
        http("/confirm/", "GET", 200), visit("look_confirm")]),
    ("a press", Round.confirm, [
        http("/confirm/", "POST", 200), visit("confirm"), one("events", event="confirm"), SENT,
        mail("welcome")]),
    ("somebody who is on the list", Round.again, [
        http("/subscribe", "POST", 303), outcome("accepted"), one("requests", result="already"),
        one("events", event="already"), SENT, mail("already")]),
    ("one click", Round.leave, [
        http("/unsubscribe/", "POST", 200), visit("unsubscribe"),
        one("events", event="unsubscribe")]),
    ("a link that is none", lambda r: r.web.get(f"/confirm/{NO_TOKEN}"), [
        http("/confirm/", "GET", 404)]),
    ("a forged one", Round.forge, [
        http("/confirm/", "GET", 404), visit("look_confirm", "not_found")]),
    ("a code without a cookie", lambda r: r.web.post_form("/confirm", {"code": "ABCD-EFGH"}, r.own), [
        http("/confirm", "POST", 400), visit("confirm_code", "wrong_code")]),
    ("a honeypot", lambda r: r.post(hp="x", email="robot@example.net"), [
        http("/subscribe", "POST", 303), outcome("accepted"),
        one("requests", result="honeypot")]),
    ("no address", lambda r: r.post(email=""), [
        http("/subscribe", "POST", 400), outcome("missing_email")]),
    ("no such address", lambda r: r.post(email="a@b@c"), [
        http("/subscribe", "POST", 400), outcome("invalid_email")]),
    ("no such list", lambda r: r.post(list="none"), [
        http("/subscribe", "POST", 400), outcome("unknown_list")]),
    ("a stranger's page", lambda r: r.post(r.web.as_page("https://evil.example")), [
        http("/subscribe", "POST", 403), outcome("origin_not_allowed")]),
    ("what is no form", lambda r: r.web.request(
        "POST", "/subscribe", {"Content-Type": "text/plain"}, "x"), [
        http("/subscribe", "POST", 415), outcome("unsupported_media_type")]),
    ("too much", lambda r: r.web.request(
        "POST", "/subscribe", {"Content-Type": web.URLENCODED}, "a" * 20000), [
        http("/subscribe", "POST", 413), outcome("too_large")]),
    ("a wrong method", lambda r: r.web.request("DELETE", "/subscribe"), [
        http("/subscribe", "DELETE", 405)]),
    ("HEAD", lambda r: r.web.request("HEAD", "/subscribe/weekly"), [
        http("/subscribe/", "HEAD", 200)]),
    ("no such page", lambda r: r.web.get("/wp-login.php"), [http("other", "GET", 404)]),
    ("no request at all", Round.malformed, [http("other", "GET", 400)]),
    ("one's own data, of nobody", lambda r: r.web.post_form(
        "/manage", {"email": "nobody@example.net"}, r.own), [
        http("/manage", "POST", 303), one("requests", result="manage")]),
]


def test_each_moves_by_what_was_done(make):
    daemon = make()
    person = Round(daemon)
    before = read(daemon)
    assert not [k for k, v in before.samples.items()
                if before.type_of(k) == "counter" and v and k[0] not in BUSY]
    for what, step, moves in STEPS:
        wanted = dict(m if isinstance(m[0], tuple) else (m, 1) for m in moves)
        step(person)
        env.wait_until(lambda: read(daemon).moved(before, *BUSY) == wanted, lambda: (
            f"{what} to move {wanted}: {read(daemon).moved(before, *BUSY)}"))
        before = read(daemon)
    after = read(daemon)
    assert after.get("assent_subscriptions", list="weekly", state="unsubscribed") == 1
    assert after.get("assent_contacts") == 1
    for name in ("assent_mail_age_seconds", "assent_mail_delivery_seconds"):
        assert after.get(f"{name}_count") == 3, name
    assert after.get("assent_http_request_duration_seconds_count",
                     route="/subscribe", method="POST") == 9
    operations = after.get("assent_engine_turn_operations_sum")
    assert operations >= after.get("assent_engine_turn_operations_count") > 10
    # What a turn may leave to the next one's commit isn't one.
    assert 10 < after.get("assent_engine_commit_seconds_count") \
        < after.get("assent_engine_turn_seconds_count")
    # Nothing of anybody, and nothing that they typed.
    for secret in ("example.net", "round", NO_TOKEN, "evil", "wp-login", "foo",
                   person.confirm_url.rsplit("/")[-1], person.leave_url.rsplit("/")[-1]):
        assert secret not in after.text, secret
    assert promtool("metrics", text=after.text) == ""


def test_limits(make):
    daemon = make({"limits": {"per_network": "6/1h", "interval": Bare("1h"),
                              "total": "2/1h", "per_domain": "1/1h"}})

    def post(address):
        return daemon.web.post_json("/subscribe", {"email": address}).status
    assert post("a@one.example") == 202
    daemon.mails.wait("a@one.example")
    before = read(daemon)
    assert post("b@one.example") == 202             # held: its domain has had one
    wait_for(daemon, "assent_queue_mails", 1, state="held_domain")
    assert post("a@two.example") == 202
    daemon.mails.wait("a@two.example")
    assert post("a@three.example") == 202           # held: all there may be were sent
    wait_for(daemon, "assent_queue_mails", 1, state="held_total")
    assert post("a@two.example") == 202             # too soon
    wait_for(daemon, "assent_requests_total", 1, result="over_budget")
    assert post("a@four.example") == 202
    assert post("a@five.example") == 429
    wait_for(daemon, "assent_queue_mails", 2, state="held_total")
    after = read(daemon)
    hits = {k[1][1]: v for k, v in after.moved(before).items()
            if k[0] == "assent_limit_hits_total"}
    assert hits == {"per_domain": 1, "total": 2, "per_network": 1, "interval": 1}
    assert after.get("assent_subscribe_outcomes_total", outcome="rate_limited") == 1
    assert after.get("assent_budget_used_ratio", budget="total") == 1
    assert after.get("assent_budget_keys", budget="per_network") == 1
    assert after.get("assent_budget_keys_max", budget="per_network") == 65536


def test_a_mail_server_that_is_down(make):
    with Player() as server:
        server.play = {"rcpt": b"450 4.7.1 come again\r\n"}
        daemon = make({"mail": {"retry": ["1h"]}}, mails=server)
        daemon.subscribe("a@example.net")
        wait_for(daemon, "assent_mails_total", 1, kind="confirm", result="retry")
        wait_for(daemon, "assent_queue_mails", 1, state="waiting")
        server.play = {"rcpt": b"550 5.1.1 no such person\r\n"}
        daemon.ctl("queue", "retry")
        wait_for(daemon, "assent_mails_total", 1, kind="confirm", result="refused")
        wait_for(daemon, "assent_queue_mails", 0, state="waiting")
        after = read(daemon)
        assert after.get("assent_events_total", event="refused") == 1
        assert after.get("assent_mail_delivery_seconds_count") == 2
        assert after.get("assent_mail_age_seconds_count") == 0


def restarted(daemon, role, old):
    new = daemon.pids().get(role, [])
    return new and not set(old) & set(new)


def test_counts_outlive_processes(make):
    daemon = make({"web_processes": 1})
    daemon.confirmed("a@example.net")
    # Whose usage is noted once a second, when there is something to do.
    env.wait_until(lambda: daemon.web.get("/healthz") and read(daemon).get(
        "assent_process_resident_memory_max_bytes", process="web0") > 1 << 20, "web0's memory")
    before = read(daemon)
    for role, pids in daemon.pids().items():
        for pid in pids:
            kill(pid)
        env.wait_until(lambda: restarted(daemon, role, pids), f"another {role}")
    after = read(daemon)
    for key, value in before.only_grow().items():
        assert after.samples.get(key, -1) >= value, (key, value, after.samples.get(key))
    for process in ("engine", "mailer", "admin", "web0"):
        assert after.get("assent_process_restarts_total", process=process) == 1
        assert after.get("assent_process_up", process=process) == 1
        started = "assent_process_start_time_seconds"
        assert after.get(started, process=process) > before.get(started, process=process)
    daemon.confirmed("b@example.net")
    assert read(daemon).get("assent_events_total", event="confirm") == 2
    daemon.check_log()


def test_without_an_engine(make):
    """It is killed until its next start is a while off: the rest is told."""
    daemon = make()
    daemon.subscribe("a@example.net")
    daemon.mails.wait("a@example.net")
    while read(daemon).get("assent_process_restarts_total", process="engine") < 4:
        pids = daemon.pids().get("engine", [])
        for pid in pids:
            kill(pid)
        env.wait_until(lambda: restarted(daemon, "engine", pids), "another engine")
    kill(daemon.pids()["engine"][0])
    env.wait_until(lambda: "engine" not in daemon.pids(), "its death to be known")
    text = read(daemon)
    done = daemon.ctl("status")
    assert text.get("assent_engine_up") == text.get("assent_process_up", process="engine") == 0
    assert text.get("assent_events_total", event="subscribe") == 1
    assert not [k for k in text.samples if k[0] == "assent_database_used_bytes"]
    assert promtool("metrics", text=text.text) == ""
    assert done.status == 1 and "not running" in done.out + done.err, done
    assert done.err.count("\n") == 1 and "web 0" in done.out, done


def test_the_port_has_nothing_else(make):
    daemon = make()
    port = daemon.port_of_metrics
    lines = len(daemon.lines)
    for path in ("/", "/status", "/export", "/metrics/", "/metrics?x=1", "/show?address=a"):
        answer = port.request("GET", path)
        assert answer.status == (200 if path.startswith("/metrics?") else 404), (path, answer)
    assert port.post_form("/unsubscribe", {"address": "a@example.net"}).status in (404, 413)
    assert port.request("POST", "/unsubscribe").status == 404
    answer = port.request("POST", "/metrics")
    assert answer.status == 405 and answer.header("allow") == "GET, HEAD"
    answer = port.request("HEAD", "/metrics")
    assert answer.status == 200 and answer.body == b""
    assert int(answer.header("content-length")) > 1000
    assert answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    assert port.raw(b"nonsense\r\n\r\n")[0].startswith(b"HTTP/1.1 400 ")
    assert daemon.lines[lines:] == []       # nor a line in the log
    # The public listener doesn't know it.
    assert daemon.web.get("/metrics").status == 404


def ask(daemon, path, uid, groups, data=None):
    """curl as somebody: (status, the error's message)."""
    done = subprocess.run(
        ["curl", "-s", "-w", "\n%{http_code}", "--unix-socket", daemon.values["admin"]["socket"],
         f"http://assent{path}", *(["-d", data] if data else [])],
        user=uid, group=groups[0], extra_groups=groups, capture_output=True, text=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_readers_and_writers(make):
    reader, writer, other, group, member = 64201, 64202, 64203, 64301, 64204
    daemon = make({"admin": {"readers": [str(reader), f"@{group}"], "writers": [str(writer)]}})
    socket = os.stat(daemon.values["admin"]["socket"])
    assert socket.st_mode & 0o777 == 0o660
    ours = [socket.st_gid]
    # uid, groups, may look, may change
    for uid, groups, look, change in (
            (reader, ours, True, False), (writer, ours, True, True),
            (other, ours, False, False), (member, ours + [group], True, False),
            (socket.st_uid, ours, True, True), (0, [0], True, True)):
        for path, data, may in (("/metrics", None, look), ("/status", None, look),
                                ("/unsubscribe", "address=a@example.net", change)):
            lines = len(daemon.lines)
            status, body = ask(daemon, path, uid, groups, data)
            assert status == (404 if may and data else 200 if may else 403), (uid, path, body)
            if not may:
                assert '"forbidden"' in body and "`writers`" in body, body
            line = daemon.wait_log(rf"command .*uid={uid} .*path={path}\b", since=lines)
            assert f"status={status}" in line and "a@example.net" not in line, line
    counts = read(daemon)
    assert counts.get("assent_admin_commands_total", command="/status", code="403") == 1
    assert counts.get("assent_admin_commands_total", command="/status", code="200") == 5
    assert counts.get("assent_admin_commands_total", command="/unsubscribe", code="403") == 3


def test_the_example_rules(make):
    assert promtool("rules", str(RULES)) == ""
    daemon = make()
    known = {re.sub(r"_bucket$", "", name)
             for name in re.findall(r"\bassent_\w+", RULES.read_text())}
    assert len(known) > 8
    assert known <= set(read(daemon).types), known - set(read(daemon).types)


def test_a_port_that_the_kernel_picks_is_told(make_daemon):
    daemon = make_daemon({"admin": {"metrics": "127.0.0.1:0"}})
    line = daemon.wait_log(r"\bready\b")
    port = int(re.search(r" metrics=http://127\.0\.0\.1:(\d+)$", line)[1])
    assert web.Web("127.0.0.1", port).request("GET", "/metrics").status == 200
