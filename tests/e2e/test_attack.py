# SPDX-License-Identifier: ISC
"""The watch for attacks, from outside: what an administrator sees of it, and that
one mailbox gets what its budget says, however it is spelled."""
import itertools

from harness import env
from harness.mail import SmtpServer


def spellings(count):
    """One mailbox of a provider for which dots and case and +tags are nothing, and
    which has two names."""
    name = "some.body"
    letters = name.replace(".", "")
    dots = ("".join(c + ("." if on else "") for c, on in zip(letters, where))
            for where in itertools.product((0, 1), repeat=len(letters) - 1))
    for n, dotted in zip(range(count), itertools.cycle(dots)):
        local = dotted.rstrip(".") + letters[len(dotted.replace(".", "")):]
        local = "".join(c.upper() if n >> i & 1 else c for i, c in enumerate(local))
        tag = f"+list{n}" if n % 3 else ""
        yield f"{local}{tag}@{('gmail.com', 'googlemail.com')[n % 2]}"


def test_one_mailbox_in_every_spelling(make_daemon):
    daemon = make_daemon({"limits": {"per_address": "3/1d", "interval": 0}})
    conn = daemon.web.connect()
    for n, address in enumerate(spellings(200)):
        answer = daemon.web.post_json("/subscribe", {
            "email": address, "list": ("weekly", "daily")[n % 2]}, conn=conn)
        assert answer.status == 202, answer
    conn.close()
    daemon.settle()
    assert len([m for m in daemon.mails.poll() if "mail.com" in m.to]) == 3
    assert daemon.status()["engine"]["over_budget"] == 197


def attack(daemon, *args):
    done = daemon.ctl("--json", "attack", *args)
    assert done.status == 0, done
    return done.json()


def test_a_rush_is_seen(make_daemon):
    daemon = make_daemon({"limits": {"per_address": "off"}})
    assert attack(daemon) == {"mode": "auto", "sources": []}
    assert "Nothing looks like an attack." in daemon.ctl("attack").out
    conn = daemon.web.connect()
    for n in range(101):
        daemon.web.post_json("/subscribe", {"email": f"a{n}@example.com"}, conn=conn)
    conn.close()
    found = {s["of"]: s for s in attack(daemon)["sources"]}
    assert set(found) == {"list", "origin", "network"}
    assert found["list"]["name"] == "weekly" and found["network"]["name"] == "127.0.0.0/24"
    assert found["origin"]["name"] == "none"
    assert {s["state"] for s in found.values()} == {"rush"}
    assert found["list"]["posts_in_hour"] == 101 and found["list"]["usual"] == 0
    daemon.wait_log(r"attack_rush of=list name=weekly why=many-posts ")
    shown = daemon.ctl("attack").out
    assert "weekly" in shown and "rush" in shown
    assert "3 unusual" in daemon.ctl("status").out
    # A new process knows of it.
    daemon.stop()
    daemon.start()
    assert {s["of"] for s in attack(daemon)["sources"]} == set(found)


def test_the_owner_is_told(make_daemon):
    """By whoever says that it was not them, of a network that three of them came from."""
    server = SmtpServer()
    with server:
        daemon = make_daemon({"admin": {"notify": "owner@example.org"}}, mails=server)
        for n in range(3):
            address = f"victim{n}@example.com"
            daemon.web.post_json("/subscribe", {"email": address},
                                 {"Origin": "https://www.example.org", "User-Agent": "zqagent"})
            daemon.press(daemon.mails.wait(address).notme)
        mail = daemon.mails.wait("owner@example.org")
        assert mail.message["Subject"] == f"Your sign-up forms are under attack ({daemon.base})"
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert mail.message["List-Unsubscribe"] is None
        for part in (mail.text, mail.html):
            words = " ".join(part.split())
            assert "3 people said in the last day that it was not them" in words
            assert "from the network 127.0.0.0/24." in words
            assert "challenges are off in the config" in words
            assert "assentctl attack" in words and "victim" not in words
        assert b"zqagent" not in mail.raw
        daemon.settle()
        assert len(daemon.mails.to("owner@example.org")) == 1


def test_the_last_word(make_daemon):
    daemon = make_daemon()
    assert attack(daemon, "on")["mode"] == "on"
    assert daemon.status()["challenges"]["level"] == 2
    assert "by your word" in daemon.ctl("attack").out
    daemon.stop()
    daemon.start()
    assert attack(daemon)["mode"] == "on"
    assert "mode on" in daemon.ctl("status").out
    assert attack(daemon, "off")["mode"] == "off"
    assert attack(daemon, "auto")["mode"] == "auto"
    env.wait_until(lambda: daemon.status()["challenges"]["level"] == 0, "a calm mood")
    done = daemon.ctl("attack", "maybe")
    assert done.status == 1 and "mode is on, off or auto" in done.err
    daemon.wait_log(r"attack_mode mode=on uid=\d+$")
