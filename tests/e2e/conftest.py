# SPDX-License-Identifier: ISC
"""Where the harness is, and the fixtures that come with it."""
import sys
from pathlib import Path

# Ubuntu 22.04's pytest doesn't know pythonpath yet.
sys.path.insert(0, str(Path(__file__).parent))

from harness.fixtures import address, daemon, make_daemon
