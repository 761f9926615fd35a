# SPDX-License-Identifier: ISC
"""The checker itself: histories that can't be are refused, by hand-made ones
and by what a real daemon told, changed in one place."""
import random

import pytest

from harness.daemon import Daemon

from history.model import Op
from history.rounds import CONFIG, History
from history.search import Undecided, explains

ACCEPTED = (202, "pending")


def told(*rows, notme=False, suppressed=False, sealed=False):
    return 200, (rows, notme, suppressed, sealed)


def history(*ops):
    """Each is (kind, called, returned, answer), and what else there is to it;
    they are numbered from 1."""
    return [Op(number, kind, called, returned, answer, **more)
            for number, (kind, called, returned, answer, more) in enumerate(
                (op if len(op) == 5 else (*op, {}) for op in ops), 1)]


POST = ("subscribe", 0, 1, ACCEPTED, {"mailed_at": 3})
CONFIRM = ("confirm", 4, 5, (200, "confirmed"), {"target": 1})
LEFT = ("leave", 6, 7, (200, 1))

GOOD = {
    "nothing": [("show", 0, 1, (404, None))],
    "a whole round": [POST, CONFIRM, ("show", 6, 7, told("confirmed"))],
    "a post that is worked on later": [
        POST, ("show", 1.1, 1.2, (404, None)), ("show", 1.3, 4, told("pending"))],
    "of two at once either may be first": [
        POST, CONFIRM, ("leave", 6, 9, (200, 1)), ("show", 7, 8, told("confirmed")),
        ("show", 7, 8, told("unsubscribed"))],
    "an order of unknown end was done": [
        POST, CONFIRM, ("leave", 6, None, None), ("show", 8, 9, told("unsubscribed"))],
    "or was not": [
        POST, CONFIRM, ("leave", 6, None, None), ("show", 8, 9, told("confirmed"))],
    "or late": [
        POST, CONFIRM, ("leave", 6, None, None), ("show", 8, 9, told("confirmed")),
        ("show", 10, 11, told("unsubscribed"))],
    "a post of unknown end": [
        ("subscribe", 0, None, None), ("show", 8, 9, (404, None))],
    "a post that was dropped": [
        ("suppress", 0, 1, (200, 1)), ("subscribe", 2, 3, ACCEPTED),
        ("show", 4, 5, told(suppressed=True))],
    "a mail that an order stopped": [
        ("subscribe", 0, 1, ACCEPTED), ("leave", 2, 3, (200, 1)),
        ("show", 4, 5, (404, None))],
    "a mail that a not-me stopped": [
        POST, ("subscribe", 4, 5, ACCEPTED),
        ("notme", 6, 7, (200, "withdrawn"), {"target": 1}),
        ("show", 8, 9, told(notme=True))],
    "a mail that an undo let go": [
        POST, ("subscribe", 4, 5, ACCEPTED, {"mailed_at": 12}),
        ("notme", 6, 7, (200, "withdrawn"), {"target": 1}),
        ("show", 8, 9, told(notme=True)),
        ("undo", 10, 11, (200, "pending"), {"target": 1}),
        ("show", 13, 14, told("pending", "pending"))],
    "not me, and undone": [
        POST, ("notme", 4, 5, (200, "withdrawn"), {"target": 1}),
        ("show", 5.1, 5.2, told(notme=True)),
        ("undo", 6, 7, (200, "pending"), {"target": 1}),
        ("confirm", 8, 9, (200, "confirmed"), {"target": 1})],
    "erased": [
        POST, CONFIRM, ("erase", 6, 7, (200, 1)), ("show", 8, 9, told(sealed=True)),
        ("confirm", 10, 11, (410, None), {"target": 1})],
}

BAD = {
    "a post that was lost": [
        ("subscribe", 0, 1, ACCEPTED), ("show", 8, 9, (404, None))],
    "a post whose mail was lost": [
        ("subscribe", 0, 1, ACCEPTED), ("show", 8, 9, told("pending"))],
    "a confirmation that was lost": [POST, CONFIRM, ("show", 6, 7, told("pending"))],
    "an unsubscription that was lost": [
        POST, CONFIRM, LEFT, ("show", 8, 9, told("confirmed"))],
    "a stale look after an answer": [
        POST, CONFIRM, ("show", 6, 7, told("confirmed")), ("show", 8, 9, told("pending"))],
    "one who came back from the dead": [
        POST, CONFIRM, ("erase", 6, 7, (200, 1)), ("show", 8, 9, told("confirmed"))],
    "a link that survived an erasure": [
        POST, ("erase", 4, 5, (200, 1)),
        ("confirm", 6, 7, (200, "confirmed"), {"target": 1})],
    "a state that nobody made": [("show", 0, 1, told("confirmed"))],
    "two who each were the first": [
        POST, CONFIRM, ("leave", 6, 9, (200, 1)), ("leave", 6, 9, (200, 1))],
    "an order of unknown end, done twice": [
        POST, CONFIRM, ("leave", 6, None, None), ("show", 8, 9, told("unsubscribed")),
        ("show", 10, 11, told("confirmed"))],
    "a mail to whom nobody may mail": [
        ("suppress", 0, 1, (200, 1)), ("subscribe", 2, 3, ACCEPTED, {"mailed_at": 4}),
        ("show", 6, 7, told(suppressed=True))],
    "a confirmation while nobody may mail": [
        POST, ("subscribe", 1, 2, ACCEPTED, {"mailed_at": 3}),
        ("notme", 4, 5, (200, "withdrawn"), {"target": 1}),
        ("confirm", 6, 7, (200, "confirmed"), {"target": 2})],
    "a suppression that was forgotten": [
        ("suppress", 0, 1, (200, 1)), ("show", 2, 3, (404, None))],
    "a mail that an undo forgot": [
        POST, ("subscribe", 4, 5, ACCEPTED),
        ("notme", 6, 7, (200, "withdrawn"), {"target": 1}),
        ("show", 8, 9, told(notme=True)),
        ("undo", 10, 11, (200, "pending"), {"target": 1}),
        ("show", 13, 14, told("pending", "pending"))],
    "a withdrawal that was half done": [
        POST, ("notme", 4, 5, (200, "withdrawn"), {"target": 1}),
        ("show", 6, 7, told("pending", notme=True))],
}


@pytest.mark.parametrize("name", GOOD)
def test_what_can_be_is_taken(name):
    assert explains(history(*GOOD[name]))


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_refused(name):
    assert not explains(history(*BAD[name]))


def test_a_search_that_takes_too_long_is_no_yes():
    many = history(*[("suppress", 0, 1, (200, 1)) for _ in range(12)])
    with pytest.raises(Undecided):
        explains(many, limit=2)


# ---- a daemon that lies once ----

def wrong_show(op, chance):
    """Another state than it told."""
    status, seen = op.answer
    others = [a for a in ((404, None), told("confirmed"), told("unsubscribed"),
                          told("confirmed", notme=True)) if a != (status, seen)]
    op.answer = chance.choice(others)


def wrong_count(op, _):
    """One less than were changed.  (One more could have been a post whose
    mail it stopped.)"""
    op.answer = (200, op.answer[1] - 1) if op.answer[1] else (200, 9)


def wrong_confirm(op, _):
    op.answer = (410, None) if op.answer[0] == 200 else (200, "confirmed")


LIES = {"show": wrong_show, "leave": wrong_count, "erase": wrong_count,
        "suppress": wrong_count, "unsuppress": wrong_count, "confirm": wrong_confirm}


def test_a_lie_of_a_real_daemon_is_found():
    """Without faults and one at a time, so that hardly anything excuses it."""
    chance = random.Random(1)
    with Daemon(CONFIG) as daemon:
        told_truth = History(daemon, 1, with_trouble=False)
        try:
            ops = told_truth.round(0, clients=1, count=240)
        finally:
            told_truth.close()
    found = tried = 0
    for some in ops.values():
        for op in chance.sample([op for op in some if op.kind in LIES], 6):
            truth = op.answer
            LIES[op.kind](op, chance)
            found += not explains(some)
            tried += 1
            op.answer = truth
    print(f"{found} of {tried} lies found")
    assert found >= tried * 0.95
