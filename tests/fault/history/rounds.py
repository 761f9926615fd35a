# SPDX-License-Identifier: ISC
"""A history in rounds: each has a few new addresses, all clients, and all
trouble; then it is looked at in peace, and checked."""
import json

from harness import env

from .clients import Client, Site, note_mails, plan, run_clients
from .mailbox import Mailbox, plain
from .search import Undecided, explains
from .trouble import Trouble

CLIENTS, ADDRESSES, OPS_IN_ROUND = 8, 8, 800

CONFIG = {("list", "weekly"): {"welcome": False},
          "limits": {"per_address": "off", "interval": 0}}


class Peace:
    """Instead of trouble."""

    def pause(self):
        pass

    resume = stop = pause


class History:
    def __init__(self, daemon, seed, with_trouble=True):
        self.daemon, self.seed = daemon, seed
        self.mailbox = Mailbox(daemon.path / "mail")
        self.site = Site(daemon.port, daemon.values["admin"]["socket"], self.mailbox)
        self.trouble = Trouble(daemon, seed) if with_trouble else Peace()
        self.ops = self.unknown = 0
        self.last = {}          # by key: what show tells in the end

    def close(self):
        self.trouble.stop()
        self.mailbox.stop()

    def round(self, number, clients=CLIENTS, count=OPS_IN_ROUND):
        """Returns the operations of each address, or fails."""
        keys = [f"r{number}.a{i}" for i in range(ADDRESSES)]
        self.trouble.resume()
        ops = run_clients(self.site, plan(self.seed, keys, count, clients))
        self.trouble.pause()
        self._settle()
        ops = self._look(keys, ops)
        for key, some in ops.items():
            note_mails(some, self.mailbox)
            self.ops += len(some)
            self.unknown += sum(op.answer is None for op in some)
            check(key, some)
        assert not self.site.strange, self.site.strange[:3]
        assert not self.mailbox.bad, self.mailbox.bad[:3]
        return ops

    def check_list(self):
        """The listing says of each what it was told to be alone."""
        done = self.daemon.ctl("list", "--list", "weekly", "--format", "jsonl")
        assert done.status == 0, done
        listed = {(r["address"].lower(), r["state"])
                  for r in map(json.loads, done.out.splitlines())}
        shown = {(plain(key), state) for key, (status, told) in self.last.items()
                 if status == 200 for state in told[0]}
        for state in ("confirmed", "unsubscribed"):
            wrong = {each for each in listed ^ shown if each[1] == state}
            assert not wrong, wrong
        print(f"{len(shown)} states at the end, as listed")

    def _settle(self):
        """All that was posted before has been worked on and mailed."""
        client, key = Client(self.site), f"settle{self.ops}"
        env.wait_until(lambda: self._is_ready(client), "readiness", 60)
        client.act("subscribe", key)
        env.wait_until(lambda: self.mailbox.letters(key), "the last mail", 60)
        env.wait_until(lambda: client.admin.ask("GET", "/status")[1]["queue"]["total"] == 0,
                       "an empty outbox", 60)
        self.mailbox.read()
        client.close()

    def _is_ready(self, client):
        client.web.close()
        return client.web.open() and client.web.ask("GET", "/readyz")[0] == 200 \
            and client.admin.open() and client.admin.ask("GET", "/status")[0] == 200

    def _look(self, keys, ops):
        client = Client(self.site)
        for key in keys:
            client.act("show", key)
            self.last[key] = client.ops[key][-1].answer
            ops.setdefault(key, []).extend(client.ops[key])
        client.close()
        return ops


def check(key, ops):
    try:
        fits = explains(ops)
    except Undecided as error:
        raise AssertionError(f"{key} is undecided {error}:\n{tell(ops)}") from error
    assert fits, f"no order explains what {key} was told:\n{tell(ops)}"


def tell(ops):
    return "\n".join(map(repr, sorted(ops, key=lambda op: op.called)))
