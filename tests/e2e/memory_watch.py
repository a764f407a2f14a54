"""Runs a program under ptrace(2) and looks at the memory of each of its processes that is ours at the
moment before it ends: what it still holds then, it has not wiped after use."""

import ctypes
import os
import signal
import tempfile

from test_secrets_unlock import memory_of

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
TRACEME, CONT, SETOPTIONS = 0, 7, 0x4200
EVENT_EXIT = 6
# Forks, vforks, clones, executions and exits stop; what is traced dies with the tracer.
OPTIONS = 0x2 | 0x4 | 0x8 | 0x10 | 0x40 | 0x100000
WALL = 0x40000000


def program_of(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def start(words, stdin, output):
    pid = os.fork()
    if pid == 0:
        LIBC.ptrace(TRACEME, 0, None, None)
        for number, file in ((0, stdin), (1, output), (2, output)):
            os.dup2(file.fileno(), number)
        os.execv(words[0], words)
    os.waitpid(pid, 0)
    LIBC.ptrace(SETOPTIONS, pid, None, OPTIONS)
    LIBC.ptrace(CONT, pid, None, None)
    return pid


def follow(first, programs):
    """{program: memory at its end}, and the exit status of `first`."""
    held, status = {}, None
    while status is None:
        pid, state = os.waitpid(-1, WALL)
        if not os.WIFSTOPPED(state):
            status = state if pid == first else status
            continue
        told = os.WSTOPSIG(state)
        if state >> 16 == EVENT_EXIT and program_of(pid) in programs:
            held.setdefault(program_of(pid), []).append(memory_of(pid))
        LIBC.ptrace(CONT, pid, None, 0 if told in (signal.SIGTRAP, signal.SIGSTOP) else told)
    return held, os.waitstatus_to_exitcode(status)


def run(words, programs, stdin=b""):
    """(what it printed, its exit code, {program: [memory at its end of each such process]})."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
        given.write(stdin)
        given.seek(0)
        held, code = follow(start([str(word) for word in words], given, output), programs)
        output.seek(0)
        return output.read(), code, held


