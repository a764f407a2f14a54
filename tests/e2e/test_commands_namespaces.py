"""Command rules where containers share pid namespaces, and where a container or its agent fails them."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import unittest

import test_commands
from test_commands import DENIED


class SharedPids(test_commands.CommandsTest):
    """The rule goes by control group, or by mount namespace, where the pid namespace does not tell."""

    def setUp(self):
        super().setUp()
        self.one.rules(deny=["nc"])
        self.one.start_agent()

    def configure_pids(self, args, path=None):
        config = json.loads((self.one.bundle / "config.json").read_text())
        linux = config["linux"]
        linux["namespaces"] = [one for one in linux["namespaces"] if one["type"] != "pid"]
        if path:
            linux["namespaces"].append({"type": "pid", "path": path})
        self.one.configure(args, linux=linux)

    def run_as(self, name):
        done = self.one.call("run", "--bundle", self.one.bundle, name)
        return done.stdout + done.stderr

    def test_with_the_hosts_pid_namespace_the_container_is_ruled_and_the_host_is_not(self):
        self.configure_pids(["sleep", "60"])
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        self.addCleanup(lambda: self.one.call("delete", "--force", "c1"))
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        self.assertIn(DENIED, self.one.call("exec", "c1", "sh", "-c", "/bin/nc; true").stderr)
        # The same file, on the same filesystem, executed by a process of the host.
        done = subprocess.run([self.one.bundle / "rootfs" / "bin" / "nc", "--help"], check=False,
                              capture_output=True, text=True)
        self.assertNotIn(DENIED, done.stderr)

    def test_a_process_that_moves_within_does_not_leave_its_rules(self):
        self.configure_pids(["sh", "-c", "unshare -m /bin/nc --help; unshare -p -f /bin/nc --help; true"])
        self.one.add("/bin/unshare", link="busybox")
        self.one.remount()
        config = json.loads((self.one.bundle / "config.json").read_text())
        config["process"]["capabilities"] = {
            name: ["CAP_SYS_ADMIN"] for name in ("bounding", "effective", "permitted")}
        self.one.configure(config["process"]["args"], process=config["process"])
        self.assertEqual(self.run_as("c1").count(DENIED), 2)

    def test_with_another_containers_pid_namespace_each_has_its_own_rules(self):
        self.one.configure(["sleep", "60"])
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        self.addCleanup(lambda: self.one.call("delete", "--force", "c1"))
        pid = json.loads(self.one.call("state", "c1").stdout)["pid"]
        self.one.rules(deny=["id"])
        self.configure_pids(["sh", "-c", "/bin/id; /bin/nc --help"], path=f"/proc/{pid}/ns/pid")
        out = self.run_as("c2")
        self.assertIn("id: " + DENIED, out)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        out = self.one.call("exec", "c1", "sh", "-c", "/bin/nc --help; /bin/id")
        self.assertIn("nc: " + DENIED, out.stderr)
        self.assertIn("uid=0", out.stdout)


class Failing(test_commands.CommandsTest):
    """Whatever fails, nothing starts without its rules, and nothing hangs."""

    def setUp(self):
        super().setUp()
        self.one.rules(deny=["nc"])

    def in_background(self):
        result = []
        thread = threading.Thread(target=lambda: result.append(self.one.create("c1")))
        thread.start()
        return thread, result

    def stopped(self):
        """The worker, which takes what is asked but does not answer."""
        worker = self.one.worker()
        os.kill(worker, signal.SIGSTOP)
        self.addCleanup(os.kill, worker, signal.SIGCONT)
        return worker

    def test_an_agent_that_does_not_answer_is_waited_for_ten_seconds(self):
        self.one.start_agent()
        self.stopped()
        self.one.configure(["true"])
        before = time.monotonic()
        code, out = self.one.create("c1")
        self.assertNotEqual(code, 0)
        self.assertIn("no answer within 10 seconds", out)
        self.assertLess(time.monotonic() - before, 20)

    def test_a_socket_that_is_full_is_waited_for_ten_seconds(self):
        (self.one.root / "run").mkdir(mode=0o700, exist_ok=True)
        path = str(self.one.root / "run" / "agent.sock")
        self.one.configure(["true"])
        with contextlib.ExitStack() as sockets:
            listener = sockets.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            listener.bind(path)
            listener.listen(0)
            waiting = sockets.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            waiting.connect(path)  # and is never taken in
            before = time.monotonic()
            code, out = self.one.create("c1")
            self.assertNotEqual(code, 0)
            self.assertIn("(rule commands.agent", out)
            self.assertGreater(time.monotonic() - before, 5)
            self.assertLess(time.monotonic() - before, 20)

    def test_what_answers_nonsense_starts_nothing(self):
        (self.one.root / "run").mkdir(mode=0o700, exist_ok=True)
        path = self.one.root / "run" / "agent.sock"
        good = b'{"ok":true,"tier":"lsm","pid":1,"containers":0}'
        no = b'{"ok":false,"error":"no room"}'
        self.one.configure(["true"])
        # The shim asks first, then the hook.
        for answers in ([b""], [b"hello"], [b'{"ok":true}'], [b'{"ok":true,"tier":"lsm"}'],
                        [b"x" * 65536], [good, b"hello"], [good, b'{"ok":1}'], [good, no]):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                listener.bind(str(path))
                listener.listen()
                thread = threading.Thread(target=self.serve, args=(listener, answers))
                thread.start()
                code, out = self.one.create("c1")
                thread.join(10)
                self.assertFalse(thread.is_alive(), answers)
            path.unlink()
            self.assertNotEqual(code, 0, (answers, out))
            self.assertIn("runward refused", out, answers)
            self.one.call("delete", "--force", "c1")  # as engines do

    @staticmethod
    def serve(listener, answers):
        listener.settimeout(8)
        for answer in answers:
            client, _ = listener.accept()
            with client:
                client.recv(65536)
                client.send(answer)

    def test_a_container_that_dies_while_it_registers_leaves_nothing(self):
        self.one.start_agent()
        self.one.configure(["true"])
        # The tier is asked for first: an agent that is stopped once that is done.
        worker = self.one.worker()
        stop = self.one.dir / "stop"
        stop.write_text(f"#!/bin/sh\nkill -STOP {worker}\nexec {self.one.program} \"$@\"\n")
        stop.chmod(0o755)
        self.addCleanup(os.kill, worker, signal.SIGCONT)
        self.one.runtime(stop)
        thread, result = self.in_background()
        self.assertTrue(self.one.wait_for(self.first_process))
        first = self.first_process()
        self.assertGreater(first, 1)
        os.kill(first, signal.SIGKILL)
        os.kill(worker, signal.SIGCONT)
        thread.join(30)
        self.assertFalse(thread.is_alive())
        self.assertNotEqual(result[0][0], 0, result)
        self.assertTrue(self.one.wait_for(lambda: self.one.status()["containers"] == 0))
        self.assertEqual(list((self.one.root / "run" / "agent").glob("*")), [])
        # And the next one is none the worse for it.
        self.one.runtime(self.one.program, self.one.args)
        self.assertIn(DENIED, self.sh("/bin/nc; true"))

    def first_process(self):
        """The container's, once its hook waits for the agent."""
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if b"register" not in words or not words[0].endswith(b"runward-hook"):
                    continue
                parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                children = pathlib.Path(f"/proc/{parent}/task").glob("*/children")
                found = [int(pid) for one in children for pid in one.read_text().split()]
                own = os.readlink("/proc/self/ns/pid")
                found = [pid for pid in found if os.readlink(f"/proc/{pid}/ns/pid") != own]
            except OSError:
                continue
            if found:
                return found[0]
        return 0


if __name__ == "__main__":
    unittest.main()
