#!/usr/bin/env python3
"""Runs a command where it can touch nothing else and leave nothing behind.

Usage: cell.py NAME SECONDS COMMAND...

The command gets namespaces of its own for mounts, processes, the network (loopback alone: one of
runc's tests clones a repository) and (cgroup v1) control groups, and a terminal of its own, since
runc's tests open /dev/tty. It sees its own control group as the root of
each hierarchy, so that two cells may use the same container ids and cgroup paths at once. When the
command ends, or SECONDS have passed, every process in the cell is killed with the namespace's
first one, its mounts go with the namespace, and its control groups are removed. A host with the
unified hierarchy alone gets no control groups of its own: there a group with processes cannot
give controllers to children, and the cell shares the host's.
"""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import pty
import signal
import stat
import subprocess
import sys
import termios
import threading
import time

TIMED_OUT = 124
PR_SET_PDEATHSIG = 1


def cgroup_mounts():
    """(mount point, file system type, options) of each mounted hierarchy."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        left, right = line.split(" - ")
        kind, _, options = right.split(" ")[:3]
        if kind in ("cgroup", "cgroup2"):
            yield pathlib.Path(left.split(" ")[4]), kind, options


def hierarchies():
    """Hierarchies in which a cell gets a group; none where only cgroup v2 is mounted."""
    mounts = list(cgroup_mounts())
    return mounts if any(kind == "cgroup" for _, kind, _ in mounts) else []


def own_group(mount, kind, options):
    """This process's directory in a hierarchy: the cell nests there, under the same limits."""
    wanted = set(options.split(","))
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if (kind == "cgroup2") if not controllers else set(controllers.split(",")) <= wanted:
            return mount / path.lstrip("/")
    return mount


def make_groups(name):
    groups = []
    for mount, kind, options in hierarchies():
        parent = own_group(mount, kind, options)
        group = parent / name
        group.mkdir()
        groups.append(group)
        for key in ("cpuset.cpus", "cpuset.mems"):
            if (parent / key).exists() and kind == "cgroup":
                (group / key).write_text((parent / key).read_text())
    return groups


def remove_groups(groups):
    """Children before parents; a killed process needs a moment to leave its group."""
    for _ in range(100):
        for group in groups:
            for path, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(path)
        if not any(group.exists() for group in groups):
            return True
        time.sleep(0.1)
    return False


def outside(name, seconds, command):
    groups = []
    try:
        groups = make_groups(name)

        def enter():
            for group in groups:
                (group / "cgroup.procs").write_text("0")

        namespaces = "-mpnf" if not groups else "-mpnfC"
        with subprocess.Popen(
                ["unshare", namespaces, "--mount-proc", "--kill-child", "--propagation", "private",
                 sys.executable, "-B", __file__, "--inside", *command], preexec_fn=enter) as process:
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                print(f"cell {name}: stopped after {seconds} s", file=sys.stderr)
                return TIMED_OUT
            finally:
                process.kill()
    finally:
        if not remove_groups(groups):
            print(f"cell {name}: its control groups could not be removed", file=sys.stderr)


def mount_own_groups():
    mounts = hierarchies()
    for mount, _, _ in mounts:
        subprocess.run(["umount", mount], check=True)
    # podman makes directories there, for controllers that the host has not mounted.
    place = pathlib.Path("/sys/fs/cgroup")
    if mounts and not os.path.samefile(place, mounts[0][0]):
        links = [(entry.name, os.readlink(entry)) for entry in place.iterdir() if entry.is_symlink()]
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "cell", place], check=True)
        for name, target in links:
            (place / name).symlink_to(target)
    for mount, kind, options in mounts:
        options = ",".join(o for o in options.split(",") if o not in ("rw", "ro"))
        extra = ["-o", options] if kind == "cgroup" and options else []
        mount.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", kind, *extra, kind, mount], check=True)


def mount_tmpfs(path):
    os.makedirs(path, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "cell", path], check=True)


def mount_own_null(place):
    """crun gives a container's standard streams, /dev/null among them, to the container's user."""
    mount_tmpfs(place)
    null = pathlib.Path(place, "null")
    with contextlib.suppress(PermissionError):  # of who may make no devices, and change none
        os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        null.chmod(0o666)
        subprocess.run(["mount", "--bind", null, "/dev/null"], check=True)
    subprocess.run(["umount", "--lazy", place], check=True)


def discard(master):
    with contextlib.suppress(OSError):
        while os.read(master, 65536):
            pass


def inside(command):
    """The first process of the namespace: reaps what containers leave, ends with the command."""
    mount_own_groups()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    mount_own_null("/run/runc")
    # What is not told a --root keeps its state here, in memory, and gone with the cell.
    mount_tmpfs("/run/runc")
    master, slave = pty.openpty()
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        os.dup2(slave, 0)
        os.close(master)
        os.close(slave)
        os.execvp(command[0], command)
    threading.Thread(target=discard, args=(master,), daemon=True).start()
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status) & 0xFF


def main():
    if sys.argv[1] == "--inside":
        sys.stdout.flush()
        os._exit(inside(sys.argv[2:]))  # not waiting for the thread that reads the terminal
    # Stopped by its runner, or outliving it: leave through the cleaning up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TIMED_OUT))
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return outside(sys.argv[1], float(sys.argv[2]), sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
