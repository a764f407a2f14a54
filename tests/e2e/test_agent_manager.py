"""runward-agent under a service manager that holds its descriptors, as systemd does (sd_notify(3))."""

import array
import contextlib
import os
import signal
import socket
import subprocess
import time
import unittest

import commands
from commands import AGENT, Commands


class Manager:
    """What systemd keeps of a service: its descriptors by name, and whether it is ready."""

    def __init__(self, directory):
        self.path = str(directory / "notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(10)
        self.held = {}

    def until_ready(self):
        while True:
            text, control, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(64))
            words = dict(line.split("=", 1) for line in text.decode().strip().split("\n"))
            name = words.get("FDNAME")
            if "FDSTOREREMOVE" in words and name in self.held:
                os.close(self.held.pop(name))
            if "FDSTORE" in words:
                numbers = array.array("i")
                numbers.frombytes(control[0][2])
                self.held[name] = numbers[0]
            if words.get("READY") == "1":
                return

    def start(self, root, log, *words):
        files = list(self.held.values())

        def arrange():
            high = [os.dup2(file, 100 + at) for at, file in enumerate(files)]
            for at, file in enumerate(high):
                os.dup2(file, 3 + at)

        environment = {**os.environ, "NOTIFY_SOCKET": self.path, "LISTEN_FDS": str(len(files)),
                       "LISTEN_FDNAMES": ":".join(self.held)}
        with open(log, "ab") as output:
            return subprocess.Popen(
                ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", AGENT, f"--runward-root={root}",
                 *words], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=arrange, pass_fds=[3 + at for at in range(len(files))])

    def close(self):
        self.socket.close()
        for file in self.held.values():
            os.close(file)


class AgentManagerTest(unittest.TestCase):
    def setUp(self):
        why = commands.needs("/usr/sbin/runc")
        if why:
            self.skipTest(why)
        self.one = Commands()
        self.addCleanup(self.one.end)
        self.one.add("/bin/nc")
        self.one.remount()
        self.one.rules(deny=["nc"])
        self.manager = Manager(self.one.dir)
        self.addCleanup(self.manager.close)

    def start(self, *words):
        agent = self.manager.start(self.one.root, self.one.dir / "agent.log", *words)
        self.one.agents.append(agent)
        self.manager.until_ready()
        return agent

    def kill_all(self):
        agent, worker = self.one.agents.pop(), self.one.worker()
        agent.send_signal(signal.SIGSTOP)  # so that it does not make another worker meanwhile
        os.kill(worker, signal.SIGKILL)
        agent.kill()
        agent.wait()

    def run_container(self):
        self.one.configure(("sleep", "1000"))
        code, text = self.one.create("c1")
        self.assertEqual(code, 0, text)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def begin(self, *words):
        command = self.one.command("exec", "c1", *words)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(self.finish, process)
        return process

    @staticmethod
    def finish(process):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()

    def test_with_all_processes_dead_execs_wait_for_the_next_agent(self):
        self.start("--no-bpf")
        self.assertEqual(sorted(self.manager.held), ["group", "listener"])
        self.run_container()
        for _ in range(3):
            self.kill_all()
            denied, allowed = self.begin("/bin/nc", "--help"), self.begin("/bin/ls", "/bin/nc")
            time.sleep(0.7)
            self.assertIsNone(denied.poll(), "it did not wait")
            self.assertIsNone(allowed.poll(), "it did not wait")
            self.start("--no-bpf")
            self.assertIn("not permitted", denied.communicate(timeout=10)[0])
            self.assertEqual(allowed.communicate(timeout=10)[0], "/bin/nc\n")
            self.assertEqual(self.one.status()["containers"], 1)

    def test_a_client_waits_for_the_next_agent_too(self):
        self.start("--no-bpf")
        self.kill_all()
        self.one.configure(("sleep", "1000"))
        with subprocess.Popen(self.one.command("create", "--bundle", self.one.bundle, "c1"),
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as create:
            time.sleep(0.3)
            self.start("--no-bpf")
            self.assertEqual(create.wait(20), 0)
        self.one.call("delete", "--force", "c1")

    def test_started_anew_beside_one_at_work_it_takes_over(self):
        old = self.start()
        self.run_container()
        before = self.one.worker()
        new = self.start()
        self.assertEqual(old.wait(10), 0)
        self.assertNotEqual(self.one.worker(), before)
        self.assertIsNone(new.poll())
        self.assertEqual(self.one.status()["containers"], 1)
        done = self.one.call("exec", "c1", "/bin/nc", "--help")
        self.assertIn("not permitted", done.stderr + done.stdout)

    def test_beside_one_that_hangs_it_does_not_work(self):
        self.start()
        worker = self.one.worker()
        os.kill(worker, signal.SIGSTOP)
        self.addCleanup(os.kill, worker, signal.SIGCONT)
        second = self.manager.start(self.one.root, self.one.dir / "second.log")
        self.addCleanup(self.finish, second)
        self.assertEqual(second.wait(30), 1)
        self.assertIn("take over", (self.one.dir / "second.log").read_text())


if __name__ == "__main__":
    unittest.main()
