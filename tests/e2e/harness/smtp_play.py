# SPDX-License-Identifier: ISC
"""An SMTP server that misbehaves as it is told: a play says what it does at a
step of the dialogue - bytes, something worse, or a function of the talk that
finds out; at all others, and when no play is on, it is a good one."""
import base64
import hmac
import re
import select
import socket
import ssl
import threading
import time

from . import env
from .mail import Box

GOOD = {
    "greeting": b"220 play.example.org ESMTP\r\n",
    "mail": b"250 2.1.0 Ok\r\n",
    "rcpt": b"250 2.1.5 Ok\r\n",
    "data": b"354 go on\r\n",
    "dot": b"250 2.0.0 Ok: queued as play\r\n",
    "starttls": b"220 2.0.0 Ready to start TLS\r\n",
    "quit": b"221 2.0.0 Bye\r\n",
    "rset": b"250 2.0.0 Ok\r\n",
    "noop": b"250 2.0.0 Ok\r\n",
}
CLOSE, RESET, SILENT, REFUSE = object(), object(), object(), object()


def late(seconds, data):
    """The right thing, after a while."""
    def wait(_):
        time.sleep(seconds)
        return data
    return wait


class Drip:
    """Bytes one at a time."""

    def __init__(self, data, pause=0.05):
        self.data, self.pause = data, pause


class Over(Exception):
    """The dialogue ends here."""


class Talk:
    """One connection."""

    def __init__(self, server, sock, play):
        self.server, self.sock, self.play = server, sock, play
        self.buffer, self.tls, self.user = b"", False, None
        self.sender = self.recipient = None
        self.mails = 0

    # ---- bytes ----
    def read(self):
        data = self.sock.recv(65536)
        if not data:
            raise Over
        self.buffer += data

    def line(self):
        while b"\n" not in self.buffer:
            self.read()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def body(self):
        while not self.buffer.startswith(b".\r\n") and b"\r\n.\r\n" not in self.buffer:
            self.read()
        body, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
        return body.replace(b"\r\n..", b"\r\n.") + b"\r\n"

    def act(self, action):
        """What a play says: bytes to send, or something worse."""
        if callable(action):
            action = action(self)
        if action is CLOSE:
            raise Over
        if action is RESET:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            raise Over
        if action is SILENT:
            while True:     # until the other side has had enough
                self.read()
        if isinstance(action, Drip):
            for byte in action.data:
                self.sock.sendall(bytes([byte]))
                time.sleep(action.pause)
        elif isinstance(action, list):
            for each in action:
                self.act(each)
        elif action:
            self.sock.sendall(action)

    def answer(self, step):
        """Whether the dialogue goes on as if all were well."""
        self.server.saw(step)
        action = self.play.get(step, GOOD.get(step, b""))
        if step in self.server.by_recipient.get(self.recipient, {}):
            action = self.server.by_recipient[self.recipient][step]
        if callable(action):
            action = action(self)
        self.act(action)
        return isinstance(action, bytes) and action[:1] in (b"2", b"3")

    # ---- the dialogue ----
    def start_tls(self):
        self.sock.settimeout(env.PATIENCE)
        try:
            self.sock = self.play.get("context", self.server.context).wrap_socket(
                self.sock, server_side=True)
        except OSError:
            raise Over
        self.tls, self.buffer = True, b""

    def ehlo(self):
        step = "ehlo2" if self.tls and self.server.mode == "starttls" else "ehlo"
        if step in self.play:
            self.answer(step)
            return
        self.server.saw(step)
        lines = ["play.example.org", "PIPELINING", "SIZE 10000000", "ENHANCEDSTATUSCODES",
                 "8BITMIME", "DSN", "CHUNKING", "SMTPUTF8"]
        if self.server.mode == "starttls" and not self.tls:
            lines.append("STARTTLS")
        if self.server.login and self.play.get("mechanisms", "PLAIN LOGIN CRAM-MD5"):
            lines.append("AUTH " + self.play.get("mechanisms", "PLAIN LOGIN CRAM-MD5"))
        text = [f"250{'-' if n < len(lines) - 1 else ' '}{line}\r\n"
                for n, line in enumerate(lines)]
        self.sock.sendall("".join(text).encode())

    def challenge(self, text):
        self.sock.sendall(b"334 " + base64.b64encode(text) + b"\r\n")
        return base64.b64decode(self.line())

    def auth(self, line):
        mechanism, _, rest = line[5:].decode().partition(" ")
        self.server.saw("auth")
        self.server.mechanisms.append(mechanism)
        if "auth" in self.play:
            self.act(self.play["auth"])
            return
        if mechanism == "PLAIN":
            pair = tuple(base64.b64decode(rest).decode().split("\0")[1:])
        elif mechanism == "LOGIN":
            user = base64.b64decode(rest) if rest else self.challenge(b"Username:")
            pair = (user.decode(), self.challenge(b"Password:").decode())
        else:
            assert mechanism == "CRAM-MD5", mechanism
            user, _, digest = self.challenge(b"<1.2@play>").decode().partition(" ")
            right = hmac.new(self.server.login[1].encode(), b"<1.2@play>", "md5").hexdigest()
            pair = (user, self.server.login[1] if digest == right else "")
        good = pair == self.server.login
        self.user = pair[0] if good else None
        self.sock.sendall(b"235 2.7.0 Hello\r\n" if good else b"535 5.7.8 Wrong\r\n")

    def data(self):
        if not self.answer("data"):
            return
        if "body" in self.play:
            self.act(self.play["body"])
        body = self.body()
        self.mails += 1
        self.server.got(self, body)
        self.answer("dot")

    def command(self, line):
        verb = line[:4].upper()
        if verb in (b"EHLO", b"HELO"):
            self.ehlo()
        elif verb == b"STAR":
            if self.answer("starttls"):
                self.start_tls()
        elif verb == b"AUTH":
            self.auth(line)
        elif verb == b"MAIL":
            if self.server.login and not self.user:
                self.server.unauthenticated += 1
            self.sender = re.search(rb"<(.*)>", line)[1].decode()
            self.answer("mail")
        elif verb == b"RCPT":
            self.recipient = re.search(rb"<(.*)>", line)[1].decode()
            self.rcpt = self.answer("rcpt")
        elif verb == b"DATA" and not self.rcpt:
            self.sock.sendall(b"554 5.5.1 no valid recipients\r\n")
        elif verb == b"DATA":
            self.data()
        elif verb == b"QUIT":
            self.answer("quit")
            raise Over
        else:
            self.answer(verb.decode("latin-1").lower())

    def run(self):
        try:
            if self.play.get("tls") is not None:
                self.act(self.play["tls"])
            if self.server.mode == "implicit":
                self.start_tls()
            self.answer("greeting")
            while True:
                self.command(self.line())
        except (Over, OSError, ssl.SSLError):
            pass
        finally:
            self.server.ended(self)


class Player(Box):
    """`mode` is mail.tls; `login` a pair; `play` holds for connections that
    begin from then on, `by_recipient` for the steps "rcpt" and "dot"."""

    def __init__(self, mode="none", context=None, login=None, host="127.0.0.1"):
        super().__init__()
        self.port, self.mode, self.host = env.free_port(), mode, host
        self.context, self.login = context, login
        self.play, self.by_recipient = {}, {}
        self.steps, self.mechanisms, self.received = [], [], []
        self.unauthenticated = self.connections = self.most = 0
        self.limit, self.talks, self.lock = None, set(), threading.Lock()
        self.listener = None

    # ---- what happened ----
    def saw(self, step):
        with self.lock:
            self.steps.append(step)

    def got(self, talk, body):
        """Whatever is answered to it: what came, came."""
        mail = self.kind(body, talk.sender, talk.recipient)
        with self.lock:
            self.received.append(mail)
            self.mails.append(mail)

    # ---- its life ----
    def start(self):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.listener = socket.create_server((self.host, self.port), family=family, backlog=128)
        self.stopping = False
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()
        return self

    def stop(self):
        if self.listener:
            self.stopping = True
            self.acceptor.join()
            self.listener = None
            self.hang_up()

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def hang_up(self):
        """Ends all connections there are."""
        with self.lock:
            talks = list(self.talks)
        for talk in talks:
            try:
                talk.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        with self.listener as listener:
            while not self.stopping:
                if select.select([listener], [], [], 0.05)[0]:
                    self._begin(listener.accept()[0])

    def _begin(self, sock):
        self._talk(sock, self.play)

    def _talk(self, sock, play):
        sock.settimeout(3 * env.PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.connections += 1
            if self.limit is not None and len(self.talks) >= self.limit:
                play = {"greeting": [b"421 4.7.0 too many connections\r\n", CLOSE]}
            talk = Talk(self, sock, play)
            self.talks.add(talk)
            self.most = max(self.most, len(self.talks))
        threading.Thread(target=talk.run, daemon=True).start()

    def ended(self, talk):
        with self.lock:
            self.talks.discard(talk)
        try:
            talk.sock.close()
        except OSError:
            pass

