# SPDX-License-Identifier: ISC
"""Databases with many people in them: a few who came by the usual way, and
copies of them.  Each is made once in a run."""
import json
import re
import subprocess

import texts
import tools
from harness import env, mail
from ours import Ours

# What most browsers say of themselves, which is kept as evidence.
BROWSER = {"User-Agent": texts.BROWSER}
COPIED_MAX = 1_000_000    # people in one that is kept to be copied


class Stock:
    """Who has confirmed came in the last three years; who waits has been
    mailed, or is queued to be, and the tokens of their links are in `links`."""

    def __init__(self, bench):
        self.bench, self.made, self.mail_size = bench, {}, None

    def put_into(self, ours, contacts, waiting=0, queued=False):
        """Gives one that isn't running its database and its secret."""
        what = contacts, waiting, queued
        if what in self.made:
            copy(self.made[what], ours.path)
            return
        if "people" not in self.made:
            self.made["people"] = self._people()
        copy(self.made["people"], ours.path)
        if contacts:
            fill(ours, "confirmed@example.com", contacts, "-d", 3 * 365)
        if waiting:
            fill(ours, "queued@example.com" if queued else "waiting@example.com",
                 waiting, "-l", ours.path / "links")
        if contacts + waiting <= COPIED_MAX:
            self.made[what] = self.bench.make_folder("stock-").path
            copy(ours.path, self.made[what])

    def _people(self):
        ours = Ours(self.bench)
        silent, ours.mails = ours.values["mail"], mail.Maildir(ours.path / "mail")
        ours.values["mail"] = {"transport": "maildir", "maildir": str(ours.path / "mail")}
        ours.start()
        for address in ("confirmed@example.com", "waiting@example.com"):
            ask(ours, address)
        self.mail_size = len(ours.mails.wait("waiting@example.com", 1).raw)
        ours.press(ours.mails.wait("confirmed@example.com", 1).confirm, **BROWSER)
        ours.stop()
        ours.values["mail"] = silent
        ours.start()
        ask(ours, "queued@example.com")
        env.wait_until(lambda: ours.queued() == 1, "its mail to be queued")
        ours.kill_all()
        return ours.path


def ask(ours, address):
    ours.web.post_form("/subscribe", {"email": address, "list": "bench"},
                       {**ours.web.as_page(), **BROWSER})


def fill(ours, address, count, *options):
    tools.call("fill", *options, ours.values["database"], ours.values["secret_file"],
               address, count)
    tools.sync(ours.values["database"] + "/data.mdb")


def copy(source, target):
    names = [source / n for n in ("db", "secret", "links") if (source / n).exists()]
    subprocess.run(["cp", "-a", "--reflink=auto", *names, target], check=True)


# ---- are copies what they seem? ----

def check(bench):
    """A copy shows all that its original does, but for times and names; the
    counts agree; and the database is sound."""
    contacts, waiting = bench.contacts, bench.contacts
    with Ours(bench, contacts=contacts, waiting=waiting) as ours:
        status = ours.status()
        assert status["lists"]["bench"]["confirmed"] == contacts + 1, status
        assert status["requests_waiting"] == waiting + 2, status
        people = [json.loads(line) for line in ours.ctl(
            "list", "--format", "jsonl").out.splitlines()]
        assert len({p["address"] for p in people}) == contacts + waiting + 3, people[:3]
        for state, original in (("confirmed", "confirmed@example.com"),
                                ("pending", "waiting@example.com")):
            copied = [p["address"] for p in people
                      if p["state"] == state and p["address"].startswith("person")]
            assert len(copied) == bench.contacts, state
            for address in (copied[0], copied[-1]):
                assert essence(ours, address) == essence(ours, original), address
        ours.stop()


def essence(ours, address):
    """What `show` tells, without what is each one's own."""
    text = json.dumps(ours.show(address), indent=1)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME", text.replace(address, "ADDRESS"))
    return re.sub(r"[0-9a-f]{32}@", "ID@", text)
