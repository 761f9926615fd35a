# SPDX-License-Identifier: ISC
"""A backup of a running daemon: whole, or known not to be; and never in
anybody's way."""
import os
import pty
import signal
import subprocess

import pytest

from harness import backups, env
from harness.daemon import Daemon, is_alive, kill
from harness.examples import EXAMPLES


@pytest.fixture(scope="module")
def daemon():
    """With more in it than fits into pipes and buffers."""
    with Daemon() as running:
        backups.fill(running)
        running.settle()
        yield running


def no_copier(daemon):
    env.wait_until(lambda: "copier" not in daemon.pids(), "the copier to be gone")


def test_it_is_whole(daemon, tmp_path):
    daemon.confirmed("before@example.com")
    path = backups.take(daemon, tmp_path / "backup")
    assert b"before@example.com" in path.read_bytes()
    no_copier(daemon)
    assert os.stat(path).st_size <= len(daemon.database()) + 123
    # Nothing of it depends on assentctl.
    with open(tmp_path / "by-curl", "wb") as out:
        subprocess.run(["curl", "-sf", "--unix-socket", daemon.values["admin"]["socket"],
                        "http://assent/backup"], check=True, stdout=out)
    assert backups.is_whole(tmp_path / "by-curl")


def test_it_is_of_one_moment(daemon, tmp_path):
    """What is confirmed while somebody reads isn't in it; and all goes on."""
    with backups.Client(daemon) as client:
        client.copier()
        daemon.confirmed("meanwhile@example.com")
        assert daemon.state("meanwhile@example.com") == "confirmed"
        status, error = client.read(tmp_path / "backup")
    assert status == 0, error
    assert backups.is_whole(tmp_path / "backup")
    assert b"meanwhile@example.com" not in (tmp_path / "backup").read_bytes()


def test_one_at_a_time(daemon, tmp_path):
    with backups.Client(daemon) as client:
        client.copier()
        second = daemon.ctl("backup")
        assert second.status == 1 and second.out == ""
        assert "copied already" in second.err
        assert client.read(tmp_path / "backup")[0] == 0


def test_a_copier_that_is_killed(daemon, tmp_path):
    with backups.Client(daemon) as client:
        kill(client.copier())
        status, error = client.read(tmp_path / "backup")
    assert status == 1
    assert "assentctl: " in error and "not complete" in error
    assert not backups.is_whole(tmp_path / "backup")
    no_copier(daemon)
    daemon.confirmed("after-the-copier@example.com")
    backups.take(daemon, tmp_path / "another")


@pytest.mark.parametrize("who", ["admin", "engine"])
def test_others_that_are_killed(daemon, tmp_path, who):
    """Without admin nobody waits for it; the engine is none of its business."""
    with backups.Client(daemon) as client:
        copier, victim = client.copier(), daemon.pids()[who][0]
        kill(victim)
        status, _ = client.read(tmp_path / "backup")
    assert (status == 0) == backups.is_whole(tmp_path / "backup") == (who == "engine")
    env.wait_until(lambda: not is_alive(copier), "the copier to be gone")
    daemon.wait_log(r"\bchild_died\b.*" + f"pid={victim} ")
    env.wait_until(daemon.is_ready, "readiness")
    backups.take(daemon, tmp_path / "another")


def test_a_client_that_goes_away(daemon):
    with backups.Client(daemon) as client:
        copier = client.copier()
    env.wait_until(lambda: not is_alive(copier), "the copier to be gone")
    daemon.confirmed("after-the-client@example.com")


def test_no_room_for_it(daemon):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [env.program("assentctl"), "-s", daemon.values["admin"]["socket"], "backup"],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=env.PATIENCE)
    assert done.returncode == 1
    assert done.stderr == "assentctl: the backup can't be written: No space left on device\n"
    no_copier(daemon)


def test_not_to_a_terminal(daemon):
    master, terminal = pty.openpty()
    done = subprocess.run(
        [env.program("assentctl"), "-s", daemon.values["admin"]["socket"], "backup"],
        stdout=terminal, stderr=subprocess.PIPE, text=True, timeout=env.PATIENCE)
    os.close(terminal)
    os.close(master)
    assert done.returncode == 2
    assert "assentctl backup > FILE" in done.stderr


def test_it_outlives_a_reload(daemon, tmp_path):
    with backups.Client(daemon) as client:
        copier = client.copier()
        assert daemon.ctl("reload").status == 0
        assert is_alive(copier)
        status, error = client.read(tmp_path / "backup")
    assert (status, error) == (0, "")
    assert backups.is_whole(tmp_path / "backup")


def test_every_night(daemon, tmp_path):
    """The script that is shipped: what isn't whole takes nobody's place."""
    tool = tmp_path / "assentctl"
    tool.write_text(f'#!/bin/sh\nexec {env.program("assentctl")} '
                    f'-s "$SOCKET" "$@"\n')
    tool.chmod(0o755)
    names = {"PATH": f"{tmp_path}:{os.environ['PATH']}",
             "SOCKET": daemon.values["admin"]["socket"]}
    script = ["sh", str(EXAMPLES / "backup-daily"), str(tmp_path / "kept")]
    assert subprocess.run(script, env=names).returncode == 0
    kept, = (tmp_path / "kept").iterdir()
    assert backups.is_whole(kept) and kept.stat().st_mode & 0o777 == 0o600
    before = kept.read_bytes()
    names["SOCKET"] = "/nowhere"
    assert subprocess.run(script, env=names, stderr=subprocess.DEVNULL).returncode == 1
    assert kept.read_bytes() == before


@pytest.mark.long
def test_a_client_that_stops_reading(daemon):
    """What it would read stays in the file, and so that grows: for a minute."""
    with backups.Client(daemon) as client:
        copier = client.copier()
        env.wait_until(lambda: not is_alive(copier), "the copier to be gone", timeout=90)
        daemon.wait_log(r"\bbackup_failed\b.*went through")
        assert client.read(os.devnull)[0] == 1


def test_it_is_not_in_the_way_of_stopping(daemon, tmp_path):
    """Last of all: the daemon is gone then."""
    with backups.Client(daemon) as client:
        copier = client.copier()
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.wait_exit() == 0
        assert not is_alive(copier)
        assert client.read(tmp_path / "backup")[0] == 1
    assert not backups.is_whole(tmp_path / "backup")
