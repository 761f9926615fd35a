# SPDX-License-Identifier: ISC
"""Who may post from where: the table of Origins, preflights, and the signup
cookie that no foreign page can plant."""
import re

import pytest

LISTED = "https://www.example.org"
FOREIGN = ["https://evil.example", "https://www.example.org.evil.example",
           "https://evilwww.example.org", "http://www.example.org",
           "https://www.example.org:444", "https://www.example.org/",
           "https://WWW.example.org", "https://www.example.org:443", "https://example.org",
           "https://a.www.example.org", "file://", "chrome-extension://abc", "https://",
           "https://www.example.org https://evil.example"]
JSON = {"Accept": "application/json"}


def post(daemon, address, origin, headers=None, list="weekly"):
    given = {"Origin": origin} if origin is not None else {}
    return daemon.web.post_form("/subscribe", {"email": address, "list": list},
                                {**given, **(headers or {})})


def no_cors(answer):
    return not [k for k, _ in answer.headers if k.startswith("access-control-")]


@pytest.mark.parametrize("origin", ["ours", LISTED, "https://shop.example.org:8443",
                                    None, "null"])
def test_taken(daemon, address, origin):
    origin = daemon.base if origin == "ours" else origin
    assert post(daemon, address, origin).status == 303
    assert post(daemon, "j" + address, origin, JSON).status == 202
    daemon.mails.wait(address)
    daemon.mails.wait("j" + address)


def test_same_origin_by_fetch_metadata(daemon, address):
    answer = post(daemon, address, "null", {"Sec-Fetch-Site": "same-origin"})
    assert answer.status == 303
    daemon.mails.wait(address)


@pytest.mark.parametrize("origin", FOREIGN)
def test_refused(daemon, address, origin):
    page = post(daemon, address, origin)
    assert page.status == 403
    assert page.header("content-type") == "text/html; charset=utf-8"
    answer = post(daemon, address, origin, JSON)
    assert answer.status == 403
    assert answer.json()["error"]["code"] == "origin_not_allowed"
    for each in (page, answer):
        assert no_cors(each) and each.header("set-cookie") is None
    assert daemon.show(address) is None


def test_an_origin_is_the_lists_own(daemon, address):
    """The Daily does not list the shop."""
    assert post(daemon, address, "https://shop.example.org:8443", list="daily").status == 403
    assert post(daemon, address, LISTED, list="daily").status == 303


def test_star_takes_all(make_daemon):
    daemon = make_daemon({("list", "weekly"): {"origins": ["*"]}})
    answer = post(daemon, "a@example.com", "https://any.example", JSON)
    assert answer.status == 202
    answer = post(daemon, "b@example.com", "https://any.example")
    assert answer.status == 303
    # Anybody's page may post, so none of them may plant the cookie.
    assert answer.header("set-cookie") is None
    assert answer.header("access-control-allow-origin") != "*" or \
        answer.header("access-control-allow-credentials") is None


@pytest.mark.parametrize("origin,echoed", [
    (LISTED, True), ("https://evil.example", False), ("null", False), (None, False)])
def test_cors_of_a_fetch(daemon, address, origin, echoed):
    given = {"Origin": origin} if origin else {}
    answer = daemon.web.post_json("/subscribe", {"email": address}, {
        **given, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"})
    if echoed:
        assert answer.status == 202
        assert answer.header("access-control-allow-origin") == origin
        assert answer.header("access-control-allow-credentials") == "true"
        assert "origin" in answer.header("vary").lower()
    else:
        assert no_cors(answer)


def preflight(daemon, path, origin, method="POST", headers="content-type"):
    return daemon.web.request("OPTIONS", path, {
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers})


def test_preflight(daemon):
    answer = preflight(daemon, "/subscribe", LISTED)
    assert answer.status in (200, 204) and answer.body == b""
    assert answer.header("access-control-allow-origin") == LISTED
    assert "POST" in answer.header("access-control-allow-methods")
    assert "content-type" in answer.header("access-control-allow-headers").lower()
    assert "origin" in answer.header("vary").lower()


@pytest.mark.parametrize("origin", FOREIGN + ["null"])
def test_preflight_of_strangers(daemon, origin):
    answer = preflight(daemon, "/subscribe", origin)
    assert answer.header("access-control-allow-origin") is None
    assert answer.header("access-control-allow-credentials") is None


def test_no_cors_on_other_routes(daemon, address):
    daemon.subscribe(address)
    link = daemon.mails.wait(address).confirm
    for method in ("GET", "POST", "OPTIONS"):
        answer = daemon.web.request(method, link, {
            "Origin": LISTED, "Access-Control-Request-Method": "POST"},
            "" if method == "POST" else None)
        assert no_cors(answer), (method, answer)
    assert daemon.state(address) == "pending"


# ---- the signup cookie ----
def test_the_cookie(daemon, address):
    value = daemon.subscribe(address).header("set-cookie")
    parts = [p.strip() for p in value.split(";")]
    assert re.fullmatch(r"assent_signup=[A-Za-z0-9_-]{22}(==)?", parts[0])
    attributes = {p.partition("=")[0].lower(): p.partition("=")[2] for p in parts[1:]}
    assert "httponly" in attributes and attributes["samesite"].lower() == "lax"
    assert attributes["path"] == "/confirm"
    assert abs(int(attributes["max-age"]) - 72 * 3600) <= 1
    assert "secure" not in attributes and "domain" not in attributes


def test_the_cookie_is_secure_behind_https(make_daemon):
    daemon = make_daemon({"base_url": "https://news.example.org"})
    answer = daemon.web.post_form("/subscribe", {"email": "a@example.com"}, {
        "Origin": "https://news.example.org"})
    assert answer.status == 303
    assert "; secure" in answer.header("set-cookie").lower()


def test_the_cookie_is_another_each_time(daemon, address):
    assert len({daemon.subscribe(address).cookie for _ in range(8)}) == 8


@pytest.mark.parametrize("origin,metadata,planted", [
    ("ours", "?1", True), (LISTED, "?1", True),
    ("ours", None, True), (LISTED, None, True),     # no Fetch Metadata at all
    ("ours", "missing", False), (LISTED, "missing", False), (LISTED, "?0", False),
    ("null", "?1", False), (None, "?1", False), (None, None, False),
    ("https://evil.example", "?1", False)])
def test_who_gets_the_cookie(daemon, address, origin, metadata, planted):
    headers = {}
    if metadata:
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
                   "Sec-Fetch-Dest": "document"}
        if metadata != "missing":
            headers["Sec-Fetch-User"] = metadata
    answer = post(daemon, address, daemon.base if origin == "ours" else origin, headers)
    assert (answer.header("set-cookie") is not None) == planted, answer


def test_no_cookie_when_turned_off(make_daemon):
    daemon = make_daemon({"signup_cookie": False})
    answer = daemon.subscribe("a@example.com")
    assert answer.header("set-cookie") is None
    pending = daemon.web.get(answer.header("location"))
    assert pending.status == 200 and 'name="code"' not in pending.text
    mail = daemon.mails.wait("a@example.com")
    assert daemon.press(mail.confirm).status == 200
    assert daemon.state("a@example.com") == "confirmed"
