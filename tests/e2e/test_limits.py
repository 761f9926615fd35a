# SPDX-License-Identifier: ISC
"""limits.per_domain and limits.total: what is over them waits, goes later and
in a fair order, and is never lost."""
import re

from harness import env
from harness.mail import SmtpServer
from harness.web import Web

ONE_BY_ONE = {"sessions": 1}     # so that the order of arrival is that of sending


def held(daemon):
    return daemon.status()["queue"]["held"]


def rows(daemon):
    done = daemon.ctl("--json", "queue", "list")
    assert done.status == 0, done
    return done.json()["mails"]


def post(daemon, address, web=None):
    """A program's post, which has no Origin."""
    answer = (web or daemon.web).post_json("/subscribe", {"email": address})
    assert answer.status == 202 and answer.json() == {"status": "pending"}, answer


def worked(daemon, count):
    env.wait_until(lambda: daemon.status()["requests_waiting"] == count,
                   f"{count} requests to be worked on")


def arrived(server):
    return [m.to.split("@")[0] for m in server.poll()]


def test_over_it_mail_goes_by_itself_later(make_daemon):
    server = SmtpServer()
    with server:
        daemon = make_daemon({"limits": {"per_domain": "5/2s"}, "mail": ONE_BY_ONE},
                             mails=server)
        for n in range(24):
            post(daemon, f"a{n}@one.example")
        post(daemon, "b@two.example")
        server.wait_total(25)
        env.wait_until(lambda: daemon.queued() == 0, "an empty outbox")
        assert [a for a in arrived(server) if a != "b"] == [f"a{n}" for n in range(24)]
        assert held(daemon)["per_domain"] == 0
        for name in ("mail_held", "mail_flows"):
            daemon.wait_log(rf"{name} limit=per_domain domain=one\.example$")
        assert not re.search(r"a\d+@one\.example", daemon.log)


def test_a_full_domain_holds_up_no_other(make_daemon):
    daemon = make_daemon({"limits": {"per_domain": "2/1d"}})
    for n in range(10):
        post(daemon, f"a{n}@one.example")
    post(daemon, "b@two.example")
    daemon.mails.wait("b@two.example")
    worked(daemon, 11)
    daemon.mails.wait_total(3)
    assert held(daemon) == {
        "total": 0, "per_domain": 8, "domains": 1, "top_domain": "one.example",
        "of_top_domain": 8, "total_used_percent": 0}
    assert all(daemon.state(f"a{n}@one.example") == "pending" for n in (0, 9))
    done = daemon.ctl("status")
    assert "8 over the limit of their domains, 8 of them for one.example" in done.out, done
    done = daemon.ctl("queue", "list")
    assert done.out.count("over per_domain") == 8, done
    found = rows(daemon)
    assert [m["address"] for m in found] == [f"a{n}@one.example" for n in range(2, 10)]
    assert all(m["held_by"] == "per_domain" and m["due"] is None for m in found)
    # All that can be retried is nothing; one by its number goes; another never.
    assert "No mail" in daemon.ctl("queue", "retry").out
    assert daemon.ctl("queue", "retry", str(found[5]["id"])).status == 0
    daemon.mails.wait("a7@one.example")
    assert daemon.ctl("queue", "drop", str(found[0]["id"])).status == 0
    # Who leaves while they wait needn't wait any more.
    assert daemon.ctl("unsubscribe", "a3@one.example").status == 0
    assert held(daemon)["per_domain"] == 5
    assert len(daemon.mails.poll()) == 4


def test_the_order_outlives_restarts(make_daemon):
    server = SmtpServer()
    with server:
        daemon = make_daemon({"limits": {"total": "1/1d"}, "mail": ONE_BY_ONE},
                             mails=server)
        near, far = (Web(daemon.host, daemon.port, ip) for ip in ("127.0.0.1", "127.0.9.1"))
        post(daemon, "first@example.com")
        for n in range(20):
            post(daemon, f"flood{n}@example.com", near)
        for n in range(3):
            post(daemon, f"far{n}@example.com", far)
        daemon.subscribe("person@example.com")
        server.wait_total(1)
        worked(daemon, 25)
        daemon.stop()
        daemon.start()
        assert held(daemon)["total"] == 24 and held(daemon)["total_used_percent"] == 100
        post(daemon, "last@example.com", near)
        worked(daemon, 26)
        daemon.kill_all()
        daemon.start()
        assert held(daemon)["total"] == 25 and arrived(server) == ["first"]
        daemon.stop()
        daemon.values["limits"]["total"] = "off"
        daemon.start()
        server.wait_total(26)
    assert arrived(server) == (
        ["first", "person", "flood0", "far0", "flood1", "far1", "flood2", "far2"] +
        [f"flood{n}" for n in range(3, 20)] + ["last"])


def test_retries_and_welcomes_are_none_of_it(make_daemon):
    server = SmtpServer({"RCPT": ["451 4.7.1 later"]})
    with server:
        daemon = make_daemon({"limits": {"total": "1/1d"}, "mail": {"retry": ["1s"]}},
                             mails=server)
        daemon.subscribe("a@example.com")
        daemon.subscribe("b@example.com")
        mail = server.wait("a@example.com")
        assert daemon.press(mail.confirm).status == 200
        server.wait("a@example.com", 2)
        assert held(daemon)["total"] == 1
        assert server.to("b@example.com") == []
