# SPDX-License-Identifier: ISC
"""What one address was promised, and what may have become of it."""
import json
import re
import urllib.parse

from .world import FORM

TO_LEAVE = re.compile(rb"<(https?://[^>]+/unsubscribe/[^>]+)>")


class Promise:
    """An address: the states that it may be in, and the mails that it has to
    get.  An answer that didn't come leaves both what was and what was asked
    for possible."""

    def __init__(self, daemon, address, name="weekly"):
        self.daemon, self.typed, self.list = daemon, address, name
        local, _, domain = address.partition("@")
        self.address = f"{local}@{domain.encode('idna').decode()}"
        self.states, self.left_with = {None}, None
        self.link = self.shown = None

    # ---- what was said ----
    def note(self, answer, state):
        """An order to bring it into that state was answered, or wasn't."""
        status = answer.status if answer is not None else None
        if status in (200, 202):
            self.states = {state}
        elif status in (None, 503):
            self.states = self.states | {state}
        else:
            raise AssertionError(f"{self.address}: {answer}")
        return status

    # ---- what it does ----
    def subscribe(self):
        return self.note(self.daemon.ask(
            "POST", "/subscribe", json.dumps({"email": self.typed, "list": self.list}),
            {"Content-Type": "application/json", "Accept": "application/json"}), "pending")

    def confirm(self):
        return self.note(self._press(self.link), "confirmed")

    def leave(self):
        self.left_with = None
        status = self.note(self.daemon.ask(
            "POST", self.link, "List-Unsubscribe=One-Click", FORM), "unsubscribed")
        if status == 200:
            self.left_with = len(self.mails())
        return status

    def _press(self, link):
        return self.daemon.ask("POST", link, "press=1", {**FORM, **self.daemon.web.as_page()})

    def order(self, name, **more):
        """An administrator's; its status."""
        form = urllib.parse.urlencode({"address": self.address, **more})
        return self.daemon.ask_admin("POST", f"/{name}", form)[0]

    def take_link(self):
        """The newest mail's: to confirm, or to leave by."""
        mail = self.mails()[-1]
        self.link = mail.confirm if mail.confirms else TO_LEAVE.search(mail.raw)[1].decode()

    # ---- what is there ----
    def mails(self):
        return self.daemon.mails.to(self.address)

    def kinds(self):
        """How many different mails to confirm by, and others."""
        ids = {m.id: bool(m.confirms) for m in self.mails()}
        return sum(ids.values()), len(ids) - sum(ids.values())

    def look(self):
        """Reads what is stored; True if it could be read."""
        status, text = self.daemon.ask_admin(
            "GET", "/show?address=" + urllib.parse.quote(self.address))
        self.shown = json.loads(text) if status == 200 else None
        return status in (200, 404)

    def state(self):
        found = [s["state"] for s in (self.shown or {}).get("subscriptions", [])
                 if s["list"] == self.list]
        assert len(found) <= 1, self.shown
        return found[0] if found else None

    def events(self, name):
        return [e for e in (self.shown or {}).get("events", []) if e["event"] == name]

    # ---- what must be ----
    def is_kept(self):
        """Is it in a state that it may be in, has it got its mails, and does
        its history say so, too?  (Mails may still be on their way.)"""
        if not self.look():
            return False
        state = self.state()
        assert state in self.states, (self.address, state, self.states)
        self.states = {state}
        confirms, others = self.kinds()
        asked, confirmed = self.events("subscribe"), self.events("confirm")
        if state == "pending":
            return confirms >= 1 and len(asked) == 1 and not confirmed
        if state in ("confirmed", "unsubscribed"):
            assert len(asked) == 1 and len(confirmed) == 1, self.shown
        if state == "confirmed":
            return others >= 1 or self.list != "weekly"
        if self.left_with is not None:
            assert len(self.mails()) == self.left_with, (self.address, self.mails())
        return True
