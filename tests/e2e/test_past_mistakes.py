# SPDX-License-Identifier: ISC
"""What other programs of this kind were bitten by, each tried on ours."""
import base64
import concurrent.futures
import re

import pytest

from harness import mailed, pages
from harness.web import URLENCODED, Web

LISTED = "https://www.example.org"
EVIL = "https://evil.example"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def daemon():
    with mailed.make_daemon({"retain": {"log_ip": "full"}}) as running:
        yield running


@pytest.fixture(scope="module")
def people(daemon):
    return mailed.People(daemon)


# ---- one pipeline ----
def urlencoded(web, path, fields, headers=None):
    return web.post_form(path, fields, {**JSON, **(headers or {})})


def multipart(web, path, fields, headers=None):
    return web.post_multipart(path, fields, {**JSON, **(headers or {})})


def as_json(web, path, fields, headers=None):
    return web.post_json(path, fields, headers)


WAYS_IN = [(send, path) for send in (urlencoded, multipart, as_json)
           for path in ("/subscribe", "/subscribe/weekly")]
BAD = {
    "no address": ({}, None, 400, "missing_email"),
    "a bad one": ({"email": "a@b"}, None, 400, "invalid_email"),
    "a field too long": ({"email": "x@example.com", "country": "NOR"}, None, 400, "invalid_field"),
    "no such list": ({"email": "x@example.com", "l": "none"}, None, 400, "unknown_list"),
    "a foreign page": ({"email": "x@example.com"}, {"Origin": EVIL}, 403, "origin_not_allowed"),
    "a foreign page's fetch": ({"email": "x@example.com"}, {
        "Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, 403,
        "origin_not_allowed"),
}


@pytest.mark.parametrize("what", list(BAD))
def test_every_way_in_refuses_the_same(daemon, what):
    fields, headers, status, code = BAD[what]
    for send, path in WAYS_IN:
        answer = send(daemon.web, path, fields, headers)
        assert (answer.status, answer.json()["error"]["code"]) == (status, code), (send, path)
    assert daemon.show("x@example.com") is None


def test_every_way_in_has_the_trap(daemon, address):
    before = daemon.engine()["robots"]
    for n, (send, path) in enumerate(WAYS_IN):
        answer = send(daemon.web, path, {"email": f"{n}.{address}", "hp": "x"})
        assert answer.status == 202 and answer.json() == {"status": "pending"}
    daemon.settle()
    assert daemon.engine()["robots"] == before + len(WAYS_IN)
    assert not [n for n in range(len(WAYS_IN)) if daemon.mails.to(f"{n}.{address}")]


def test_every_way_in_has_the_price_and_the_limit(make_daemon):
    daemon = make_daemon({"limits": {"challenge": "always", "per_network": "6/1h"}})
    for n, (send, path) in enumerate(WAYS_IN):
        web = Web("127.0.0.1", daemon.port)
        answer = send(web, path, {"email": f"{n}@example.com"})
        assert (answer.status, answer.json()["error"]["code"]) == (400, "challenge_required")
        assert daemon.show(f"{n}@example.com") is None
    for send, path in WAYS_IN:
        answer = send(daemon.web, path, {"email": "x@example.com"})
        assert answer.status == 429 and answer.header("retry-after")


def test_no_person_and_no_password_manager_falls_into_the_trap(daemon):
    page = daemon.web.get("/subscribe/weekly").text
    hidden, = re.findall(r'<div class="aside" aria-hidden="true">.*?</div>', page, re.S)
    field, = re.findall(r"<input[^>]*>", hidden)
    assert 'tabindex="-1"' in field and 'autocomplete="off"' in field and "value" not in field
    # Names that browsers fill in by themselves catch people.
    assert re.search(r'name="(\w+)"', field)[1] in ("hp", "nonce", "VerificationCodeX")
    style, = re.findall(r"/assets/[\w.-]+\.css", page)
    rule = re.search(r"\.aside[^}]*\}", daemon.web.get(style).text)[0]
    assert "position: absolute" in rule and "-100rem" in rule, rule


# ---- what is not a stranger's to say ----
OURS = {"state": "confirmed", "status": "enabled", "confirmed": "true", "confirmed_at": "1",
        "preconfirm_subscriptions": "true", "id": "1", "contact": "1", "request": "1",
        "admin": "true", "role": "admin", "robot": "false", "proof": "3", "press": "1",
        "method": "click", "ip": "192.0.2.1", "ip_address": "192.0.2.1", "user_agent": "forged",
        "origin": LISTED, "_method": "DELETE", "token": "A" * 34, "code": "AAAA-AAAA"}


@pytest.mark.parametrize("send", [urlencoded, multipart, as_json], ids=lambda s: s.__name__)
def test_nobody_assigns_what_is_ours(daemon, address, send):
    answer = send(daemon.web, "/subscribe", {"email": address, **OURS}, {
        "X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1", "X-Real-IP": "192.0.2.1",
        "Client-IP": "192.0.2.1"})
    assert answer.status == 202
    daemon.mails.wait(address)
    found = daemon.show(address)
    assert [s["state"] for s in found["subscriptions"]] == ["pending"]
    assert found["fields"] == {}
    assert {e["ip"] for e in found["events"]} <= {"127.0.0.1", ""}
    assert "forged" not in str(found) and LISTED not in str(found)


def test_a_wildcard_is_a_letter(daemon, people):
    """Each is somebody's own address, and nobody else's."""
    before = {who: daemon.show(a) for who, a in people.addresses.items()}
    for local in ("%", "_", "*", "waiting%", "waiting_scene", "*.scene", "%.scene"):
        daemon.subscribe(f"{local}@example.com")
        assert daemon.mails.wait(f"{local}@example.com").is_confirm
        assert daemon.ctl("suppress", f"{local}@example.com").status == 0
    assert {who: daemon.show(a) for who, a in people.addresses.items()} == before


def test_nobody_leaves_by_an_address(daemon, people):
    """Whoever knows it can ask for a link to it, and for nothing else."""
    address, before = people.addresses["both"], daemon.show(people.addresses["both"])
    for path in ("/unsubscribe", "/unsubscribe/", f"/unsubscribe/{address}", "/confirm",
                 f"/confirm/{address}", f"/notme/{address}", f"/manage/{address}",
                 f"/unsubscribe?email={address}", f"/manage?email={address}&do=erase_now",
                 "/subscribe/weekly"):
        answer = daemon.web.post_form(path, {
            "email": address, "action": "unsubscribe", "press": "1", "sure": "1", "do": "leave",
            "_method": "DELETE", "List-Unsubscribe": "One-Click"}, daemon.web.as_page())
        assert answer.status in (303, 400, 404, 405), (path, answer)
        assert address not in answer.text
    daemon.settle()
    found = daemon.show(address)
    assert found["subscriptions"] == before["subscriptions"]
    assert found["events"][:len(before["events"])] == before["events"]


def test_a_list_that_is_gone_is_unknown(make_daemon):
    """By its name and by the ids that old forms know."""
    daemon = make_daemon()
    daemon.confirmed("a@example.com", ("daily",))
    daemon.stop()
    del daemon.values[("list", "daily")]
    daemon.start()
    for name in ("daily", "d2", "../daily", "daily/../weekly", "daily\0", "weekly;id", "$(id)"):
        for send, path in WAYS_IN[::2]:
            answer = send(daemon.web, path, {"email": "b@example.com", "list": name})
            assert answer.json()["error"]["code"] in ("unknown_list", "bad_request"), name
    answer = daemon.web.post_form("/subscribe/daily", {"email": "b@example.com"}, JSON)
    assert answer.status in (400, 404)
    assert daemon.show("b@example.com") is None


# ---- what a thief of the database has ----
def test_the_database_holds_no_link_and_no_code(daemon, people, address):
    """Neither as mailed nor as the bytes that it stands for."""
    cookie = daemon.subscribe(address).cookie.partition("=")[2]
    code = daemon.mails.wait(address).code
    held = daemon.database()
    assert address.encode() in held         # that is where to look
    secrets = [cookie, code, code.replace("-", ""), code.replace("-", "").lower()]
    tokens = [u.rsplit("/", 1)[1] for u in people.pages().values()]
    assert len(set(tokens)) >= 11
    for secret in secrets + tokens:
        assert secret.encode() not in held
    for secret in [cookie] + tokens:
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        assert raw not in held and raw.hex().encode() not in held and raw[1:] not in held


# ---- every answer's head ----
def names_of(daemon, people):
    """What stands for the name in each route."""
    links = {kind: people.pages()[kind].rsplit("/", 1)[1] for kind in people.pages()}
    style = re.search(r"/assets/([\w.-]+)", daemon.web.get("/subscribe/weekly").text)[1]
    return {"/subscribe/": "weekly", "/pending/": "weekly", "/assets/": style,
            "/confirm/": links["waiting confirm"], "/notme/": links["waiting notme"],
            "/unsubscribe/": links["both unsubscribe"], "/manage/": links["both manage"],
            "/challenge": "?list=weekly"}


SHARED = {"x-content-type-options": "nosniff", "cross-origin-opener-policy": "same-origin",
          "x-robots-tag": "noindex"}
POLICY = re.compile(
    r"default-src 'none'; style-src 'self';( script-src 'self';)? form-action 'self'; "
    r"base-uri 'none'; frame-ancestors ('none'|https://www\.example\.org "
    r"https://shop\.example\.org:8443)")
CACHED = {"text/html; charset=utf-8": "no-store", "application/json": "no-store",
              "text/plain; charset=utf-8": "no-store", None: None}


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("path", list(pages.routes()))
def test_every_route_has_the_same_head(daemon, people, path, accept):
    for method in sorted(pages.routes()[path]) + ["PUT"]:
        answer = daemon.web.request(
            method, path + names_of(daemon, people).get(path, ""),
            {"Accept": accept, "Content-Type": URLENCODED}, "" if method == "POST" else None)
        assert answer.status < 500, answer
        head, kind = dict(answer.headers), answer.header("content-type")
        assert {k: head.get(k) for k in SHARED} == SHARED, (method, answer)
        if path != "/assets/" or method != "GET":
            assert head.get("cache-control") == CACHED[kind], (method, answer)
        policy = head.get("content-security-policy")
        if (kind or "").startswith("text/html"):
            assert POLICY.fullmatch(policy), (method, policy)
            assert ("'none'" in policy.partition("frame-ancestors")[2]) or \
                (path, method) == ("/subscribe/", "GET")
            assert head["referrer-policy"] in ("no-referrer", "same-origin")
        assert "set-cookie" not in head and "server" not in head
        assert "access-control-allow-origin" not in head
        assert answer.status != 405 or head["allow"]


# ---- at the same time ----
def press_all(daemon, link, times):
    with concurrent.futures.ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: daemon.press(link).status, range(times)))


@pytest.mark.long
def test_each_of_many_is_confirmed_once(daemon, address):
    for n in range(100):
        daemon.subscribe(f"{n}.{address}")
        link = daemon.mails.wait(f"{n}.{address}").confirm
        assert press_all(daemon, link, 64) == [200] * 64
        events = [e["event"] for e in daemon.show(f"{n}.{address}")["events"]]
        assert events.count("confirm") == 1
