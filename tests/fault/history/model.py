# SPDX-License-Identifier: ISC
"""What is promised about one address and one list, as a machine: for a state
and an operation, what is answered and what the state becomes.  It knows what
assentd(8) and assentctl(8) say, and nothing of how it is done.

A post is answered when it is on disk and takes effect later; where it leads
to a mail, that mail names the post (see clients.py), and so the request that
it made.  Of posts that no mail came of it isn't known which did what: they
are counted, not named."""
from typing import NamedTuple

# Of one address; what is beyond is dropped like what is over a limit.
REQUESTS_MAX, UNDOS_MAX = 32, 10

WAITING, WITHDRAWN, CONFIRMED = "waiting", "withdrawn", "confirmed"
NONE, UNSUBSCRIBED = "none", "unsubscribed"


class State(NamedTuple):
    subscription: str = NONE    # or CONFIRMED, UNSUBSCRIBED
    notme: bool = False         # the list may not mail it
    suppressed: bool = False    # nobody may, by an administrator's word
    sealed: bool = False        # a proof is kept of who was erased
    unseen: int = 0             # requests that wait for their mail,
    muted: int = 0              # and those that a not-me has withdrawn before
    requests: tuple = ()        # (number, what became of it, undos), sorted

    def request(self, number):
        for each in self.requests:
            if each[0] == number:
                return each
        return None

    def put(self, number, what, undos=0):
        """With that request so; without it, if that is None."""
        others = [r for r in self.requests if r[0] != number]
        if what is not None:
            others.append((number, what, undos))
        return self._replace(requests=tuple(sorted(others)))

    @property
    def is_known(self):
        return self.subscription != NONE

    @property
    def is_held(self):
        return self.notme or self.suppressed

    @property
    def open_requests(self):
        """How many are neither confirmed nor gone."""
        return self.unseen + self.muted + sum(
            r[1] != CONFIRMED for r in self.requests)

    def turn_all(self, before, after):
        """The address's requests share the fate of their list."""
        return self._replace(requests=tuple(
            (n, after if what == before else what, undos)
            for n, what, undos in self.requests))

    def left(self):
        """As it leaves the list; it was on it, or was not."""
        if self.subscription != CONFIRMED:
            return self
        return self._replace(subscription=UNSUBSCRIBED)

    def without_open(self):
        return self._replace(unseen=0, muted=0, requests=tuple(
            r for r in self.requests if r[1] == CONFIRMED))


def is_end(state):
    """Whoever still waits has had a mail, unless it mustn't be mailed."""
    return state.unseen == 0


# ---- the operations: each yields (answer, next state) ----

def subscribe(state, op):
    """The one whose effect comes later; its answer is always the same."""
    answer = (202, "pending")
    if state.subscription == CONFIRMED or state.is_held \
            or state.open_requests >= REQUESTS_MAX:
        if not op.is_mailed:
            yield answer, state
    elif op.is_mailed:
        yield answer, state.put(op.number, WAITING)
    else:
        yield answer, state._replace(unseen=state.unseen + 1)


def confirm(state, op):
    """By the link's button, or with the code that came with it."""
    request = state.request(op.target)
    if request is not None and request[1] == CONFIRMED:
        yield (200, state.subscription), state
    elif request is None or request[1] == WITHDRAWN \
            or (state.is_held and state.subscription != CONFIRMED):
        yield (410, None), state
    else:
        yield (200, CONFIRMED), state.put(op.target, CONFIRMED)._replace(
            subscription=CONFIRMED)


def unsubscribe(state, op):
    """One click on the link of a confirmation mail: before it is followed, it
    withdraws the request."""
    request = state.request(op.target)
    answer = (200, UNSUBSCRIBED)
    if request is None:
        yield answer, state
    elif request[1] == CONFIRMED:
        yield answer, state.left()
    else:
        yield answer, state.put(op.target, None)


def notme(state, op):
    request = state.request(op.target)
    if request is None:
        yield (200, UNSUBSCRIBED), state
    elif request[1] == CONFIRMED:
        yield (200, UNSUBSCRIBED), state.left()
    elif request[1] == WITHDRAWN:
        yield (200, WITHDRAWN), state
    else:
        yield (200, WITHDRAWN), state.turn_all(WAITING, WITHDRAWN)._replace(
            notme=True, unseen=0, muted=state.muted + state.unseen)


def undo(state, op):
    request = state.request(op.target)
    if request is None:
        yield (200, UNSUBSCRIBED), state
    elif request[1] == CONFIRMED:
        yield (200, CONFIRMED), state
    elif request[1] == WAITING:
        yield (200, "pending"), state
    elif request[2] >= UNDOS_MAX:
        yield (200, WITHDRAWN), state
    else:
        after = state.put(op.target, WAITING, request[2] + 1)._replace(notme=False)
        if not after.suppressed and after.subscription != CONFIRMED:
            after = after.turn_all(WITHDRAWN, WAITING)._replace(
                unseen=after.unseen + after.muted, muted=0)
        yield (200, "pending"), after


# ---- the administrator's ----

def leave(state, op):
    changed = state.open_requests + (state.subscription == CONFIRMED)
    if not state.is_known and state.open_requests == 0:
        yield (404, None), state
    else:
        yield (200, changed), state.without_open().left()


def suppress(state, op):
    changed = state.open_requests + (state.subscription == CONFIRMED) \
        + (not state.suppressed)
    yield (200, changed), state.without_open().left()._replace(suppressed=True)


def unsuppress(state, op):
    yield (200, state.notme + state.suppressed), state._replace(
        notme=False, suppressed=False)


def erase(state, op):
    changed = state.open_requests + state.is_known
    if changed == 0:
        yield (404, None), state
        return
    after = state.without_open()
    if state.is_known:
        after = after._replace(subscription=NONE, requests=(), sealed=True)
    yield (200, changed), after


def show(state, op):
    """What waits is told of whoever isn't known yet."""
    if state.is_known:
        rows = (state.subscription,)
    else:
        waiting = state.unseen + sum(r[1] == WAITING for r in state.requests)
        rows = ("pending",) * waiting
    if not (state.is_known or state.open_requests or state.is_held or state.sealed):
        yield (404, None), state
    else:
        yield (200, (rows, state.notme, state.suppressed, state.sealed)), state


STEPS = {each.__name__: each for each in (
    subscribe, confirm, unsubscribe, notme, undo,
    leave, suppress, unsuppress, erase, show)}


class Op:
    """One call.  `returned` and `answer` are None when nobody knows what
    became of it; `target` is the post whose mail it got its link from."""

    def __init__(self, number, kind, called, returned=None, answer=None,
                 target=None, mailed_at=None):
        self.number, self.kind, self.target = number, kind, target
        self.called, self.returned, self.answer = called, returned, answer
        self.mailed_at = mailed_at

    @property
    def is_mailed(self):
        return self.mailed_at is not None

    @property
    def is_certain(self):
        """It has happened, or will have in the end."""
        return self.answer is not None or self.is_mailed

    def steps(self, state):
        """The states that it can lead to, being answered as it was."""
        return [after for answer, after in STEPS[self.kind](state, self)
                if self.answer is None or self.answer == answer]

    def __repr__(self):
        at = f"{self.called:.4f}-" + (f"{self.returned:.4f}" if self.returned else "?")
        mailed = f" mailed {self.mailed_at:.4f}" if self.is_mailed else ""
        target = f" of {self.target}" if self.target is not None else ""
        return f"{at} #{self.number} {self.kind}{target}: {self.answer}{mailed}"
