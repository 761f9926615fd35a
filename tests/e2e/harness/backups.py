# SPDX-License-Identifier: ISC
"""Backups: taken of a running daemon, and looked at."""
import hashlib
import re
import subprocess
import threading

from . import env

LINE = re.compile(rb"assent-backup 1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (\d{20}) ([0-9a-f]{64})\n")
LINE_SIZE = 123


def is_whole(path):
    """What the last line of a backup says, computed here."""
    data = path.read_bytes()
    found = LINE.fullmatch(data[-LINE_SIZE:])
    return (bool(found) and int(found[2]) == len(data) - LINE_SIZE
            and hashlib.sha256(data[:-65]).hexdigest().encode() == found[3])


def with_right_sum(changed):
    """A backup whose bytes were changed, with the sum that is right."""
    text = changed[:-65]
    return text + hashlib.sha256(text).hexdigest().encode() + b"\n"


EVIDENCE = ("source", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
            "referrer_url", "landing_page")


def fill(daemon, count=500):
    """So many requests, of 4 kB each, by four connections: together more than
    fits into what is between a copier and a client that doesn't read."""
    evidence = {name: name[0] * 500 for name in EVIDENCE}

    def post(worker):
        conn = daemon.web.connect()
        for n in range(worker, count, 4):
            answer = daemon.web.post_json(
                "/subscribe", {"email": f"fill{n}@example.com", **evidence}, conn=conn)
            assert answer.status == 202, answer
        conn.close()
    workers = [threading.Thread(target=post, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


class Client:
    """assentctl backup, to a pipe that is read when a test says so."""

    def __init__(self, daemon):
        self.daemon, self.first = daemon, b""
        self.process = subprocess.Popen(
            [env.program("assentctl"), "-s", daemon.values["admin"]["socket"], "backup"],
            bufsize=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def copier(self):
        """The copier's pid, once it has begun to copy; it can't get to the end."""
        self.first = self.process.stdout.read(1)
        return self.daemon.pids()["copier"][0]

    def read(self, path):
        """The rest of it, to a file; the exit status and what it said."""
        with open(path, "wb") as out:
            out.write(self.first)
            for piece in iter(lambda: self.process.stdout.read(65536), b""):
                out.write(piece)
        error = self.process.stderr.read().decode()
        return self.process.wait(env.PATIENCE), error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.stdout.close()
        self.process.stderr.close()
        self.process.wait()


def take(daemon, path):
    """A whole backup."""
    with Client(daemon) as client:
        status, error = client.read(path)
    assert (status, error) == (0, ""), error
    assert is_whole(path)
    return path
