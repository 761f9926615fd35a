# SPDX-License-Identifier: ISC
"""assentd in a folder of its own: started, watched, stopped, and held to end
with status 0 and no sanitizer's report."""
import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

from . import config, env, mail, web

REPORTS = re.compile(
    r"(ERROR: \w*Sanitizer|runtime error:|SUMMARY: \w*Sanitizer|Assertion .* failed)")


class Result:
    """What a command did."""

    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"<exit {self.status}, out {self.out[:500]!r}, err {self.err[:500]!r}>"

    def json(self):
        return json.loads(self.out)


def run(name, *args, stdin=None, timeout=60):
    return Result(subprocess.run(
        [env.program(name), *args], input=stdin, text=True, timeout=timeout,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True))


class Daemon:
    """One daemon and its folder.  `changes` are laid over the default config;
    `mails` is where its mails arrive (a Maildir unless another is given)."""
    binary = "assentd"

    where = env.MEMORY

    def __init__(self, changes=None, mails=None, host="127.0.0.1", folder=None):
        self.folder = folder or env.Folder(within=self.where)
        self.path = self.folder.path
        self.port = env.free_port()
        self.host = host
        self.folder.make("db")
        self.folder.make("mail")
        self.values = config.defaults(self.path, self.port, env.TEMPLATES,
                                      env.USER, host)
        if mails is not None:
            self.values["mail"] = {"transport": "smtp", "host": "127.0.0.1",
                                   "port": mails.port, "tls": "none",
                                   "check_domains": False}
        self.values = config.merge(self.values, changes or {})
        self.mails = mails if mails is not None else mail.Maildir(self.path / "mail")
        self.web = web.Web(host, self.port)
        self.conf = self.path / "assent.conf"
        self.process, self.lines, self.news = None, [], threading.Condition()
        self.popen = subprocess.Popen       # a service manager has its own way
        self.killed = False

    @property
    def base(self):
        return self.values["base_url"]

    # ---- its life ----
    def write_config(self):
        self.conf.write_text(config.render(self.values))
        return self.conf

    def launch(self):
        """Starts it without waiting for anything."""
        self.write_config()
        self.started_at_line = len(self.lines)
        self.process = self.popen(
            [env.program(self.binary), "-f", str(self.conf)], cwd=self.path,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=self._environment())
        self.reader = threading.Thread(
            target=self._read, args=(self.process.stderr,), daemon=True)
        self.reader.start()
        return self

    def start(self):
        self.launch()
        self.wait_log(r"\bready\b", since=self.started_at_line)
        return self

    def _environment(self):
        result = {k: v for k, v in os.environ.items() if not k.startswith("LC_")}
        result.setdefault("ASSENT_LIBEXEC", str(env.BUILD))
        result.setdefault("ASAN_OPTIONS", "abort_on_error=0:exitcode=99:handle_abort=1")
        result.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
        return result

    def stop(self):
        """SIGTERM; asserts that it ends well and left nothing behind."""
        family = self.family()
        self.process.send_signal(signal.SIGTERM)
        status = self.wait_exit()
        self.check_log()
        assert status == 0, f"exit {status}:\n{self.log_tail()}"
        env.wait_until(lambda: not any(map(is_alive, family)),
                       lambda: f"processes {[p for p in family if is_alive(p)]} to end")
        # Whatever the test has made of the config: the folder alone.
        done = run("assentctl", "fsck", "-d", self.values["database"])
        assert done.status == 0, done

    def wait_exit(self, timeout=env.PATIENCE):
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise env.Timeout(f"still running after {timeout} s:\n{self.log_tail()}")
        self.reader.join(5)
        return status

    def kill_all(self):
        """SIGKILL to the parent and all its children at once."""
        family = self.family()
        for pid in family:
            kill(pid)
        self.process.wait(env.PATIENCE)
        env.wait_until(lambda: not any(map(is_alive, family)), "all to be gone")

    def clean_up(self):
        """Whatever happened: nothing of it goes on, its folder is gone."""
        if self.process and self.process.poll() is None:
            for pid in self.family():
                kill(pid)
            self.process.wait(10)
        self.folder.remove()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.clean_up()
            raise

    def __exit__(self, kind, *_):
        try:
            if kind is None and self.process.poll() is None:
                self.stop()
            elif kind is None:
                self.check_log()
        finally:
            self.clean_up()

    # ---- its log ----
    def _read(self, stream):
        for line in stream:
            with self.news:
                self.lines.append(line.decode("utf-8", "backslashreplace").rstrip("\n"))
                self.news.notify_all()
        stream.close()

    @property
    def log(self):
        with self.news:
            return "\n".join(self.lines)

    def log_tail(self, count=40):
        return "\n".join(self.lines[-count:])

    def wait_log(self, pattern, since=0, timeout=env.PATIENCE):
        """The first line that matches, from line `since` on."""
        end = time.monotonic() + timeout
        with self.news:
            while True:
                for line in self.lines[since:]:
                    if re.search(pattern, line):
                        return line
                left = end - time.monotonic()
                if self.process.poll() is not None:
                    left = min(left, 1)
                if left <= 0 or (self.process.poll() is not None
                                 and not self.reader.is_alive()):
                    raise env.Timeout(f"no {pattern!r} in the log:\n{self.log_tail()}")
                self.news.wait(min(left, 0.2))

    def check_log(self):
        found = REPORTS.search(self.log)
        assert not found, f"a report in the log:\n{self.log[found.start():][:6000]}"

    # ---- its processes ----
    def family(self):
        """Its pid and those of all its descendants."""
        return [self.process.pid] + descendants(self.process.pid)

    def pids(self):
        """The pids by role: {"engine": [1], "web": [2, 3] …}."""
        result = {}
        for each in self.status()["processes"]:
            if each["pid"]:
                result.setdefault(each["role"], []).append(each["pid"])
        return result

    # ---- its admin's tool ----
    def ctl(self, *args, stdin=None):
        return run("assentctl", "-s", self.values["admin"]["socket"], *args, stdin=stdin)

    def fsck(self, timeout=600):
        """Of a daemon that is stopped: its database is as it should be."""
        done = run("assentctl", "fsck", "-f", str(self.write_config()), timeout=timeout)
        assert done.status == 0, done
        return done

    def status(self):
        done = self.ctl("--json", "status")
        # 1, with what is known without it: the engine is being restarted.
        assert done.status == 0 or done.out.startswith("{"), done
        return done.json()

    def is_ready(self):
        """Whether web and admin processes are there, and have found the engine."""
        try:
            return self.web.get("/readyz").status == 200 and self.ctl("status").status == 0
        except (OSError, http.client.HTTPException):
            return False

    def queued(self):
        """How many mails wait in the outbox."""
        return self.status()["queue"]["total"]

    def engine(self):
        """The engine's counters since its start."""
        return self.status()["engine"]

    def show(self, address):
        """The object of `show --json`; None for an unknown address."""
        done = self.ctl("--json", "show", address)
        if done.status == 1 and not done.out.strip():
            return None
        assert done.status == 0, done
        return done.json()

    def state(self, address, name="weekly"):
        found = self.show(address)
        states = [s["state"] for s in (found or {}).get("subscriptions", [])
                  if s["list"] == name]
        # Whoever left may have asked again, and waits: that is told last.
        assert len(states) <= 1 or states == ["unsubscribed", "pending"], found
        return states[-1] if states else None

    def wait_state(self, address, state, name="weekly"):
        env.wait_until(lambda: self.state(address, name) == state,
                       lambda: f"{address} to be {state}, is {self.state(address, name)}")

    # ---- the way of a subscription ----
    def subscribe(self, address, lists=("weekly",), **fields):
        """A person's form post on our own page; 303 with the cookie."""
        pairs = [("email", address)] + [("list", n) for n in lists]
        pairs += list(fields.items())
        answer = self.web.post_form("/subscribe", pairs, self.web.as_page())
        assert answer.status == 303, answer
        return answer

    def press(self, url, **headers):
        """A person presses the button of a confirm, unsubscribe or not-me page."""
        return self.web.post_form(url, {"press": "1"}, {**self.web.as_page(), **headers})

    def one_click(self, url):
        return self.web.request("POST", url, {"Content-Type": web.URLENCODED},
                                "List-Unsubscribe=One-Click")

    def wait_told(self, address, count):
        """So many mails to it are known to have gone: the engine learns that
        after the mail is there."""
        def told():
            events = (self.show(address) or {}).get("events", [])
            return sum(e["event"] == "mailed" for e in events) >= count
        env.wait_until(told, lambda: f"{count} mailed: {self.show(address)}")

    def confirmed(self, address, lists=("weekly",), in_order=False, **fields):
        """Takes an address all the way; returns its welcome mail, or None.
        In order: nobody is faster than the engine learns that a mail went."""
        seen = len(self.mails.to(address))
        self.subscribe(address, lists, **fields)
        mail = self.mails.wait(address, seen + 1)
        if in_order:
            self.wait_told(address, seen + 1)
        answer = self.press(mail.confirm)
        assert answer.status in (200, 303), answer
        if not self.values[("list", lists[0])].get("welcome"):
            return None
        mail = self.mails.wait(address, seen + 2)
        if in_order:
            self.wait_told(address, seen + 2)
        return mail

    def database(self):
        """Its file, once it has what stood in the journal."""
        journal = self.path / "db/journal"
        env.wait_until(lambda: not any(journal.read_bytes()[16:]), "the journal to be empty")
        return (self.path / "db/data.mdb").read_bytes()

    def settle(self):
        """Returns when all that was posted before has been worked on and
        mailed: a last address's mail is there and the queue is empty."""
        marker = f"marker{time.monotonic_ns()}@example.net"
        self.subscribe(marker)
        self.mails.wait(marker)
        env.wait_until(lambda: self.queued() == 0, "an empty outbox")


class DaemonOnDisk(Daemon):
    """One whose syncs take the time that they do."""
    where = env.DISK


def kill(pid, how=signal.SIGKILL):
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        pass


def is_alive(pid):
    """Is it there, and more than a zombie?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid):
    try:
        return [int(p) for task in Path(f"/proc/{pid}/task").iterdir()
                for p in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid):
    ours = children(pid)
    return ours + [d for c in ours for d in descendants(c)]
