# SPDX-License-Identifier: ISC
"""A request is a thing of its own: one mail, one link, nothing touched before
it is confirmed; repeats, budgets, expiry, not-me."""
import time

import pytest

from harness import env
from harness.config import Bare, CONSENT, CONSENT_DAILY
from harness.web import Web


def test_several_lists_one_mail_one_link(daemon, address):
    daemon.subscribe(address, ("weekly", "daily"))
    mail = daemon.mails.wait(address)
    assert mail.message["From"].addresses[0].addr_spec == "weekly@news.example.org"
    flat = " ".join(mail.text.split())
    assert CONSENT in flat and CONSENT_DAILY in flat
    page = daemon.web.get(mail.confirm).text
    assert CONSENT in page and CONSENT_DAILY in page
    assert daemon.state(address, "weekly") == daemon.state(address, "daily") == "pending"
    daemon.press(mail.confirm)
    assert daemon.state(address, "weekly") == daemon.state(address, "daily") == "confirmed"
    daemon.settle()
    confirms = [m for m in daemon.mails.to(address) if m.is_confirm]
    assert len(confirms) == 1


def test_the_first_list_is_the_sender(daemon, address):
    daemon.subscribe(address, ("daily", "weekly"))
    mail = daemon.mails.wait(address)
    assert mail.message["From"].addresses[0].addr_spec == "daily@news.example.org"


def test_a_repeat_sends_nothing_and_widens_nothing(daemon, address):
    daemon.subscribe(address, name="First")
    mail = daemon.mails.wait(address)
    for turn in range(5):
        daemon.subscribe(address, name=f"Mallory {turn}", country="XX")
    daemon.settle()
    assert len(daemon.mails.to(address)) == 1
    daemon.press(mail.confirm)
    found = daemon.show(address)
    assert found["name"] == "First" and found["fields"] == {}


def test_a_mail_confirms_what_it_was_sent_for(daemon, address):
    """Another list asked for while a mail is out is another request."""
    daemon.subscribe(address, name="First")
    mail = daemon.mails.wait(address)
    daemon.subscribe(address, ("weekly", "daily"), name="Mallory", country="XX")
    daemon.settle()
    daemon.press(mail.confirm)
    found = daemon.show(address)
    assert found["name"] == "First" and found["fields"] == {}
    assert daemon.state(address, "weekly") == "confirmed"
    assert daemon.state(address, "daily") == "pending"
    second = [m for m in daemon.mails.to(address) if m.is_confirm][1]
    daemon.press(second.confirm)
    assert daemon.state(address, "daily") == "confirmed"


def test_many_posts_one_mail(daemon, address):
    conn = daemon.web.connect()
    for _ in range(200):
        assert daemon.web.post_json("/subscribe", {"email": address}, conn=conn).status == 202
    conn.close()
    daemon.settle()
    assert len(daemon.mails.to(address)) == 1


def test_a_post_about_a_known_address_touches_nothing(daemon, address):
    daemon.confirmed(address, name="Ada", country="NO", lang="de")
    before = daemon.show(address)
    for turn in range(3):
        daemon.subscribe(address, name=f"Mallory {turn}", country="XX", lang="en",
                         source="evil")
    daemon.settle()
    assert daemon.show(address) == before
    assert not [m for m in daemon.mails.to(address)[2:] if "Mallory" in m.text]


def test_what_was_posted_becomes_the_contacts_on_confirmation(daemon, address):
    daemon.confirmed(address, name="Ada", country="NO")
    daemon.subscribe(address, ("daily",), name="Ada L.", country="SE")
    mail = daemon.mails.wait(address, 3)
    found = daemon.show(address)
    assert (found["name"], found["fields"]) == ("Ada", {"country": "NO"})
    daemon.press(mail.confirm)
    found = daemon.show(address)
    assert found["name"] == "Ada L."
    assert daemon.state(address, "daily") == "confirmed"


def test_already_confirmed_is_told_by_mail_once(make_daemon):
    daemon = make_daemon({"limits": {"interval": Bare("1s"), "per_address": "off"}})
    address = "already@example.com"
    daemon.confirmed(address)
    for _ in range(3):
        time.sleep(1.1)     # the interval
        daemon.subscribe(address)
    already = daemon.mails.wait(address, 3)
    assert not already.is_confirm
    daemon.settle()
    assert len(daemon.mails.to(address)) == 3
    assert daemon.state(address) == "confirmed"


# ---- budgets ----
def test_budget_of_an_address(make_daemon):
    daemon = make_daemon({"limits": {"per_address": "2/1d", "interval": Bare("1s")}})
    address = "bombed@example.com"
    for wanted in (1, 2, 2, 2):
        answer = daemon.subscribe(address)
        assert answer.status == 303
        daemon.settle()
        assert len(daemon.mails.to(address)) == wanted
        time.sleep(1.1)     # the interval is what is tried
    before = daemon.engine()["over_budget"]
    daemon.subscribe(address.upper().replace("EXAMPLE.COM", "example.com"))
    daemon.settle()
    assert len(daemon.mails.to(address)) == 2
    assert daemon.engine()["over_budget"] > before


def test_budget_counts_over_all_lists_and_survives_a_restart(make_daemon):
    daemon = make_daemon({"limits": {"per_address": "2/1d", "interval": Bare("1s")}})
    address = "bombed@example.com"
    daemon.subscribe(address)
    daemon.settle()
    time.sleep(1.1)
    daemon.subscribe(address, ("daily",))
    daemon.settle()
    assert len(daemon.mails.to(address)) == 2
    daemon.stop()
    daemon.start()
    time.sleep(1.1)
    daemon.subscribe(address)
    daemon.settle()
    assert len(daemon.mails.to(address)) == 2


def test_limit_of_a_network(make_daemon):
    daemon = make_daemon({"limits": {"per_network": "3/1m"}})
    for turn in range(3):
        assert daemon.web.post_json("/subscribe", {
            "email": f"n{turn}@example.com"}).status == 202
    refused = daemon.web.post_json("/subscribe", {"email": "n3@example.com"})
    assert refused.status == 429
    assert refused.json()["error"]["code"] == "rate_limited"
    assert 1 <= int(refused.header("retry-after")) <= 60
    page = daemon.web.post_form("/subscribe", {"email": "n3@example.com"}, daemon.web.as_page())
    assert page.status == 429 and page.header("content-type") == "text/html; charset=utf-8"
    assert page.header("set-cookie") is None
    # Others are not concerned, nor is leaving and confirming.
    other = Web("127.0.0.1", daemon.port, source="127.0.0.2")
    assert other.post_json("/subscribe", {"email": "n4@example.com"}).status == 202
    mail = daemon.mails.wait("n0@example.com")
    assert daemon.press(mail.confirm).status == 200
    welcome = daemon.mails.wait("n0@example.com", 2)
    for _ in range(10):
        assert daemon.one_click(welcome.unsubscribe).status == 200
    assert daemon.show("n3@example.com") is None


# ---- time ----
def test_expiry(make_daemon):
    daemon = make_daemon({("list", "weekly"): {"confirm_within": Bare("2s")}})
    address = "late@example.com"
    cookie = daemon.subscribe(address).cookie
    daemon.confirmed("known@example.com")
    mail = daemon.mails.wait(address)
    env.wait_until(lambda: daemon.web.get(mail.confirm).status != 200, "expiry", 15, 0.1)
    for answer in (daemon.web.get(mail.confirm), daemon.press(mail.confirm),
                   daemon.web.post_form(mail.confirm, {"code": mail.code}, {"Cookie": cookie})):
        assert answer.status == 410
    answer = daemon.web.request("POST", mail.confirm, {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded"}, "press=1")
    assert answer.status == 410 and answer.json()["error"]["code"] == "expired"
    env.wait_until(lambda: daemon.show(address) is None, "the request to be gone", 15)
    assert address not in daemon.ctl("list", "--state", "pending").out
    # A confirmed one's link goes on saying so.
    known = daemon.mails.to("known@example.com")[0]
    assert daemon.web.get(known.confirm).status == 200
    assert daemon.state("known@example.com") == "confirmed"
    # A not-me link whose request is gone says so, kindly.
    assert daemon.web.get(mail.notme).status == 200


def test_expiry_while_stopped(make_daemon):
    daemon = make_daemon({("list", "weekly"): {"confirm_within": Bare("2s")}})
    daemon.subscribe("late@example.com")
    mail = daemon.mails.wait("late@example.com")
    daemon.stop()
    time.sleep(2.5)     # expires meanwhile
    daemon.start()
    assert daemon.press(mail.confirm).status == 410
    env.wait_until(lambda: daemon.show("late@example.com") is None, "the request to be gone")


def test_everything_outlives_a_restart(make_daemon):
    daemon = make_daemon()
    welcome = daemon.confirmed("a@example.com", name="Ada")
    daemon.subscribe("b@example.com")
    mail = daemon.mails.wait("b@example.com")
    before = [daemon.show(a) for a in ("a@example.com", "b@example.com")]
    daemon.stop()
    daemon.start()
    assert [daemon.show(a) for a in ("a@example.com", "b@example.com")] == before
    assert daemon.press(mail.confirm).status == 200
    assert daemon.one_click(welcome.unsubscribe).status == 200
    assert daemon.state("a@example.com") == "unsubscribed"
    assert daemon.state("b@example.com") == "confirmed"


def test_links_of_a_removed_list_go_on(make_daemon):
    daemon = make_daemon()
    daemon.confirmed("a@example.com")
    daemon.subscribe("a@example.com", ("daily",))
    pending = daemon.mails.wait("a@example.com", 3)
    welcome = daemon.mails.to("a@example.com")[1]
    daemon.stop()
    del daemon.values[("list", "weekly")]
    daemon.values["default_list"] = "daily"
    daemon.start()
    assert daemon.web.get("/subscribe/weekly").status == 404
    assert daemon.web.get(welcome.unsubscribe).status == 200
    assert daemon.one_click(welcome.unsubscribe).status == 200
    assert daemon.state("a@example.com", "weekly") == "unsubscribed"
    assert daemon.press(pending.confirm).status == 200


@pytest.mark.parametrize("log_ip,kept", [("full", "127.0.0.1"), ("truncated", "127.0.0."),
                                         ("none", "")])
def test_how_much_of_the_ip_is_kept(make_daemon, log_ip, kept):
    daemon = make_daemon({"retain": {"log_ip": log_ip}})
    daemon.confirmed("a@example.com")
    events = daemon.show("a@example.com")["events"]
    for event in (e for e in events if e["event"] in ("subscribe", "confirm")):
        ip = event.get("ip", "") or ""
        assert ip.startswith(kept) and (log_ip == "full") == (ip == "127.0.0.1"), event
        assert log_ip != "none" or ip == ""
