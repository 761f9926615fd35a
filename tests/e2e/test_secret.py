# SPDX-License-Identifier: ISC
"""The keys of the secret file: one more, as assentd(8) says, and one less."""
import re
import subprocess

from harness import env

PAGE = env.SOURCE / "daemon" / "app" / "assentd.8"


def add_key(path):
    """By the command of the man page."""
    line, = re.findall(r"^(sed -i .*) /etc/assent/secret$", PAGE.read_text(), re.M)
    subprocess.run(["sh", "-c", f"{line} {path}"], check=True, timeout=60)


def test_a_new_key_makes_links_and_the_old_one_opens_its_own(make_daemon):
    daemon = make_daemon()
    secret = daemon.path / "secret"
    welcome = daemon.confirmed("old@example.com")
    daemon.stop()
    add_key(secret)
    env.give_away(secret)
    daemon.start()
    newer = daemon.confirmed("new@example.com")
    assert daemon.one_click(welcome.unsubscribe).status == 200
    daemon.stop()
    lines = secret.read_text().splitlines(keepends=True)
    assert [line.split()[:2] for line in lines[2:]] == [["token", "1"], ["token", "0"]]
    secret.write_text("".join(lines[:3]))
    daemon.start()
    assert daemon.one_click(welcome.unsubscribe).status == 404
    assert daemon.one_click(newer.unsubscribe).status == 200
    assert daemon.state("new@example.com") == "unsubscribed"
    daemon.stop()
