# SPDX-License-Identifier: ISC
"""Where things are, who runs them, and small waits for events."""
import collections
import os
import pwd
import random
import shutil
import socket
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("ASSENT_BUILD", SOURCE / "build")).resolve()
TEMPLATES = SOURCE / "templates"
SANITIZED = os.environ.get("ASSENT_SANITIZED", "") not in ("", "0")

# As root, the daemon's children need somebody else to be.
USER = "nobody" if os.geteuid() == 0 else None

# A build with sanitizers is slower; no test waits longer than it has to.
PATIENCE = 90 if SANITIZED else int(os.environ.get("ASSENT_PATIENCE", 30))


def _find_memory():
    """A folder in memory with room for a few hundred databases, where programs
    can be run; a container's often is too small."""
    try:
        there = os.statvfs("/dev/shm")
    except OSError:
        return None
    roomy = there.f_bavail * there.f_frsize > 2 << 30
    good = roomy and not there.f_flag & os.ST_NOEXEC and os.access("/dev/shm", os.W_OK)
    return "/dev/shm" if good else None


DISK = "/tmp"
# Where no disk is waited for, thousands of times: nothing has to last.
MEMORY = _find_memory() or DISK


class Timeout(AssertionError):
    """What was waited for did not happen."""


def program(name):
    path = BUILD / name
    assert path.exists(), f"{path} is not built (set ASSENT_BUILD)"
    return str(path)


def wait_until(condition, what, timeout=PATIENCE, pause=0.02):
    """The first true value of condition(); Timeout after that many seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f"waited {timeout} s for {what() if callable(what) else what}")
        time.sleep(pause)


_GIVEN = collections.deque(maxlen=500)


def free_port():
    """A port nobody listens on, nor was told to lately; outside of the range
    clients get theirs from; each worker of a parallel run has its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    low = 12000 + 2000 * (int(worker) % 10)
    while True:
        port = random.SystemRandom().randrange(low, low + 2000)
        if port in _GIVEN:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _GIVEN.append(port)
        return port


def owner():
    """The daemon's user, of the system's user database."""
    return pwd.getpwnam(USER) if USER else pwd.getpwuid(os.geteuid())


def give_away(path):
    """Makes the daemon's user the owner, as an administrator would."""
    if USER:
        os.chown(path, owner().pw_uid, owner().pw_gid)


class Folder:
    """A temporary folder that the daemon's user can reach."""

    def __init__(self, prefix="assent-e2e-", within=MEMORY):
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
        self.path.chmod(0o755)
        give_away(self.path)

    def make(self, name):
        path = self.path / name
        path.mkdir()
        give_away(path)
        return path

    def remove(self):
        if not os.environ.get("ASSENT_KEEP"):
            shutil.rmtree(self.path, ignore_errors=True)
