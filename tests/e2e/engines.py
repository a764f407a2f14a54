"""Engines for the end-to-end tests: containerd and dockerd from Debian's packages, each with its own
directories, sockets, bridge and control groups. They start in a cell only (in_cell.py), so nothing
of the host's engines is used or changed; what is started is ended by its process id.
"""

import contextlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from images import BUSYBOX, Image, base_layer, busybox_tree, text_layer  # noqa: F401 (for tests)
from in_cell import MARK

BIN = pathlib.Path(os.environ.get("RUNWARD_BIN_DIR", "build/bin")).absolute()
RUNWARD = str(BIN / "runward")
RUNWARDCTL = str(BIN / "runwardctl")
NEEDED = ("runc", "containerd", "containerd-shim-runc-v2", "dockerd", "docker", "ctr", "iptables",
          BUSYBOX, RUNWARD, RUNWARDCTL)
SHIM = "io.containerd.runc.v2"


def require(*programs):
    """Skips the test, saying why, when the machine lacks what it needs."""
    if not os.path.isdir(MARK):
        raise unittest.SkipTest("starts engines in a cell only: run it through in_cell.py")
    lacking = [program for program in programs or NEEDED if shutil.which(program) is None]
    if lacking:
        raise unittest.SkipTest(f"not there: {', '.join(lacking)}")


def run(*words, check=True, timeout=120, stdin=None, env=None):
    """A finished command: .returncode, .stdout, .stderr as text."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=timeout,
                          input=stdin, env=env, errors="replace",
                          **({} if stdin is not None else {"stdin": subprocess.DEVNULL}))
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}\nexit {done.returncode}\n"
                             f"{done.stdout}\n{done.stderr}")
    return done


def wait_for(what, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def processes():
    """{pid: words} of this cell, less the tests' own."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            words = pathlib.Path("/proc", pid, "cmdline").read_bytes().split(b"\0")
            if int(pid) not in (1, os.getpid()) and words[0]:
                found[int(pid)] = [word.decode(errors="replace") for word in words]
    return found


class Engines:
    """A containerd and, behind it, a dockerd, whose runtimes are runc and runward."""

    def __init__(self, data_root=None, default_runtime="runc", audit_too=False, home=None):
        # Also containerd's namespace, whose grammar mkdtemp's underscores do not fit.
        self.name = f"rw-{secrets.token_hex(4)}"
        self.dir = f"/run/{self.name}"  # short: sockets' paths end at 108 bytes
        os.mkdir(self.dir, 0o755)
        self.home = home or f"{self.dir}/runward"  # the --runward-root
        self.audit_home = f"{self.dir}/audit" if audit_too else None  # for the runtime "audit"
        self.data_root = data_root or f"{self.dir}/docker"
        self.default_runtime = default_runtime
        self.socket = f"{self.dir}/d.sock"
        self.containerd = f"{self.dir}/c.sock"
        self.settings = None  # of daemon.json, instead of those below
        self.started = []
        self.dockerd = None
        self.log = open(f"{self.dir}/engines.log", "wb")
        for name, home in self.homes().items():
            os.makedirs(home, exist_ok=True)
            # ctr can name a program, but not its arguments; the shim takes them only from argv.
            wrapper = pathlib.Path(self.wrapper(name))
            wrapper.write_text(f'#!/bin/sh\nexec {RUNWARD} --runward-root={home} "$@"\n')
            wrapper.chmod(0o755)

    def homes(self):
        homes = {"runward": self.home, "audit": self.audit_home}
        return {name: home for name, home in homes.items() if home}

    def wrapper(self, runtime):
        return "runc" if runtime == "runc" else f"{self.dir}/{runtime}-here"

    # Starting and stopping.

    def start(self, docker=True):
        try:
            self._start_containerd()
            if docker:
                self.start_docker()
        except BaseException:
            self.stop()
            raise
        return self

    def _spawn(self, *words):
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log,
                                   stderr=self.log, start_new_session=True)
        self.started.append(process)
        return process

    def _ready(self, process, what, condition):
        wait_for(what, lambda: process.poll() is not None or condition())
        if process.poll() is not None:
            raise AssertionError(f"{what} ended: {self.log_tail()}")

    def log_tail(self):
        return pathlib.Path(self.dir, "engines.log").read_text(errors="replace")[-3000:]

    def containerd_settings(self):
        """Of the whole file, before its tables."""
        return 'disabled_plugins = ["io.containerd.grpc.v1.cri"]'

    def _start_containerd(self):
        config = f"{self.dir}/containerd.toml"
        pathlib.Path(config).write_text(f"""version = 2
root = "{self.dir}/containerd"
state = "{self.dir}/containerd-state"
{self.containerd_settings()}
[plugins."io.containerd.internal.v1.opt"]
  path = "{self.dir}/opt"
[grpc]
  address = "{self.containerd}"
""", encoding="utf-8")
        process = self._spawn("containerd", "--config", config)
        self._ready(process, "containerd",
                    lambda: self.ctr("version", check=False).returncode == 0)

    def start_docker(self):
        config = f"{self.dir}/daemon.json"
        settings = self.settings or {
            "runtimes": {name: {"path": RUNWARD, "runtimeArgs": [f"--runward-root={home}"]}
                         for name, home in self.homes().items()},
            "default-runtime": self.default_runtime}
        pathlib.Path(config).write_text(json.dumps(
            {**settings, "deprecated-key-path": f"{self.dir}/key.json"}), encoding="utf-8")
        self.dockerd = self._spawn(
            "dockerd", "--config-file", config, "--data-root", self.data_root, "--exec-root",
            f"{self.dir}/docker-exec", "-H", f"unix://{self.socket}", "--pidfile",
            f"{self.dir}/d.pid", "--containerd", self.containerd, "--bip", "10.231.0.1/24",
            "--storage-driver", "overlay2", "--group", "root", "--live-restore",
            "--cgroup-parent", f"/{self.name}", "--exec-opt", "native.cgroupdriver=cgroupfs")
        self._ready(self.dockerd, "dockerd",
                    lambda: self.docker("version", check=False).returncode == 0)

    def stop_docker(self):
        self._end(self.dockerd)

    def _end(self, process):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.started:
            self.started.remove(process)

    def stop(self):
        """Ends containers, engines and their shims, and removes the directory."""
        with contextlib.suppress(Exception):
            self.remove_containers()
        for process in reversed(list(self.started)):
            self._end(process)
        # containerd's shims outlive it; ours name our socket.
        for pid, words in processes().items():
            if "containerd-shim" in words[0] and any(self.dir in word for word in words):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for _ in range(3):  # what lies on top first; several may lie on one point
            for point in sorted(self.mounts(), reverse=True):
                run("umount", "-l", point, check=False)
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def mounts(self):
        lines = pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
        points = [line.split()[4] for line in lines]
        return [p for p in points if p.startswith((self.dir + "/", self.data_root + "/"))]

    def remove_containers(self):
        if self.dockerd and self.dockerd.poll() is None:
            if ids := self.docker("ps", "-aq", check=False, timeout=30).stdout.split():
                self.docker("rm", "-f", "-v", *ids, check=False)
        if not self.started:
            return
        for task in self.ctr("tasks", "ls", "-q", check=False, timeout=30).stdout.split():
            self.ctr("tasks", "kill", "-s", "SIGKILL", task, check=False, timeout=30)
            self.ctr("tasks", "delete", "-f", task, check=False, timeout=30)
        for name in self.ctr("containers", "ls", "-q", check=False, timeout=30).stdout.split():
            self.ctr("containers", "delete", name, check=False, timeout=30)

    # Using them.

    def docker(self, *words, **options):
        return run("docker", "-H", f"unix://{self.socket}", *words, **options)

    def ctr(self, *words, **options):
        return run("ctr", "-a", self.containerd, "-n", self.name, *words, **options)

    def ctr_run(self, *words, runtime="runward", check=False, **options):
        """`ctr run` of `words` with runc, or with runward under this installation's policy."""
        return self.ctr("run", "--runtime", SHIM, "--runc-binary", self.wrapper(runtime), *words,
                        check=check, **options)

    def ctl(self, *words, **options):
        return run(RUNWARDCTL, f"--runward-root={self.home}", *words, **options)

    def load(self, image):
        """Loads an Image into docker; returns it."""
        with tempfile.NamedTemporaryFile(dir=self.dir, suffix=".tar") as file:
            self.docker("load", "-q", "-i", image.save(file.name))
        return image

    def ctr_load(self, image, oci=True):
        with tempfile.NamedTemporaryFile(dir=self.dir, suffix=".tar") as file:
            path = image.save_oci(file.name) if oci else image.save(file.name)
            self.ctr("image", "import", path)
        return image

    def import_image(self, name, extra=None):
        """A one-layer image made from busybox; returns its id."""
        layers = [base_layer()] + ([text_layer(extra)] if extra else [])
        self.load(Image(name, layers))
        return self.docker("image", "inspect", "-f", "{{.Id}}", name).stdout.strip()

    def policy(self, text, home=None):
        path = pathlib.Path(home or self.home, "policy.json")
        new = path.with_suffix(".new")
        new.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        new.chmod(0o644)
        new.rename(path)

    def logged(self):
        """All records of the log's current file."""
        with contextlib.suppress(FileNotFoundError):
            with open(f"{self.home}/log/events.jsonl", encoding="utf-8") as file:
                return [json.loads(line) for line in file]
        return []

    def events(self):
        """The decisions, without what checks found."""
        return [record for record in self.logged() if record["class_uid"] != 2003]

    def findings(self):
        return [record for record in self.logged() if record["class_uid"] == 2003]

    def records(self):
        return sorted(pathlib.Path(self.home, "run", "containers").glob("*/plan.json"))
