# SPDX-License-Identifier: ISC
"""A backup takes the place of the database of a daemon that is stopped; and
what people wished since isn't undone by it."""
import json
import os
import re
import shutil
import subprocess
import threading

import pytest

from harness import backups, env
from harness.config import Bare
from harness.daemon import Daemon, run


def restore(daemon, path, *options):
    return run("assentctl", "restore", "-f", str(daemon.write_config()), *options, str(path))


def restored(daemon, path):
    done = restore(daemon, path)
    assert done.status == 0, done
    assert not (daemon.path / "db/restore").exists()
    daemon.fsck()
    return done


def formers(daemon):
    return sorted(p.name for p in (daemon.path / "db").glob("data-*.mdb"))


def lose_the_disk(daemon):
    for path in (daemon.path / "db").iterdir():
        path.unlink()


# ---- what isn't taken ----

@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A daemon that is stopped, and a backup of it."""
    with Daemon() as daemon:
        daemon.confirmed("jo@example.com")
        path = backups.take(daemon, tmp_path_factory.mktemp("backup") / "backup")
        daemon.stop()
        yield daemon, path


DAMAGE = {
    "cut": lambda data: data[:-1],
    "half": lambda data: data[:len(data) // 2],
    "without its line": lambda data: data[:-backups.LINE_SIZE],
    "a byte less before its line": lambda data: data[1:],
    "a bit": lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
    "another time": lambda data: data[:-107] + b"1999" + data[-103:],
    "empty": lambda data: b"",
    "text": lambda data: b"something else\n" * 100,
}


@pytest.mark.parametrize("how", DAMAGE)
def test_what_is_not_whole(whole, tmp_path, how):
    daemon, path = whole
    (tmp_path / "backup").write_bytes(DAMAGE[how](path.read_bytes()))
    before = (daemon.path / "db/data.mdb").read_bytes()
    for options in ((), ("--check",)):
        done = restore(daemon, tmp_path / "backup", *options)
        assert done.status == 1 and "not a whole backup" in done.err, done
    assert (daemon.path / "db/data.mdb").read_bytes() == before
    assert sorted(p.name for p in (daemon.path / "db").iterdir()) == [
        "data.mdb", "journal", "lock", "lock.mdb"]


def test_it_is_checked(whole):
    daemon, path = whole
    done = restore(daemon, path, "--check")
    assert done.status == 0 and f"{path}: whole, of 20" in done.out
    assert re.fullmatch(r"\d+ rows, 0 findings", done.out.splitlines()[-1])


def test_what_is_in_it_is_checked(whole, tmp_path):
    """A row was damaged before it was copied, faithfully."""
    daemon, path = whole
    damaged = tmp_path / "backup"
    damaged.write_bytes(backups.with_right_sum(
        path.read_bytes().replace(b"jo@example.com", b"jo@example.org")))
    assert backups.is_whole(damaged)
    done = restore(daemon, damaged, "--check")
    assert done.status == 1 and f"{damaged}: whole, of 20" in done.out
    assert re.search("^contact [0-9a-f]+ is damaged: its checksum is wrong$", done.out, re.M)
    assert not re.search(" 0 findings$", done.out)


def test_another_secret(whole, make_daemon):
    _, path = whole
    other = make_daemon()
    other.confirmed("other@example.com")
    other.stop()
    before = (other.path / "db/data.mdb").read_bytes()
    done = restore(other, path)
    assert done.status == 1 and "secret" in done.err, done
    assert (other.path / "db/data.mdb").read_bytes() == before
    lose_the_disk(other)
    done = restore(other, path)
    assert done.status == 1 and "secret" in done.err, done
    assert not (other.path / "db/data.mdb").exists()


def test_not_while_a_daemon_runs(make_daemon, tmp_path):
    daemon = make_daemon()
    path = backups.take(daemon, tmp_path / "backup")
    done = restore(daemon, path)
    assert done.status == 1
    assert done.err == (f"assentctl: {daemon.path}/db: an assentd runs on this database: "
                        "stop it first\n")
    daemon.confirmed("still@example.com")


# ---- a disk that was lost ----

def test_into_an_empty_folder(make_daemon, tmp_path):
    daemon = make_daemon()
    daemon.confirmed("jo@example.com")
    path = backups.take(daemon, tmp_path / "backup")
    daemon.stop()
    lose_the_disk(daemon)
    done = restored(daemon, path)
    assert "isn't known" in done.out and "former one is kept" not in done.out
    daemon.start()
    assert daemon.state("jo@example.com") == "confirmed"
    daemon.confirmed("another@example.com")


def test_mails_that_waited(make_daemon, tmp_path):
    """Of those in the queue nobody knows whether they were sent: only what
    somebody asked for and has to confirm is worth to come twice."""
    daemon = make_daemon()
    daemon.confirmed("jo@example.com")
    maildir = daemon.path / "mail"
    shutil.rmtree(maildir)
    maildir.touch()                         # no mail gets in from now on
    daemon.subscribe("new@example.com")
    daemon.web.post_form("/manage", {"email": "jo@example.com"}, daemon.web.as_page())
    env.wait_until(lambda: daemon.queued() == 2, "both mails to wait")
    path = backups.take(daemon, tmp_path / "backup")
    daemon.stop()
    lose_the_disk(daemon)
    restored(daemon, path)
    maildir.unlink()
    daemon.folder.make("mail")
    daemon.start()
    assert daemon.queued() == 1
    assert daemon.ctl("queue", "retry").status == 0
    daemon.press(daemon.mails.wait("new@example.com").confirm)
    assert daemon.state("new@example.com") == "confirmed"


# ---- what was wished since ----

def test_later_wishes_hold(make_daemon, tmp_path):
    daemon = make_daemon()
    links = {name: daemon.confirmed(f"{name}@example.com").unsubscribe
             for name in ("stays", "leaves", "erased", "forever", "back", "returns")}
    for name in ("notme", "waits", "withdrawn", "confirms"):
        daemon.subscribe(f"{name}@example.com")
    mails = {name: daemon.mails.wait(f"{name}@example.com")
             for name in ("notme", "waits", "confirms")}
    assert daemon.ctl("suppress", "lifted@example.com").status == 0
    daemon.settle()
    path = backups.take(daemon, tmp_path / "backup")

    daemon.one_click(links["leaves"])
    daemon.one_click(links["back"])
    daemon.confirmed("back@example.com")
    for name in ("erased", "returns"):
        assert daemon.ctl("erase", f"{name}@example.com").status == 0
    daemon.confirmed("returns@example.com")
    assert daemon.ctl("erase", "forever@example.com", "--suppress").status == 0
    assert daemon.ctl("unsubscribe", "withdrawn@example.com").status == 0
    assert daemon.ctl("suppress", "complains@example.com").status == 0
    assert daemon.ctl("unsuppress", "lifted@example.com").status == 0
    daemon.press(mails["notme"].notme)
    daemon.press(mails["confirms"].confirm)
    daemon.confirmed("after@example.com")
    daemon.settle()
    daemon.stop()

    done = restored(daemon, path)
    assert "has done so in it" in done.out and len(formers(daemon)) == 1
    assert str(daemon.path / "db" / formers(daemon)[0]) in done.out
    sent = len(daemon.mails.poll())
    daemon.start()
    assert daemon.state("stays@example.com") == "confirmed"
    assert daemon.state("leaves@example.com") == "unsubscribed"
    assert daemon.state("back@example.com") == "confirmed"
    assert daemon.state("waits@example.com") == "pending"
    assert daemon.state("confirms@example.com") == "pending"
    data = (daemon.path / "db/data.mdb").read_bytes()
    for name in ("erased", "returns", "withdrawn", "after"):
        assert daemon.state(f"{name}@example.com") is None, name
        assert f"{name}@example.com".encode() not in data, name
    for name in ("forever", "complains", "notme"):
        daemon.subscribe(f"{name}@example.com")
    daemon.settle()
    assert len(daemon.mails.poll()) == sent + 1    # settle's own
    assert daemon.queued() == 0
    daemon.subscribe("lifted@example.com")
    daemon.mails.wait("lifted@example.com")
    # Links that were mailed before are good as ever.
    daemon.press(mails["waits"].confirm)
    daemon.press(mails["confirms"].confirm)
    daemon.one_click(links["stays"])
    assert daemon.state("waits@example.com") == "confirmed"
    assert daemon.state("confirms@example.com") == "confirmed"
    assert daemon.state("stays@example.com") == "unsubscribed"
    daemon.stop()
    daemon.fsck()


def test_who_left_just_before_a_crash(make_daemon, tmp_path):
    """That stands in the former database's journal only."""
    daemon = make_daemon()
    leaves = daemon.confirmed("leaves@example.com").unsubscribe
    path = backups.take(daemon, tmp_path / "backup")
    daemon.one_click(leaves)
    daemon.kill_all()
    restored(daemon, path)
    daemon.start()
    assert daemon.state("leaves@example.com") == "unsubscribed"


def test_who_left_is_known_for_no_longer(make_daemon, tmp_path):
    """Than was settled when they left."""
    daemon = make_daemon({"retain": {"proof": Bare("3s")}})
    leaves = daemon.confirmed("leaves@example.com").unsubscribe
    daemon.confirmed("stays@example.com")
    path = backups.take(daemon, tmp_path / "backup")
    daemon.one_click(leaves)
    daemon.stop()
    daemon.values["retain"] = {"proof": Bare("1095d")}
    restored(daemon, path)
    daemon.start()
    daemon.wait_state("leaves@example.com", None)
    assert daemon.state("stays@example.com") == "confirmed"


def test_a_former_one_that_is_damaged(make_daemon, tmp_path):
    daemon = make_daemon()
    daemon.confirmed("jo@example.com")
    path = backups.take(daemon, tmp_path / "backup")
    daemon.stop()
    data = daemon.path / "db/data.mdb"
    with open(data, "r+b") as file:
        file.write(os.urandom(os.stat(data).st_size))
    done = restore(daemon, path)
    assert done.status == 1 and "former database" in done.err, done
    assert formers(daemon) == []
    data.rename(tmp_path / "damaged")
    restored(daemon, path)
    daemon.start()
    assert daemon.state("jo@example.com") == "confirmed"


def test_one_whose_last_commit_is_missing(make_daemon, tmp_path):
    """No start goes on from it without a word, and all ways out of that work."""
    daemon = make_daemon()
    leaves = daemon.confirmed("leaves@example.com").unsubscribe
    daemon.settle()
    path = backups.take(daemon, tmp_path / "backup")
    daemon.one_click(leaves)
    daemon.stop()
    data, journal = daemon.path / "db/data.mdb", daemon.path / "db/journal"
    before = data.read_bytes()
    daemon.start()
    daemon.confirmed("came@example.com")
    daemon.stop()
    data.write_bytes(before)
    done = run("assentctl", "fsck", "-f", str(daemon.conf))
    assert done.status == 1 and "the last commit is missing" in done.out, done
    daemon.launch()
    assert daemon.wait_exit() == 1
    assert "move the journal away" in daemon.log
    assert data.read_bytes() == before
    # What it has is taken over.
    done = restored(daemon, path)
    assert "its last commit is missing" in done.err, done
    daemon.start()
    assert daemon.state("leaves@example.com") == "unsubscribed"
    daemon.stop()
    journal.rename(tmp_path / "journal")
    data.write_bytes(before)
    daemon.start()
    assert daemon.state("leaves@example.com") == "unsubscribed"
    assert daemon.state("came@example.com") is None


def test_whom_nobody_can_tell_of(make_daemon, tmp_path):
    """A row of the former one that can't be read may be that of somebody who
    left."""
    daemon = make_daemon()
    for name in ("stays", "broken"):
        daemon.confirmed(f"{name}@example.com")
    path = backups.take(daemon, tmp_path / "backup")
    assert daemon.ctl("suppress", "x@example.com").status == 0
    daemon.stop()
    data = daemon.path / "db/data.mdb"
    data.write_bytes(data.read_bytes().replace(b"broken@example.com", b"BROKEN@example.com"))
    done = restored(daemon, path)
    assert "carried left=0 erased=0 requests=0 mails=0 unread=1\n" in done.err
    daemon.start()
    assert daemon.state("stays@example.com") == "confirmed"
    assert daemon.state("broken@example.com") == "unsubscribed"


def test_own_data_that_was_taken_back(make_daemon, tmp_path):
    daemon = make_daemon()
    daemon.confirmed("jo@example.com", name="Jo Doe")
    path = backups.take(daemon, tmp_path / "backup")
    daemon.web.post_form("/manage", {"email": "jo@example.com"}, daemon.web.as_page())
    manage = daemon.mails.wait("jo@example.com", 3).link("manage")
    form = daemon.press(manage).forms()[0]
    fields = form.fields(do="save", name="Joe")
    daemon.web.post_form(manage, fields, daemon.web.as_page())
    assert daemon.show("jo@example.com")["name"] == "Joe"
    daemon.stop()
    restored(daemon, path)
    daemon.start()
    assert daemon.show("jo@example.com")["name"] == "Joe"


def test_one_that_was_killed(make_daemon, tmp_path):
    """All of it or nothing; and what it left isn't in the way of the next."""
    daemon = make_daemon()
    daemon.confirmed("jo@example.com")
    path = backups.take(daemon, tmp_path / "backup")
    daemon.stop()
    data, count = daemon.path / "db/data.mdb", 0
    for n in range(12):
        before = data.read_bytes()
        process = subprocess.Popen(
            [env.program("assentctl"), "restore", "-f", str(daemon.conf), str(path)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(n * 0.01)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert len(formers(daemon)) in (count, count + 1)
        if len(formers(daemon)) == count:
            assert data.read_bytes() == before
        count = len(formers(daemon))
        env.wait_until(lambda: run("assentctl", "fsck", "-d", str(data.parent)).status == 0,
                       "its engine's end")
    restored(daemon, path)
    daemon.start()
    assert daemon.state("jo@example.com") == "confirmed"


# ---- the drill ----

def test_drill_under_load(make_daemon, tmp_path):
    """All that was acknowledged before the backup began is in it, whatever
    goes on meanwhile."""
    daemon = make_daemon()
    links = {f"left{n}@example.com": daemon.confirmed(f"left{n}@example.com").unsubscribe
             for n in range(5)}
    acked, over = [], threading.Event()

    def post(worker):
        conn, n = daemon.web.connect(), 0
        while not over.wait(0.1):           # as many as a small machine mails at once
            address = f"load{worker}.{n}@example.com"
            answer = daemon.web.post_json("/subscribe", {"email": address}, conn=conn)
            assert answer.status == 202
            acked.append(address)
            n += 1
        conn.close()
    workers = [threading.Thread(target=post, args=(n,)) for n in range(3)]
    for worker in workers:
        worker.start()
    try:
        for n in range(5):
            daemon.confirmed(f"sure{n}@example.com")
        before = list(acked)
        path = backups.take(daemon, tmp_path / "backup")
        for link in links.values():
            assert daemon.one_click(link).status == 200
    finally:
        over.set()
        for worker in workers:
            worker.join()
    daemon.settle()
    daemon.stop()
    done = restored(daemon, path)
    assert f"carried left={len(links)} erased=0 " in done.err
    daemon.start()
    there = {row["address"]: row["state"] for row in
             map(json.loads, daemon.ctl("list", "--format", "jsonl").out.splitlines())}
    assert [a for a in before if there.get(a) != "pending"] == []
    assert [there[f"sure{n}@example.com"] for n in range(5)] == ["confirmed"] * 5
    assert [there[address] for address in links] == ["unsubscribed"] * len(links)
    daemon.settle()
    assert daemon.queued() == 0
    daemon.stop()
    daemon.fsck()
