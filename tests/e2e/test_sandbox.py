# SPDX-License-Identifier: ISC
"""Each process holds no more than its job needs: escapes are tried from inside
the running processes themselves."""
import ctypes
import errno
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness import backups, env, inject
from harness.daemon import Daemon, descendants, is_alive
from harness.inject import Inside
from harness.mail import SmtpServer

from_inside = pytest.mark.skipif(inject.why_not() is not None, reason=str(inject.why_not()))

AT_FDCWD = -100
WRITE, CREATE = os.O_WRONLY, os.O_WRONLY | os.O_CREAT
PRIVATE = 0x22                              # memory of no file
ROLES = ["engine", "mailer", "admin", "web"]
CHILDREN = ROLES + ["copier", "session"]
# chown, dac_override, dac_read_search, fowner, kill, setgid, setuid, setpcap,
# net_bind_service, by their numbers.
PARENTS = {0, 1, 2, 3, 5, 6, 7, 8, 10}


class Silent:
    """A mail server that greets and says nothing more: its session stays."""

    def __enter__(self):
        self.port = env.free_port()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.listener.settimeout(env.PATIENCE)
        return self

    def greet(self):
        self.connection, _ = self.listener.accept()
        self.connection.sendall(b"220 slow.example.org ESMTP\r\n")

    def hang_up(self):
        self.listener.close()
        self.connection.close()

    def __exit__(self, *_):
        self.listener.close()


class Pids(dict):
    """By role; one that is missing is made: a copier doesn't stay for ever."""

    def __init__(self, pids, copier):
        super().__init__(pids)
        self.copier = copier

    def __missing__(self, role):
        assert role == "copier"
        return self.copier()


class World:
    """A daemon with a session, the pid of each process, and what its log says
    that its sandbox is made of."""

    def __init__(self, daemon, server):
        self.daemon, self.server = daemon, server
        line = next(line for line in daemon.lines if " sandbox of=" in line)
        self.calls = "seccomp" in line
        found = re.search(r"landlock-(\d+)", line)
        self.places = int(found.group(1)) if found else 0
        daemon.subscribe("held@example.com")
        server.greet()
        backups.fill(daemon)
        self.backup, self.copying = None, 0
        self.pids = Pids({role: found[0] for role, found in daemon.pids().items()},
                         self.copier)
        self.pids["parent"] = daemon.process.pid
        self.pids["session"] = env.wait_until(
            lambda: next(iter(descendants(self.pids["mailer"])), None), "a session")
        env.wait_until(lambda: self.status("session")["NoNewPrivs"] == "1" and (
            not self.calls or self.status("session")["Seccomp_filters"] == "3"),
            "the session's sandbox")

    def status(self, role):
        lines = Path(f"/proc/{self.pids[role]}/status").read_text().splitlines()
        return {k: v.strip() for k, _, v in (line.partition(":") for line in lines)}

    def copier(self):
        """One that writes to a client that doesn't read."""
        if self.backup is None or not is_alive(self.copying):
            self.end_backup()
            self.backup = backups.Client(self.daemon)
            self.copying = self.backup.copier()
        return self.copying

    def end_backup(self):
        if self.backup is not None:
            self.backup.__exit__()
            env.wait_until(lambda: "copier" not in self.daemon.pids(), "its end")

    def other(self, role):
        """Another process of the same user."""
        return self.pids["engine" if role != "engine" else "web"]


@pytest.fixture(scope="module")
def world():
    if inject.why_not():
        pytest.skip(inject.why_not())
    if env.SANITIZED:
        pytest.skip("a build with sanitizers has half a sandbox")
    with Silent() as server, Daemon(mails=server) as daemon:
        result = World(daemon, server)
        yield result
        result.end_backup()
        server.hang_up()
        assert not any("child_died" in line for line in daemon.lines), daemon.log


def is_refused(answer):
    return -answer in (errno.EPERM, errno.EACCES, errno.ENOSYS)


def capabilities(text):
    return {n for n in range(64) if int(text, 16) >> n & 1}


# ---- what each has ----

@pytest.mark.parametrize("role", CHILDREN)
def test_a_child_is_nobody_and_can_do_nothing(world, role):
    status = world.status(role)
    nobody = env.owner()
    assert status["Uid"].split() == [str(nobody.pw_uid)] * 4
    assert status["Gid"].split() == [str(nobody.pw_gid)] * 4
    assert status["Groups"].split() in ([], [str(nobody.pw_gid)])
    assert status["NoNewPrivs"] == "1"
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert capabilities(status[name]) == set(), name
    if world.calls:
        assert status["Seccomp"] == "2"


def test_the_parent_keeps_what_it_needs(world):
    status = world.status("parent")
    assert status["NoNewPrivs"] == "1"
    for name in ("CapPrm", "CapEff", "CapBnd"):
        assert capabilities(status[name]) <= PARENTS, name
    assert capabilities(status["CapInh"]) | capabilities(status["CapAmb"]) == set()
    if world.calls:
        assert status["Seccomp"] == "2"


@pytest.mark.parametrize("role", CHILDREN + ["parent"])
def test_its_memory_is_its_own(world, role):
    """No core file, and under /proc nothing for others of the same user."""
    pid = world.pids[role]
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"^Max core file size +0 +0 ", limits, re.M), limits
    assert os.stat(f"/proc/{pid}/mem").st_uid == 0
    nobody = env.owner()
    reader = os.fork()
    if reader == 0:
        try:
            os.setgroups([])
            os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
            os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)
            os.open(f"/proc/{pid}/environ", os.O_RDONLY)
            os._exit(1)
        except PermissionError:
            os._exit(0)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1]) == 0


def test_all_that_the_kernel_has_is_used(world):
    actions = Path("/proc/sys/kernel/seccomp/actions_avail")
    assert world.calls == (actions.exists() and "trap" in actions.read_text().split())
    version = ctypes.CDLL(None).syscall(444, None, 0, 1)    # landlock_create_ruleset
    assert world.places == (version if version >= 2 else 0)


def test_status_tells_of_it(world):
    told = world.daemon.status()["sandbox"]
    assert ("seccomp" in told) == world.calls
    assert (f"landlock-{world.places}" in told) == (world.places > 0)
    done = world.daemon.ctl("status")
    assert done.status == 0 and f"Sandbox is {told}\n" in done.out


# ---- files ----

@pytest.fixture(scope="module")
def outside(world):
    """A folder and a file of the same user, which are none of its business."""
    folder = env.Folder()
    (folder.path / "file").write_text("for all to read")
    (folder.path / "file").chmod(0o644)
    env.give_away(folder.path / "file")
    yield folder.path
    made = [p.name for p in folder.path.iterdir()]
    folder.remove()
    assert made == ["file"]


@pytest.mark.parametrize("role", CHILDREN)
def test_files_of_others_stay_closed(world, outside, role):
    if not world.places:
        pytest.skip("no Landlock here")
    daemon = world.daemon.path
    tries = [
        ("/etc/shadow", os.O_RDONLY), ("/etc/passwd", os.O_RDONLY),
        (outside / "file", os.O_RDONLY), (outside / "file", WRITE),
        (outside / "file", WRITE | os.O_TRUNC), (outside / "made", CREATE),
        (daemon / "made", CREATE), (daemon / "assent.conf", os.O_RDONLY),
        (daemon / "secret", os.O_RDONLY), ("/tmp/assent-made", CREATE),
        ("/", os.O_RDONLY | os.O_DIRECTORY), ("/etc", os.O_RDONLY | os.O_DIRECTORY),
        (f"/proc/{world.other(role)}/mem", os.O_RDWR),
        (f"/proc/{world.pids['parent']}/mem", os.O_RDWR),
        (f"/proc/{world.other(role)}/environ", os.O_RDONLY),
    ]
    if role not in ("engine", "copier"):
        tries += [(daemon / "db/data.mdb", os.O_RDONLY), (daemon / "db/data.mdb", WRITE)]
    with Inside(world.pids[role]) as process:
        for path, flags in tries:
            answer = process.call("openat", AT_FDCWD, os.fsencode(path), flags, 0o600)
            assert is_refused(answer), (path, flags, answer)
        for name, *arguments in (("unlink", outside / "file"),
                                 ("rename", outside / "file", outside / "renamed"),
                                 ("mkdir", outside / "folder"),
                                 ("truncate", outside / "file")):
            paths = [os.fsencode(a) for a in arguments]
            answer = process.call(name, *paths, *([0] if len(paths) == 1 else []))
            assert is_refused(answer), (name, answer)


def test_the_engine_has_its_database(world):
    path = os.fsencode(world.daemon.path / "db/data.mdb")
    with Inside(world.pids["engine"]) as engine:
        fd = engine.call("openat", AT_FDCWD, path, os.O_RDWR, 0)
        assert fd > 2
        assert engine.call("close", fd) == 0


def test_the_copier_reads_the_database(world):
    path = os.fsencode(world.daemon.path / "db/data.mdb")
    with Inside(world.pids["copier"]) as copier:
        fd = copier.call("openat", AT_FDCWD, path, os.O_RDONLY, 0)
        assert fd > 2
        assert copier.call("close", fd) == 0
        if world.places:
            for flags in (os.O_RDWR, WRITE | os.O_TRUNC):
                assert is_refused(copier.call("openat", AT_FDCWD, path, flags, 0))
        if world.calls:
            assert is_refused(copier.call("unlink", path))


def test_the_mailer_may_ask_for_names(world):
    with Inside(world.pids["mailer"]) as mailer:
        fd = mailer.call("openat", AT_FDCWD, b"/etc/resolv.conf", os.O_RDONLY, 0)
        assert fd > 2 or not Path("/etc/resolv.conf").exists()
        if fd > 2:
            assert mailer.call("close", fd) == 0


@pytest.mark.parametrize("role", ["web", "admin", "session"])
def test_who_needs_no_file_opens_none(world, role):
    if not world.calls:
        pytest.skip("no seccomp here")
    with Inside(world.pids[role]) as process:
        assert process.call("openat", AT_FDCWD, b"/dev/null", os.O_RDONLY, 0) == -errno.EPERM
        assert process.call("open", b"/dev/null", os.O_RDONLY, 0) == -errno.EPERM


# ---- sockets, processes, code ----

def test_a_connection_in_the_clear_is_the_sessions_alone(world):
    """The mailer has nothing to do with what is said on it."""
    ours = next(fields[9] for fields in map(str.split, open("/proc/net/tcp"))
                if fields[2].endswith(f":{world.server.port:04X}"))
    holders = [role for role in ("mailer", "session")
               for fd in Path(f"/proc/{world.pids[role]}/fd").iterdir()
               if os.readlink(fd) == f"socket:[{ours}]"]
    assert set(holders) == {"session"}



def address(port):
    return struct.pack("=H", socket.AF_INET) + struct.pack(">H", port) + b"\x7f\0\0\1" + bytes(8)


@pytest.mark.parametrize("role", [r for r in CHILDREN if r != "mailer"])
def test_calls_that_are_not_its_business(world, role):
    if not world.calls:
        pytest.skip("no seccomp here")
    tries = [
        ("socket", socket.AF_INET, socket.SOCK_STREAM, 0),
        ("socket", socket.AF_INET6, socket.SOCK_DGRAM, 0),
        ("socket", socket.AF_UNIX, socket.SOCK_STREAM, 0),
        ("socket", socket.AF_UNIX, socket.SOCK_DGRAM, 0),
        ("socket", socket.AF_NETLINK, socket.SOCK_RAW, 0),
        ("connect", 0, address(25), 16), ("bind", 0, address(0), 16),
        ("clone", signal.SIGCHLD, 0, 0, 0, 0), ("fork",), ("clone3", bytes(64), 64),
        ("kill", world.pids["parent"], 0), ("kill", world.other(role), 0),
        ("kill", world.other(role), signal.SIGKILL),
        ("tgkill", world.other(role), world.other(role), signal.SIGKILL),
        ("mmap", 0, 4096, 7, PRIVATE, -1, 0), ("io_uring_setup", 1, bytes(128)),
        ("prctl", 4, 1, 0, 0, 0),           # PR_SET_DUMPABLE
    ]
    with Inside(world.pids[role]) as process:
        for name, *arguments in tries:
            answer = process.call(name, *arguments)
            assert is_refused(answer), (name, arguments, answer)


def test_the_mailer_reaches_its_server_and_no_other(world):
    with socket.create_server(("127.0.0.1", env.free_port())) as other, \
            Inside(world.pids["mailer"]) as mailer:
        port = other.getsockname()[1]
        for allowed, target in ((True, world.server.port), (False, port)):
            fd = mailer.call("socket", socket.AF_INET, socket.SOCK_STREAM, 0)
            assert fd > 2
            answer = mailer.call("connect", fd, address(target), 16)
            assert mailer.call("close", fd) == 0
            if allowed:
                assert answer == 0
            elif world.places >= 4:
                assert answer == -errno.EACCES


def test_what_the_mailer_may_not(world):
    tries = [
        (world.calls, "socket", socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        (world.calls, "socket", socket.AF_UNIX, socket.SOCK_STREAM, 0),
        (world.calls, "socket", socket.AF_NETLINK, socket.SOCK_RAW, 0),
        (world.calls, "bind", 0, address(0), 16),
        (world.calls, "clone3", bytes(64), 64),
        (world.calls, "clone", signal.SIGCHLD | 0x10000000, 0, 0, 0, 0),    # CLONE_NEWUSER
        (True, "kill", world.pids["parent"], 0),
        (world.places >= 6, "kill", world.other("mailer"), 0),
        (world.places >= 6, "kill", world.other("mailer"), signal.SIGKILL),
        (world.places, "execve", b"/bin/true", 0, 0),
        (world.places, "execve", b"/usr/bin/env", 0, 0),
    ]
    with Inside(world.pids["mailer"]) as mailer:
        for may_hold, name, *arguments in tries:
            if may_hold:
                answer = mailer.call(name, *arguments)
                assert is_refused(answer), (name, arguments, answer)


# ---- what it doesn't outlive ----

NEVER = {
    "engine": ("execve", b"/bin/true", 0, 0),
    "web": ("ptrace", 16, 1, 0, 0),
    "admin": ("process_vm_readv", 1, 0, 0, 0, 0, 0),
    "mailer": ("setresuid", 0, 0, 0),
}


@from_inside
@pytest.mark.parametrize("role", ROLES)
def test_an_attack_ends_the_process_and_is_logged(make_daemon, role):
    daemon = make_daemon()
    if not any("seccomp" in line for line in daemon.lines):
        pytest.skip("no seccomp here")
    daemon.confirmed("before@example.com")
    name, *arguments = NEVER[role]
    pid = daemon.pids()[role][0]
    with Inside(pid) as process:
        process.dare(name, *arguments)
    line = daemon.wait_log(r"\bforbidden_call\b")
    assert f"number={inject.NUMBERS[name]} name={name}" in line
    assert f" {role}" in line
    line = daemon.wait_log(r"\bchild_died\b")
    assert f"pid={pid} signal={signal.SIGSYS.value} " in line
    env.wait_until(daemon.is_ready, "readiness")
    daemon.confirmed("after@example.com")


def test_an_attack_from_a_session(world):
    """Last of all in that world: its session is gone then."""
    if not world.calls:
        pytest.skip("no seccomp here")
    with Inside(world.pids["session"]) as session:
        session.dare("execve", b"/bin/true", 0, 0)
    line = world.daemon.wait_log(r"\bforbidden_call\b")
    assert f"number={inject.NUMBERS['execve']} name=execve" in line


# ---- what must go on working inside ----

def test_logs_are_opened_anew_inside(make_daemon):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        env.give_away(folder)
        log = Path(folder) / "assent.log"
        daemon = make_daemon({"log": {"target": str(log), "level": "debug"}}, start=False)
        daemon.launch()
        env.wait_until(lambda: log.exists() and " ready " in log.read_text(), "readiness")
        daemon.confirmed("before@example.com")
        log.rename(Path(folder) / "old.log")
        daemon.process.send_signal(signal.SIGUSR1)

        def names():
            daemon.subscribe(f"a{os.urandom(4).hex()}@example.com")
            daemon.settle()
            text = log.read_text() if log.exists() else ""
            return {line.split()[2].rstrip("01") for line in text.splitlines()}
        env.wait_until(lambda: {"admin", "mailer"} <= names(), "their lines in the new file")
        for role, pids in daemon.pids().items() if os.geteuid() == 0 else ():
            for pid in pids:
                opened = {os.readlink(f"/proc/{pid}/fd/{fd}")
                          for fd in os.listdir(f"/proc/{pid}/fd")}
                assert str(log) in opened, (role, opened)


@from_inside
def test_a_log_is_all_there_is_of_its_folder(make_daemon):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        env.give_away(folder)
        log = Path(folder) / "assent.log"
        daemon = make_daemon({"log": {"target": str(log)}}, start=False)
        daemon.launch()
        env.wait_until(lambda: log.exists() and " ready " in log.read_text(), "readiness")
        if "seccomp" not in log.read_text():
            pytest.skip("no seccomp here")
        for role in ROLES:
            if role != "web" and "landlock" not in log.read_text():
                continue
            with Inside(daemon.pids()[role][0]) as process:
                for path, flags in ((log, os.O_WRONLY | os.O_APPEND),
                                    (Path(folder) / "other.log", CREATE)):
                    answer = process.call("openat", AT_FDCWD, os.fsencode(path), flags, 0o600)
                    assert is_refused(answer), (role, path, answer)


def test_a_maildir_that_is_removed_comes_back(make_daemon):
    """Its new folder is another one, which the old process can't open: a new
    one takes its place, and no mail is lost."""
    daemon = make_daemon()
    daemon.confirmed("before@example.com")
    shutil.rmtree(daemon.path / "mail")
    daemon.confirmed("after@example.com")
    assert daemon.queued() == 0
    restarts = [p["restarts"] for p in daemon.status()["processes"] if p["role"] == "mailer"]
    assert restarts == [1]
    daemon.wait_log(r"\bmailer_renewed\b")


@pytest.mark.skipif(os.geteuid() != 0, reason="an /etc of one's own is for root alone")
def test_names_are_looked_up_in_the_files_there_are_now(make_daemon):
    """Another /etc/hosts takes the place of the one that the mailer may read."""
    with tempfile.TemporaryDirectory(dir="/tmp") as etc, SmtpServer() as server:
        os.chmod(etc, 0o755)
        for name in ("hosts", "passwd", "group", "nsswitch.conf", "ld.so.cache", "ssl"):
            if os.path.isdir(f"/etc/{name}"):
                shutil.copytree(f"/etc/{name}", f"{etc}/{name}", symlinks=True)
            elif os.path.exists(f"/etc/{name}"):
                shutil.copy(f"/etc/{name}", etc)
        daemon = make_daemon({"mail": {"host": "localhost"}}, mails=server, start=False)
        own = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc && exec "$@"', etc]
        daemon.popen = lambda args, **kwargs: subprocess.Popen([*own, *args], **kwargs)
        for turn in range(2):
            new = Path(etc) / "hosts.new"
            new.write_text(f"127.0.0.1 localhost turn{turn}\n")
            new.rename(Path(etc) / "hosts")
            if turn == 0:
                daemon.start()
            daemon.confirmed(f"turn{turn}@example.com")
        daemon.wait_log(r"\bmailer_renewed\b.*hosts")
