# SPDX-License-Identifier: ISC
"""A database, its secret and its config as an earlier assentd left them: this
one takes over.  (What falls due in days is tested with a clock of its own, in
daemon/app/engine/fixture_test.c.)"""
import gzip
import json

import pytest

from harness import env
from harness.daemon import Daemon

FIXTURES = sorted((env.SOURCE / "tests" / "fixtures").glob("database-*"))


class Heir(Daemon):
    """A daemon in the place of the one that made a fixture."""

    def __init__(self, fixture):
        super().__init__()
        self.fixture = fixture
        self.tokens = {(name, kind): token for name, kind, token in map(
            str.split, (fixture / "links").read_text().splitlines())}
        secret = self.path / "secret"
        secret.write_text((fixture / "secret").read_text())
        secret.chmod(0o600)
        database = self.path / "db" / "data.mdb"
        database.write_bytes(gzip.decompress((fixture / "data.mdb.gz").read_bytes()))
        for path in (secret, database):
            env.give_away(path)

    def write_config(self):
        text = (self.fixture / "assent.conf").read_text()
        for name, value in (("@FOLDER@", self.path), ("@PORT@", self.port),
                            ("@TEMPLATES@", env.TEMPLATES)):
            text = text.replace(name, str(value))
        if env.USER:
            text = f'user = "{env.USER}"\n' + text
        self.conf.write_text(text)
        return self.conf


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda f: f.name)
def test_all_of_an_old_database_works(fixture):
    daemon = Heir(fixture)
    try:
        daemon.fsck()
        daemon.start()
        assert daemon.show("stays@example.com")["name"] == "Stays"
        assert daemon.state("left@example.com") == "unsubscribed"
        exported = [json.loads(line) for line in daemon.ctl("export").out.splitlines()]
        assert {row["address"] for row in exported} == {
            "stays@example.com", "leaves@example.com"}
        leave = "/unsubscribe/" + daemon.tokens["leaves", "unsubscribe"]
        assert exported[1]["unsubscribe_url"] == daemon.base + leave
        # Who opens an old confirmation link is told that it is done.
        old = daemon.web.get("/confirm/" + daemon.tokens["stays", "confirm"])
        assert old.status == 200 and "The Weekly" in old.text
        assert daemon.one_click(leave).status == 200
        assert daemon.state("leaves@example.com") == "unsubscribed"
        daemon.subscribe("never@example.com")
        daemon.confirmed("new@example.com")
        assert not daemon.mails.to("never@example.com")
        daemon.stop()
        daemon.fsck()
    finally:
        daemon.clean_up()


def test_there_is_one():
    assert FIXTURES
