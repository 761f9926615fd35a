# SPDX-License-Identifier: ISC
"""What befalls a daemon meanwhile: one of its processes is killed, or stopped
for a while; now and then all are killed at once, and it is started anew."""
import os
import random
import signal
import threading

from harness import env
from harness.daemon import is_alive, kill

ROLES = ["engine", "engine", "engine", "web", "web", "mailer", "admin", "parent"]
# The parent lets one that dies often wait: a new parent has forgotten that.
DEATHS_MAX = 2


class Trouble:
    def __init__(self, daemon, seed):
        self.daemon, self.chance = daemon, random.Random(f"{seed} trouble")
        self.stopping, self.idle = threading.Event(), threading.Event()
        self.deaths, self.counts, self.error = {}, {}, None
        self.roles = daemon.pids()
        self.paused = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    # ---- said by others ----
    def pause(self):
        """Nothing happens until resume()."""
        self.paused.set()
        if not self.idle.wait(120) or self.error:
            raise AssertionError(f"trouble never rests: {self.error!r}")

    def resume(self):
        self.idle.clear()
        self.paused.clear()

    def stop(self):
        self.stopping.set()
        self.thread.join()

    # ---- itself ----
    def _run(self):
        try:
            while not self.stopping.is_set():
                if self.paused.is_set():
                    self.idle.set()
                    self.stopping.wait(0.01)
                elif not self.stopping.wait(self.chance.uniform(0.02, 0.3)):
                    self._strike()
        except BaseException as error:      # told where it is asked for
            self.error = error
            self.idle.set()
            raise

    def _count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def _look(self):
        """Who is who now; while the admin process is away, who was."""
        try:
            self.roles = self.daemon.pids()
        except (AssertionError, ValueError, KeyError):
            pass

    def _strike(self):
        self._look()
        role = self.chance.choice(ROLES)
        if role == "parent":
            self._restart()
        elif self.chance.random() < 0.5:
            self._hold(role)
        elif self.deaths.get(role, 0) >= DEATHS_MAX:
            self._restart()
        else:
            self._kill(role)

    def _one(self, role):
        pids = [p for p in self.roles.get(role, ()) if p in self.daemon.family()]
        return self.chance.choice(pids) if pids else None

    def _kill(self, role):
        pid = self._one(role)
        if pid is not None:
            self.deaths[role] = self.deaths.get(role, 0) + 1
            self._count(f"kill {role}")
            kill(pid)

    def _hold(self, role):
        pid = self._one(role)
        if pid is None:
            return
        self._count(f"stop {role}")
        kill(pid, signal.SIGSTOP)
        self.stopping.wait(self.chance.uniform(0.01, 0.3))
        kill(pid, signal.SIGCONT)

    def _restart(self):
        """Once the parent stands still it starts nobody that isn't known."""
        daemon, pid = self.daemon, self.daemon.process.pid
        self._count("kill all")
        kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        family = daemon.family()
        self.chance.shuffle(family)
        for each in family:
            kill(each)
        daemon.process.wait(env.PATIENCE)
        env.wait_until(lambda: not any(map(is_alive, family)), "all to be gone", 60)
        self.deaths.clear()
        daemon.start()
