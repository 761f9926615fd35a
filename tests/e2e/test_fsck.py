# SPDX-License-Identifier: ISC
"""assentctl fsck: says nothing of a database that is as it should be, finds
what isn't, and leaves alone what it can't look at."""
import json
import os
import shutil
import signal
import subprocess

import pytest

from harness import env
from harness.daemon import children, kill, run


def live(daemon):
    """A life of all that leaves rows behind."""
    daemon.confirmed("stays@example.com")
    leaver = daemon.confirmed("leaves@example.com")
    assert daemon.one_click(leaver.unsubscribe).status == 200
    daemon.subscribe("waits@example.com")
    daemon.subscribe("denies@example.com")
    daemon.press(daemon.mails.wait("denies@example.com").notme)
    daemon.confirmed("erased@example.com")
    assert daemon.ctl("erase", "erased@example.com").status == 0
    assert daemon.ctl("suppress", "never@example.com").status == 0
    daemon.settle()


def test_a_healthy_database_is_clean(make_daemon):
    daemon = make_daemon()
    live(daemon)
    daemon.stop()
    assert daemon.fsck().out.endswith(", 0 findings\n")
    without_secret = run("assentctl", "fsck", "-d", daemon.values["database"])
    assert without_secret.status == 0, without_secret


def test_a_running_daemon_keeps_it_out(make_daemon):
    daemon = make_daemon()
    for which in (("-f", str(daemon.conf)), ("-d", daemon.values["database"])):
        done = run("assentctl", "fsck", *which)
        assert (done.status, done.out) == (2, ""), done
        assert "stop it first" in done.err, done


def test_it_keeps_a_daemon_out_and_leaves_nothing_behind(make_daemon):
    daemon = make_daemon()
    daemon.stop()
    database = daemon.path / "db"
    before = {f.name: (f.read_bytes(), f.stat().st_mtime_ns) for f in database.iterdir()}
    daemon.fsck()
    after = {f.name: (f.read_bytes(), f.stat().st_mtime_ns) for f in database.iterdir()}
    assert after == before
    copy = daemon.path / "copy"
    copy.mkdir()
    shutil.copy(database / "data.mdb", copy)
    assert run("assentctl", "fsck", "-d", str(copy)).status == 0
    assert [f.name for f in copy.iterdir()] == ["data.mdb"]


def test_what_it_cannot_look_at(make_daemon, tmp_path):
    daemon = make_daemon()
    daemon.stop()
    for args, said in ((("-d", str(tmp_path)), "No such file"),
                       (("-f", str(tmp_path / "none.conf")), "none.conf")):
        done = run("assentctl", "fsck", *args)
        assert (done.status, done.out) == (2, ""), done
        assert said in done.err, done
    (daemon.path / "secret").unlink()
    done = run("assentctl", "fsck", "-f", str(daemon.conf))
    assert (done.status, done.out) == (2, ""), done
    assert "secret" in done.err, done


def test_findings_are_lines_without_an_address(make_daemon):
    daemon = make_daemon()
    daemon.confirmed("reader@example.com")
    daemon.stop()
    file = daemon.path / "db" / "data.mdb"
    file.write_bytes(file.read_bytes().replace(b"reader@example.com", b"leader@example.com"))
    done = run("assentctl", "fsck", "-f", str(daemon.conf))
    assert done.status == 1, done
    *findings, totals = done.out.splitlines()
    assert findings and totals.endswith(f" {len(findings)} findings"), done
    assert "checksum" in findings[0] and "example.com" not in done.out, done
    done = run("assentctl", "--json", "fsck", "-f", str(daemon.conf))
    objects = [json.loads(line) for line in done.out.splitlines()]
    assert [f"{o['table']} {o['key']} {o['finding']}" for o in objects[:-1]] == findings
    assert objects[-1]["findings"] == len(findings) and objects[-1]["rows"] > 10


@pytest.mark.parametrize("how, status, said", [
    (signal.SIGBUS, 1, "damaged below its rows"), (signal.SIGKILL, 2, "ended by signal 9")])
def test_whatever_reading_it_does(tmp_path, how, status, said):
    """The process that reads dies: here it hangs in a pipe and is killed."""
    os.mkfifo(tmp_path / "data.mdb")
    with subprocess.Popen([env.program("assentctl"), "fsck", "-d", str(tmp_path)],
                          stderr=subprocess.PIPE, text=True) as fsck:
        reader = env.wait_until(lambda: children(fsck.pid), "the process that reads")
        env.wait_until(lambda: is_blocked(reader[0]), "it to read")
        kill(reader[0], how)
        assert said in fsck.communicate(timeout=env.PATIENCE)[1]
        assert fsck.returncode == status


def is_blocked(pid):
    """Does it wait in the opening of a pipe?"""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "S"


@pytest.mark.skipif(env.SANITIZED, reason="a sanitizer reports each signal")
def test_a_file_cut_short_ends_the_engine_and_nothing_else(make_daemon):
    """SIGBUS in the engine: the log says what it may be, all others go on;
    and so does the engine once the file is whole."""
    daemon = make_daemon()
    daemon.confirmed("reader@example.com")
    file = daemon.path / "db" / "data.mdb"
    whole = file.read_bytes()
    with file.open("r+b") as cut:
        cut.truncate(8192)
    assert daemon.web.post_json("/subscribe", {
        "email": "late@example.com", "list": "weekly"}).status == 503
    daemon.wait_log(r"database_suspect signal=\d+ advice=.*assentctl fsck")
    assert daemon.web.get("/subscribe/weekly").status == 200
    with file.open("r+b") as again:
        again.write(whole)
    daemon.wait_log("child_died child=engine")
    env.wait_until(lambda: daemon.state("reader@example.com") == "confirmed",
                   "the engine to be back")
