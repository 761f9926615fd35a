# SPDX-License-Identifier: ISC
"""Thousands of malformed requests, made from a table: a place of a request,
and what may stand there.  Everything else is tried, one request each, and has
the status of its row; what stands in the way of framing also ends the
connection, with nothing behind it ever looked at."""
import json
import re
import socket
import string
from concurrent.futures import ThreadPoolExecutor

from harness import env
from harness.web import multipart, read_to_end

ALNUM = string.ascii_letters + string.digits
TOKEN = set((ALNUM + "!#$%&'*+-.^_`|~").encode())
HEX = set(string.hexdigits.encode())
VALUE = set(range(32, 127)) | {9} | set(range(128, 256))
PATH = set((ALNUM + "-._~!$&'()*+,;=:@/%").encode())
QUERY = set(range(33, 127)) - set(b'"#<>')
HOST = set((ALNUM + "-._~").encode())
BEHIND = b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 25\r\n\r\nemail=behind%40example.com"
FORM = b"Content-Type: application/x-www-form-urlencoded"
BODY = b"email=front%40example.com"


def get(line=b"GET /healthz HTTP/1.1", host=b"Host: x", more=b""):
    return line + b"\r\n" + host + b"\r\n" + more + b"\r\n"


def post(*lines, body=BODY):
    return get(b"POST /subscribe HTTP/1.1",
               more=b"".join(x + b"\r\n" for x in (FORM, *lines))) + body


def chunked(body):
    return post(b"Transfer-Encoding: chunked", body=body)


# Where one byte is put, and which ones may stand there.  (What stands for a
# whole line's end is there with CR and LF: "\r" makes a bare CR, "\n" a bare
# LF.)
BYTES = {
    "method": (lambda b: get(b"G" + b + b"T /healthz HTTP/1.1"), TOKEN, 400),
    "method-end": (lambda b: get(b"GET" + b + b"/healthz HTTP/1.1"), TOKEN | {32}, 400),
    "path": (lambda b: get(b"GET /heal" + b + b"thz HTTP/1.1"), PATH | set(b"?"), 400),
    "path-start": (lambda b: get(b"GET " + b + b"healthz HTTP/1.1"), set(b"/*"), 400),
    "query": (lambda b: get(b"GET /healthz?a" + b + b"c HTTP/1.1"), QUERY, 400),
    "target-end": (lambda b: get(b"GET /healthz" + b + b"HTTP/1.1"), PATH | QUERY | {32}, 400),
    "scheme": (lambda b: get(b"GET http" + b + b"//x/healthz HTTP/1.1"), set(b":"), 400),
    "protocol": (lambda b: get(b"GET /healthz HT" + b + b"P/1.1"), set(b"T"), 400),
    "protocol-slash": (lambda b: get(b"GET /healthz HTTP" + b + b"1.1"), set(b"/"), 400),
    "major": (lambda b: get(b"GET /healthz HTTP/" + b + b".1"), set(b"1"), {400, 505}),
    "version-dot": (lambda b: get(b"GET /healthz HTTP/1" + b + b"1"), set(b"."), {400, 505}),
    "minor": (lambda b: get(b"GET /healthz HTTP/1." + b), set(b"01"), {400, 505}),
    "version-end": (lambda b: get(b"GET /healthz HTTP/1.1" + b), set(), {400, 505}),
    "before": (lambda b: b + get(), TOKEN | set(b"\r\n"), 400),
    "name": (lambda b: get(more=b"A" + b + b"c: d\r\n"), TOKEN | set(b":"), 400),
    "name-start": (lambda b: get(more=b + b"A: b\r\n"), TOKEN, 400),
    "name-end": (lambda b: get(more=b"A" + b + b" b\r\n"), set(b":"), 400),
    "value": (lambda b: get(more=b"A: b" + b + b"c\r\n"), VALUE, 400),
    "value-start": (lambda b: get(more=b"A:" + b + b"c\r\n"), VALUE, 400),
    "value-end": (lambda b: get(more=b"A: b" + b + b"\r\n"), VALUE, 400),
    "host": (lambda b: get(host=b"Host: a" + b + b"c"), HOST | set(b":"), 400),
    "host-port": (lambda b: get(host=b"Host: a:1" + b + b"2"), set(b"0123456789"), 400),
    "host-end": (lambda b: get(host=b"Host: [::1" + b), set(b"]"), 400),
    "length": (lambda b: post(b"Content-Length: 1" + b + b"1"), set(b"0123456789"), {400, 413}),
    "length-start": (lambda b: post(b"Content-Length: " + b + b"1"), set(b"0123456789 \t"), 400),
    "length-end": (lambda b: post(b"Content-Length: 1" + b), set(b"0123456789 \t"), 400),
    "coding": (lambda b: post(b"Transfer-Encoding: chun" + b + b"ked"), set(), 400),
    "coding-start": (lambda b: post(b"Transfer-Encoding: " + b + b"chunked"), set(b" \t"), 400),
    "coding-end": (lambda b: post(b"Transfer-Encoding: chunked" + b), set(b" \t"), 400),
    "chunk-size": (lambda b: chunked(b"1" + b + b"\r\n" + b"x" * 300), HEX | set(b";"), 400),
    "chunk-start": (lambda b: chunked(b + b"1\r\nx\r\n0\r\n\r\n"), HEX, 400),
    "chunk-extension": (lambda b: chunked(b"1;a" + b + b"\r\nx\r\n0\r\n\r\n"), VALUE, 400),
    "chunk-data-cr": (lambda b: chunked(b"1\r\nx" + b + b"\n0\r\n\r\n"), set(b"\r"), 400),
    "chunk-data-lf": (lambda b: chunked(b"1\r\nx\r" + b + b"0\r\n\r\n"), set(b"\n"), 400),
    "chunk-size-lf": (lambda b: chunked(b"1\r" + b + b"x\r\n0\r\n\r\n"), set(b"\n"), 400),
    "chunk-last": (lambda b: chunked(b"1\r\nx\r\n0" + b + b"\r\n\r\n"), HEX | set(b";"), 400),
    "chunk-last-lf": (lambda b: chunked(b"1\r\nx\r\n0\r" + b + b"\r\n"), set(b"\n"), 400),
    "chunk-end-lf": (lambda b: chunked(b"1\r\nx\r\n0\r\n\r" + b), set(b"\n"), 400),
    "trailer-name": (lambda b: chunked(b"1\r\nx\r\n0\r\nT" + b + b"U: v\r\n\r\n"), TOKEN | set(b":"), 400),
    "trailer-value": (lambda b: chunked(b"1\r\nx\r\n0\r\nT: u" + b + b"v\r\n\r\n"), VALUE, 400),
    "line-cr": (lambda b: b"GET /healthz HTTP/1.1" + b + b"\nHost: x\r\n\r\n", set(b"\r"), {400, 505}),
    "line-lf": (lambda b: b"GET /healthz HTTP/1.1\r" + b + b"Host: x\r\n\r\n", set(b"\n"), 400),
    "field-cr": (lambda b: b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: b" + b + b"\nC: d\r\n\r\n", set(b"\r"), 400),
    "field-lf": (lambda b: b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\r" + b + b"C: d\r\n\r\n", set(b"\n"), 400),
    "head-lf": (lambda b: b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r" + b, set(b"\n"), 400),
}


def framing_cases():
    for place, (make, allowed, status) in BYTES.items():
        for byte in range(256):
            if byte not in allowed:
                yield f"{place}-{byte:02x}", make(bytes([byte])) + BEHIND, status


def answer_of(port, data):
    with socket.create_connection(("127.0.0.1", port), 30) as s:
        try:
            s.sendall(data)
        except OSError:
            pass
        return read_to_end(s, env.PATIENCE)


def run_all(daemon, cases):
    def one(case):
        name, data, wanted = case
        out, closed = answer_of(daemon.port, data)
        found = [int(x) for x in re.findall(rb"HTTP/1\.1 (\d\d\d) ", out)]
        wanted = wanted if isinstance(wanted, set) else {wanted}
        good = closed and len(found) == 1 and found[0] in wanted
        return None if good else (name, data[:200], found, closed)
    with ThreadPoolExecutor(8) as pool:
        wrong = [w for w in pool.map(one, cases) if w]
    assert not wrong, f"{len(wrong)} wrong, such as {wrong[:8]}"


def test_there_are_enough():
    assert len(list(framing_cases())) >= 2000


def test_every_byte_everywhere(daemon):
    run_all(daemon, list(framing_cases()))
    assert daemon.show("behind@example.com") is None
    assert daemon.show("front@example.com") is None


# ---- bodies: well framed, and still no form ----
def body_of(kind, body):
    return get(b"POST /subscribe HTTP/1.1", more=b"Content-Type: %s\r\nConnection: close\r\n"
               b"Content-Length: %d\r\n" % (kind, len(body))) + body


URLENCODED = b"application/x-www-form-urlencoded"
JSON = json.dumps({"email": "json@example.com", "list": "weekly", "name": "J\u00f6 \U0001f600",
                   "contact": {"first_name": "x"}, "tag": ["a", "b"], "n": [1, 2.5e3, True, None]}).encode()
PARTS = multipart([("email", "parts@example.com"), ("list", "weekly"), ("name", "x")], "xYzZY")
BAD_UTF8 = [b"\x80", b"\xc0\x80", b"\xc3", b"\xc3\x28", b"\xe2\x82", b"\xe2\x28\xa1", b"\xed\xa0\x80",
            b"\xf0\x9f\x98", b"\xf0\x28\x8c\xbc", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xff", b"\xfe"]
NOT_JSON = ["", "nil", "'a'", "{'email': 1}", "{email: 1}", "{\"email\": }", "{\"email\"}", "{,}", "{\"a\": 1,}",
            "[\"email\"]", "\"email\"", "1", "true", "{\"a\": 01}", "{\"a\": +1}", "{\"a\": .5}", "{\"a\": 1.}",
            "{\"a\": NaN}", "{\"a\": Infinity}", "{\"a\": 1e999}", "{\"a\": \"\\x\"}", "{\"a\": \"\\u12\"}",
            "{\"a\": \"\\ud800\"}", "{\"a\": \"\\u0000\"}", "{\"a\": \"\n\"}", "{\"a\": 1} x", "{\"a\": 1}{\"b\": 2}",
            "\ufeff{\"a\": 1}", "{\"a\": /* x */ 1}", "{\"a\": 0x10}", "{\"a\": \"b\" \"c\"}", "[" * 3000,
            "{\"a\":" * 1000]


def body_cases():
    for byte in range(256):
        if byte not in HEX:
            yield f"escape-{byte:02x}", body_of(URLENCODED, b"email=a%4" + bytes([byte])), 400
            yield f"escape-first-{byte:02x}", body_of(URLENCODED, b"email=a%" + bytes([byte]) + b"0"), 400
    for i, bad in enumerate(BAD_UTF8):
        escaped = b"".join(b"%%%02x" % c for c in bad)
        yield f"utf8-{i}", body_of(URLENCODED, b"email=a" + bad), 400
        yield f"utf8-escaped-{i}", body_of(URLENCODED, b"email=a" + escaped), 400
        yield f"utf8-name-{i}", body_of(URLENCODED, escaped + b"=a&email=a%40b.de"), 400
        yield f"utf8-json-{i}", body_of(b"application/json", b"{\"email\": \"" + bad + b"\"}"), 400
        yield f"utf8-parts-{i}", body_of(b"multipart/form-data; boundary=xYzZY",
                                         multipart([("email", bad)], "xYzZY")), 400
    for name in (b"email=%00", b"email=a%00b", b"%00=a&email=a%40b.de"):
        yield f"nul-{name}", body_of(URLENCODED, name), 400
    for i in range(len(JSON)):
        yield f"json-cut-{i}", body_of(b"application/json", JSON[:i]), 400
    for i, text in enumerate(NOT_JSON):
        yield f"not-json-{i}", body_of(b"application/json", text.encode()), 400
    for i in range(len(PARTS) - 4):
        yield f"parts-cut-{i}", body_of(b"multipart/form-data; boundary=xYzZY", PARTS[:i]), 400
    for i, kind in enumerate((b"multipart/form-data", b"multipart/form-data; boundary=",
                              b"multipart/form-data; boundary=\"", b"multipart/form-data; boundary=" + b"x" * 71,
                              b"multipart/form-data; boundary=a; boundary=b")):
        yield f"boundary-{i}", body_of(kind, PARTS), {400, 415}
    for i, kind in enumerate((b"text/plain", b"text/xml", b"application/xml", b"application/octet-stream",
                              b"multipart/mixed; boundary=xYzZY", b"application/x-www-form-urlencodedx",
                              b"application/jsonp", b"x", b"/", b"image/png", b"application/json+x")):
        yield f"type-{i}", body_of(kind, BODY), 415


def test_bodies(daemon):
    cases = list(body_cases())
    assert len(cases) > 800
    run_all(daemon, cases)
    for name in ("json", "parts"):
        assert daemon.show(f"{name}@example.com") is None


def test_the_table_is_not_made_of_walls(daemon):
    """What may stand somewhere is taken there: one of each, as a check of the
    table itself."""
    for place in ("method", "path", "query", "host", "name", "value", "trailer-value"):
        make, allowed, _ = BYTES[place]
        for byte in sorted(allowed - set(b"?%:"))[::9]:
            out, _ = answer_of(daemon.port, make(bytes([byte])) + get(more=b"Connection: close\r\n"))
            assert b"HTTP/1.1 200 " in out, (place, byte, out[:200])
