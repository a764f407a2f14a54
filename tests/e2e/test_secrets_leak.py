"""With containers running that have a secret as file and as variable, it is searched for, in plain, hex and
base64: in all files of the engines, the runtimes and runward, in what processes outside the
container show, in logs, and in the memory of runward's programs. It is nowhere.
"""

import os
import pathlib
import unittest

from cri import CriTest
from engine_secrets import FORMS, VALUE, WithVault, leaks, secret
from gate import GateTest
from podman import PodmanTest
from test_secrets_unlock import WithAgent, memory_of

# The command proves that it has the value without printing it.
SHOWS = ["sh", "-c", f'test "$(cat /run/app-secrets/db)" = "$PW" && touch /tmp/has && '
                     "while :; do sleep 1; done"]
ASKS = ["ls", "/tmp/has"]


def outside(container):
    """{pid: what it shows} of processes that are not in the mount namespace of `container`."""
    shown = {}
    inside = os.readlink(f"/proc/{container}/ns/mnt")
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/ns/mnt") == inside:
                continue
            shown[pid] = b"\n".join(pathlib.Path("/proc", pid, name).read_bytes()
                                    for name in ("cmdline", "environ", "comm"))
        except OSError:
            continue
    return shown


def processes_with(text):
    """Those whose environment has it: the container's own."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if text in pathlib.Path("/proc", pid, "environ").read_bytes():
                found.append(int(pid))
        except OSError:
            continue
    return found


class Search:
    def search(self, agent):
        inside = processes_with(f"PW={VALUE}".encode())
        self.assertTrue(inside, "the container does not run with its variable")
        # The search itself finds what is there to be found.
        probe = pathlib.Path("/run", "leak-probe")
        for form in FORMS:
            probe.write_bytes(b"before" + form + b"after")
            self.assertEqual(leaks("/run"), [str(probe)], form)
        probe.unlink()
        self.assertEqual(leaks("/run", "/var/log", "/var/lib/containers"), [])
        for pid, shown in outside(inside[0]).items():
            self.assertFalse([form for form in FORMS if form in shown], (pid, shown))
        for pid in self.family(agent):
            held = memory_of(pid)
            self.assertGreater(len(held), 1 << 16)
            self.assertFalse([form for form in FORMS if form in held], pid)

    @staticmethod
    def family(agent):
        children = pathlib.Path("/proc", str(agent), "task", str(agent), "children").read_text()
        return [agent, *map(int, children.split())]


class Engine(Search, WithVault):
    def given(self):
        return self.profile(secret(file="/run/app-secrets/db", env="PW", fileEnv="PW_FILE"))

    def begin(self):
        self.set_policy(self.given())
        self.start_agent("--no-bpf")


class Docker(Engine, GateTest):
    def test_docker_and_ctr(self):
        image = self.good_image()
        self.begin()
        self.docker("run", "-d", "--name", "cc", "--runtime", "runward", image.name, *SHOWS,
                    check=True)
        self.assertEqual(self.docker("exec", "cc", *ASKS).returncode, 0)
        self.docker("exec", "cc", "sh", "-c", "cat /run/app-secrets/db | wc -c")
        self.docker("inspect", "cc", check=True)
        self.vault.put("web/db#other", "x")
        self.search(self.agent.pid)
        self.assertNotIn(VALUE, self.docker("inspect", "cc").stdout)


class Ctr(Engine, GateTest):
    docker_needed = False

    def test_ctr(self):
        image = self.good_image()
        self.begin()
        done = self.one.ctr_run("-d", image.name, "c1", *SHOWS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.one.ctr("tasks", "exec", "--exec-id", "e", "c1", *ASKS)
        self.search(self.agent.pid)


class Podman(Engine, PodmanTest):
    def test_podman(self):
        image = self.good_image()
        self.begin()
        done = self.podman("--runtime", "runward", "run", "-d", "--name", "cc", "--network", "none",
                           image.name, *SHOWS)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.podman("--runtime", "runward", "exec", "cc", *ASKS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.search(self.agent.pid)


class PodmanCrun(Podman):
    runtime = "crun"


class Cri(Engine, CriTest):
    def test_cri(self):
        image = self.good_image()
        self.set_policy(self.pause_profile, self.given())
        self.start_agent("--no-bpf")
        _, container = self.running(image, *SHOWS)
        self.assertEqual(self.one.exec_in(container, *ASKS)[0], 0)
        self.search(self.agent.pid)


class Bundle(Search, WithAgent):
    def test_bundle(self):
        self.vault.put("web/db#password", VALUE)
        self.secrets(secret(file="/run/app-secrets/db", env="PW"))
        agent = self.start_agent()
        self.one.configure(SHOWS, root={"path": "rootfs", "readonly": False})
        self.assertEqual(self.one.create("c1")[0], 0)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        has = self.one.bundle / "rootfs" / "tmp" / "has"
        self.assertTrue(self.one.wait_for(has.exists))
        self.search(agent.pid)


class BundleCrun(Bundle):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
