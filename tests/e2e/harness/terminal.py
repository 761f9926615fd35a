# SPDX-License-Identifier: ISC
"""A program in a terminal of its own, driven by keys; what it shows is a screen
of text, waited for and never slept for."""
import os
import pty
import select
import shutil
import signal
import struct
import tempfile
import termios
import time
from fcntl import ioctl

import pyte

from . import env

LINES, COLUMNS = 50, 100
W3M = ["w3m", "-no-mouse", "-cookie", "-o", "accept_cookie=1", "-o", "cookie_reject_domains=",
       "-o", "display_charset=UTF-8", "-o", "confirm_qq=0", "-o", "use_history=0",
       "-o", "accept_language=en"]
TAB, ENTER, DOWN, UP, CLEAR, TOP = "\t", "\r", "j", "k", "\x15", "g^"


class Terminal:
    def __init__(self, *command):
        self.home = tempfile.mkdtemp(prefix="assent-terminal-", dir="/tmp")
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, {
                "PATH": "/usr/bin:/bin", "HOME": self.home, "TERM": "linux", "LANG": "C.UTF-8"})
        ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        shutil.rmtree(self.home, ignore_errors=True)

    def _read(self, patience):
        """Takes in what has come; False: nothing did, in that time."""
        if not select.select([self.fd], [], [], patience)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:         # it has ended
            return False
        self.stream.feed(data)
        return bool(data)

    @property
    def text(self):
        while self._read(0):
            pass
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, *words):
        """Until all of them are on the screen."""
        end = time.monotonic() + env.PATIENCE
        while not all(w in self.text for w in words):
            assert time.monotonic() < end, f"no {words} in\n{self.text}"
            self._read(0.1)

    def keys(self, text):
        os.write(self.fd, text.encode())

    @property
    def line(self):
        """The line that the cursor is in."""
        return self.text.splitlines()[self.screen.cursor.y]


class TextBrowser(Terminal):
    """w3m: no scripts, no styles, no pictures."""

    def __init__(self, url):
        super().__init__(*W3M, url)

    def go(self, url):
        """Another page, in the same session."""
        self.keys("U")
        self.wait("Goto URL:")
        self.keys(CLEAR + url + ENTER)

    def _tab_until(self, found, what):
        self.keys(TOP)
        self._until(lambda: self.screen.cursor.y == self.screen.cursor.x == 0)
        for _ in range(60):
            if found(self.line, self.screen.cursor.x):
                return
            before = (self.screen.cursor.y, self.screen.cursor.x)
            self.keys(TAB)
            self._until(lambda: (self.screen.cursor.y, self.screen.cursor.x) != before)
        raise AssertionError(f"no {what} in\n{self.text}")

    def _until(self, condition):
        end = time.monotonic() + env.PATIENCE
        while self.text and not condition():
            assert time.monotonic() < end, f"nothing happens in\n{self.text}"
            self._read(0.1)

    def press(self, words, *then):
        """Enter, on the link or button that says that; then that is there."""
        self._tab_until(lambda line, x: line[x:].startswith(words), words)
        self.keys(ENTER)
        self.wait(*then)

    def tick(self, words):
        self._tab_until(lambda line, x: words in line[x:] and line[x - 1:x] == "[", words)
        before = self.line
        self.keys(ENTER)
        self._until(lambda: self.line != before)

    def fill(self, label, value):
        """Types into the field that has that label."""
        self._tab_until(lambda line, x: label in line[:x] and line[x - 1] == "[", label)
        self.keys(ENTER)
        self.wait("TEXT:")
        self.keys(CLEAR + value + ENTER)
        self._until(lambda: f"[{value}"[:20] in self.line and "TEXT:" not in self.text)

    def choose(self, label, steps, value):
        """The choice that is so many steps from the one that holds."""
        self._tab_until(lambda line, x: label in line[:x] and line[x - 1] == "[", label)
        before = self.text
        self.keys(ENTER)
        self._until(lambda: self.text != before)
        self.keys((DOWN if steps > 0 else UP) * abs(steps) + ENTER)
        self._until(lambda: f"[{value}" in self.line)
