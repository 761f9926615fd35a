# SPDX-License-Identifier: ISC
"""Mails as they arrive: one type for a mail, and boxes that wait for it - a
maildir, an SMTP server of aiosmtpd's, Postfix's smtp-sink."""
import email
import email.policy
import os
import pwd
import re
import signal
import socket
import subprocess
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from . import env

TOKEN = r"[A-Za-z0-9_-]{34}"
CODE = re.compile(r"(?<![\w-])[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}(?![\w-])")

# All there are: each is shipped as templates, or as a catalogue; English first.
ALL_KINDS = sorted(p.stem for p in env.TEMPLATES.glob("mail/[a-z]*.txt"))
KINDS = [k for k in ALL_KINDS if k != "attack"]  # for readers; that one is the owner's
LANGS = sorted((p.name for p in env.TEMPLATES.glob("lang/*")), key=lambda n: (n != "en", n))


class Mail:
    def __init__(self, raw, sender=None, recipient=None):
        self.raw, self.sender, self.recipient = raw, sender, recipient
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.to = self.message["To"].addresses[0].addr_spec
        self.id = self.message["Message-ID"]
        self.text = self._body("plain")
        self.html = self._body("html")

    def __repr__(self):
        return f"<Mail to {self.to}: {self.message['Subject']}>"

    def _body(self, kind):
        part = self.message.get_body((kind,))
        return part.get_content().replace("\r\n", "\n") if part else ""

    def links(self, kind, where=None):
        """The URLs of that kind ("confirm", "notme", "unsubscribe")."""
        return re.findall(rf"https?://[^\s<>\"']+/{kind}/{TOKEN}(?![\w-])",
                          self.text if where is None else where)

    def link(self, kind):
        found = sorted(set(self.links(kind)))
        assert len(found) == 1, f"{kind} links in {self.text!r}: {found}"
        return found[0]

    @property
    def confirm(self):
        return self.link("confirm")

    @property
    def notme(self):
        return self.link("notme")

    @property
    def unsubscribe(self):
        """The one-click URL of the header."""
        found = re.findall(r"<(https?://[^>]+)>", self.message["List-Unsubscribe"] or "")
        assert len(found) == 1, f"List-Unsubscribe: {self.message['List-Unsubscribe']}"
        return found[0]

    @property
    def code(self):
        found = set(CODE.findall(self.text))
        assert len(found) == 1, f"codes in {self.text!r}: {found}"
        return found.pop()

    @property
    def is_confirm(self):
        return bool(self.links("confirm"))


class QuickMail:
    """A mail read by its bytes alone, where there are thousands."""

    def __init__(self, raw, sender=None, recipient=None):
        self.raw = raw
        head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        fields = dict(re.findall(rb"(?m)^(To|Message-ID|Date): *\n?[ \t]*(.+)$", head))
        self.to = fields[b"To"].decode().strip("<> ")
        self.id, self.date = fields[b"Message-ID"], fields[b"Date"]
        self.confirms = set(re.findall(rb"https?://[^\s<>\"]+/confirm/" + TOKEN.encode(), body))

    @property
    def confirm(self):
        assert len(self.confirms) == 1, self.raw
        return next(iter(self.confirms)).decode()


class Box:
    """Mails in the order in which they were seen."""

    kind = Mail

    def __init__(self):
        self.mails = []

    def poll(self):
        """Looks for new mails; returns all so far."""
        return list(self.mails)

    def to(self, address):
        return [m for m in self.poll() if m.to.lower() == address.lower()]

    def wait(self, address, count=1, timeout=env.PATIENCE):
        """The count-th mail to that address."""
        return env.wait_until(
            lambda: (self.to(address)[count - 1:] or [None])[0],
            lambda: f"mail {count} to {address}; {len(self.mails)} are there: {self.mails[-5:]}",
            timeout)

    def wait_total(self, count, timeout=env.PATIENCE, pause=0.1):
        return env.wait_until(
            lambda: len(self.poll()) >= count and self.mails,
            lambda: f"{count} mails; {len(self.mails)} are there", timeout, pause)


class Maildir(Box):
    def __init__(self, path):
        super().__init__()
        self.path, self.seen = Path(path), set()

    def poll(self):
        new = self.path / "new"
        if new.is_dir():
            names = [e.name for e in os.scandir(new) if e.name not in self.seen]
            for name in sorted(names):
                self.seen.add(name)
                self.mails.append(self.kind((new / name).read_bytes()))
        return list(self.mails)


class _Handler:
    def __init__(self, box):
        self.box = box

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self.box.answer("RCPT", address, envelope)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        reply = self.box.answer("DATA", envelope.rcpt_tos[0], envelope)
        self.box.tried.append((envelope.rcpt_tos[0], envelope.original_content, reply))
        if reply.startswith("2"):
            self.box.keep(envelope)
        return reply


class _Controller(Controller):
    def factory(self):
        return SMTP(self.handler, enable_SMTPUTF8=False, decode_data=False,
                    hostname="sink.example.org")


class SmtpServer(Box):
    """An SMTP server.  `script` gives the replies: a dict from "RCPT" or
    "DATA" to a list of replies, used up in order; then it accepts.
    `tried` holds each DATA seen, also the refused ones."""

    def __init__(self, script=None, port=None):
        super().__init__()
        self.port = port or env.free_port()
        self.script = {k: list(v) for k, v in (script or {}).items()}
        self.tried, self.lock, self.controller = [], threading.Lock(), None

    def answer(self, stage, address, envelope):
        with self.lock:
            waiting = self.script.get(stage)
            return waiting.pop(0) if waiting else "250 2.0.0 OK queued as e2e"

    def keep(self, envelope):
        self.mails.append(self.kind(envelope.original_content, envelope.mail_from,
                               envelope.rcpt_tos[0]))

    def start(self):
        self.controller = _Controller(_Handler(self), hostname="127.0.0.1", port=self.port)
        self.controller.start()
        return self

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None

    __enter__ = start

    def __exit__(self, *_):
        self.stop()


class SmtpSink(Box):
    """Postfix's smtp-sink, each mail in a file."""

    def __init__(self, folder, options=()):
        super().__init__()
        self.port, self.folder = env.free_port(), folder
        self.options, self.done, self.process = options, set(), None

    def __enter__(self):
        command = ["/usr/sbin/smtp-sink", *self.options, "-d", f"{self.folder}/m."]
        if os.geteuid() == 0:
            command += ["-u", "nobody"]
            who = pwd.getpwnam("nobody")
            os.chown(self.folder, who.pw_uid, who.pw_gid)
        self.process = subprocess.Popen(
            command + [f"127.0.0.1:{self.port}", "256"], cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        env.wait_until(self._listens, "smtp-sink to listen")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def poll(self):
        for entry in list(os.scandir(self.folder)):
            if entry.name in self.done:
                continue
            raw = Path(entry.path).read_bytes()
            if not _is_whole(raw):
                continue
            self.done.add(entry.name)
            self.mails.append(self.kind(raw))
        return list(self.mails)


def _is_whole(raw):
    """Has the file its MIME end?  smtp-sink writes them as they come."""
    found = re.search(rb'boundary="([^"]+)"', raw)
    return bool(found) and b"--" + found[1] + b"--" in raw
