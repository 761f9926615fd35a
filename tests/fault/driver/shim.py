# SPDX-License-Identifier: ISC
"""The other side of shim.h: writes the page that the preloaded library reads.
Everything in it is a number of 64 bits."""
import mmap
import os

from harness import env

ROLES = ["parent", "engine", "mailer", "admin", "web", "smtp", "other"]
KINDS = ["write", "read", "send", "receive", "put", "get", "sync", "size", "open", "name", "map",
         "accept", "connect", "fork", "memory"]
CALLS = [k for k in KINDS if k != "memory"]
FAIL, SHORT, END_BEFORE, END_AFTER = range(4)
STATUS = 137                    # of a process that was ended

_FIELDS = ["armed", "roles", "kinds", "nth", "sticky", "action", "error", "count", "hits"]
_CLOCKS = len(_FIELDS)
_SECOND = 10 ** 9


def _bits(names, chosen):
    return sum(1 << names.index(name) for name in chosen)


class Shim:
    """One page; whoever is started with `environment` obeys it."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.truncate(mmap.PAGESIZE)
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.words = memoryview(self.map).cast("q")

    @property
    def environment(self):
        library = env.program("fault-shim.so")
        others = os.environ.get("LD_PRELOAD")
        return {"LD_PRELOAD": f"{library}:{others}" if others else library,
                "ASSENT_FAULTS": str(self.path)}

    def _set(self, **fields):
        for name, value in fields.items():
            self.words[_FIELDS.index(name)] = int(value)

    def __getattr__(self, name):
        if name in _FIELDS:
            return self.words[_FIELDS.index(name)]
        raise AttributeError(name)

    def arm(self, roles, kinds, nth=0, action=FAIL, error=0, sticky=False):
        """The nth call from now of these kinds, by any of these roles; with
        nth = 0 they are only counted."""
        self._set(armed=0)
        self._set(roles=_bits(ROLES, roles), kinds=_bits(KINDS, kinds), nth=nth, sticky=sticky,
                  action=action, error=error, count=0, hits=0)
        self._set(armed=1)

    def disarm(self):
        """Returns how often it struck."""
        self._set(armed=0)
        return self.hits

    def move_clocks(self, seconds, roles=ROLES, wall=True, monotonic=True):
        """Of these roles, by so much more; they don't notice before they look."""
        for role in roles:
            at = _CLOCKS + 2 * ROLES.index(role)
            self.words[at] += int(seconds * _SECOND) * bool(monotonic)
            self.words[at + 1] += int(seconds * _SECOND) * bool(wall)

    def close(self):
        self.words.release()
        self.map.close()
