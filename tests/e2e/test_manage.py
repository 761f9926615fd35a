# SPDX-License-Identifier: ISC
"""Everybody's own data: the link to it, what it shows, changes and erases."""
import hashlib
import re

import pytest

from harness import env
from harness.config import CONSENT, CONSENT_DAILY
from harness.daemon import Daemon
from harness.web import BROWSER_ACCEPT

SIZES = ["small", "large", 'x"l']


@pytest.fixture(scope="module")
def daemon():
    with Daemon({"limits": {"interval": 0, "per_address": "off"},
                 ("list", "daily"): {("field", "size"): {
                     "type": "choice", "choices": SIZES, "label": "Your size"}}}) as running:
        yield running


def links(daemon, address):
    return [m for m in daemon.mails.to(address) if m.links("manage")]


def link(daemon, address):
    """Asks for the link as a person does; the mail."""
    before = len(links(daemon, address))
    answer = daemon.web.post_form("/manage", {"email": address}, daemon.web.as_page())
    assert answer.status == 303 and answer.header("location") == "/manage/sent", answer
    return env.wait_until(lambda: links(daemon, address)[before:], "the link")[0]


def url_of(mail):
    return mail.link("manage")


def opened(daemon, url, **fields):
    answer = daemon.press(url) if not fields else daemon.web.post_form(
        url, {"press": "1", **fields}, daemon.web.as_page())
    assert answer.status == 200, answer
    return answer


def events(daemon, address):
    return [e["event"] for e in daemon.show(address)["events"]]


# ---- asking for the link ----
def test_the_page_that_asks(daemon):
    answer = daemon.web.get("/manage")
    assert answer.status == 200
    form, = answer.forms()
    assert form.action == "/manage" and form.method == "post" and form.named("email")
    assert "script" not in answer.header("content-security-policy")
    assert daemon.web.get("/manage/sent").status == 200
    assert "Daten" in daemon.web.get("/manage", accept_language="de").text


def test_the_mail(daemon, address):
    daemon.confirmed(address, name="Ada")
    mail = link(daemon, address)
    url = url_of(mail)
    assert mail.code in mail.html and url in mail.html and "Ada" not in mail.text
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert len(mail.raw) < 10240
    assert mail.unsubscribe.startswith(daemon.base + "/unsubscribe/")


def test_the_same_answer_for_everybody(daemon, address):
    daemon.confirmed(address)
    other = "zz" + address[2:]
    gone = "yy" + address[2:]
    daemon.ctl("suppress", gone)
    for headers in ({}, {"Accept": "application/json"}):
        answers = []
        for each in (address, other, gone):
            answer = daemon.web.post_form("/manage", {"email": each},
                                          {**daemon.web.as_page(), **headers})
            answers.append((answer.status, [h for h in answer.headers if h[0] != "date"],
                            answer.body))
        assert answers[0] == answers[1] == answers[2]
        assert answers[0][0] == (202 if headers else 303)
    daemon.mails.wait(address, 3)
    daemon.settle()
    assert daemon.mails.to(other) == [] and daemon.mails.to(gone) == []


def test_the_budget_holds(make_daemon):
    daemon = make_daemon()
    daemon.confirmed("ada@example.com")
    for _ in range(5):
        daemon.web.post_form("/manage", {"email": "ada@example.com"}, daemon.web.as_page())
    daemon.mails.wait("ada@example.com", 3)
    daemon.settle()
    assert len(daemon.mails.to("ada@example.com")) == 3


@pytest.mark.parametrize("fields, code", [
    ({}, "missing_email"), ({"email": ""}, "missing_email"), ({"email": "a@b"}, "invalid_email")])
def test_no_address(daemon, fields, code):
    answer = daemon.web.post_form("/manage", fields, daemon.web.as_page())
    assert answer.status == 400 and "aria-invalid" in answer.text
    answer = daemon.web.post_json("/manage", fields)
    assert answer.status == 400 and answer.json()["error"]["code"] == code


def test_other_sites_may_not_ask(daemon, address):
    answer = daemon.web.post_form("/manage", {"email": address},
                                  daemon.web.as_page("https://evil.example"))
    assert answer.status == 403


def test_robots_get_the_same_answer_and_no_mail(daemon, address):
    daemon.confirmed(address)
    answer = daemon.web.post_form("/manage", {"email": address, "hp": "x"},
                                  daemon.web.as_page())
    assert answer.status == 303
    daemon.settle()
    assert len(daemon.mails.to(address)) == 2


# ---- opening it ----
def test_a_robot_sees_and_changes_nothing(daemon, address):
    daemon.confirmed(address, name="Ada Lovelace", country="NO")
    url = url_of(link(daemon, address))
    before = daemon.show(address)
    tries = [daemon.web.get(url), daemon.web.request("HEAD", url, {"Accept": BROWSER_ACCEPT})]
    for do in (None, "open", "see", "export", "save", "leave", "erase", "erase_now"):
        fields = {"name": "x", "press": ""}
        if do:
            fields["do"] = do
        tries.append(daemon.web.post_form(url, fields, daemon.web.as_page()))
        tries.append(daemon.web.post_form(url, {**fields, "press": "1"}, {
            "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "cors"}))
        tries.append(daemon.web.post_form(url, {**fields, "code": "AAAA-AAAA"}))
    for answer in tries:
        assert answer.status in (200, 400), answer
        for secret in (address, "Lovelace", "Weekly", "NO<", "127.0.0.1"):
            assert secret not in answer.text
        assert answer.header("cache-control") == "no-store"
        assert answer.header("referrer-policy") == "no-referrer"
        assert answer.header("set-cookie") is None
    assert daemon.show(address) == before


def test_opened_by_a_press_or_the_code(daemon, address):
    daemon.confirmed(address, name="Ada & Co", country="NO")
    mail = link(daemon, address)
    for fields in ({"press": "1"}, {"code": mail.code}, {"code": mail.code.lower()}):
        answer = daemon.web.post_form(url_of(mail), fields)
        assert answer.status == 200
        assert address in answer.text and "Ada &amp; Co" in answer.text
    form = answer.forms()[0]
    assert form.fields()["field_country"] == "NO" and form.fields()["list_weekly"] == "1"
    assert events(daemon, address)[-1] == "open"
    assert events(daemon, address).count("open") == 1


def test_no_link_and_another_link(daemon, address):
    welcome = daemon.confirmed(address)
    url = url_of(link(daemon, address))
    token = url.rsplit("/", 1)[1]
    for other in ("A" * 34, token[:-1], token + "A", token[:20] + "AAAA" + token[24:],
                  welcome.unsubscribe.rsplit("/", 1)[1],
                  daemon.mails.to(address)[0].confirm.rsplit("/", 1)[1]):
        assert daemon.web.get("/manage/" + other).status == 404
        assert daemon.press("/manage/" + other).status == 404
    for path in ("confirm", "unsubscribe", "notme"):
        assert daemon.web.get(f"/{path}/{token}").status == 404
        assert daemon.press(f"/{path}/{token}").status == 404
    assert daemon.web.request("PUT", url).status == 405
    assert daemon.state(address) == "confirmed"


# ---- changing ----
def form_of(daemon, url):
    """The fields of the opened page's first form, as a browser without scripts
    would send them: the code in it proves a person."""
    return opened(daemon, url).forms()[0].fields(do="save")


def test_change_name_and_fields(daemon, address):
    daemon.confirmed(address, ("daily", "weekly"), name="Ada", country="NO")
    url = url_of(link(daemon, address))
    fields = form_of(daemon, url)
    assert fields["field_size"] == "" and fields["field_country"] == "NO"
    fields.update(name="  Ada L. ", field_size='x"l', field_country="")
    answer = daemon.web.post_form(url, fields)
    assert answer.status == 200 and "Saved" in answer.text and 'value="Ada L."' in answer.text
    assert 'value="x&quot;l" selected' in answer.text
    found = daemon.show(address)
    assert found["name"] == "Ada L." and found["fields"] == {"size": 'x"l'}
    assert found["events"][-1]["reason"] == "name, size, country"
    assert found["events"][-1]["method"] == "manage"


@pytest.mark.parametrize("change", [
    {"name": "x" * 201}, {"field_country": "NOR"}, {"field_size": "huge"}])
def test_what_does_not_fit_is_not_taken(daemon, address, change):
    daemon.confirmed(address, ("daily", "weekly"), name="Ada")
    url = url_of(link(daemon, address))
    before = daemon.show(address)
    fields = {**form_of(daemon, url), **change}
    answer = daemon.web.post_form(url, fields)
    assert answer.status == 400 and "aria-invalid" in answer.text
    assert daemon.show(address)["name"] == before["name"]
    assert daemon.show(address)["fields"] == before["fields"]


def test_leave_and_come_back(daemon, address):
    daemon.confirmed(address, ("daily", "weekly"))
    url = url_of(link(daemon, address))
    fields = form_of(daemon, url)
    assert fields.pop("list_weekly") == "1"
    answer = daemon.web.post_form(url, fields)
    assert daemon.state(address) == "unsubscribed" and daemon.state(address, "daily") == "confirmed"
    assert CONSENT in answer.text       # what is agreed to by coming back
    form = answer.forms()[0]
    box, = form.named("join_weekly")
    assert "checked" not in box
    fields = form.fields(do="save")
    daemon.web.post_form(url, {**fields, "join_weekly": hashlib.sha256(b"else").hexdigest()})
    assert daemon.state(address) == "unsubscribed"
    assert daemon.web.post_form(url, {**fields, "join_weekly": "1"}).status == 400
    daemon.web.post_form(url, {**fields, "join_weekly": box["value"]})
    assert daemon.state(address) == "confirmed"
    confirm = [e for e in daemon.show(address)["events"] if e["event"] == "confirm"][-1]
    assert confirm["method"] == "manage" and confirm["consent"] == CONSENT


def test_a_list_of_others_can_not_be_joined(daemon, address):
    daemon.confirmed(address)
    url = url_of(link(daemon, address))
    fields = form_of(daemon, url)
    digest = hashlib.sha256(CONSENT_DAILY.encode()).hexdigest()
    daemon.web.post_form(url, {**fields, "join_daily": digest})
    assert daemon.state(address, "daily") is None


def test_leave_all(daemon, address):
    daemon.confirmed(address, ("daily", "weekly"))
    url = url_of(link(daemon, address))
    answer = opened(daemon, url, do="leave")
    assert "not subscribed" in answer.text
    assert daemon.state(address) == daemon.state(address, "daily") == "unsubscribed"


# ---- what is stored ----
def test_what_is_stored(daemon, address):
    daemon.confirmed(address, name="Ada", country="NO", source="footer")
    url = url_of(link(daemon, address))
    page = opened(daemon, url, do="see")
    for each in (address, "Ada", "NO", "The Weekly", "127.0.0.1", CONSENT, "footer"):
        assert each in page.text, each
    # In words, not as they are stored.
    for each in ("a press of the button", "on this page", "Country", "English"):
        assert each in page.text, each
    assert not re.search(">(click|null|country|en)<", page.text)
    answer = opened(daemon, url, do="export")
    assert answer.header("content-type") == "application/json"
    assert answer.header("content-disposition") == 'attachment; filename="data.json"'
    found = answer.json()
    assert found["address"] == address and found["fields"] == {"country": "NO"}
    assert found["controller"]["name"] == "Example Ltd"
    assert found["purpose"] and "1095" in found["retention"]
    shown = daemon.show(address)
    for key in ("subscriptions", "events", "name", "lang"):
        assert found[key] == shown[key]
    answer = daemon.web.post_json(url, {"press": "1"})
    assert answer.json()["address"] == address
    for do in ("see", "export"):
        answer = daemon.web.post_json(url, {"press": "1", "do": do})
        assert answer.json()["address"] == address
    answer = daemon.web.post_json(url, {"press": "1", "do": "erase"})
    assert answer.json() == {"status": "unconfirmed"}


# ---- erasing ----
def test_erase_is_pressed_twice(daemon, address):
    daemon.confirmed(address, name="Ada")
    url = url_of(link(daemon, address))
    answer = opened(daemon, url, do="erase")
    assert daemon.state(address) == "confirmed"
    form = answer.forms()[0]
    answer = daemon.web.post_form(url, form.fields())
    assert answer.status == 200 and "erased" in answer.text
    found = daemon.show(address)
    assert found["subscriptions"] == [] and found["proof_until"] and not found["suppressions"]
    assert daemon.press(url).status == 410
    assert daemon.confirmed(address)


def test_erase_and_never_again(daemon, address):
    daemon.confirmed(address)
    url = url_of(link(daemon, address))
    opened(daemon, url, do="erase_now", never="1")
    assert daemon.show(address)["suppressions"][0].startswith("all lists: erase since ")
    seen = len(daemon.mails.to(address))
    daemon.subscribe(address)
    daemon.web.post_form("/manage", {"email": address}, daemon.web.as_page())
    daemon.settle()
    assert len(daemon.mails.to(address)) == seen


def test_nothing_personal_in_the_log(make_daemon):
    daemon = make_daemon({"log": {"level": "debug"}})
    daemon.confirmed("ada@example.com", name="Lovelace")
    url = url_of(link(daemon, "ada@example.com"))
    daemon.web.get(url)
    opened(daemon, url, do="see")
    opened(daemon, url, do="erase_now")
    text = daemon.log
    assert "what=erase_now outcome=done" in text
    for secret in ("ada@example.com", "Lovelace", url.rsplit("/", 1)[1]):
        assert secret not in text
