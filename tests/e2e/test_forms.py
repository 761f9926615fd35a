# SPDX-License-Identifier: ISC
"""POST /subscribe: every body type, field and alias; foreign vendors' forms
as those vendors publish them; robots; limits."""
import json

import pytest

from harness.web import URLENCODED

JSON = {"Accept": "application/json"}


def post(daemon, kind, pairs, headers=None):
    if kind == "json":
        value = {}
        for name, text in pairs:
            value[name] = text if name not in value else [
                *(value[name] if isinstance(value[name], list) else [value[name]]), text]
        return daemon.web.post_json("/subscribe", value, headers)
    send = daemon.web.post_multipart if kind == "multipart" else daemon.web.post_form
    return send("/subscribe", pairs, {**JSON, **(headers or {})})


def error(answer, status=400):
    assert answer.status == status, answer
    assert answer.header("content-type").startswith("application/json")
    body = answer.json()
    assert set(body) == {"error"} and body["error"]["message"]
    return body["error"]["code"]


KINDS = ["urlencoded", "multipart", "json"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_body_type(daemon, address, kind):
    answer = post(daemon, kind, [("email", address), ("list", "weekly")])
    assert answer.status == 202
    assert answer.json() == {"status": "pending"}
    daemon.mails.wait(address)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", ["email", "EMAIL", "email_address", "contact[email]"])
def test_email_aliases(daemon, address, kind, field):
    assert post(daemon, kind, [(field, address)]).status == 202
    daemon.mails.wait(address)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field,value,name", [
    ("list", "daily", "daily"), ("l", "daily", "daily"), ("list_uuids", "daily", "daily"),
    ("tag", "daily", "daily"), ("list[2]", "signup", "weekly"), ("list[d2]", "signup", "daily")])
def test_list_aliases(daemon, address, kind, field, value, name):
    assert post(daemon, kind, [("email", address), (field, value)]).status == 202
    daemon.mails.wait(address)
    assert {s["list"] for s in daemon.show(address)["subscriptions"]} == {name}


@pytest.mark.parametrize("pairs", [
    [("list", "weekly"), ("list", "daily")], [("l", "2"), ("list", "d2")],
    [("list[2]", "x"), ("list[d2]", "x")], [("list", "weekly"), ("tag", "daily")],
    [("list", "weekly"), ("list", "2"), ("l", "c8a2d1"), ("list", "daily")]])
@pytest.mark.parametrize("kind", KINDS)
def test_several_lists(daemon, address, kind, pairs):
    assert post(daemon, kind, [("email", address), *pairs]).status == 202
    daemon.mails.wait(address)
    found = [s["list"] for s in daemon.show(address)["subscriptions"]]
    assert sorted(found) == ["daily", "weekly"]


@pytest.mark.parametrize("alias", ["c8a2d1", "2", "weekly"])
def test_a_list_by_its_alias(daemon, address, alias):
    assert post(daemon, "json", [("email", address), ("list", alias)]).status == 202
    daemon.mails.wait(address)
    assert daemon.state(address, "weekly") == "pending"


def test_the_list_in_the_path(daemon, address):
    assert daemon.web.post_form("/subscribe/daily", {"email": address}, JSON).status == 202
    daemon.mails.wait(address)
    assert daemon.state(address, "daily") == "pending"
    assert daemon.state(address, "weekly") is None


def test_no_list_is_the_default_one(daemon, address):
    assert post(daemon, "json", [("email", address)]).status == 202
    daemon.mails.wait(address)
    assert daemon.state(address, "weekly") == "pending"


def test_no_list_without_a_default(make_daemon):
    daemon = make_daemon({"default_list": None})
    assert error(post(daemon, "json", [("email", "a@example.com")])) == "unknown_list"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["monthly", "Weekly", "weekly/", "../weekly", "", "%", "*",
                                  "weekly\x7f", "list\nweekly", "<b>"])
def test_unknown_lists(daemon, address, kind, name):
    answer = post(daemon, kind, [("email", address), ("list", name)])
    if name == "":
        # An empty field says nothing: the default list's.
        assert answer.status == 202 or error(answer) == "unknown_list"
        return
    assert error(answer) == "unknown_list"
    assert daemon.show(address) is None


@pytest.mark.parametrize("pairs,name,how", [
    ([("name", "Ada Lovelace")], "Ada Lovelace", "name"),
    ([("FNAME", "Ada")], "Ada", "FNAME"),
    ([("FNAME", "Ada"), ("LNAME", "Lovelace")], "Ada Lovelace", "FNAME+LNAME"),
    ([("first_name", "Ada")], "Ada", "first_name"),
    ([("contact[first_name]", "Ada")], "Ada", "contact"),
    ([("name", "Zoë Ångström 李")], "Zoë Ångström 李", "utf-8"),
])
@pytest.mark.parametrize("kind", KINDS)
def test_name_aliases(daemon, address, kind, pairs, name, how):
    assert post(daemon, kind, [("email", address), *pairs]).status == 202
    daemon.press(daemon.mails.wait(address).confirm)
    assert daemon.show(address)["name"] == name


@pytest.mark.parametrize("name,status", [
    ("x" * 200, 202), ("x" * 201, 400), ("é" * 100, 202), ("é" * 101, 400)])
def test_name_length_in_bytes(daemon, address, name, status):
    answer = post(daemon, "json", [("email", address), ("name", name)])
    assert answer.status == status
    if status == 400:
        assert error(answer) == "invalid_field"
        assert answer.json()["error"]["field"] == "name"


@pytest.mark.parametrize("field", ["country", "COUNTRY", "metadata__country"])
def test_own_fields(daemon, address, field):
    assert post(daemon, "urlencoded", [("email", address), (field, "NO")]).status == 202
    daemon.press(daemon.mails.wait(address).confirm)
    assert daemon.show(address)["fields"] == {"country": "NO"}


def test_own_field_too_long(daemon, address):
    answer = post(daemon, "json", [("email", address), ("country", "NOR")])
    assert error(answer) == "invalid_field"
    assert answer.json()["error"]["field"] == "country"
    assert daemon.show(address) is None


FIELDS = {("list", "weekly"): {
    ("field", "city"): {"type": "text", "required": True},
    ("field", "age"): {"type": "number"},
    ("field", "born"): {"type": "date"},
    ("field", "site"): {"type": "url"},
    ("field", "other"): {"type": "email"},
    ("field", "size"): {"type": "choice", "choices": ["small", "large"]}}}


@pytest.fixture(scope="module")
def typed():
    from harness.daemon import Daemon
    with Daemon(FIELDS) as running:
        yield running


@pytest.mark.parametrize("field,good,bad", [
    ("age", "42", "many"), ("born", "1999-02-28", "1999-02-30"),
    ("site", "https://example.org/a", "javascript:alert(1)"),
    ("other", "a@example.com", "a@"), ("size", "large", "huge"),
    ("city", "Oslo", None)])
def test_typed_fields(typed, address, field, good, bad):
    base = [("email", address)] + ([] if field == "city" else [("city", "Oslo")])
    refused = post(typed, "urlencoded", base + ([(field, bad)] if bad else []))
    assert error(refused) == "invalid_field"
    assert refused.json()["error"]["field"] == field
    assert post(typed, "urlencoded", base + [(field, good)]).status == 202
    typed.press(typed.mails.wait(address).confirm)
    assert typed.show(address)["fields"][field] == good


def test_lang(daemon, address):
    assert post(daemon, "json", [("email", address), ("lang", "de-AT")]).status == 202
    assert "html" not in daemon.mails.wait(address).text
    daemon.press(daemon.mails.wait(address).confirm)
    assert daemon.show(address)["lang"] == "de"


def test_lang_of_the_browser(daemon, address):
    post(daemon, "urlencoded", [("email", address)], {"Accept-Language": "fr, de;q=0.8, en;q=0.5"})
    daemon.press(daemon.mails.wait(address).confirm)
    assert daemon.show(address)["lang"] == "de"


def test_evidence(daemon, address):
    answer = daemon.web.post_form("/subscribe", {
        "email": address, "source": "footer", "utm_source": "tv",
        "utm_campaign": "spring", "landing_page": "https://www.example.org/a"}, {
        "Origin": "https://www.example.org", "Referer": "https://www.example.org/form?x=1",
        "User-Agent": "E2E/1.0 (test)"})
    assert answer.status == 303
    daemon.press(daemon.mails.wait(address).confirm, **{"User-Agent": "E2E/2.0"})
    found = daemon.show(address)
    text = json.dumps(found)
    for each in ("footer", "tv", "spring", "https://www.example.org/a", "E2E/1.0 (test)",
                 "https://www.example.org/form", "E2E/2.0", "127.0.0.1"):
        assert each in text, each
    events = {e["event"]: e for e in found["events"]}
    assert {"subscribe", "confirm"} <= set(events)
    assert events["confirm"]["method"] == "click"
    assert events["confirm"]["user_agent"] == "E2E/2.0"
    assert events["subscribe"]["ip"] == "127.0.0.1"
    assert found["subscriptions"][0]["source"] == "footer"


def test_tags_are_kept(daemon, address):
    post(daemon, "urlencoded", [("email", address), ("tag", "red"), ("tag", "blue")])
    daemon.press(daemon.mails.wait(address).confirm)
    row = next(r for r in map(json.loads, daemon.ctl(
        "list", "--list", "weekly", "--format", "jsonl").out.splitlines())
        if r["address"] == address)
    assert sorted(row["tags"]) == ["blue", "red"]


def test_foreign_fields_are_ignored(daemon, address):
    extra = [(f"field{i}", "x" * 20) for i in range(30)] + [("submit", "Go"), ("_x", "")]
    assert post(daemon, "multipart", [("email", address), *extra]).status == 202
    daemon.mails.wait(address)


# ---- bad input ----
@pytest.mark.parametrize("kind", KINDS)
def test_missing_email(daemon, kind):
    for pairs in ([("list", "weekly")], [("email", ""), ("list", "weekly")]):
        answer = post(daemon, kind, pairs)
        assert error(answer) == "missing_email"
        assert answer.json()["error"]["field"] == "email"


def test_a_browser_gets_the_form_again(daemon, address):
    """With all that it had, so that only what was wrong is typed again."""
    target = "https://www.example.org/thanks"
    answer = daemon.web.post_form("/subscribe", [
        ("email", "nobody@"), ("list", "weekly"), ("list", "daily"), ("FNAME", "Ada"),
        ("country", "NO"), ("tag", "red"), ("utm_source", "tv"), ("next", target)],
        daemon.web.as_page("https://www.example.org"))
    assert answer.status == 400
    assert answer.header("content-type") == "text/html; charset=utf-8"
    form = answer.forms()[0]
    assert form.named("email")[0]["value"] == "nobody@"
    pairs = [(i["name"], i.get("value") or "") for i in form.inputs if i.get("name")]
    mended = [(n, address if n == "email" else v) for n, v in pairs]
    done = daemon.web.post_form(form.action, mended, daemon.web.as_page())
    assert (done.status, done.header("location")) == (303, target)
    daemon.press(daemon.mails.wait(address).confirm)
    found = daemon.show(address)
    assert {s["list"] for s in found["subscriptions"]} == {"weekly", "daily"}
    assert found["name"] == "Ada" and found["fields"] == {"country": "NO"}
    assert "tv" in json.dumps(found["events"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_twice(daemon, address, kind):
    same = [("email", address), ("email", address)]
    assert post(daemon, kind, same).status == 202
    for pairs in ([("email", "x" + address), ("email", "y" + address)],
                  [("email", "x" + address), ("EMAIL", "y" + address)],
                  [("email", "x" + address), ("name", "a"), ("name", "b")],
                  [("email", "x" + address), ("country", "NO"), ("country", "SE")],
                  [("email", "x" + address), ("lang", "de"), ("lang", "en")]):
        assert error(post(daemon, kind, pairs)) in ("bad_request", "invalid_field"), pairs
    assert daemon.show("x" + address) is None and daemon.show("y" + address) is None


@pytest.mark.parametrize("count,status", [(63, 202), (64, 202), (65, 400)])
@pytest.mark.parametrize("kind", KINDS)
def test_number_of_parameters(daemon, address, kind, count, status):
    pairs = [("email", address)] + [(f"f{i}", "1") for i in range(count - 1)]
    answer = post(daemon, kind, pairs)
    assert answer.status in ((status,) if status == 202 else (400, 413)), answer
    if status != 202:
        assert error(answer, answer.status) in ("bad_request", "too_large")


@pytest.mark.parametrize("size,status", [(16383, 202), (16384, 202), (16385, 413)])
def test_size_of_the_body(daemon, address, size, status):
    head = f"email={address.replace('@', '%40')}&x="
    answer = daemon.web.request("POST", "/subscribe", {
        "Content-Type": URLENCODED, **JSON}, head + "y" * (size - len(head)))
    assert answer.status == status
    if status == 413:
        assert error(answer, 413) == "too_large"


@pytest.mark.parametrize("kind,body", [
    ("text/plain", "email=a@example.com"), ("text/xml", "<a/>"), ("", "email=a"),
    ("application/x-www-form-urlencodedx", "email=a"), ("application/jsonp", "{}"),
    ("multipart/mixed; boundary=x", "--x--"), (None, "email=a@example.com")])
def test_wrong_types(daemon, kind, body):
    answer = daemon.web.request("POST", "/subscribe", {"Content-Type": kind, **JSON}, body)
    assert error(answer, 415) == "unsupported_media_type"


BROKEN = {
    "json-cut": ("application/json", '{"email": "a@example.com"'),
    "json-array": ("application/json", '["a@example.com"]'),
    "json-text": ("application/json", '"a@example.com"'),
    "json-rubbish-after": ("application/json", '{"email": "a@example.com"} x'),
    "json-nul": ("application/json", '{"email": "a\\u0000@example.com"}'),
    "json-surrogate": ("application/json", '{"name": "\\ud800", "email": "a@example.com"}'),
    "json-deep": ("application/json", '{"a":' * 2000 + "1" + "}" * 2000),
    "json-doubled": ("application/json", '{"email":"a@example.com","email":"b@example.com"}'),
    "json-utf8": ("application/json", b'{"email": "a@example.com", "name": "\xff"}'),
    "form-utf8": (URLENCODED, "email=a%40example.com&name=%ff%fe"),
    "form-overlong": (URLENCODED, "email=a%40example.com&name=%c0%af"),
    "form-surrogate": (URLENCODED, "email=a%40example.com&name=%ed%a0%80"),
    "form-nul": (URLENCODED, "email=a%40example.com&name=a%00b"),
    "form-raw-nul": (URLENCODED, b"email=a%40example.com&name=a\0b"),
    "form-half-escape": (URLENCODED, "email=a%40example.com&name=%4"),
    "form-bad-escape": (URLENCODED, "email=a%40example.com&name=%zz"),
    "multipart-no-boundary": ("multipart/form-data", "--x--"),
    "multipart-no-end": ("multipart/form-data; boundary=x",
                         '--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n'
                         "a@example.com\r\n"),
    "multipart-no-name": ("multipart/form-data; boundary=x",
                          "--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
    "multipart-nul": ("multipart/form-data; boundary=x",
                      '--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n'
                      "a\0@example.com\r\n--x--\r\n"),
    "multipart-utf8": ("multipart/form-data; boundary=x",
                       b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
                       b"\xff\r\n--x--\r\n"),
    "multipart-long-boundary": ("multipart/form-data; boundary=" + "x" * 71, "--x--"),
}


@pytest.mark.parametrize("shape", list(BROKEN))
def test_broken_bodies(daemon, shape):
    kind, body = BROKEN[shape]
    answer = daemon.web.request("POST", "/subscribe", {"Content-Type": kind, **JSON}, body)
    assert error(answer) in ("bad_request", "invalid_email"), answer
    for address in ("a@example.com", "b@example.com"):
        assert daemon.show(address) is None


# ---- robots ----
@pytest.mark.parametrize("pot", ["hp", "nonce", "VerificationCodeX",
                                 "b_0123456789abcdef_fedcba9876"])
def test_honeypots(daemon, address, pot):
    before = daemon.engine()
    honest = daemon.web.post_form("/subscribe", {"email": "h" + address}, daemon.web.as_page())
    robot = daemon.web.post_form("/subscribe", {"email": address, pot: "x"},
                                 daemon.web.as_page())
    assert robot.status == honest.status and robot.body == honest.body
    assert shape(robot) == shape(honest)
    daemon.settle()
    assert daemon.mails.to(address) == []
    assert daemon.show(address) is None
    assert daemon.engine()["robots"] == before["robots"] + 1


@pytest.mark.parametrize("pot", ["hp", "nonce", "b_0123456789abcdef_fedcba9876"])
def test_empty_honeypots_are_no_robots(daemon, address, pot):
    assert post(daemon, "urlencoded", [("email", address), (pot, "")]).status == 202
    daemon.mails.wait(address)


def test_a_declared_field_is_no_honeypot(make_daemon):
    daemon = make_daemon({("list", "weekly"): {("field", "nonce"): {"type": "text"}}})
    assert post(daemon, "urlencoded", [("email", "a@example.com"), ("nonce", "x")]).status == 202
    daemon.mails.wait("a@example.com")


def shape(answer):
    """The headers, with what is random or a clock's made the same."""
    return sorted((k, len(v) if k in ("set-cookie", "date") else v)
                  for k, v in answer.headers)


def test_consent_required(make_daemon):
    daemon = make_daemon({("list", "weekly"): {"consent_box": "required"}})
    for kind in KINDS:
        refused = post(daemon, kind, [("email", "a@example.com")])
        assert error(refused) == "consent_required"
    assert post(daemon, "json", [("email", "b@example.com"), ("consent", "")]).status == 400
    page = daemon.web.get("/subscribe/weekly").forms()[0]
    box = page.named("consent")[0]
    assert box["type"] == "checkbox" and "checked" not in box
    assert post(daemon, "json", [("email", "c@example.com"), ("consent", "1")]).status == 202
    daemon.mails.wait("c@example.com")
    assert daemon.show("a@example.com") is None


def test_each_list_has_its_own_consent(make_daemon):
    daemon = make_daemon({("list", name): {"consent_box": "required"}
                          for name in ("weekly", "daily")})
    asked = [("email", "a@example.com"), ("list", "weekly"), ("list", "daily")]
    shown = daemon.web.post_form("/subscribe", asked, {"Accept": "text/html"})
    boxes = ["consent[weekly]", "consent[daily]"]
    assert [shown.forms()[0].named(name)[0]["type"] for name in boxes] == ["checkbox"] * 2
    for kind in KINDS:
        refused = post(daemon, kind, asked + [("consent[weekly]", "yes")])
        assert error(refused) == "consent_required"
    assert daemon.show("a@example.com") is None
    assert post(daemon, "json", asked + [(name, "yes") for name in boxes]).status == 202
    daemon.mails.wait("a@example.com")


# ---- redirects ----
@pytest.mark.parametrize("field", ["redirect", "next", "redirect_url"])
def test_redirect_to_a_listed_origin(daemon, address, field):
    for target in ("https://www.example.org/thanks?x=1", "https://www.example.org/",
                   "https://shop.example.org:8443/a"):
        answer = daemon.web.post_form("/subscribe", {"email": address, field: target},
                                      daemon.web.as_page())
        assert answer.status == 303 and answer.header("location") == target


@pytest.mark.parametrize("target", [
    "//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example",
    "https://www.example.org@evil.example/", "https://www.example.org.evil.example/",
    "http://www.example.org/", "https://www.example.org:444/", "javascript:alert(1)",
    "https://www.example.org\t/", "https://www.example.org/\r\nX-Evil: 1",
    "https://www.example.org/%0d%0aX-Evil:1", "https://user@www.example.org/",
    "https://www.example.org\\@evil.example/", "HTTPS://EVIL.example", "\thttps://evil.example",
    "https://www.example.org#@evil.example/", "data:text/html,x", "https://", "/evil"])
def test_redirect_elsewhere_is_not_taken(daemon, address, target):
    answer = daemon.web.post_form("/subscribe", {"email": address, "redirect": target},
                                  daemon.web.as_page())
    assert answer.status in (303, 400)
    assert answer.header("x-evil") is None
    where = answer.header("location") or ""
    if target in ("https://www.example.org/%0d%0aX-Evil:1",
                  "https://www.example.org#@evil.example/") and where == target:
        return      # harmless: that really is the listed origin
    assert where in ("", "/pending/weekly", daemon.base + "/pending/weekly")


def test_pending_and_confirmed_urls(make_daemon):
    daemon = make_daemon({("list", "weekly"): {
        "pending_url": "https://www.example.org/look",
        "confirmed_url": "https://www.example.org/welcome"}})
    answer = daemon.subscribe("a@example.com")
    assert answer.header("location") == "https://www.example.org/look"
    done = daemon.press(daemon.mails.wait("a@example.com").confirm)
    assert (done.status, done.header("location")) == (303, "https://www.example.org/welcome")


# ---- the forms that vendors hand out ----
MAILCHIMP = [("EMAIL", "{}"), ("FNAME", "Ada"), ("LNAME", "Lovelace"),
             ("b_5a3b1c2d3e4f5a6b7c8d9e0f1_c8a2d1e0f9", ""), ("subscribe", "Subscribe")]
LISTMONK = [("nonce", ""), ("email", "{}"), ("name", "Ada"),
            ("l", "c8a2d1")]
BUTTONDOWN = [("email", "{}"), ("embed", "1"), ("tag", "website"),
              ("metadata__country", "NO")]
PHPLIST = [("email", "{}"), ("emailconfirm", "{}"), ("htmlemail", "1"),
           ("list[2]", "signup"), ("listname[2]", "The Weekly"),
           ("VerificationCodeX", ""), ("subscribe", "Subscribe")]
SENDY = [("name", "Ada"), ("email", "{}"), ("hp", ""), ("list", "c8a2d1"),
         ("subform", "yes"), ("submit", "")]


@pytest.mark.parametrize("vendor,fields", [
    ("Mailchimp", MAILCHIMP), ("listmonk", LISTMONK), ("Buttondown", BUTTONDOWN),
    ("phpList", PHPLIST), ("Sendy", SENDY)])
def test_vendors_forms(daemon, address, vendor, fields):
    pairs = [(n, v.format(address)) for n, v in fields]
    answer = daemon.web.post_form("/subscribe", pairs,
                                  daemon.web.as_page("https://www.example.org"))
    assert answer.status == 303, answer
    daemon.press(daemon.mails.wait(address).confirm)
    assert daemon.state(address, "weekly") == "confirmed"
    found = daemon.show(address)
    if vendor == "Mailchimp":
        assert found["name"] == "Ada Lovelace"
    if vendor == "Buttondown":
        assert found["fields"]["country"] == "NO"


def test_sendy_and_buttondown_by_program(daemon, address):
    """Sendy's API is an urlencoded post that asks for plain text; Buttondown's
    and listmonk's take JSON."""
    answer = daemon.web.post_form("/subscribe", {
        "email": address, "list": "2", "boolean": "true"}, {"Accept": "*/*"})
    assert answer.status in (202, 303)
    for body in ({"email_address": "j" + address, "tags": ["x"]},
                 {"email": "k" + address, "name": "Ada", "list_uuids": ["c8a2d1"]}):
        assert daemon.web.post_json("/subscribe", body).status == 202
        daemon.mails.wait(body.get("email") or body["email_address"])
