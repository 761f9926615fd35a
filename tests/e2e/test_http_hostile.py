# SPDX-License-Identifier: ISC
"""Requests that no honest client sends: what is malformed is refused and the
connection closed, so that nothing behind it is ever taken for a request."""
import re
import socket
import time

import pytest

from harness import env
from harness.web import read_to_end

# What would be answered 200 if a smuggled request came through.
SMUGGLED = b"GET /assets/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b"email=smuggle%40example.com"
HEAD = b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CL = b"Content-Length: %d\r\n" % len(BODY)
TE = b"Transfer-Encoding: chunked\r\n"


def get(*headers, line=b"GET /healthz HTTP/1.1", host=b"Host: x"):
    lines = [line] + ([host] if host is not None else []) + list(headers)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def post(*headers, body=BODY):
    return HEAD + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body


def chunked(body):
    return post(b"Transfer-Encoding: chunked", body=body)


BAD = {
    # Two lengths, or a length and a coding
    "cl-te": post(CL.strip(), TE.strip(), body=b"0\r\n\r\n" + SMUGGLED),
    "te-cl": post(TE.strip(), CL.strip(), body=b"0\r\n\r\n" + SMUGGLED),
    "cl-cl": post(b"Content-Length: 5", b"Content-Length: 6", body=b"abcdef"),
    "cl-cl-same": post(CL.strip(), CL.strip()),
    "cl-list": post(b"Content-Length: 5, 5", body=b"abcde"),
    "cl-plus": post(b"Content-Length: +5", body=b"abcde"),
    "cl-minus": post(b"Content-Length: -5", body=b"abcde"),
    "cl-hex": post(b"Content-Length: 0x5", body=b"abcde"),
    "cl-empty": post(b"Content-Length: ", body=b"abcde"),
    "cl-blank-inside": post(b"Content-Length: 1 2", body=b"abcde"),
    "cl-letters": post(b"Content-Length: five", body=b"abcde"),
    "cl-underscore": post(b"Content-Length: 1_0", body=b"abcdefghij"),
    "cl-float": post(b"Content-Length: 5.0", body=b"abcde"),
    "cl-overflow-64": post(b"Content-Length: 18446744073709551621", body=b"abcde"),
    "cl-overflow-63": post(b"Content-Length: 9223372036854775813", body=b"abcde"),
    "cl-overflow-32": post(b"Content-Length: 4294967301", body=b"abcde"),
    "cl-huge": post(b"Content-Length: " + b"9" * 100, body=b"abcde"),
    "cl-arabic-digits": post("Content-Length: ٥".encode(), body=b"abcde"),
    # Codings
    "te-identity": post(b"Transfer-Encoding: identity", body=b"0\r\n\r\n"),
    "te-gzip": post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "te-chunked-gzip": post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"),
    "te-chunked-twice": post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"),
    "te-two-headers": post(TE.strip(), TE.strip(), body=b"0\r\n\r\n"),
    "te-two-kinds": post(TE.strip(), b"Transfer-Encoding: identity", body=b"0\r\n\r\n"),
    "te-xchunked": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "te-quoted": post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"),
    "te-vtab": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "te-empty": post(b"Transfer-Encoding: ", body=b"0\r\n\r\n"),
    "te-comma": post(b"Transfer-Encoding: ,chunked", body=b"0\r\n\r\n"),
    "te-parameter": post(b"Transfer-Encoding: chunked;q=1", body=b"0\r\n\r\n"),
    "te-space-before-colon": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "te-http10": chunked(b"0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    # Chunks
    "chunk-0x": chunked(b"0x5\r\nabcde\r\n0\r\n\r\n"),
    "chunk-plus": chunked(b"+5\r\nabcde\r\n0\r\n\r\n"),
    "chunk-minus": chunked(b"-5\r\nabcde\r\n0\r\n\r\n"),
    "chunk-blank-before": chunked(b" 5\r\nabcde\r\n0\r\n\r\n"),
    "chunk-empty-size": chunked(b"\r\nabcde\r\n0\r\n\r\n"),
    "chunk-letters": chunked(b"g\r\nabcde\r\n0\r\n\r\n"),
    "chunk-overflow": chunked(b"10000000000000005\r\nabcde\r\n0\r\n\r\n"),
    "chunk-lf": chunked(b"5\nabcde\r\n0\r\n\r\n"),
    "chunk-cr": chunked(b"5\rabcde\r\n0\r\n\r\n"),
    "chunk-data-short": chunked(b"5\r\nabc\r\n0\r\n\r\n"),
    "chunk-data-long": chunked(b"5\r\nabcdef\r\n0\r\n\r\n"),
    "chunk-data-lf": chunked(b"5\r\nabcde\n0\r\n\r\n"),
    "chunk-last-lf": chunked(b"5\r\nabcde\r\n0\n\r\n"),
    "chunk-extension-nul": chunked(b"5;a=\0\r\nabcde\r\n0\r\n\r\n"),
    "chunk-extension-lf": chunked(b"5;a\nb\r\nabcde\r\n0\r\n\r\n"),
    "trailer-bad": chunked(b"5\r\nabcde\r\n0\r\nbad trailer\r\n\r\n"),
    "trailer-fold": chunked(b"5\r\nabcde\r\n0\r\nA: b\r\n c\r\n\r\n"),
    # Host
    "host-none": get(host=None),
    "host-two": get(b"Host: y"),
    "host-two-same": get(b"Host: x"),
    "host-empty-then-one": get(b"Host: y", host=b"Host:"),
    "host-space": get(host=b"Host: a b"),
    "host-slash": get(host=b"Host: a/b"),
    "host-user": get(host=b"Host: a@b"),
    "host-comma": get(host=b"Host: a, b"),
    "host-port-letters": get(host=b"Host: a:b"),
    "host-port-large": get(host=b"Host: a:65536"),
    "host-nul": get(host=b"Host: a\0b"),
    "host-utf8": get(host="Host: bücher".encode()),
    "host-bracket": get(host=b"Host: [::1"),
    "host-quote": get(host=b'Host: "a"'),
    # Header lines
    "fold-space": get(b"A: b\r\n c"),
    "fold-tab": get(b"A: b\r\n\tc"),
    "fold-first": b"GET /healthz HTTP/1.1\r\n A: b\r\nHost: x\r\n\r\n",
    "space-before-colon": get(b"A : b"),
    "tab-before-colon": get(b"A\t: b"),
    "no-colon": get(b"Nonsense"),
    "empty-name": get(b": b"),
    "name-blank": get(b"A b: c"),
    "name-nul": get(b"A\0: c"),
    "name-utf8": get("Ä: c".encode()),
    "name-bracket": get(b"A(b): c"),
    "value-nul": get(b"A: b\0c"),
    "value-bell": get(b"A: b\x07c"),
    "value-del": get(b"A: b\x7fc"),
    "value-escape": get(b"A: \x1b[31m"),
    "value-cr": get(b"A: b\rc"),
    "value-cr-end": get(b"A: b\r"),
    "value-lf": get(b"A: b\nB: c"),
    "lf-only": b"GET /healthz HTTP/1.1\nHost: x\n\n",
    "lf-last": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\n",
    "lf-first": b"GET /healthz HTTP/1.1\nHost: x\r\n\r\n",
    "cr-only": b"GET /healthz HTTP/1.1\rHost: x\r\r" + b"\n",
    # The request line
    "no-version": b"GET /healthz\r\nHost: x\r\n\r\n",
    "version-0.9": get(line=b"GET /healthz HTTP/0.9"),
    "version-lower": get(line=b"GET /healthz http/1.1"),
    "version-1.10": get(line=b"GET /healthz HTTP/1.10"),
    "version-rubbish": get(line=b"GET /healthz HTTP/1.1x"),
    "two-blanks": get(line=b"GET  /healthz HTTP/1.1"),
    "two-blanks-end": get(line=b"GET /healthz  HTTP/1.1"),
    "tab": get(line=b"GET\t/healthz\tHTTP/1.1"),
    "blank-first": get(line=b" GET /healthz HTTP/1.1"),
    "blank-last": get(line=b"GET /healthz HTTP/1.1 "),
    "target-blank": get(line=b"GET /health z HTTP/1.1"),
    "target-nul": get(line=b"GET /health\0z HTTP/1.1"),
    "target-control": get(line=b"GET /health\x01z HTTP/1.1"),
    "target-utf8": get(line="GET /hé HTTP/1.1".encode()),
    "target-no-slash": get(line=b"GET healthz HTTP/1.1"),
    "target-star": get(line=b"GET * HTTP/1.1"),
    "target-fragment": get(line=b"GET /healthz#x HTTP/1.1"),
    "target-bad-escape": get(line=b"GET /health%zz HTTP/1.1"),
    "target-half-escape": get(line=b"GET /health%2 HTTP/1.1"),
    "target-escaped-nul": get(line=b"GET /subscribe/weekly%00 HTTP/1.1"),
    "method-control": get(line=b"G\x01T /healthz HTTP/1.1"),
    "method-bracket": get(line=b"G(T /healthz HTTP/1.1"),
    "method-empty": get(line=b" /healthz HTTP/1.1"),
    "h2-preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "tls-hello": bytes.fromhex("16030100c2010000be0303") + bytes(190),
    "connect": get(line=b"CONNECT x:443 HTTP/1.1"),
    "proxy-line": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + get(),
    "nuls": b"\0" * 64 + b"\r\n\r\n",
}
STATUS_OF = {
    "version-0.9": {400, 505}, "version-1.10": {400, 505}, "h2-preface": {400, 505},
    "te-gzip": {400, 501}, "te-identity": {400, 501}, "te-xchunked": {400, 501},
    "te-chunked-gzip": {400, 501}, "cl-huge": {400, 413}, "cl-overflow-32": {400, 413},
    "cl-overflow-63": {400, 413}, "cl-overflow-64": {400, 413},
    "chunk-overflow": {400, 413}, "connect": {400, 405, 501}, "target-escaped-nul": {400, 404},
}
STAYS_OPEN = {"connect", "target-escaped-nul"}


def statuses(out):
    return [int(s) for s in re.findall(rb"HTTP/1\.1 (\d\d\d) ", out)]


@pytest.mark.parametrize("name", list(BAD))
def test_malformed(daemon, name):
    out, closed = daemon.web.raw(BAD[name] + SMUGGLED,
                                 timeout=1 if name in STAYS_OPEN else 15)
    found = statuses(out)
    assert found and found[0] in STATUS_OF.get(name, {400}), (name, out[:300])
    if name not in STAYS_OPEN:
        assert closed and len(found) == 1, (name, out[:600])
        assert b"onnection: close" in out
    assert daemon.show("smuggle@example.com") is None


def limit_case(daemon, data, wanted):
    out, closed = daemon.web.raw(data, timeout=15 if wanted >= 400 else 2)
    assert statuses(out)[:1] == [wanted], out[:300]
    assert closed or wanted < 400


@pytest.mark.parametrize("size,status", [(8192, 200), (8193, 414), (20000, 414)])
def test_request_line_limit(daemon, size, status):
    line = b"GET /healthz?%s HTTP/1.1"
    line = line % (b"x" * (size - len(line) + 2 - 2))       # with its CRLF
    limit_case(daemon, get(b"Connection: close", line=line), status)


@pytest.mark.parametrize("count,status", [(63, 200), (64, 200), (65, 431)])
def test_number_of_headers(daemon, count, status):
    extra = [b"X%d: y" % i for i in range(count - 2)]
    limit_case(daemon, get(b"Connection: close", *extra), status)


@pytest.mark.parametrize("size,status", [(16000, 200), (16500, 431), (100000, 431)])
def test_size_of_headers(daemon, size, status):
    limit_case(daemon, get(b"Connection: close", b"X: " + b"y" * (size - 60)), status)


def test_endless_line_is_cut(daemon):
    out, closed = daemon.web.raw(b"GET /" + b"a" * 200000)
    assert closed and statuses(out) in ([414], [])


def test_too_large_a_body_is_refused_unread(daemon):
    out, closed = daemon.web.raw(post(b"Content-Length: 100000000", body=b""))
    assert statuses(out) == [413] and closed
    out, closed = daemon.web.raw(chunked(b"ffff\r\n" + b"x" * 20000))
    assert statuses(out) == [413] and closed


def test_expect_100_continue(daemon):
    data = post(b"Expect: 100-continue", CL.strip(), b"Connection: close")
    out, _ = daemon.web.raw(data, timeout=5)
    assert statuses(out)[-1] in (202, 303, 417)


def test_pipelined_requests_are_answered_in_order(daemon):
    data = get() + get(line=b"GET /nothing HTTP/1.1") + get(b"Connection: close")
    out, closed = daemon.web.raw(data)
    assert statuses(out) == [200, 404, 200] and closed


def test_bytewise_requests_are_the_same(daemon):
    address = b"byte.wise%40example.com"
    data = post(b"Transfer-Encoding: chunked", b"Connection: close",
                body=b"6;x=1\r\nemail=\r\n%x\r\n%s\r\n0\r\nT: u\r\n\r\n" % (len(address), address))
    with socket.create_connection(("127.0.0.1", daemon.port)) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(len(data)):
            s.sendall(data[i:i + 1])
        out, closed = read_to_end(s, 15)
    assert statuses(out) in ([202], [303])
    daemon.mails.wait("byte.wise@example.com")


def test_http10(daemon):
    out, closed = daemon.web.raw(b"GET /healthz HTTP/1.0\r\nHost: x\r\n\r\n", timeout=5)
    assert statuses(out) in ([200], [505], [400]) and closed


def test_head_has_no_body(daemon):
    out, _ = daemon.web.raw(get(b"Connection: close", line=b"HEAD /subscribe/weekly HTTP/1.1"))
    assert statuses(out) == [200] and out.endswith(b"\r\n\r\n")


def test_a_body_with_head_or_get_smuggles_nothing(daemon):
    for method in (b"GET", b"HEAD"):
        data = get(b"Content-Length: %d" % len(SMUGGLED), line=method + b" /healthz HTTP/1.1")
        out, _ = daemon.web.raw(data + SMUGGLED + get(b"Connection: close"), timeout=5)
        assert 404 not in statuses(out), out[:400]


# ---- paths and methods ----
ODD_PATHS = ["/subscribe/", "//subscribe", "/subscribe//weekly", "/subscribe/weekly/",
             "/./subscribe", "/a/../subscribe", "/subscribe%2fweekly", "/%73ubscribe",
             "/SUBSCRIBE", "/subscribe/.", "/subscribe;x=1", "/subscribe/weekly;x",
             "/subscribe/%77eekly", "/subscribe\\weekly", "/subscribe/weekly%20",
             "/healthz/", "/%68ealthz", "/confirm/", "/unsubscribe/", "/unsubscribe",
             "/admin", "/status", "/metrics", "/v1/status", "/.git/config", "/assets", "/assets/"]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_only_one_form_of_a_path_exists(daemon, path):
    for method, body in (("GET", None), ("POST", "email=odd.path%40example.com")):
        answer = daemon.web.request(method, path, {
            "Content-Type": "application/x-www-form-urlencoded"}, body)
        assert answer.status in (400, 404, 405), (method, path, answer)
    assert daemon.show("odd.path@example.com") is None


@pytest.mark.parametrize("path,allowed", [
    ("/subscribe", {"POST", "OPTIONS"}), ("/subscribe/weekly", None), ("/pending/weekly", None),
    ("/healthz", None), ("/readyz", None), ("/confirm/" + "A" * 34, None),
    ("/unsubscribe/" + "A" * 34, None), ("/notme/" + "A" * 34, None)])
def test_wrong_methods(daemon, path, allowed):
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW", "get", "PROPFIND"):
        answer = daemon.web.request(method, path)
        assert answer.status == 405, (method, path, answer)
        offered = {m.strip() for m in answer.header("allow").split(",")}
        assert offered <= {"GET", "HEAD", "POST", "OPTIONS"} and offered
        if allowed:
            assert offered == allowed
    assert daemon.web.get("/subscribe").status in (405,)


def test_wrong_method_in_json(daemon):
    answer = daemon.web.request("PUT", "/subscribe", {"Accept": "application/json"})
    assert answer.status == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
    answer = daemon.web.request("GET", "/nothing", {"Accept": "application/json"})
    assert answer.status == 404
    assert answer.json()["error"]["code"] == "not_found"


# ---- slow ones ----
def test_deadlines(daemon):
    """Half a head is given 10 s, an idle connection 5 s, a body that drips
    below 500 B/s not much longer; all of them wait at the same time."""
    kinds = {"head": (get()[:20], 10), "body": (post(CL.strip())[:-5], 6),
             "idle": (get(), 5)}
    open_ones, start = {}, time.monotonic()
    for name, (data, _) in kinds.items():
        s = socket.create_connection(("127.0.0.1", daemon.port))
        s.sendall(data)
        s.settimeout(0.05)
        open_ones[name] = s
    ended = {}
    dripped = 0
    while open_ones and time.monotonic() - start < 40:
        if time.monotonic() - start > dripped + 1 and "head" in open_ones:
            dripped += 1
            try:
                open_ones["head"].sendall(b"a")
            except OSError:
                pass
        for name, s in list(open_ones.items()):
            try:
                if s.recv(65536) == b"":
                    raise ConnectionResetError
            except TimeoutError:
                continue
            except OSError:
                ended[name] = time.monotonic() - start
                s.close()
                del open_ones[name]
    assert not open_ones, f"still open: {list(open_ones)}"
    for name, (_, limit) in kinds.items():
        assert limit - 2 <= ended[name] <= limit + 6, ended


def test_many_bad_connections_leave_room_for_honest_ones(daemon):
    idle = [socket.create_connection(("127.0.0.1", daemon.port)) for _ in range(40)]
    for s in idle:
        s.sendall(b"GET /healthz HTT")
    start = time.monotonic()
    for _ in range(20):
        assert daemon.web.get("/healthz").status == 200
    assert time.monotonic() - start < (20 if env.SANITIZED else 5)
    for s in idle:
        s.close()


def test_client_that_goes_away(daemon, address):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", daemon.port)) as s:
            s.sendall(post(CL.strip()).replace(b"smuggle", b"gone.away"))
    assert daemon.web.get("/healthz").status == 200
    daemon.subscribe(address)
    daemon.mails.wait(address)
