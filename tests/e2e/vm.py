"""A virtual machine with Debian's kernel, by qemu's software emulation: for what the kernel here lacks.

The kernel is not installed: scripts/install-deps unpacks it, and a few of its modules, into KERNEL.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

KERNEL = pathlib.Path(os.environ.get("RUNWARD_VM_KERNEL", "/var/cache/runward-tests/kernel"))
QEMU = "qemu-system-x86_64"

# The first process. What it prints comes out of qemu; the kernel's own messages stay away.
INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t tmpfs tmpfs /tmp
{modules}
{command}
echo "vm: status $?"
/bin/busybox poweroff -f
"""


def lacking(modules=("overlay",)):
    """Why no machine can be started here, or ""."""
    for name in (QEMU, "cpio", "ldd"):
        if shutil.which(name) is None:
            return f"not installed: {name}"
    for name in ("vmlinuz", *(f"{module}.ko" for module in modules)):
        if not (KERNEL / name).is_file():
            return f"not there: {KERNEL / name}, which scripts/install-deps fetches"
    return ""


def put(root, source, name):
    """A program with the libraries that it loads."""
    target = root / name.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
    subprocess.run(["strip", "-g", target], check=False, stderr=subprocess.DEVNULL)
    listed = subprocess.run(["ldd", source], capture_output=True, text=True, check=False)
    for library in re.findall(r"(/\S+) \(0x", listed.stdout):
        where = root / library.lstrip("/")
        where.parent.mkdir(parents=True, exist_ok=True)
        if not where.exists():
            shutil.copy2(os.path.realpath(library), where)


def boot(place, programs, command, append, seconds, modules=("overlay",), options=()):
    """Runs a shell's command with these programs ({name: source}) and modules of the kernel, in the order
    of their loading; what it printed, and its status. `options`: more of qemu's."""
    root = place / "root"
    root.mkdir()
    for name, source in {"/bin/busybox": "/bin/busybox", **programs}.items():
        put(root, source, name)
    for module in modules:
        shutil.copy2(KERNEL / f"{module}.ko", root)
    loading = "\n".join(f"/bin/busybox insmod /{module}.ko" for module in modules)
    (root / "init").write_text(INIT.format(modules=loading, command=command), encoding="utf-8")
    (root / "init").chmod(0o755)
    archive = place / "initrd"
    with open(archive, "wb") as out:
        subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=root, stdout=out,
                       check=True)
    done = subprocess.run(
        ["timeout", str(seconds), QEMU, "-accel", "tcg", "-cpu", "max", "-m", "768", "-nographic",
         "-no-reboot", "-nic", "none", *options, "-kernel", KERNEL / "vmlinuz", "-initrd", archive,
         "-append", f"console=ttyS0 quiet panic=-1 {append}"],
        stdin=subprocess.DEVNULL, capture_output=True, check=False)
    text = done.stdout.decode(errors="replace").replace("\r", "")
    status = re.search(r"^vm: status (\d+)$", text, re.M)
    return text, int(status.group(1)) if status else None


def in_another_root(command):
    """A script that moves all there is to another root filesystem and ends as that command there: of the first
    one pivot_root(2) takes none, nor does systemd."""
    return f"""
busybox mkdir /new && busybox mount -t tmpfs -o mode=755 tmpfs /new
for entry in /*; do
  case $entry in /new|/proc|/sys|/dev|/tmp) busybox mkdir /new$entry;; *) busybox cp -a $entry /new/;; esac
done
for mount in proc sys dev tmp; do busybox mount --move /$mount /new/$mount; done
cd /new && busybox mount --move . / && exec busybox chroot . {command}
"""


class RuncTest(unittest.TestCase):
    """With a container of runc's in the machine."""

    def begin(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.files = {}

    def file(self, name, text):
        """One for the machine."""
        source = self.place / name.strip("/").replace("/", "-")
        source.write_text(text)
        self.files[name] = source

    def runc_config(self, *applet):
        """A config.json that executes an applet of busybox. Its network is the machine's: CRIU would close one
        by packet filters, which the machine has not."""
        subprocess.run(["runc", "spec"], cwd=self.place, check=True)
        config = json.loads((self.place / "config.json").read_text())
        config["process"].update(terminal=False, args=["/bin/busybox", *applet])
        spaces = config["linux"]["namespaces"]
        config["linux"]["namespaces"] = [one for one in spaces if one["type"] not in ("network", "cgroup")]
        config["mounts"] = [one for one in config["mounts"] if one["destination"] in ("/proc", "/dev")]
        return config
