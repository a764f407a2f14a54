"""Engines for the end-to-end tests: containerd and dockerd from Debian's packages, each with its own
directories, sockets, network namespace and bridge. Nothing of the host's engines is used or changed.
Everything started here is ended by its process id, and everything made is removed, also when a test
fails or is interrupted.
"""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
import unittest

BIN = os.environ.get("RUNWARD_BIN_DIR") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release", "bin")
BIN = os.path.abspath(BIN)
RUNWARD = os.path.join(BIN, "runward")
RUNWARDCTL = os.path.join(BIN, "runwardctl")
BUSYBOX = "/bin/busybox"
NEEDED = ["runc", "containerd", "dockerd", "docker", "ctr", "ip", "nsenter", "iptables"]


def require(*programs):
    """Skips the test, saying why, when the machine lacks what it needs."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root")
    for program in programs or NEEDED:
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"needs {program}")
    if not os.path.exists(RUNWARD):
        raise unittest.SkipTest(f"needs {RUNWARD}; build first")


def run(*words, check=True, timeout=120, stdin=None, env=None):
    """A finished command: .returncode, .stdout, .stderr as text."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=timeout,
                          input=stdin, env=env)
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


def busybox_tree(directory, extra=None):
    """A root filesystem with Debian's static busybox; `extra` maps paths to text."""
    os.makedirs(f"{directory}/bin")
    shutil.copy(BUSYBOX, f"{directory}/bin/busybox")
    for applet in run(BUSYBOX, "--list").stdout.split():
        if applet != "busybox":
            os.symlink("busybox", f"{directory}/bin/{applet}")
    for name in ("etc", "tmp", "proc", "sys", "dev", "root", "home"):
        os.makedirs(f"{directory}/{name}")
    with open(f"{directory}/etc/passwd", "w") as passwd:
        passwd.write("root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home:/bin/sh\n")
    for path, text in (extra or {}).items():
        with open(f"{directory}/{path}", "w") as file:
            file.write(text)


class Engines:
    """A containerd and, behind it, a dockerd, whose runtimes are runc and runward."""

    def __init__(self, data_root=None, default_runtime="runc"):
        self.dir = tempfile.mkdtemp(prefix="rw-", dir="/var/lib")
        self.name = os.path.basename(self.dir)
        self.processes = []
        self.home = f"{self.dir}/runward"  # the --runward-root
        self.data_root = data_root or f"{self.dir}/docker"
        self.default_runtime = default_runtime
        self.socket = f"{self.dir}/d.sock"
        self.containerd = f"{self.dir}/c.sock"
        self.log = open(f"{self.dir}/engines.log", "wb")
        os.makedirs(self.home)

    # -- starting and stopping

    def start(self):
        try:
            self._make_namespace()
            self._start_containerd()
            self.start_docker()
        except BaseException:
            self.stop()
            raise
        return self

    def _make_namespace(self):
        run("ip", "netns", "add", self.name)
        self._inside("ip", "link", "set", "lo", "up")

    def _inside(self, *words):
        return run("nsenter", f"--net=/run/netns/{self.name}", *words)

    def _spawn(self, *words):
        process = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.name}", *words], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, start_new_session=True)
        self.processes.append(process)
        return process

    def _start_containerd(self):
        with open(f"{self.dir}/containerd.toml", "w") as file:
            file.write(f"""version = 2
root = "{self.dir}/containerd"
state = "{self.dir}/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "{self.containerd}"
""")
        self._spawn("containerd", "--config", f"{self.dir}/containerd.toml")
        wait_for("containerd", lambda: run("ctr", "-a", self.containerd, "version",
                                           check=False).returncode == 0)

    def start_docker(self):
        with open(f"{self.dir}/daemon.json", "w") as file:
            json.dump({"runtimes": {"runward": {"path": RUNWARD,
                                                "runtimeArgs": [f"--runward-root={self.home}"]}},
                       "default-runtime": self.default_runtime}, file)
        self.dockerd = self._spawn(
            "dockerd", "--config-file", f"{self.dir}/daemon.json", "--data-root", self.data_root,
            "--exec-root", f"{self.dir}/docker-exec", "-H", f"unix://{self.socket}", "--pidfile",
            f"{self.dir}/d.pid", "--containerd", self.containerd, "--bip", "10.231.0.1/24",
            "--storage-driver", "overlay2", "--group", "root")
        wait_for("dockerd", lambda: self.docker("version", check=False).returncode == 0)

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
        if process in self.processes:
            self.processes.remove(process)

    def stop(self):
        with contextlib.suppress(Exception):
            ids = self.docker("ps", "-aq", check=False, timeout=20).stdout.split()
            if ids:
                self.docker("rm", "-f", *ids, check=False, timeout=60)
        with contextlib.suppress(Exception):
            for task in self.ctr("tasks", "ls", "-q", check=False, timeout=20).stdout.split():
                self.ctr("tasks", "kill", "-s", "SIGKILL", task, check=False, timeout=20)
                self.ctr("tasks", "delete", "-f", task, check=False, timeout=20)
        for process in reversed(list(self.processes)):
            self._end(process)
        self._end_left_over()
        self._unmount()
        run("ip", "netns", "delete", self.name, check=False)
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def _end_left_over(self):
        """containerd's shims go on without it; ours are told by our directory in their arguments."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                if b"containerd-shim" in words[0] and any(self.dir.encode() in w for w in words):
                    os.kill(int(pid), signal.SIGKILL)

    def _unmount(self):
        for _ in range(3):
            with open("/proc/self/mountinfo") as file:
                points = [line.split()[4] for line in file]
            ours = [p for p in points if p.startswith(self.dir + "/")
                    or p.startswith(self.data_root + "/")]
            if not ours:
                return
            for point in sorted(ours, reverse=True):
                run("umount", "-l", point, check=False)

    # -- using them

    def docker(self, *words, **options):
        return run("docker", "-H", f"unix://{self.socket}", *words, **options)

    def ctr(self, *words, **options):
        return run("ctr", "-a", self.containerd, *words, **options)

    def ctl(self, *words, **options):
        return run(RUNWARDCTL, f"--runward-root={self.home}", *words, **options)

    def import_image(self, name, extra=None):
        """A one-layer image made from busybox; returns its id."""
        with tempfile.TemporaryDirectory(dir=self.dir) as tree:
            busybox_tree(f"{tree}/root", extra)
            with tarfile.open(f"{tree}/image.tar", "w") as tar:
                tar.add(f"{tree}/root", arcname=".")
            return self.docker("import", "-c", 'CMD ["/bin/sh"]', f"{tree}/image.tar",
                               name).stdout.strip()

    def policy(self, text):
        path = f"{self.home}/policy.json"
        with open(path + ".new", "w") as file:
            file.write(text if isinstance(text, str) else json.dumps(text))
        os.chmod(path + ".new", 0o644)
        os.rename(path + ".new", path)

    def events(self):
        with contextlib.suppress(FileNotFoundError):
            with open(f"{self.home}/log/events.jsonl") as file:
                return [json.loads(line) for line in file]
        return []
