# SPDX-License-Identifier: ISC
"""Requests on whose end two servers could disagree, from a table.

Each vector is an outer request, built so that a reader who takes its framing
otherwise than we do finds a second one inside, or none where there is one.
`statuses` is what must come back when it is sent to us directly: a number, or
a set of them, for each answer; behind the last one the connection is closed.
"""
OUTER = b"email=outer%40example.com"
LINE = b"POST /subscribe HTTP/1.1"
# What it would mean to act on this: nobody who lets a proxy add an address
# behind this one can have sent it.
INNER = (b"POST /subscribe HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n"
         b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
         b"X-Forwarded-For: 192.0.2.66\r\nContent-Length: 25\r\n\r\nemail=inner%40example.com")
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(OUTER), OUTER)
TE, CL = b"Transfer-Encoding: chunked", b"Content-Length: %d" % len(OUTER)
BAD, TWO = [{400, 501}], [202, 202]


class Vector:
    def __init__(self, name, data, statuses):
        self.name, self.data = name, data
        self.statuses = [s if isinstance(s, set) else {s} for s in statuses]

    def __repr__(self):
        return f"<{self.name}: {self.data[:400]!r}>"


def outer(*lines, body=OUTER, line=LINE, host=b"Host: x"):
    head = [line, host, b"Accept: application/json",
            b"Content-Type: application/x-www-form-urlencoded", *lines]
    return b"\r\n".join(h for h in head if h is not None) + b"\r\n\r\n" + body + INNER


# ---- codings ----
CODINGS_GOOD = [b"Transfer-Encoding: chunked", b"transfer-encoding: chunked",
                b"TRANSFER-ENCODING: CHUNKED", b"Transfer-Encoding:chunked",
                b"Transfer-Encoding:\tChunked", b"Transfer-Encoding: \t chunked \t "]
CODING_VALUES_BAD = [
    b"chunked, chunked", b"chunked,", b",chunked", b", chunked", b"chunked ,identity",
    b"identity, chunked", b"identity", b"gzip", b"gzip, chunked", b"chunked, gzip", b"deflate",
    b"compress", b"xchunked", b"chunkedx", b"chunke", b"chun\0ked", b"chunked\0", b"\0chunked",
    b"\x0bchunked", b"chunked\x0b", b"\x0cchunked", b"chunked\x0c", b"\x1fchunked", b"chunked\x7f",
    b"\x08chunked", b"\xa0chunked", b"chunked\xa0", b"\x85chunked", b"\xc2\xa0chunked",
    b"\xe2\x80\x8bchunked", b"\xef\xbb\xbfchunked", b'"chunked"', b"'chunked'", b"chunked;q=1",
    b"chunked; foo=bar", b"chunked chunked", b"chun ked", b"chunked/1", b"cow", b"", b" ", b"0",
    b"null", b"chunked,identity", b"[chunked]", b"(chunked)", b"chunked#", b"chunked\\",
    b"c\xc5\xbfhunked", b"chunKed\xe2\x84\xaa", b"trailers", b"chunked\r\n\tx", b"\r\n chunked",
    b"\r\n\tchunked", b"\n chunked", b"chunked\n", b"chunked\r", b"\rchunked", b"chunked\r\r"]
CODING_LINES_BAD = [b"Transfer-Encoding: " + v for v in CODING_VALUES_BAD] + [
    b"Transfer-Encoding : chunked", b"Transfer-Encoding\t: chunked", b"Transfer-Encoding\0: chunked",
    b"Transfer-Encoding\x0b: chunked", b"Transfer-Encoding\r: chunked",
    b"Transfer-Encoding\xa0: chunked", b"Transfer-Encoding;: chunked", b"Transfer-Encoding= chunked",
    b"Transfer-Encoding chunked", b" Transfer-Encoding: chunked", b"\tTransfer-Encoding: chunked",
    b":Transfer-Encoding: chunked", b"\0Transfer-Encoding: chunked", b"\xffTransfer-Encoding: chunked",
    b"Transfer\xadEncoding: chunked", b"Transfer Encoding: chunked", b"Transfer-\r\n Encoding: chunked",
    b"X: y\nTransfer-Encoding: chunked", b"X: y\rTransfer-Encoding: chunked",
    b"X: y\r\rTransfer-Encoding: chunked", b"X: y\n\rTransfer-Encoding: chunked",
    b"X: y\r\n\rTransfer-Encoding: chunked", b"X:\nTransfer-Encoding: chunked",
    TE + b"\r\n" + TE, TE + b"\r\nTransfer-Encoding: identity", TE + b"\r\nTransfer-Encoding: x",
    b"Transfer-Encoding: x\r\n" + TE, b"Transfer-Encoding: identity\r\n" + TE,
    b"Transfer-Encoding:\r\n" + TE, TE + b"\r\ntransfer-encoding: chunked"]
NAMES_OTHER = [b"Transfer_Encoding", b"Transfer.Encoding", b"X-Transfer-Encoding",
               b"Transfer-Encodin", b"Transfer-Encoding2", b"TransferEncoding", b"TE",
               b"Content-Transfer-Encoding", b"Transfer-Encoding-", b"!Transfer-Encoding"]


def codings():
    whole = b"Content-Length: %d" % (len(CHUNKS) + len(INNER))
    for i, line in enumerate(CODINGS_GOOD):
        yield f"coding-{i}", outer(line, body=CHUNKS), TWO
        yield f"coding-{i}-cl", outer(line, whole, body=CHUNKS), BAD
        yield f"coding-{i}-cl-first", outer(b"Content-Length: 4", line, body=CHUNKS), BAD
        yield f"coding-{i}-cl-zero", outer(b"Content-Length: 0", line, body=CHUNKS), BAD
        yield f"coding-{i}-1.0", outer(line, body=CHUNKS, line=LINE[:-1] + b"0"), BAD
    for i, line in enumerate(CODING_LINES_BAD):
        yield f"coding-bad-{i}", outer(line, body=CHUNKS), BAD
        yield f"coding-bad-{i}-cl", outer(CL, line), BAD
        yield f"coding-bad-{i}-cl-last", outer(line, whole, body=CHUNKS), BAD
    for i, name in enumerate(NAMES_OTHER):
        yield f"coding-other-{i}", outer(CL, name + b": chunked"), TWO


# ---- lengths ----
N = b"%d" % len(OUTER)
LENGTHS_GOOD = [N, b" " + N, b"\t" + N + b" \t", b"0" + N, b"00000000" + N]
LENGTHS_BAD = [
    b"+" + N, b"-" + N, b"0x19", b"0b11001", b"0o31", b"1_9", b"25.0", b"2.5e1", b"25,", b",25",
    b"25, 25", b"25,25", b"25 25", b"2 5", b"25;", b"25; x=y", b'"25"', b"'25'", b"25\0", b"\x0025",
    b"2\x005", b"25\x0b", b"\x0b25", b"\x0c25", b"25\x1f", b"25\x7f", b"25\xa0", b"\xa025",
    b"\xd9\xa2\xd9\xa5", b"\xef\xbc\x92\xef\xbc\x95", b"twentyfive", b"", b" ", b"NaN", b"inf", b"-0",
    b"+0", b"0-25", b"25-", b"25\r\n 0", b"25\r\n\t0", b"\r\n 25", b"25\n", b"25\r", b"\r25", b"25/1",
    b"2\r\n5", b"(25)", b"25%00", b"%32%35", b"25h", b"19h", b"25L", b"$25", b"null"]
# Too large to be true, one way or the other.
LENGTHS_HUGE = [b"18446744073709551641", b"18446744073709551615", b"9223372036854775833",
                b"9223372036854775807", b"4294967321", b"4294967295", b"2147483673",
                b"99999999999999999999999999", b"16385", b"1" + b"0" * 300]


def lengths():
    for i, value in enumerate(LENGTHS_GOOD):
        yield f"length-{i}", outer(b"Content-Length:" + value), TWO
    for i, value in enumerate(LENGTHS_BAD):
        line = b"Content-Length: " + value
        yield f"length-bad-{i}", outer(line), BAD
        yield f"length-bad-{i}-then-good", outer(line, CL), BAD
        yield f"length-bad-{i}-after-good", outer(CL, line), BAD
    for i, value in enumerate(LENGTHS_HUGE):
        yield f"length-huge-{i}", outer(b"Content-Length: " + value), [{400, 413}]
        yield f"length-huge-{i}-after-good", outer(CL, b"Content-Length: " + value), BAD
    for i, value in enumerate((N, b"0", b"24", b"26", b"%d" % (len(OUTER) + len(INNER)))):
        yield f"length-twice-{i}", outer(CL, b"Content-Length: " + value), BAD
        yield f"length-twice-{i}-case", outer(b"content-length: " + value, CL), BAD
        yield f"length-twice-{i}-apart", outer(CL, b"A: b", b"C: d", b"CONTENT-LENGTH: " + value), BAD
    for i, name in enumerate((b"Content_Length", b"Content.Length", b"X-Content-Length", b"ContentLength",
                              b"Content-Lengt", b"Content-Length2", b"Length")):
        yield f"length-other-{i}", outer(CL, name + b": 0"), TWO
    for i, name in enumerate((b"Content-Length ", b"Content-Length\t", b" Content-Length", b"\tContent-Length",
                              b"Content-Length\0", b"Content-Length\x0b", b"Content-Length\xa0",
                              b"Content Length", b"\0Content-Length", b"Content-\r\n Length")):
        yield f"length-name-{i}", outer(name + b": " + N), BAD
        yield f"length-name-{i}-and-good", outer(CL, name + b": 0"), BAD


# ---- chunks ----
def chunk(size, data=OUTER, end=b"\r\n", last=b"0\r\n\r\n"):
    return size + b"\r\n" + data + end + last


X = b"%x" % len(OUTER)
CHUNKS_GOOD = [
    chunk(X), chunk(X.upper()), chunk(b"0" + X), chunk(b"00000" + X), chunk(X + b";a"), chunk(X + b";a=b"),
    chunk(X + b';a="b;c"'), chunk(X + b";a;b=c"), chunk(X, last=b"0;a=b\r\n\r\n"),
    chunk(X, last=b"00\r\n\r\n"), chunk(X, last=b"0\r\nT: u\r\n\r\n"),
    chunk(X, last=b"0\r\nContent-Length: 5\r\n\r\n"), chunk(X, last=b"0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    chunk(X, last=b"0\r\nHost: evil\r\nX-Forwarded-For: 192.0.2.66\r\n\r\n"),
    b"1\r\ne\r\n" + chunk(b"%x" % (len(OUTER) - 1), OUTER[1:])]
CHUNKS_BAD = [
    chunk(b"0x" + X), chunk(b"0X" + X), chunk(b"+" + X), chunk(b"-" + X), chunk(b" " + X), chunk(b"\t" + X),
    chunk(b""), chunk(b"g"), chunk(X + b"g"), chunk(X + b","), chunk(X + b"\0"), chunk(b"\0" + X),
    chunk(X + b"\x0b"), chunk(X + b"\xa0"), chunk(b'"' + X + b'"'), chunk(X + b"h"), chunk(X + b"."),
    chunk(X + b"\r"), chunk(b"\r" + X), chunk(X + b"\n"), chunk(b"\r\n" + X), chunk(X + b" x"),
    chunk(b"1_9"), chunk(b"1 9"), chunk(b"$19"), chunk(b"\xd9\xa1"), chunk(b"-1"), chunk(b"-0"),
    X + b"\n" + OUTER + b"\r\n0\r\n\r\n", X + b"\r" + OUTER + b"\r\n0\r\n\r\n",
    X + b"\n\r" + OUTER + b"\r\n0\r\n\r\n",
    chunk(X, end=b"\n"), chunk(X, end=b"\r"), chunk(X, end=b""), chunk(X, end=b"\n\r"), chunk(X, end=b"\r\r\n"),
    chunk(X, end=b" \r\n"), chunk(X, end=b"\0\r\n"), chunk(X, data=OUTER + b"x"), chunk(X, data=OUTER[:-1]),
    chunk(X, last=b"0\n\n"), chunk(X, last=b"0\r\n\n"), chunk(X, last=b"0\n\r\n"), chunk(X, last=b"0\r\r\n\r\n"),
    chunk(X, last=b"0\r\n\r\r\n"), chunk(X, last=b"0x0\r\n\r\n"), chunk(X, last=b"-0\r\n\r\n"),
    chunk(X, last=b"+0\r\n\r\n"), chunk(X, last=b" 0\r\n\r\n"), chunk(X, last=b"0 x\r\n\r\n"),
    chunk(X, last=b"0\r\nbad trailer\r\n\r\n"), chunk(X, last=b"0\r\n: x\r\n\r\n"),
    chunk(X, last=b"0\r\nT : u\r\n\r\n"), chunk(X, last=b"0\r\nT: u\r\n v\r\n\r\n"),
    chunk(X, last=b"0\r\nT: u\nV: w\r\n\r\n"), chunk(X, last=b"0\r\nT: \0\r\n\r\n"),
    chunk(X, last=b"0\r\n \r\n\r\n"), chunk(X, last=b"0\r\nT: u\rV: w\r\n\r\n"),
    chunk(X + b";a\nb"), chunk(X + b";a\rb"), chunk(X + b";a\0b"), chunk(X + b";\x7f"),
    chunk(X + b';a="\n"'), chunk(X + b";a\n")]
CHUNKS_HUGE = [b"10000000000000019", b"8000000000000019", b"7fffffffffffffff", b"ffffffffffffffff",
               b"100000019", b"ffffffff", b"80000019", b"fffffffffffffffffff", b"0" * 40 + X, b"4001"]


def chunks():
    for i, body in enumerate(CHUNKS_GOOD):
        yield f"chunk-{i}", outer(TE, body=body), TWO
        yield f"chunk-{i}-cl", outer(TE, b"Content-Length: %d" % len(body), body=body), BAD
    for i, body in enumerate(CHUNKS_BAD):
        yield f"chunk-bad-{i}", outer(TE, body=body), BAD
    for i, size in enumerate(CHUNKS_HUGE):
        yield f"chunk-huge-{i}", outer(TE, body=chunk(size)), [{400, 413}]


# ---- everything else in a head ----
EMPTY = b"Content-Length: 0"
GET = b"GET /healthz HTTP/1.1"
HEADS = [
    # A body where none belongs, or none where one could.
    ("get-with-length", outer(b"Content-Length: %d" % len(INNER), line=GET, body=b""), BAD),
    ("get-with-zero", outer(EMPTY, line=GET, body=b""), [200, 202]),
    ("get-with-chunks", outer(TE, line=GET, body=CHUNKS), BAD),
    ("head-with-length", outer(CL, line=b"HEAD /healthz HTTP/1.1"), BAD),
    ("head-alone", outer(line=b"HEAD /healthz HTTP/1.1", body=b""), [200, 202]),
    ("options-with-length", outer(CL, b"Connection: close", line=b"OPTIONS /subscribe HTTP/1.1"), [{200, 204, 403}]),
    ("post-without", outer(body=b""), [400, 202]),
    ("delete-with-length", outer(CL, line=b"DELETE /subscribe HTTP/1.1"), [405, 202]),
    ("connect", outer(line=b"CONNECT x:80 HTTP/1.1", body=b"", host=b"Host: x:80"), BAD),
    ("upgrade-h2c", outer(CL, b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
                          b"Connection: Upgrade, HTTP2-Settings"), TWO),
    ("upgrade-websocket", outer(CL, b"Upgrade: websocket", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                                b"Sec-WebSocket-Version: 13", b"Connection: Upgrade"), TWO),
    ("h2-preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + INNER, [{400, 505}]),
    # Headers that a proxy is asked to take away on its way.
    ("connection-length", outer(CL, b"Connection: Content-Length"), TWO),
    ("connection-coding", outer(TE, b"Connection: Transfer-Encoding", body=CHUNKS), TWO),
    ("connection-host", outer(CL, b"Connection: Host"), TWO),
    ("connection-forwarded", outer(CL, b"Connection: X-Forwarded-For"), TWO),
    ("connection-close", outer(CL, b"Connection: close"), [202]),
    ("connection-close-later", outer(CL, b"Connection: x, close"), [202]),
    ("connection-closed", outer(CL, b"Connection: closed"), TWO),
    ("keep-alive", outer(CL, b"Connection: keep-alive", b"Keep-Alive: timeout=5"), TWO),
    ("expect", outer(CL, b"Expect: 100-continue"), TWO),
    ("expect-other", outer(CL, b"Expect: 100-continue, x"), [417]),
    ("expect-twice", outer(CL, b"Expect: 100-continue", b"Expect: 100-continue"), BAD),
    ("trailer", outer(TE, b"Trailer: Content-Length", body=chunk(X, last=b"0\r\nContent-Length: 9\r\n\r\n")), TWO),
    ("max-forwards", outer(CL, b"Max-Forwards: 0"), TWO),
    ("range", outer(CL, b"Range: bytes=0-1"), TWO),
    ("override", outer(CL, b"X-HTTP-Method-Override: GET"), TWO),
    # Who is meant.
    ("host-none", outer(CL, host=None), BAD),
    ("host-two", outer(CL, b"Host: y"), BAD),
    ("host-same", outer(CL, b"Host: x"), BAD),
    ("host-case", outer(CL, b"hOST: y"), BAD),
    ("host-space", outer(CL, host=b"Host : x"), BAD),
    ("host-fold", outer(CL, host=b"Host: x\r\n y"), BAD),
    ("host-list", outer(CL, host=b"Host: x, y"), BAD),
    ("host-at", outer(CL, host=b"Host: a@x"), BAD),
    ("host-path", outer(CL, host=b"Host: x/y"), BAD),
    ("host-empty", outer(CL, host=b"Host:"), BAD),
    ("host-nul", outer(CL, host=b"Host: x\0y"), BAD),
    ("absolute", outer(CL, line=b"POST http://x/subscribe HTTP/1.1"), TWO),
    ("absolute-other", outer(CL, line=b"POST http://y/subscribe HTTP/1.1"), BAD),
    ("absolute-user", outer(CL, line=b"POST http://a@x/subscribe HTTP/1.1"), BAD),
    ("absolute-scheme", outer(CL, line=b"POST ftp://x/subscribe HTTP/1.1"), BAD),
    ("authority-form", outer(CL, line=b"POST x:80 HTTP/1.1"), BAD),
    # Lines that end otherwise.
    ("lf-all", outer(CL).replace(b"\r\n", b"\n"), BAD),
    ("lf-end", outer(CL).replace(b"\r\n\r\n", b"\r\n\n", 1), BAD),
    ("lf-lf", outer(CL).replace(b"\r\n\r\n", b"\n\n", 1), BAD),
    ("lf-cr-lf", outer(CL).replace(b"\r\n\r\n", b"\n\r\n", 1), BAD),
    ("cr-cr", outer(CL).replace(b"\r\n\r\n", b"\r\r", 1), BAD),
    ("cr-lf-cr", outer(CL).replace(b"\r\n\r\n", b"\r\n\r", 1), BAD),
    ("lf-line", outer(CL).replace(b"\r\n", b"\n", 1), BAD),
    ("cr-line", outer(CL).replace(b"\r\n", b"\r", 1), BAD),
    ("nul-line", outer(CL).replace(b"\r\n", b"\0\r\n", 1), BAD),
    ("crlf-before", b"\r\n" + outer(CL), TWO),
    ("crlf-twice-before", b"\r\n\r\n" + outer(CL), BAD),
    ("lf-before", b"\n" + outer(CL), BAD),
    ("space-before", b" " + outer(CL), BAD),
    ("nul-before", b"\0" + outer(CL), BAD),
    ("bom-before", b"\xef\xbb\xbf" + outer(CL), BAD),
    ("fold-first", outer(CL, host=b" Host: x"), BAD),
    ("fold", outer(CL, b"A: b\r\n c: d"), BAD),
    ("fold-tab", outer(CL, b"A: b\r\n\tc: d"), BAD),
    ("fold-empty", outer(CL, b"A: b\r\n "), BAD),
    ("no-colon", outer(CL, b"nonsense"), BAD),
    ("no-name", outer(CL, b": b"), BAD),
    ("name-space", outer(CL, b"A b: c"), BAD),
    ("line-in-value", outer(CL, b"A: b\nC: d"), BAD),
    ("request-in-value", outer(CL, b"A: b\n\n" + INNER), BAD),
    ("request-in-name", outer(CL, b"GET / HTTP/1.1"), BAD),
    # Versions.
    ("1.0", outer(CL, line=LINE[:-1] + b"0"), [202]),
    ("1.2", outer(CL, line=LINE[:-1] + b"2"), [{202, 400, 505}]),
    ("2.0", outer(CL, line=b"POST /subscribe HTTP/2.0"), [{400, 505}]),
    ("0.9", outer(CL, line=b"POST /subscribe"), BAD),
    ("0.9-said", outer(CL, line=b"POST /subscribe HTTP/0.9"), [{400, 505}]),
    ("1.1-junk", outer(CL, line=LINE + b" x"), BAD),
    ("1.1-tab", outer(CL, line=b"POST\t/subscribe\tHTTP/1.1"), BAD),
    ("1.1-two-blanks", outer(CL, line=b"POST  /subscribe HTTP/1.1"), BAD),
    ("1.1-lower", outer(CL, line=b"POST /subscribe http/1.1"), BAD),
    ("01.1", outer(CL, line=b"POST /subscribe HTTP/01.1"), BAD),
    ("1,1", outer(CL, line=b"POST /subscribe HTTP/1,1"), BAD),
    ("line-in-target", outer(CL, line=b"POST /a HTTP/1.1\r\nA: b\r\n\r\nGET /b HTTP/1.1"), BAD),
    ("nul-in-target", outer(CL, line=b"POST /subscribe\0 HTTP/1.1"), BAD),
    ("escaped-line", outer(CL, line=b"POST /subscribe%0d%0aHost:%20y HTTP/1.1"), [404, 202]),
    ("proxy-v1", b"PROXY TCP4 192.0.2.66 192.0.2.1 1 2\r\n" + outer(CL), BAD),
    ("proxy-v2", b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0" + outer(CL), BAD),
    # Two honest ones, so that the table knows them too.
    ("pipelined", outer(CL), TWO),
    ("pipelined-chunks", outer(TE, body=CHUNKS), TWO),
]


def vectors():
    found = [Vector(name, data, statuses) for family in (codings(), lengths(), chunks(), HEADS)
             for name, data, statuses in family]
    assert len({v.name for v in found}) == len(found)
    return found
