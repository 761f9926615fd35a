# SPDX-License-Identifier: ISC
"""A daemon that obeys a Shim, and a client of it that knows that a server may
die at any time."""
import http.client
import os
import signal
import socket
import time
from pathlib import Path

from harness import env
from harness.config import Bare, WEEKLY, merge
from harness.daemon import Daemon, is_alive, kill
from harness.mail import Maildir, QuickMail

from .shim import CALLS, Shim

LONG_LIFE = 31          # seconds; whoever lived as long is restarted at once
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LISTS = {
    ("list", "weekly"): {**WEEKLY, ("field", "country"): None},
    ("list", "brief"): {**WEEKLY, ("field", "country"): None, "title": "The Brief",
                        "aliases": [], "confirm_within": Bare("1h"), "welcome": False},
}
CHANGES = {
    **LISTS, "web_processes": 1, "retain": {"proof": Bare("1d")},
    "limits": {"per_address": "off", "interval": 0}, "mail": {"retry": ["1s"]},
}


class TakenMails(Maildir):
    """A maildir whose mails are taken out, so that another one of the same
    name is seen."""

    kind = QuickMail

    def poll(self):
        new = self.path / "new"
        for name in sorted(os.listdir(new)) if new.is_dir() else []:
            self.mails.append(self.kind((new / name).read_bytes()))
            (new / name).unlink()
        return self.mails


class _AdminConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("assent", timeout=2)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class FaultyDaemon(Daemon):
    def __init__(self, changes=None, **kwargs):
        super().__init__(merge(CHANGES, changes or {}), **kwargs)
        self.shim = Shim(self.path / "faults")
        if isinstance(self.mails, Maildir):
            self.mails = TakenMails(self.mails.path)

    def _environment(self):
        result = {**super()._environment(), **self.shim.environment}
        # A sanitizer's library wants to come first, and needn't.
        result["ASAN_OPTIONS"] += ":verify_asan_link_order=0"
        return result

    def clean_up(self):
        super().clean_up()
        self.shim.close()

    # ---- talking to it ----
    def ask(self, method, path, body=None, headers=None, timeout=10):
        """Of the public server; None if there was no answer."""
        conn = self.web.connect(timeout)
        try:
            return self.web.request(method, path, headers, body, conn)
        except (OSError, http.client.HTTPException):
            return None
        finally:
            conn.close()

    def ask_admin(self, method, path, body=None):
        """Of the admin socket, which is what assentctl does; (status, text)."""
        conn = _AdminConnection(self.values["admin"]["socket"])
        try:
            conn.request(method, path, body, FORM if body else {})
            answer = conn.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None, ""
        finally:
            conn.close()

    # ---- its life ----
    def is_ready(self):
        # While there is no web process, its socket waits for the next one.
        answer = self.ask("GET", "/readyz", timeout=0.2)
        return answer is not None and answer.status == 200 and self.ask_admin(
            "GET", "/show?address=nobody@example.com")[0] == 404

    def hurry(self):
        """A parent that thinks it is later starts at once who waits for that."""
        self.shim.move_clocks(LONG_LIFE, ["parent"])
        os.kill(self.process.pid, signal.SIGCHLD)

    def recover(self):
        """Returns when all is served, the parent itself being started anew if
        it has ended."""
        def is_back():
            if self.process.poll() is not None:
                self.start_again()
            self.hurry()
            return self.is_ready()

        env.wait_until(is_back, lambda: f"readiness:\n{self.log_tail()}", pause=0.01)

    def start_again(self):
        """Once its last children have ended, which nobody else knows of."""
        self.wait_exit()
        env.wait_until(lambda: not self.orphans(), "the last ones to end")
        self.fsck()
        self.start()

    def orphans(self):
        """Processes that have its config; they are forked, not executed."""
        found = []
        for each in os.listdir("/proc"):
            try:
                words = Path(f"/proc/{int(each)}/cmdline").read_bytes().split(b"\0")
            except (ValueError, OSError):
                continue
            if str(self.conf).encode() in words and is_alive(int(each)):
                found.append(int(each))
        return found

    def lose(self, *roles):
        """kill -9; without a role, all at once."""
        pids = self.pids()
        chosen = [p for r in roles for p in pids.get(r, [])] if roles else self.family()
        for pid in chosen:
            kill(pid)
        if not roles:
            self.wait_exit()

    def let_pass(self, seconds):
        """So much time, for all; and whoever waits for it looks at the clock."""
        self.shim.move_clocks(seconds)
        os.kill(self.process.pid, signal.SIGCHLD)
        self.ask_admin("GET", "/show?address=nobody@example.com")
        self.ask("GET", "/healthz")

    def rest(self):
        """Until the engine has no more to do: what it wanted to write is written."""
        self.shim.arm(["engine"], CALLS)
        last = -1
        while self.shim.count != last:
            last = self.shim.count
            time.sleep(0.05)
        self.shim.disarm()

    def wait_for(self, condition, what, timeout=env.PATIENCE):
        """Waits; what waits for a time to come needn't."""
        end = time.monotonic() + timeout
        pause = 0.002
        while not condition():
            if time.monotonic() > end:
                raise env.Timeout(f"waited {timeout} s for {what}:\n{self.log_tail()}")
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
            if pause == 0.05:
                self.recover()
                self.let_pass(5)
