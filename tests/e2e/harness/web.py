# SPDX-License-Identifier: ISC
"""HTTP as the tests need it: nothing is followed, remembered or added behind
their back; and raw bytes for what no client would send."""
import http.client
import json
import math
import select
import socket
import time
import urllib.parse
from html.parser import HTMLParser

BROWSER_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
URLENCODED = "application/x-www-form-urlencoded"


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = [(k.lower(), v) for k, v in headers]
        self.body = body

    def __repr__(self):
        return f"<{self.status} {dict(self.headers)} {self.body[:300]!r}>"

    def all(self, name):
        return [v for k, v in self.headers if k == name.lower()]

    def header(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    @property
    def cookie(self):
        """The signup cookie as a Cookie header would carry it, or None."""
        value = self.header("set-cookie")
        return value.split(";")[0] if value else None

    def forms(self):
        return forms_in(self.text)


class Web:
    """One server.  `source` is the local address that requests come from."""

    def __init__(self, host, port, source=None):
        self.host, self.port, self.source = host, port, source
        self.base = f"http://{host}:{port}"

    def connect(self, timeout=30):
        return http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=timeout,
            source_address=(self.source, 0) if self.source else None)

    def request(self, method, path, headers=None, body=None, conn=None):
        own = conn is None
        conn = conn or self.connect()
        # As any client would, none that has idled until the server's patience ends.
        if time.monotonic() - getattr(conn, "used_at", math.inf) > 2:
            conn.close()
        headers = dict(headers or {})
        if path.startswith("http"):
            path = path.removeprefix(self.base)
        conn.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        conn.putheader("Host", headers.pop("Host", f"{self.host}:{self.port}"))
        if isinstance(body, str):
            body = body.encode()
        if body is not None and not any(
                k.lower() in ("content-length", "transfer-encoding") for k in headers):
            conn.putheader("Content-Length", str(len(body)))
        for name, value in headers.items():
            if value is not None:
                conn.putheader(name, value)
        conn.endheaders()
        if body:
            conn.send(body)
        answer = conn.getresponse()
        response = Response(answer.status, answer.getheaders(), answer.read())
        conn.used_at = time.monotonic()
        if own:
            conn.close()
        return response

    def get(self, path, **headers):
        return self.request("GET", path, _headers(headers, accept=BROWSER_ACCEPT))

    def post_form(self, path, fields, headers=None, conn=None):
        """Urlencoded, as a browser's form post; fields a dict or pairs."""
        return self.request("POST", path, {
            "Content-Type": URLENCODED, "Accept": BROWSER_ACCEPT, **(headers or {})},
            urllib.parse.urlencode(fields), conn)

    def post_json(self, path, value, headers=None, conn=None):
        return self.request("POST", path, {
            "Content-Type": "application/json", "Accept": "application/json",
            **(headers or {})}, json.dumps(value), conn)

    def post_multipart(self, path, fields, headers=None, boundary="xYzZY47"):
        pairs = fields.items() if isinstance(fields, dict) else fields
        body = multipart(pairs, boundary)
        return self.request("POST", path, {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Accept": BROWSER_ACCEPT, **(headers or {})}, body)

    def as_page(self, origin=None):
        """The headers of a form post that a person made in a browser."""
        same = origin is None
        return {"Origin": origin or self.base,
                "Sec-Fetch-Site": "same-origin" if same else "cross-site",
                "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
                "Sec-Fetch-User": "?1"}

    def raw(self, data, timeout=15, half_close=False):
        """Sends bytes; returns (all that came, did the server close)."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as s:
            try:
                s.sendall(data)
                if half_close:
                    s.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return read_to_end(s, timeout)


def read_to_end(s, timeout):
    out, end = b"", time.monotonic() + timeout
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([s], [], [], left)[0]:
            return out, False
        try:
            chunk = s.recv(65536)
        except ConnectionResetError:
            return out, True
        if not chunk:
            return out, True
        out += chunk


def multipart(pairs, boundary):
    out = b""
    for name, value in pairs:
        value = value.encode() if isinstance(value, str) else value
        out += (f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
                "\r\n\r\n").encode() + value + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


def _headers(headers, **defaults):
    result = {k.replace("_", "-").title(): v for k, v in defaults.items()}
    result.update({k.replace("_", "-").title(): v for k, v in headers.items()})
    return result


class Form:
    def __init__(self, attrs):
        self.action = attrs.get("action", "")
        self.method = attrs.get("method", "get").lower()
        self.inputs = []        # attributes of input, button, select, textarea

    def named(self, name):
        return [i for i in self.inputs if i.get("name") == name]

    def fields(self, **changes):
        """What a browser without scripts would post: hidden and text fields,
        ticked boxes, the first named button."""
        out, button = {}, False
        for i in self.inputs:
            kind = i.get("type", "text").lower()
            name = i.get("name")
            if i["tag"] == "button" or kind == "submit":
                if name and not button:
                    out[name] = i.get("value", "")
                button = True
            elif name and kind in ("checkbox", "radio"):
                if "checked" in i:
                    out[name] = i.get("value") or "on"
            elif name:
                out[name] = i.get("value") or ""
        out.update(changes)
        return out


class _FormParser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.open = [], None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.open = Form(attrs)
            self.forms.append(self.open)
        elif self.open and tag in ("input", "button", "select", "textarea"):
            self.open.inputs.append({"tag": tag, **attrs})

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None


def forms_in(html):
    parser = _FormParser()
    parser.feed(html)
    return parser.forms
