# SPDX-License-Identifier: ISC
"""Databases with many people in them: a few who came by the usual way, and
copies of them.  Each is made once in a run."""
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
