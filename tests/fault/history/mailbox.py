# SPDX-License-Identifier: ISC
"""The confirmation mails of a history, as they arrive in a maildir.  The
address that a post gives spells the post's number in capitals, which leave
the mailbox the same: so a mail tells which post it came of."""
import os
import re
import threading
import time
from pathlib import Path

LETTERS = "abcdefghijklmnopqrst"

TOKEN = rb"[A-Za-z0-9_-]{34}"
TO = re.compile(rb"^To: *\r?\n?[ \t]*<?([^@\s]+)@", re.M)
ALREADY = re.compile(rb"^Feedback-ID: already:", re.M)
LINKS = {kind: re.compile(rb"/" + kind.encode() + rb"/(" + TOKEN + rb")(?![\w-])")
         for kind in ("confirm", "notme", "unsubscribe")}
CODE = re.compile(rb"(?<![\w-])[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}(?![\w-])")


def spell(key, number):
    """The address of that key as this post types it."""
    letters = "".join(c.upper() if number >> i & 1 else c for i, c in enumerate(LETTERS))
    return f"{letters}.{key}@example.com"


def plain(key):
    return spell(key, 0)


def read_number(local):
    return sum(1 << i for i, c in enumerate(local[:len(LETTERS)]) if c.isupper())


class Letter:
    """What one mail lets its reader do."""

    def __init__(self, raw):
        local = TO.search(raw)[1].decode()
        self.number, self.key = read_number(local), local[len(LETTERS) + 1:]
        self.token = {kind: pattern.search(raw)[1].decode()
                      for kind, pattern in LINKS.items()}
        self.code = CODE.search(raw)[0].decode()
        self.seen_at = time.monotonic()


class Mailbox:
    """Reads a maildir, in a thread of its own; what has been read is gone
    from there."""

    def __init__(self, path):
        self.new = Path(path) / "new"
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.by_key, self.by_number, self.bad = {}, {}, []
        self.duplicates = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping.wait(0.01):
            self.read()

    def stop(self):
        self.stopping.set()
        self.thread.join()

    def read(self):
        with self.lock:
            names = os.listdir(self.new) if self.new.is_dir() else []
            for name in sorted(names):
                path = self.new / name
                raw = path.read_bytes()
                path.unlink()
                if ALREADY.search(raw):     # there is nothing to confirm
                    continue
                try:
                    self._keep(Letter(raw))
                except (TypeError, ValueError):
                    self.bad.append(raw)

    def _keep(self, letter):
        known = self.by_number.get(letter.number)
        if known is None:
            self.by_number[letter.number] = letter
            self.by_key.setdefault(letter.key, []).append(letter)
            return
        self.duplicates += 1
        if (known.token, known.code, known.key) != (letter.token, letter.code, letter.key):
            self.bad.append(f"two different mails of post {letter.number}")

    def letters(self, key):
        with self.lock:
            return list(self.by_key.get(key, ()))

    def letter(self, number):
        with self.lock:
            return self.by_number.get(number)
