# SPDX-License-Identifier: ISC
"""What record.c noted, and what a disk may hold when the power goes at any
moment of that: all that was synced; and of what wasn't, any part in any order,
down to single sectors.  (A write by a descriptor that is O_DSYNC is on the
disk when it returns, but nothing else is by that.)"""
import struct
from typing import NamedTuple

HEAD, NOTE, SECTOR = struct.Struct("=QQ"), struct.Struct("=QQQ"), 512
WRITE, WRITE_SYNCED, TRUNCATE, SYNC = 1, 2, 3, 4
DATA, JOURNAL = FILES = 0, 1


class Note(NamedTuple):
    kind: int
    file: int
    offset: int         # of a write; or the new length
    data: bytes
    end: int            # the recording's length when this was noted


def used(record):
    """How long a recording is by now; `record` is mapped memory."""
    return HEAD.unpack_from(record)[0]


def read_notes(record):
    at, end = HEAD.size, used(record)
    while at < end:
        kind, offset, length = NOTE.unpack_from(record, at)
        data = bytes(record[at + NOTE.size:at + NOTE.size + length])
        at += NOTE.size + (length + 7) // 8 * 8
        yield Note(kind & 0xff, kind >> 8, offset, data, at)


class Image(bytearray):
    """A file's content."""

    def write(self, offset, data):
        if len(self) < offset:
            self.extend(bytes(offset - len(self)))
        self[offset:offset + len(data)] = data

    def put(self, note):
        if note.kind != TRUNCATE:
            self.write(note.offset, note.data)
        elif note.offset < len(self):
            del self[note.offset:]
        else:
            self.extend(bytes(note.offset - len(self)))

    def put_some(self, note, chance):
        """Some of its sectors: the first ones, or here one and there one."""
        if note.kind == TRUNCATE:
            return
        starts = range(0, len(note.data), SECTOR)
        first = chance.randrange(len(starts) + 1)
        torn = chance.random() < 0.5
        for i, start in enumerate(starts):
            if i < first if torn else chance.random() < 0.5:
                self.write(note.offset + start, note.data[start:start + SECTOR])


def _parts(durable, pending, chance):
    """One of the things that may have become of what wasn't synced."""
    image = Image(durable)
    order = list(pending)
    chance.shuffle(order)
    for note in order:
        fate = chance.random()
        if fate < 0.4:
            image.put(note)
        elif fate < 0.7:
            image.put_some(note, chance)
    return image


def _whole(durable, pending):
    image = Image(durable)
    for note in pending:
        image.put(note)
    return image


def states(notes, chance, several):
    """(how far the recording had come, the images of data.mdb and journal) for
    each moment and each of what it may have left: all of it, nothing that
    wasn't synced, and `several` times some of it.  A journal's zeros behind
    what was ever written to it are left out."""
    durable, pending = [Image() for _ in FILES], [[] for _ in FILES]
    yield 0, tuple(map(Image, durable))
    for note in notes:
        waiting = pending[note.file]
        if note.kind == SYNC:
            for each in waiting:
                durable[note.file].put(each)
            waiting.clear()
        elif note.kind == WRITE_SYNCED:
            durable[note.file].put(note)
        else:
            waiting.append(note)
        yield note.end, tuple(map(Image, durable))
        if not any(pending):
            continue
        yield note.end, tuple(map(_whole, durable, pending))
        for _ in range(several):
            yield note.end, tuple(_parts(durable[f], pending[f], chance) for f in FILES)
