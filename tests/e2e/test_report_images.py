"""Running containers whose verdict lapses are listed, logged once, and stopped where a profile says so."""

import json
import os
import time

from engines import wait_for
from gate import GateTest, minutes_ago, unittest

# Ends by itself on SIGTERM, which the first process of a container ignores otherwise.
POLITE = ("sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done")


class Lapsed(GateTest):
    def start(self, *words, command=POLITE):
        """A running container of an image with a verdict: the image, the container's id."""
        image = self.good_image("--time", minutes_ago(10))
        done = self.docker("run", "-d", "--runtime", "runward", *words, image.name, *command,
                           check=True)
        return image, done.stdout.strip()

    def policy(self, mode="enforce", **lapsed):
        self.set_policy({"name": "all", "match": {}, "mode": mode,
                         "verdict": {"lapsed": lapsed} if lapsed else {}})

    def report(self, *words):
        return self.one.ctl("report", "images", *words)

    def listed(self, *words):
        return json.loads(self.report("--json", *words).stdout)

    def lapses(self, container, operation="lapse"):
        return [e for e in self.one.events()
                if e["unmapped"]["runward"]["operation"] == operation and container in str(e)]

    def state(self, container):
        return self.inspect(container, "{{.State.Status}}")

    def test_what_has_expired_failed_or_was_revoked_is_listed(self):
        self.start()
        expired, first = self.start()
        failed, second = self.start()
        revoked, third = self.start()
        self.assertEqual(self.report().stdout, "no running container has a verdict that lapsed\n")
        self.sign(expired, "--time", minutes_ago(5), expires="1m")
        self.sign(failed, result="FAILED")
        self.one.ctl("verdict", "revoke", revoked.chain, "--key", f"{self.one.home}/keys/ci.key",
                     "--reason", "leaked")
        rules = {entry["container"]: entry["rule"] for entry in self.listed()}
        self.assertEqual(rules, {first: "verdict.expired", second: "verdict.failed",
                                 third: "verdict.revoked"})
        table = self.report().stdout.splitlines()
        self.assertRegex(table[0], "^CONTAINER +STATUS +RULE +NOTICED +IS STOPPED +PROFILE +IMAGE$")
        self.assertEqual(len(table), 4)
        [row] = [line for line in table if line.startswith(second[:12])]
        self.assertRegex(row, f"running +verdict.failed +- +no +all +{failed.name}$")
        self.docker("stop", "-t", "2", first, check=True)
        self.assertEqual({e["container"] for e in self.listed()}, {second, third})

    def test_a_key_that_is_trusted_no_more_is_a_lapse_too(self):
        self.start()
        self.set_policy({"name": "all", "match": {}, "mode": "enforce"}, trust=[self.key("other")])
        self.assertEqual([e["rule"] for e in self.listed()], ["verdict.untrusted"])

    def test_it_is_logged_once_a_start(self):
        image, container = self.start()
        self.sign(image, result="FAILED")
        for _ in range(3):
            self.report("--log", "--quiet")
        [event] = self.lapses(container)
        self.assertEqual(event["status_code"], "verdict.failed")
        self.assertEqual(event["unmapped"]["runward"]["decision"], "would-deny")
        self.assertEqual(self.state(container), "running")
        self.assertIn("noticed", self.listed()[0])
        self.sign(image)
        self.report("--log", "--quiet")
        self.assertEqual(self.listed(), [])
        self.sign(image, result="FAILED")
        self.report("--log", "--quiet")
        self.assertEqual(len(self.lapses(container)), 2)

    def test_it_is_stopped_where_the_profile_says_so_and_not_restarted(self):
        image, container = self.start("--restart", "always")
        other, left = self.start()
        self.policy(stop=True)
        self.report("--stop", "--quiet")
        self.assertEqual((self.state(container), self.state(left)), ("running", "running"))
        self.sign(image, result="FAILED")
        self.report("--log", "--quiet")
        self.assertEqual(self.state(container), "running")
        self.assertEqual(self.report("--stop", "--quiet").stdout.count("stopped"), 1)
        wait_for("docker to give up", lambda: self.state(container) not in ("running", "restarting"))
        [event] = self.lapses(container, "stop")
        self.assertEqual(event["unmapped"]["runward"]["decision"], "denied")
        refused = [e for e in self.lapses(container, "create")
                   if e["unmapped"]["runward"]["decision"] == "denied"]
        self.assertEqual(len(refused), 1, "the restart came to the gate, once")
        self.assertEqual(self.state(left), "running")
        self.assertEqual(self.listed(), [])

    def test_docker_sees_how_it_ended_and_what_will_not_end_is_killed(self):
        image, polite = self.start()
        stubborn_image, stubborn = self.start(command=("sh", "-c", "trap '' TERM; sleep 1000"))
        self.policy(stop=True)
        self.sign(image, result="FAILED")
        self.sign(stubborn_image, result="FAILED")
        began = time.monotonic()
        self.report("--stop")
        self.assertGreater(time.monotonic() - began, 9)
        codes = [self.inspect(c, "{{.State.Status}} {{.State.ExitCode}}") for c in (polite, stubborn)]
        self.assertEqual(codes, ["exited 3", "exited 137"])

    def test_grace_runs_from_when_it_was_noticed(self):
        image, container = self.start()
        self.policy(stop=True, grace="4s")
        self.sign(image, "--time", minutes_ago(5), result="FAILED")
        self.report("--stop")
        self.assertEqual(self.state(container), "running")
        entry = self.listed()[0]
        self.assertTrue(entry["stop"] and entry["stop_at"] > entry["noticed"])
        time.sleep(4)
        self.report("--stop")
        self.assertEqual(self.state(container), "exited")

    def test_in_audit_mode_it_is_logged_and_goes_on(self):
        image, container = self.start()
        self.policy(mode="audit", stop=True)
        self.sign(image, result="FAILED")
        self.report("--stop")
        self.assertEqual(self.state(container), "running")
        self.assertEqual(len(self.lapses(container)), 1)
        self.assertEqual(self.lapses(container, "stop"), [])

    def test_a_log_that_cannot_be_written_delays_no_stop(self):
        image, container = self.start()
        self.policy(stop=True)
        self.sign(image, result="FAILED")
        log = f"{self.one.home}/log/events.jsonl"
        self.one.ctl("report", "images")
        os.rename(log, log + ".away")
        os.mkdir(log)
        done = self.one.ctl("report", "images", "--stop", check=False)
        self.assertEqual(done.returncode, 1, done)
        os.rmdir(log)
        os.rename(log + ".away", log)
        self.assertEqual(self.state(container), "exited")


if __name__ == "__main__":
    unittest.main()
