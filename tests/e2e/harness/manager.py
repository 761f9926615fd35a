# SPDX-License-Identifier: ISC
"""A small stand-in for systemd: it binds the sockets, passes them to one
daemon after the other (sd_listen_fds(3)), and hears what they say
(sd_notify(3))."""
import os
import signal
import socket
import subprocess
import sys

from . import env

# Becomes the daemon, with the sockets as 3, 4 and so on, and nothing else.
LAUNCHER = """
import fcntl, os, sys
fds = [int(fd) for fd in sys.argv[1].split(",") if fd]
high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in fds]
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)
os.closerange(3 + len(fds), 1000)
os.environ.setdefault("LISTEN_PID", str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


class Manager:
    """Holds sockets for one Daemon, and starts it with them."""

    def __init__(self, daemon, sockets, names=(), **environment):
        self.daemon, self.sockets, self.names = daemon, list(sockets), names
        self.environment = environment
        self.heard = []
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(daemon.path / "notify"))
        self.notify.setblocking(False)
        daemon.popen = self._popen

    def close(self):
        for each in [*self.sockets, self.notify]:
            each.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _popen(self, command, env=None, **kwargs):
        fds = [s.fileno() for s in self.sockets]
        return subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, ",".join(map(str, fds)), *command],
            pass_fds=fds, env={
                **env, "LISTEN_FDS": str(len(fds)),
                "LISTEN_FDNAMES": ":".join(self.names),
                "NOTIFY_SOCKET": str(self.daemon.path / "notify"),
                **self.environment}, **kwargs)

    def said(self):
        """All that the daemons told so far."""
        while True:
            try:
                self.heard.append(self.notify.recv(4096).decode())
            except BlockingIOError:
                return self.heard

    def restart(self):
        """What `systemctl restart` does: SIGTERM to the main process, and
        the next one once it is gone."""
        self.daemon.process.send_signal(signal.SIGTERM)
        assert self.daemon.wait_exit() == 0, self.daemon.log_tail()
        self.daemon.start()


def listening(address, backlog=4096):
    """A bound, listening socket: TCP on loopback, or a path's."""
    if isinstance(address, int):
        return socket.create_server(("127.0.0.1", address), backlog=backlog)
    s = socket.socket(socket.AF_UNIX)
    s.bind(str(address))
    os.chmod(address, 0o660)
    env.give_away(address)
    s.listen(backlog)
    return s
