# SPDX-License-Identifier: ISC
"""Everything that is mailed, to people in every state; and a digest of all
that is stored, by which the smallest change is seen."""
import hashlib
import re

from . import env
from .config import Bare
from .daemon import Daemon
from .mail import TOKEN
from .metrics import Metrics
from .web import Web

# Who there is, and as what; of somebody else's request nothing is anybody's.
STATES = {"waiting": "pending", "withdrawn": None, "both": "confirmed",
          "left": "unsubscribed"}


def make_daemon(changes=None):
    """One that sends each kind of mail as often as it is asked to."""
    port = env.free_port()
    daemon = Daemon({
        "limits": {"interval": 0, "per_address": "off"},
        "admin": {"metrics": f"127.0.0.1:{port}"},
        ("list", "weekly"): {"goodbye": True, "confirm_within": Bare("72h")},
        **(changes or {})}, host="localhost")
    daemon.metrics = Web("127.0.0.1", port)
    return daemon


def posts(daemon, route=None, method="POST"):
    """How many of them were answered."""
    text = daemon.metrics.request("GET", "/metrics").text
    return sum(value for (name, *labels), value in Metrics(text).samples.items()
               if name == "assent_http_requests_total" and ("method", method) in labels
               and (route is None or ("route", route) in labels))


def stored(daemon):
    """Every byte of it."""
    return hashlib.sha256(daemon.database()).hexdigest()


def urls_in(daemon, mail):
    """Each URL of ours, in the header, the text and the HTML."""
    whole = "\n".join([mail.text, mail.html, *map(str, mail.message.values())])
    return set(re.findall(re.escape(daemon.base) + r"[^\s<>\"')]*", whole))


def ask_to_manage(daemon, address):
    """The mail with the link."""
    answer = daemon.web.post_form("/manage", {"email": address}, daemon.web.as_page())
    assert answer.status == 303, answer
    return env.wait_until(
        lambda: [m for m in daemon.mails.to(address) if m.links("manage")], "the link")[0]


class People:
    """One of each: who waits, who was somebody else, who is subscribed and
    asked again, who has left.  `urls` are all that they were mailed, each with
    whose it is and where it goes."""

    def __init__(self, daemon, name="scene"):
        self.daemon = daemon
        self.addresses = {who: f"{who}.{name}@example.com" for who in STATES}
        daemon.subscribe(self.addresses["waiting"])
        daemon.subscribe(self.addresses["withdrawn"])
        daemon.press(daemon.mails.wait(self.addresses["withdrawn"]).notme)
        daemon.confirmed(self.addresses["both"])
        daemon.subscribe(self.addresses["both"])
        ask_to_manage(daemon, self.addresses["both"])
        daemon.one_click(daemon.confirmed(self.addresses["left"]).unsubscribe)
        for who, count in (("waiting", 1), ("both", 4), ("left", 3)):
            daemon.mails.wait(self.addresses[who], count)
        daemon.settle()
        self.urls = {}
        for who, address in self.addresses.items():
            for mail in daemon.mails.to(address):
                for url in urls_in(daemon, mail):
                    self.urls.setdefault(url, who)

    def pages(self):
        """A link of each kind and person: {"waiting confirm": URL}."""
        return {f"{who} {url.split('/')[3]}": url
                for url, who in self.urls.items() if re.search(f"/{TOKEN}$", url)}
