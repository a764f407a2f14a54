"""What the tests of run controls share: changes to a plain configuration, and calls with them."""

import json
import os
import subprocess

ALL = ["CAP_" + name for name in (
    "AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER "
    "FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN "
    "NET_BIND_SERVICE NET_BROADCAST NET_RAW SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT "
    "SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME "
    "SYS_TTY_CONFIG WAKE_ALARM").split()]
# What the status of a process says of its rights.
RIGHTS = ("Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "CapInh", "CapPrm", "CapEff", "CapBnd",
          "CapAmb")
STATUS = ["sh", "-c", "cat /proc/self/status /proc/self/mountinfo"]


def rights(text):
    lines = [line for line in text.splitlines() if line.split(":")[0] in RIGHTS]
    # Mounts without what is another for each container: ids, devices and its own directory.
    mounts = [" ".join(line.split(" ")[3:6]) for line in text.splitlines() if " - " in line]
    return lines, mounts


def in_process(**members):
    return lambda config: config["process"].update(members)


def in_linux(**members):
    return lambda config: config["linux"].update(members)


def mount(source, *options, kind="bind"):
    entry = {"destination": "/tmp", "type": kind, "source": source, "options": list(options) or ["rbind"]}
    return lambda config: config["mounts"].append(entry)


def capabilities(**sets):
    return lambda config: config["process"]["capabilities"].update(sets)


def without(kind):
    def change(config):
        if kind == "uts":
            config.pop("hostname", None)  # the host's is not a container's to set
        spaces = config["linux"]["namespaces"]
        config["linux"]["namespaces"] = [one for one in spaces if one["type"] != kind]
    return change


def devices(*rules):
    return lambda config: config["linux"]["resources"].update(
        devices=[{"allow": False, "access": "rwm"}, *rules])


def nothing(_config):
    pass


def annotate(**values):
    return lambda config: config.setdefault("annotations", {}).update(values)


KEEP = {"allow": ["AUDIT_WRITE", "KILL", "NET_BIND_SERVICE"]}


class ControlCalls:
    """Mixed into a BundleTest: a bundle as `runc spec` makes it, with changes."""

    def setUp(self):
        super().setUp()
        # A place that is not the host's, and leaves nothing there.
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/srv"], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", "/srv"], check=False)
        os.makedirs("/srv/shared")
        rootfs = self.one.bundle / "rootfs"
        (rootfs / "etc" / "passwd").write_text("root:x:0:0::/:/bin/sh\napp:x:77:77::/:/bin/sh\n")
        self.plain = (self.one.bundle / "config.json").read_text()

    def write(self, *changes, args=("true",)):
        config = json.loads(self.plain)
        for change in changes:
            change(config)
        config["process"].update(args=list(args), terminal=False)
        (self.one.bundle / "config.json").write_text(json.dumps(config))

    def run_one(self, *changes, args=("echo", "ok")):
        self.write(*changes, args=args)
        self.one.call("delete", "--force", "c1")  # sweeps what an earlier run left
        return self.one.call("run", "--bundle", self.one.bundle, "c1")

    def newest(self):
        event = self.one.events()[-1]
        return event["status_code"], event["unmapped"]["runward"]

    def start(self, run, *changes, mode="enforce"):
        self.one.policy(mode=mode, run=run)
        self.write(*changes, args=["sleep", "100"])
        self.assertEqual(self.one.create("c1"), (0, ""))
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def exec_by(self, change):
        """exec with config.json's process, changed, as process.json: what an engine does."""
        process = json.loads(self.plain)["process"]
        process.update(terminal=False, args=["echo", "ok"])
        change(process)
        path = self.one.dir / "process.json"
        path.write_text(json.dumps(process))
        return self.one.call("exec", "--process", path, "c1")
