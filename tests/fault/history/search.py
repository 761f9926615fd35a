# SPDX-License-Identifier: ISC
"""Is there an order of one address's operations that explains all their
answers?  (Wing and Gong's search, with Lowe's memory of what was tried.)

An operation may be taken when none of those left has returned before it was
called.  One whose answer never came may be taken at any time after its call,
or not at all.  A post takes effect at any time after its call, but before its
mail was seen."""
import math

from .model import State, is_end


class Undecided(Exception):
    """The search was given up."""


def _deadline(op):
    if op.kind == "subscribe":
        return op.mailed_at if op.is_mailed else math.inf
    return op.returned if op.answer is not None else math.inf


class _Search:
    def __init__(self, ops, limit):
        self.ops = sorted(ops, key=lambda op: (_deadline(op), op.called))
        self.ends = [_deadline(op) for op in self.ops]
        self.certain = sum(1 << i for i, op in enumerate(self.ops) if op.is_certain)
        self.limit, self.seen, self.furthest = limit, set(), 0

    def _candidates(self, left):
        """Those that may be next, the most urgent first.  Posts that no mail
        came of differ in nothing but their calls: only the earliest is tried,
        of those that happened and of those that may have."""
        end, tried = math.inf, set()
        for i, op in enumerate(self.ops):
            if not left >> i & 1:
                continue
            end = min(end, self.ends[i])
            if op.called > end:
                continue
            if op.kind == "subscribe" and not op.is_mailed:
                if op.is_certain in tried:
                    continue
                tried.add(op.is_certain)
            yield i

    def _next(self, left, state):
        """(operations left, state) after each of them; what only looked, or
        a post that can be dropped now, is tried before all others."""
        moves = []
        for i in self._candidates(left):
            op = self.ops[i]
            for after in op.steps(state):
                move = (left & ~(1 << i), after)
                if op.kind == "show":
                    return [move]
                easy = after == state and op.is_certain
                moves.append((not easy, move))
        return [move for _, move in sorted(moves, key=lambda m: m[0])]

    def run(self, state):
        todo = [((1 << len(self.ops)) - 1, state)]
        while todo:
            left, state = node = todo.pop()
            if node in self.seen:
                continue
            self.seen.add(node)
            if not left & self.certain and is_end(state):
                return True
            self.furthest = max(self.furthest, len(self.ops) - left.bit_count())
            if len(self.seen) > self.limit:
                raise Undecided(f"after {self.limit} states")
            todo.extend(reversed(self._next(left, state)))
        return False


def explains(ops, limit=4_000_000, state=State()):
    """Does some order explain them?"""
    return _Search(ops, limit).run(state)
