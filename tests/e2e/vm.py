"""A virtual machine with Debian's kernel, by qemu's software emulation: for what the kernel here lacks.

The kernel is not installed: scripts/install-deps unpacks it, and a few of its modules, into KERNEL.
"""

import os
import pathlib
import re
import shutil
import subprocess

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
