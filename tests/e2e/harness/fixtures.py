# SPDX-License-Identifier: ISC
"""Fixtures: a daemon of one's own, or one shared by the tests of a file that
use addresses of their own and change nothing else."""
import itertools

import pytest

from .daemon import Daemon

_count = itertools.count(1)


@pytest.fixture
def make_daemon():
    """Starts daemons with config changes; stops and checks them at the end."""
    running = []

    def make(changes=None, start=True, kind=Daemon, **kwargs):
        daemon = kind(changes, **kwargs)
        running.append(daemon)
        return daemon.start() if start else daemon

    yield make
    failed = None
    for daemon in running:
        try:
            if daemon.process and daemon.process.poll() is None:
                daemon.stop()
            daemon.check_log()
        except AssertionError as error:
            failed = failed or error
        finally:
            daemon.clean_up()
    if failed:
        raise failed


@pytest.fixture(scope="module")
def daemon():
    """The file's daemon; at the end it must stop well."""
    with Daemon() as running:
        yield running


@pytest.fixture
def address(request):
    """An address that no other test uses."""
    word = "".join(c for c in request.node.name if c.isalnum())[:40].lower()
    return f"{word}.{next(_count)}@example.com"
