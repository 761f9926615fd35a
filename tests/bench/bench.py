#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""How close assentd is to what the machine can do.

    ./quickstart bench [OPTION]...      or, in a build folder:
    make bench [BENCH="OPTION..."]

measures assentd side by side with what it is compared with, and prints a line
for each row of table.py:

    ours, other's   medians of all rounds, in the row's unit
    ratio           the median of each round's ratio.  Rounds alternate, so a
                    machine that is busy with something else slows down both:
                    the ratio is what to look at.  Rows without another have
                    their own value here
    wanted          what it must reach; "aim reached" is better than that
    CPU us          microseconds of CPU time a request, of our processes that
                    work on it (web; with the store: web and engine; of mails:
                    engine and mailer) / of the other's.  It depends least on
                    what else the machine does

and writes all rounds to bench.json, and bench.svg, a chart, into FOLDER:

    bench.py [--short] [--only ROW]... [FOLDER]

--short asks only whether each row can be measured, and its figures mean
nothing.  Everything is started here, on the loopback, in a folder of its own
within TMPDIR (/var/tmp), and gone at the end.  The rows with 10 million
contacts want 20 GB there, and are left out, and say so, if it has less.
"""
import argparse
import os
import shutil
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

from harness import env     # noqa: E402
import ours                 # noqa: E402
import report               # noqa: E402
import selfcheck            # noqa: E402
import stock                # noqa: E402
import table                # noqa: E402
import tools                # noqa: E402


@dataclass
class Size:
    rounds: int
    seconds: float
    contacts: int
    larger: int
    largest: int
    waiting: int            # confirmations that are there to be made
    queued: int


SIZES = {
    "short": Size(1, 0.3, 200, 400, 800, 10000, 200),
    "whole": Size(5, 3, 100_000, 1_000_000, 10_000_000, 300_000, 1_000_000),
}
CONTACT_BYTES = 2000    # on the disk, at most, while they are made


class Bench:
    """A run: its size, its folder, and what was measured so far."""

    def __init__(self, size):
        self.__dict__.update(vars(size))
        self.folder = env.Folder("assent-bench-", os.environ.get("TMPDIR", "/var/tmp"))
        self.path, self.figures, self.failed = self.folder.path, {}, False
        self.stock, self.giant = stock.Stock(self), None

    def make_folder(self, prefix):
        return env.Folder(prefix, self.path)

    def write(self, name, text):
        path = self.path / name
        path.write_text(text)
        return path

    def disk(self):
        """Records of a journal's size, each flushed, on the disk that the
        databases are on."""
        return tools.run("disk", self.path / "records", self.seconds, 600)

    def large(self):
        """The daemon with the most contacts, which isn't made twice.  Whoever
        starts it stops it."""
        if self.giant is None:
            self.giant = ours.Ours(self, contacts=self.largest)
        tools.warm(self.giant.values["database"] + "/data.mdb")
        return self.giant

    def end(self):
        if self.giant is not None:
            self.giant.clean_up()
        self.folder.remove()

    def figure(self, name):
        """That row's, or the reason why there is none."""
        if name not in self.figures:
            row = next(r for r in table.ROWS if r.name == name)
            self.figures[name] = self._measure(row)
        return self.figures[name]

    def _measure(self, row):
        missing = row.peer.missing() if row.peer else []
        if missing:
            return f"not measured: {', '.join(missing)} is not installed"
        if row.is_large and self.giant is None:
            wanted = self.largest * CONTACT_BYTES
            if shutil.disk_usage(self.path).free < wanted:
                return f"not measured: needs {wanted / 1e9:.0f} GB of disk"
        try:
            return row.measure(self)
        except Exception:
            traceback.print_exc()
            self.failed = True
            return "FAILED: see above"


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), os.uname().machine)
    return f"{model}, {os.cpu_count()} CPUs, {time.strftime('%Y-%m-%d')}"


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", dest="size", action="store_const", const="short")
    parser.add_argument("--only", action="append", choices=[r.name for r in table.ROWS])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("."))
    parser.set_defaults(size="whole")
    return parser.parse_args()


def main():
    asked = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    bench, results = Bench(SIZES[asked.size]), []
    try:
        if asked.size == "short":
            selfcheck.check(bench)
        print(report.head(), flush=True)
        for row in table.ROWS:
            if asked.only and row.name not in asked.only:
                continue
            results.append((row, bench.figure(row.name)))
            print(report.line(*results[-1]), flush=True)
    finally:
        bench.end()
        asked.folder.mkdir(parents=True, exist_ok=True)
        (asked.folder / "bench.json").write_text(report.to_json(results, machine()))
        (asked.folder / "bench.svg").write_text(report.to_svg(results, machine()))
    sys.exit(bench.failed)


if __name__ == "__main__":
    main()
