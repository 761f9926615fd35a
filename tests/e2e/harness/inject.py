# SPDX-License-Identifier: ISC
"""System calls made from inside another process: stopped by ptrace, made to
run one `syscall` instruction with registers of our choice, and put back as it
was.  So the process itself is tried, not a copy of it.  Needs root."""
import ctypes
import os
import platform
import signal
from pathlib import Path

GETREGS, SETREGS, ATTACH, DETACH, STEP = 12, 13, 16, 17, 9
WALL = 0x40000000
SCRATCH = 4096          # below the stack pointer and its red zone

NUMBERS = {             # x86-64's
    "read": 0, "open": 2, "close": 3, "mmap": 9, "mprotect": 10, "socket": 41,
    "connect": 42, "bind": 49, "clone": 56, "fork": 57, "execve": 59, "kill": 62,
    "rename": 82, "mkdir": 83, "unlink": 87, "ptrace": 101, "setuid": 105,
    "getppid": 110, "prctl": 157, "mount": 165, "tgkill": 234, "openat": 257,
    "unshare": 272, "process_vm_readv": 310, "bpf": 321, "io_uring_setup": 425,
    "clone3": 435, "setresuid": 117, "truncate": 76, "init_module": 175,
    "keyctl": 250, "sched_setscheduler": 144,
}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long

FIELDS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs "
          "eflags rsp ss fs_base gs_base ds es fs gs").split()


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in FIELDS]


def why_not():
    """Why it can't be done here, or None."""
    if os.geteuid() != 0:
        return "only root may look into the daemon's processes"
    if platform.machine() != "x86_64":
        return "written for x86-64 alone"
    return None


def _ptrace(request, pid, data=None):
    if _libc.ptrace(request, pid, None, data) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"ptrace({request}): {os.strerror(error)}")


def _instruction(pid):
    """The address of a `syscall` instruction in its C library."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        where, rights, *_, path = line.split()
        if "x" in rights and "/libc" in path:
            start, end = (int(n, 16) for n in where.split("-"))
            with open(f"/proc/{pid}/mem", "rb", 0) as memory:
                memory.seek(start)
                return start + memory.read(end - start).index(b"\x0f\x05")
    raise AssertionError(f"no C library in process {pid}")


class Inside:
    """with Inside(pid) as p: p.call("openat", -100, b"/etc/shadow", 0)"""

    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        _ptrace(ATTACH, self.pid)
        os.waitpid(self.pid, WALL)
        self.saved = Registers()
        _ptrace(GETREGS, self.pid, ctypes.addressof(self.saved))
        self.instruction = _instruction(self.pid)
        self.attached = True
        return self

    def __exit__(self, *_):
        if self.attached:
            _ptrace(SETREGS, self.pid, ctypes.addressof(self.saved))
            _ptrace(DETACH, self.pid)

    def _place(self, arguments):
        """Numbers as they are; bytes into its stack, as their address."""
        at, placed = (self.saved.rsp - SCRATCH) & ~15, []
        with open(f"/proc/{self.pid}/mem", "r+b", 0) as memory:
            for argument in arguments:
                if isinstance(argument, bytes):
                    at -= (len(argument) + 16) & ~15
                    memory.seek(at)
                    memory.write(argument + b"\0")
                    argument = at
                placed.append(argument & (2 ** 64 - 1))
        return placed + [0] * (6 - len(placed))

    def call(self, name, *arguments):
        """What the kernel answers: at least 0, or a negative errno."""
        regs = self._set(name, arguments)
        _ptrace(STEP, self.pid)
        _, status = os.waitpid(self.pid, WALL)
        assert os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGTRAP, status
        _ptrace(GETREGS, self.pid, ctypes.addressof(regs))
        return ctypes.c_longlong(regs.rax).value

    def _set(self, name, arguments):
        regs = Registers.from_buffer_copy(self.saved)
        regs.rip, regs.rax, regs.orig_rax = self.instruction, NUMBERS[name], 2 ** 64 - 1
        regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8, regs.r9 = self._place(arguments)
        _ptrace(SETREGS, self.pid, ctypes.addressof(regs))
        return regs

    def dare(self, name, *arguments):
        """Lets it make that call by itself, with nobody watching."""
        self._set(name, arguments)
        _ptrace(DETACH, self.pid)
        self.attached = False
