# SPDX-License-Identifier: ISC
"""The end-to-end tests' harness and its fixtures, and a driver of our own."""
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "e2e")]

from harness.fixtures import address, daemon, make_daemon
