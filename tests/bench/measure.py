# SPDX-License-Identifier: ISC
"""Two things measured in turns, so that what else the machine does meets both
alike."""
import statistics
from dataclasses import dataclass, field


@dataclass
class Figure:
    """What became of a row: a pair for each round, or the one value that is
    held against a limit."""
    ours: list
    theirs: list = field(default_factory=list)
    cpu: list = field(default_factory=list)     # ours, microseconds a request
    their_cpu: list = field(default_factory=list)
    note: str = ""

    @property
    def value(self):
        return middle(self.ours)

    @property
    def other(self):
        return middle(self.theirs) if self.theirs else None

    @property
    def ratio(self):
        """Of each round's pair, so that a slow minute slows down both."""
        if not self.theirs:
            return self.value
        return middle(a / b for a, b in zip(self.ours, self.theirs))


def middle(values):
    return statistics.median(values)


def in_turns(rounds, ours, theirs):
    """A figure of `rounds` rounds; each function returns a value, or (value,
    microseconds of CPU)."""
    figure = Figure([])
    for _ in range(rounds):
        for run, values, cpu in ((ours, figure.ours, figure.cpu),
                                 (theirs, figure.theirs, figure.their_cpu)):
            result = run()
            value, spent = result if isinstance(result, tuple) else (result, None)
            values.append(value)
            if spent is not None:
                cpu.append(spent)
    return figure


def with_cpu(cpu, run):
    """(rate, microseconds of CPU a request) of a run that returns load's
    report; cpu() tells seconds."""
    before = cpu()
    done = run()
    return done["rate"], (cpu() - before) * 1e6 / max(done["requests"], 1)
