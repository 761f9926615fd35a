# SPDX-License-Identifier: ISC
"""A disk that is soon full."""
import errno
import os
import subprocess

from . import env


class Disk:
    """A small one, for the database alone; it takes root to make it."""

    def __init__(self, folder, megabytes):
        self.folder, self.filler = folder, folder / "filler"
        owner = env.owner()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700,uid={owner.pw_uid},"
                        f"gid={owner.pw_gid}", "small", folder], check=True, capture_output=True)

    def fill(self):
        with open(self.filler, "wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as error:
                    assert error.errno == errno.ENOSPC

    def free(self):
        self.filler.unlink()

    def close(self):
        subprocess.run(["umount", "-l", self.folder], check=True, capture_output=True)


def disk_of(folder, megabytes):
    """None where there can't be one."""
    try:
        return Disk(folder, megabytes) if os.geteuid() == 0 else None
    except subprocess.CalledProcessError:
        return None
