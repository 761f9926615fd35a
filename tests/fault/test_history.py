# SPDX-License-Identifier: ISC
"""8 clients and a few addresses, while processes are killed and stopped: for
each address one order explains what everybody was told, and how it ends."""
import os
import time

import pytest

from harness.daemon import Daemon

from history.rounds import CONFIG, OPS_IN_ROUND, History



def run_history(count):
    seed = int(os.environ.get("ASSENT_SEED", time.time_ns() % 10**9))
    print(f"ASSENT_SEED={seed}")
    with Daemon(CONFIG) as daemon:
        history = History(daemon, seed)
        started = time.monotonic()
        try:
            for number in range(count // OPS_IN_ROUND):
                history.round(number)
            history.check_list()
        finally:
            history.close()
            print(f"{history.ops} operations, {history.unknown} of unknown end, "
                  f"{history.mailbox.duplicates} mails twice, "
                  f"{time.monotonic() - started:.1f} s: {history.trouble.counts}")


def test_history():
    run_history(int(os.environ.get("ASSENT_OPS", 1600)))


@pytest.mark.long
def test_long_history():
    run_history(int(os.environ.get("ASSENT_OPS", 100_000)))
