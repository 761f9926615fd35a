# SPDX-License-Identifier: ISC
"""assentd as it is measured: as shipped, but for limits, which are off: all
posts come from one machine."""
import socket

from harness import config, env
from harness.daemon import Daemon

import tools

LIST = {
    "title": "The Weekly", "from": "The Weekly <weekly@news.example.org>",
    "origins": ["https://www.example.org"], "languages": ["en"],
    "consent": config.CONSENT, "welcome": False,
}
LIMITS = {"per_network": "off", "per_address": "off",
          "per_domain": "off", "total": "off", "challenge": "off"}


class Silence:
    """A mail server that takes connections and never says a word: mails wait
    in the queue, and the mailer for it."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]


class Ours(Daemon):
    """Its log goes to a file: nobody here reads as fast as it writes.  What is
    `stocked`, if anything, is what Stock.put_into takes."""

    def __init__(self, bench, changes=None, mails=None, **stocked):
        folder = bench.make_folder("ours-")
        self.mail_server = mails or Silence()
        self.links = folder.path / "links"
        super().__init__(config.merge({
            "web_processes": 0, "limits": LIMITS, "map_size": config.Bare("64g"),
            "log": {"target": str(folder.path / "log")},
            ("list", "weekly"): None, ("list", "daily"): None,
            ("list", "bench"): LIST, "default_list": "bench",
        }, changes or {}), mails=self.mail_server, folder=folder)
        if stocked:
            bench.stock.put_into(self, **stocked)

    def start(self):
        log = self.path / "log"
        at = log.stat().st_size if log.exists() else 0
        self.launch()
        # One that logs warnings alone is asked.
        says_so = self.values["log"]["level"] == "info"
        env.wait_until(lambda: self.process.poll() is not None or (
                           b" ready" in tools.read_from(log, at) if says_so else
                           self.ctl("status").status == 0),
                       "assentd to be ready", timeout=600, pause=0.001)
        assert self.process.poll() is None, "\n".join(self.lines)
        return self

    def __exit__(self, *_):
        """Its end isn't measured: nobody waits for the mail server."""
        self.clean_up()

    def cpu(self, *roles):
        """Seconds of CPU that the processes of these roles have used."""
        pids = self.pids()
        return sum(tools.cpu_of(pid) for role in roles for pid in pids.get(role, []))


class Unsynced(Ours):
    """The same, built to wait for no disk."""
    binary = "tests/bench/assentd-unsynced"
