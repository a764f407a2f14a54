"""The harness itself: engines run with plain runc, and leave nothing behind."""

import os
import pathlib
import signal
import subprocess
import sys
import unittest

import engines
from engines import Engines, processes, require, wait_for

PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv[1])
import engines
e = engines.Engines().start()
e.load(engines.Image("bb:1", [engines.base_layer()]))
e.docker("run", "-d", "bb:1", "sleep", "1000")
print(e.dir, flush=True)
time.sleep(1000)
"""


def groups():
    return {path for path, _, _ in os.walk("/sys/fs/cgroup")}


class Harness(unittest.TestCase):
    def setUp(self):
        require("runc", "containerd", "dockerd", "docker", "ctr", "iptables")

    def test_plain_runc_runs_under_docker_and_ctr(self):
        one = Engines()
        self.addCleanup(one.stop)
        one.start()
        image = one.load(engines.Image("bb:1", [engines.base_layer()], Env=["PATH=/bin", "A=b"]))
        done = one.docker("run", "--rm", "bb:1", "sh", "-c", "echo $A; exit 3", check=False)
        self.assertEqual((done.returncode, done.stdout), (3, "b\n"), done.stderr)
        for oci in (True, False):
            name = f"docker.io/library/ctr:{oci}".lower()
            one.ctr_load(engines.Image(name, image.layers), oci)
            done = one.ctr_run("--rm", name, f"c{oci}", "sh", "-c", "echo here; exit 4",
                               runtime="runc")
            self.assertEqual((done.returncode, done.stdout), (4, "here\n"), done.stderr)

    def test_stopping_leaves_no_process_mount_directory_or_control_group(self):
        before = groups()
        one = Engines()
        self.addCleanup(one.stop)
        one.start()
        one.load(engines.Image("bb:1", [engines.base_layer()]))
        one.docker("run", "-d", "bb:1", "sleep", "1000")
        self.assertTrue(one.mounts())
        one.stop()
        wait_for("processes to end", lambda: not processes(), 10)
        self.assertEqual(one.mounts(), [])
        self.assertFalse(os.path.exists(one.dir))
        # dockerd leaves its own parent groups, empty; they go with the cell.
        left = {g for g in groups() - before if pathlib.Path(g, "cgroup.procs").read_text()}
        self.assertEqual(left, set())

    def test_what_engines_change_of_the_hosts_own_stays_in_the_cell(self):
        there = [pathlib.Path("/sys/fs/cgroup/left-by-a-test"), pathlib.Path("/dev/null")]
        here = pathlib.Path(engines.__file__).parent
        done = subprocess.run(
            [sys.executable, "-B", here.parent / "parity" / "cell.py", f"runward-e2e-{os.getpid()}-own",
             "60", "sh", "-c", f"mkdir -p {there[0]}/group && chown 100000 {there[1]}"], check=False)
        self.addCleanup(lambda: there[0].exists() and there[0].rmdir())
        self.assertEqual(done.returncode, 0)
        self.assertFalse(there[0].exists())
        self.assertEqual(there[1].stat().st_uid, 0)

    def cell(self, name):
        here = pathlib.Path(engines.__file__).parent
        return subprocess.Popen(
            [sys.executable, "-B", here.parent / "parity" / "cell.py", name, "100",
             sys.executable, "-B", "-c", PROGRAM, here], stdout=subprocess.PIPE, text=True,
            # A shell's background jobs, which these tests may be one of, ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def test_a_killed_test_leaves_nothing(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number.name):
                before, name = groups(), f"runward-e2e-{os.getpid()}-{number}"
                with self.cell(name) as process:
                    directory = process.stdout.readline().strip()
                    self.assertTrue(directory)
                    self.assertTrue(groups() - before)
                    process.send_signal(number)
                    process.wait(30)
                wait_for("processes to end", lambda: not processes(), 10)
                self.assertEqual(groups() - before, set())
                self.assertFalse([g for g in groups() if name in g])


if __name__ == "__main__":
    unittest.main()
