# SPDX-License-Identifier: ISC
"""The bench's own programs, and what the kernel knows of processes."""
import json
import os
import re
import socket
import subprocess
from pathlib import Path

from harness import env

TICK = os.sysconf("SC_CLK_TCK")
PROGRAMS = env.BUILD / "tests" / "bench"


def call(name, *args, timeout=3600):
    """What one of ours has printed."""
    return subprocess.run([PROGRAMS / name, *map(str, args)], check=True, text=True,
                          stdout=subprocess.PIPE, timeout=timeout).stdout


def run(name, *args, timeout=600):
    """The same, read as JSON."""
    return json.loads(call(name, *args, timeout=timeout))


def load(port, request, seconds, connections, **options):
    """load's report, of which no answer may be wrong."""
    args = [part for name, value in options.items() if value is not None
            for part in ([f"-{name}"] if value is True else [f"-{name}", value])]
    done = run("load", "-c", connections, "-d", seconds, *args, port, request,
               timeout=seconds + 60)
    bad = {k: done[k] for k in ("wrong", "broken", "unanswered") if done[k]}
    assert not bad, f"load on port {port}: {done}"
    return done


def cpu_of(pid):
    """Seconds of CPU that a process and its children, gone or not, have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, fields[11:15])) / TICK + sum(cpu_of(int(c)) for c in children)


def memory_of(pid, kind):
    """Bytes of a process and its children, as smaps_rollup has them."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(rf"^{kind}: +(\d+) kB", text, re.M)
    return int(found[1]) * 1024 + sum(memory_of(int(c), kind) for c in children)


def warm(path):
    """Has the kernel read it all."""
    with open(path, "rb", buffering=0) as f:
        block = bytearray(1 << 20)
        while f.readinto(block):
            pass


def sync(path):
    with open(path, "rb") as f:
        os.fsync(f.fileno())


def read_from(path, at):
    """The bytes of a file from there on; none, if there is no file yet."""
    try:
        with open(path, "rb") as f:
            f.seek(at)
            return f.read()
    except FileNotFoundError:
        return b""


def is_listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def end(process):
    """Asks it to end, and has it end."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
