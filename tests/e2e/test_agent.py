"""runward-agent against bad input, crowds and floods; who it believes, and what it costs."""

import concurrent.futures
import json
import os
import pathlib
import socket
import subprocess
import time
import unittest

import commands
from commands import AGENT, Commands


class AgentTest(unittest.TestCase):
    def setUp(self):
        why = commands.needs("/usr/sbin/runc")
        if why:
            self.skipTest(why)
        self.one = Commands()
        self.addCleanup(self.one.end)
        self.one.add("/bin/nc")
        self.one.remount()
        self.one.rules(deny=["nc"])
        self.one.start_agent()

    def ask(self, request):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.settimeout(5)
            client.connect(str(self.one.root / "run" / "agent.sock"))
            client.send(request)
            return client.recv(65536)

    def start(self, name="c1", args=("sleep", "100")):
        self.one.configure(args)
        code, text = self.one.create(name)
        self.assertEqual(code, 0, text)
        self.assertEqual(self.one.call("start", name).returncode, 0)

    def test_nonsense_is_answered_with_an_error(self):
        key = "0" * 64
        for request in (b"x", b"[]", b"{}", b'{"protocol":2,"ask":"status"}',
                        b'{"protocol":1,"ask":"no"}', b'{"protocol":1,"ask":"register"}',
                        b'{"protocol":1,"ask":"register","key":"../../x","pid":1}',
                        json.dumps({"protocol": 1, "ask": "register", "key": key, "pid": 1}).encode(),
                        json.dumps({"protocol": 1, "ask": "register", "key": key, "pid": -1}).encode(),
                        b'{"a":"' + b"x" * 60000 + b'"}'):
            answer = json.loads(self.ask(request))
            self.assertIs(answer["ok"], False, request[:80])
            self.assertTrue(answer["error"], request[:80])
        self.assertTrue(self.one.answers())

    def test_who_says_nothing_does_not_keep_others_waiting(self):
        silent = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(200)]
        for client in silent:
            client.connect(str(self.one.root / "run" / "agent.sock"))
        self.assertTrue(self.one.answers())
        for client in silent:
            client.close()

    def test_only_root_of_the_agents_own_pid_namespace_is_answered(self):
        script = ("import socket,sys\nc=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET)\n"
                  "c.connect(sys.argv[1])\nc.send(b'{\"protocol\":1,\"ask\":\"status\"}')\n"
                  "sys.exit(0 if c.recv(100) else 3)")
        path = str(self.one.root / "run" / "agent.sock")
        for words in (["unshare", "--pid", "--fork"], ["setpriv", "--reuid=65534"]):
            done = subprocess.run([*words, "python3", "-c", script, path], capture_output=True,
                                  text=True, timeout=20, check=False)
            self.assertNotEqual(done.returncode, 0, words)
        done = subprocess.run(["python3", "-c", script, path], timeout=20, check=False)
        self.assertEqual(done.returncode, 0)

    def test_a_container_cannot_be_registered_anew_with_another_process(self):
        self.start()
        (note,) = (self.one.root / "run" / "agent").iterdir()
        request = {"protocol": 1, "ask": "register", "key": note.name, "pid": os.getpid()}
        answer = json.loads(self.ask(json.dumps(request).encode()))
        self.assertIn("registered already", answer["error"])

    def test_a_number_that_is_another_processes_by_now_is_not_taken_for_the_container(self):
        self.start()
        (note,) = (self.one.root / "run" / "agent").iterdir()
        kept = json.loads(note.read_text())
        kept["pid"] = os.getpid()  # with the start time of the container's
        note.write_text(json.dumps(kept))
        self.one.kill_worker()
        self.assertTrue(self.one.wait_for(self.one.answers))
        self.assertEqual(self.one.status()["containers"], 0)
        self.assertFalse(note.exists())
        subprocess.run(["true"], timeout=10, check=True)  # this process is not ruled

    def test_a_flood_is_counted_exactly(self):
        count = 3000
        script = f"i=0; while [ $i -lt {count} ]; do /bin/nc x; i=$((i+1)); done 2>/dev/null; sleep 100"
        self.start(args=("sh", "-c", script))

        def told():
            total = 0
            for event in self.one.logged():
                own = event["unmapped"]["runward"]
                if own["operation"] == "command":
                    words = event["status_detail"].split("it happened ")
                    # A summary stands for those it counts alone.
                    total += int(words[1].split()[0]) if len(words) > 1 else 1
            return total

        self.assertTrue(self.one.wait_for(lambda: told() >= count, 60), told())
        time.sleep(1.5)
        self.assertEqual(told(), count)
        self.assertLess(len(self.one.commands()), 1500)

    def overlay_bundle(self, name):
        """Another bundle of the same image."""
        bundle = self.one.dir / name
        for folder in ("rootfs", "upper", "work"):
            (bundle / folder).mkdir(parents=True)
        (bundle / "config.json").write_text((self.one.bundle / "config.json").read_text())
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={self.one.image},"
                        f"upperdir={bundle}/upper,workdir={bundle}/work", bundle / "rootfs"],
                       check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", bundle / "rootfs"], check=False)
        return bundle

    def test_two_hundred_that_start_at_once_are_all_ruled(self):
        count = 200
        self.one.configure(["/bin/sh", "-c", "/bin/nc --help 2>&1; echo $?"])
        bundles = [self.overlay_bundle(f"many{number}") for number in range(count)]
        policy = json.loads((self.one.root / "policy.json").read_text())
        policy["profiles"][0]["match"]["rootfs"] = [str(self.one.dir / "*" / "rootfs")]
        (self.one.root / "policy.json").write_text(json.dumps(policy))

        def run(number):
            return self.one.call("run", "--bundle", bundles[number], f"many{number}")

        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            for done in pool.map(run, range(count)):
                self.assertIn("not permitted", done.stdout + done.stderr, done)
        self.assertTrue(self.one.wait_for(lambda: self.one.status()["containers"] == 0))
        self.assertEqual(list((self.one.root / "run" / "agent").iterdir()), [])

    def test_ten_thousand_rules(self):
        self.one.rules(deny=["nc", *[f"/opt/tool-{n}" for n in range(5000)],
                             *[f"other{n}*" for n in range(5000)]])
        self.start()
        done = self.one.call("exec", "c1", "/bin/nc", "--help")
        self.assertIn("not permitted", done.stderr + done.stdout)
        self.assertEqual(self.one.call("exec", "c1", "/bin/ls", "/bin/nc").stdout, "/bin/nc\n")

    def test_a_second_program_is_told_who_it_is_and_help_costs_nothing(self):
        done = subprocess.run([AGENT, "--help"], capture_output=True, text=True, check=True)
        self.assertIn("Usage: runward-agent", done.stdout)
        done = subprocess.run([AGENT, "--bad"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("unknown argument", done.stderr)

    def test_an_idle_agent_does_nothing(self):
        self.start()
        time.sleep(2.5)
        worker = self.one.worker()

        def ticks():
            text = pathlib.Path(f"/proc/{worker}/stat").read_text(encoding="utf-8")
            fields = text.rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])

        before = ticks()
        time.sleep(2)
        self.assertLessEqual(ticks() - before, 1)


if __name__ == "__main__":
    unittest.main()
