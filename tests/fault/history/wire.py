# SPDX-License-Identifier: ISC
"""One kept connection, and no more HTTP than assentd answers with: a client
that costs less than what it measures."""
import json
import socket


class Broken(Exception):
    """No answer: nobody knows what became of the request."""


class Wire:
    """`place` is a port of this machine's, or the path of a UNIX socket."""

    def __init__(self, place, timeout=30):
        self.place, self.timeout = place, timeout
        self.socket, self.rest = None, b""

    def open(self):
        """False while nobody listens."""
        if self.socket is not None:
            return True
        by_path = isinstance(self.place, str)
        made = socket.socket(socket.AF_UNIX if by_path else socket.AF_INET)
        made.settimeout(self.timeout)
        try:
            made.connect(self.place if by_path else ("127.0.0.1", self.place))
            if not by_path:
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            made.close()
            return False
        self.socket, self.rest = made, b""
        return True

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def ask(self, method, path, body="", kind="application/x-www-form-urlencoded"):
        """(status, what the JSON says)."""
        data = body.encode()
        try:
            self.socket.sendall(
                f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
                f"Content-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
            return self._answer()
        except OSError as error:
            self.close()
            raise Broken(str(error)) from error

    def _more(self):
        got = self.socket.recv(65536)
        if not got:
            raise OSError("the connection has ended")
        self.rest += got

    def _answer(self):
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = dict((k.lower(), v.strip()) for k, _, v in
                      (line.partition(":") for line in lines[1:]))
        length = int(fields["content-length"])
        while len(self.rest) < length:
            self._more()
        body, self.rest = self.rest[:length], self.rest[length:]
        if fields.get("connection", "").lower() == "close":
            self.close()
        is_json = fields.get("content-type", "").startswith("application/json")
        return int(lines[0].split()[1]), json.loads(body) if is_json else None
