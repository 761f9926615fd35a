# SPDX-License-Identifier: ISC
"""What stands in the head of every answer, that no answer plants a cookie
but the one, and that nothing a stranger typed comes back."""
import html
import re
import urllib.parse

import pytest

from harness.web import URLENCODED

FORM, TOKEN, PLAIN = "form", "token", "plain"


@pytest.fixture(scope="module")
def pages(daemon):
    """Every route's answer to a GET: (kind, answer)."""
    daemon.subscribe("pages@example.com")
    mail = daemon.mails.wait("pages@example.com")
    welcome = daemon.confirmed("pages2@example.com")
    bad = "/confirm/" + "A" * 34
    return {
        "hosted form": (FORM, daemon.web.get("/subscribe/weekly")),
        "pending": (FORM, daemon.web.get("/pending/weekly")),
        "confirm": (TOKEN, daemon.web.get(mail.confirm)),
        "unsubscribe": (TOKEN, daemon.web.get(welcome.unsubscribe)),
        "notme": (TOKEN, daemon.web.get(mail.notme)),
        "no such token": (TOKEN, daemon.web.get(bad)),
        "no such list": (PLAIN, daemon.web.get("/subscribe/none")),
        "no such path": (PLAIN, daemon.web.get("/nothing")),
        "wrong method": (PLAIN, daemon.web.request("DELETE", "/subscribe")),
        "not a form": (PLAIN, daemon.web.post_form("/subscribe", {"email": "x"})),
        "refused origin": (PLAIN, daemon.web.post_form(
            "/subscribe", {"email": "x@example.com"}, {"Origin": "https://evil.example"})),
    }


ROUTES = ["hosted form", "pending", "confirm", "unsubscribe", "notme", "no such token",
          "no such list", "no such path", "wrong method", "not a form", "refused origin"]


def directives(answer):
    policy = answer.header("content-security-policy")
    assert policy, answer
    return {p.split()[0]: p.split()[1:] for p in policy.split(";") if p.strip()}


@pytest.mark.parametrize("route", ROUTES)
def test_security_headers(pages, daemon, route):
    kind, answer = pages[route]
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("cross-origin-opener-policy") == "same-origin"
    assert "noindex" in answer.header("x-robots-tag")
    assert answer.header("strict-transport-security") is None       # no TLS here
    policy = directives(answer)
    assert policy["default-src"] == ["'none'"] and policy["base-uri"] == ["'none'"]
    assert "'self'" in policy["form-action"]
    if route == "hosted form":
        assert set(policy["frame-ancestors"]) == {
            "https://www.example.org", "https://shop.example.org:8443"} or \
            set(policy["frame-ancestors"]) == {
                "'self'", "https://www.example.org", "https://shop.example.org:8443"}
    else:
        assert policy["frame-ancestors"] == ["'none'"]
    for name, sources in policy.items():
        assert not any(s in ("*", "'unsafe-inline'", "'unsafe-eval'", "data:", "https:", "http:")
                       for s in sources), (name, sources)
    assert answer.header("set-cookie") is None
    assert not [k for k, _ in answer.headers if k in ("server", "x-powered-by")]


@pytest.mark.parametrize("route", ROUTES)
def test_caching_and_referrers(pages, route):
    kind, answer = pages[route]
    wanted = {FORM: "same-origin", TOKEN: "no-referrer"}.get(kind)
    if wanted:
        assert answer.header("referrer-policy") == wanted
    else:
        assert answer.header("referrer-policy") in ("same-origin", "no-referrer")
    if kind == TOKEN:
        assert answer.header("cache-control") == "no-store"


@pytest.mark.parametrize("route", ROUTES)
def test_pages_need_nobody_else(pages, daemon, route):
    kind, answer = pages[route]
    loaded = re.findall(r"""(?:src|href|action|srcset|data)\s*=\s*["']?([^"'\s>]+)""", answer.text)
    for url in loaded:
        if url.startswith(("https://www.example.org/privacy", "mailto:privacy@example.org")):
            continue
        assert not urllib.parse.urlsplit(url).netloc or url.startswith(daemon.base), url
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    assert not re.search(r"<[^>]+\s(on\w+|style)\s*=", answer.text)
    assert not re.search(r"@import|url\(\s*['\"]?https?:", answer.text)
    assert "Example Ltd" in answer.text      # the controller, on every page


def test_assets(daemon):
    page = daemon.web.get("/subscribe/weekly").text
    names = set(re.findall(r"/assets/[\w.-]+", page))
    assert any(n.endswith(".css") for n in names)
    for name in names:
        answer = daemon.web.get(name)
        assert answer.status == 200
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        assert answer.header("content-type").startswith(kind)
        assert "immutable" in answer.header("cache-control")
        assert answer.header("x-content-type-options") == "nosniff"
    assert daemon.web.get("/assets/none.css").status == 404
    for name in ("../lang/en", "..%2flang%2fen", "%2e%2e/lang/en", "/etc/passwd", ""):
        assert daemon.web.get("/assets/" + name).status in (400, 404)


def test_json_answers(daemon):
    answer = daemon.web.post_json("/subscribe", {"email": "not one"})
    assert answer.header("content-type").startswith("application/json")
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("cache-control") == "no-store"
    assert answer.header("set-cookie") is None


# ---- nothing comes back ----
MARK = "zq9Xx"
VECTORS = [
    "<script>alert('zq9Xx')</script>", "\"><img src=x onerror=alert('zq9Xx')>",
    "'><svg/onload=alert(`zq9Xx`)>", "</title><b>zq9Xx</b>", "{{zq9Xx}}", "{{{zq9Xx}}}",
    "{{> zq9Xx}}", "${zq9Xx}", "%3Cb%3Ezq9Xx", "&lt;zq9Xx&gt;", "javascript:zq9Xx",
    "zq9Xx\r\nSet-Cookie: a=b", "zq9Xx%0d%0aX-Evil: 1", "zq9Xx\u2028<b>", "﹤zq9Xx﹥",
    "+ADw-zq9Xx+AD4-", "zq9Xx.evil.example says your account is closed", "<!--zq9Xx-->",
    "]]>zq9Xx", "\x1b[31mzq9Xx", "\u202ezq9Xx", "<a href='//zq9Xx.example'>",
]
PLACES = ["email", "list", "name", "country", "lang", "redirect", "source", "tag", "hp",
          "consent", "form_token", "unknown"]


def clean(answer, vector):
    head = "\n".join(f"{k}: {v}" for k, v in answer.headers)
    assert MARK not in answer.text and MARK not in head, (vector, answer)
    assert answer.header("x-evil") is None
    assert "a=b" not in (answer.header("set-cookie") or "")


def but_fields(answer):
    """The answer without the values of its form's fields: whoever typed on a
    page of ours may mend it there, and a value is all that it can be."""
    shown = {i["name"]: i["value"] for f in answer.forms() for i in f.inputs
             if i.get("value") and MARK in i["value"]} if answer.status == 400 else {}
    assert set(shown) <= {"email", "name", "country", "source", "tag"}, shown
    for value in shown.values():
        escaped = html.escape(value).replace("&#x27;", "&#39;")
        assert f' value="{escaped}"' in answer.text
        answer.body = answer.body.replace(escaped.encode(), b"")
    return answer


@pytest.mark.parametrize("place", PLACES)
def test_fields_are_not_reflected(daemon, place):
    conn = daemon.web.connect()
    for number, vector in enumerate(VECTORS):
        # One bad field beside it, so that the form itself comes back too.
        for email in (f"r{number}.{place}@example.com", "bad address"):
            fields = {"email": email, place: vector}
            for headers in ({}, {"Origin": "null"}, {"Accept": "application/json"}):
                clean(daemon.web.post_form("/subscribe", fields, headers, conn), vector)
            clean(but_fields(daemon.web.post_form(
                "/subscribe", fields, daemon.web.as_page(), conn)), vector)
        clean(daemon.web.post_json("/subscribe", {"email": "bad", place: vector}, conn=conn),
              vector)
    conn.close()


def test_field_names_are_not_reflected(daemon):
    for vector in VECTORS:
        clean(daemon.web.post_form("/subscribe", {"email": "bad", vector: "x"}), vector)
        clean(daemon.web.post_json("/subscribe", {vector: "x"}), vector)


def test_paths_and_queries_are_not_reflected(daemon):
    for vector in VECTORS:
        quoted = urllib.parse.quote(vector, safe="")
        for path in (f"/{quoted}", f"/subscribe/{quoted}", f"/pending/{quoted}",
                     f"/confirm/{quoted}", f"/unsubscribe/{quoted}", f"/notme/{quoted}",
                     f"/assets/{quoted}", f"/subscribe/weekly?email={quoted}&name={quoted}",
                     f"/pending/weekly?{quoted}"):
            for method in ("GET", "POST", "PUT"):
                clean(daemon.web.request(method, path, {
                    "Content-Type": URLENCODED, "Accept": "text/html"},
                    "x=1" if method == "POST" else None), vector)


def test_headers_are_not_reflected(daemon):
    for name in ("Referer", "User-Agent", "Accept-Language", "Cookie", "Origin", "Accept",
                 "X-Forwarded-Host", "X-Forwarded-For", "Content-Type"):
        for vector in VECTORS:
            if not vector.isprintable() or not vector.isascii():
                continue
            for path in ("/subscribe/weekly", "/nothing", "/confirm/" + "A" * 34):
                clean(daemon.web.request("GET", path, {name: vector}), vector)
            answer = daemon.web.request("POST", "/subscribe", {
                "Content-Type": URLENCODED, name: vector}, "email=bad")
            clean(answer, vector)


def test_links_are_made_from_the_base_url(daemon, address):
    answer = daemon.web.post_form("/subscribe", {"email": address}, {
        "Host": "evil.example", "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example"})
    assert "evil" not in str(answer.headers) + answer.text
    mail = daemon.mails.wait(address)
    assert b"evil.example" not in mail.raw
    assert mail.confirm.startswith(daemon.base + "/confirm/")


def test_no_token_and_no_whole_address_in_the_log(make_daemon):
    daemon = make_daemon({"log": {"level": "debug"}})
    welcome = daemon.confirmed("secret.person@example.com")
    first = daemon.mails.to("secret.person@example.com")[0]
    daemon.web.get(first.confirm)
    daemon.one_click(welcome.unsubscribe)
    daemon.stop()
    for secret in (first.confirm, first.notme, welcome.unsubscribe):
        assert secret.rsplit("/", 1)[1] not in daemon.log
    assert first.code not in daemon.log and first.code.replace("-", "") not in daemon.log
    assert "secret.person@example.com" not in daemon.log


def test_log_lines_stay_lines(make_daemon):
    daemon = make_daemon({"log": {"level": "debug"}})
    daemon.web.request("GET", "/nothing%0aforged=line", {"User-Agent": "x"})
    for number, (field, value) in enumerate([
            ("source", "a\nassentd: forged=1"), ("name", "\u202eevil"), ("utm_source", "\x1b[31m"),
            ("name", "a\r\nassentd: forged=1"), ("tag", "a\nassentd: forged=1")]):
        answer = daemon.web.post_json("/subscribe", {
            "email": f"l{number}@example.com", field: value})
        assert answer.status in (202, 400), (field, answer)
    daemon.settle()
    daemon.stop()
    assert "\x1b" not in daemon.log and "\u202e" not in daemon.log
    assert not [line for line in daemon.lines if "forged" in line.split("=")[0]]
    assert not [line for line in daemon.lines if line.startswith("assentd: forged")]
