"""A container's life under docker: restarts, execs, builds, and state directories elsewhere."""

import os
import pathlib
import shutil
import time

from engines import wait_for
from gate import GateTest, unittest

ECHO = ("echo", "ok")


class Life(GateTest):
    def running(self, image, *words, runtime="runward", name="life"):
        self.one.docker("run", "-d", "--name", name, "--runtime", runtime, *words, image.name,
                        "sleep", "1000")
        return name

    def status(self, name="life"):
        return self.inspect(name, "{{.State.Status}}")

    def test_a_container_outlives_the_daemon_and_is_entered_stopped_and_removed_after(self):
        name = self.running(self.good_image())
        self.one.stop_docker()
        self.one.start_docker()
        self.assertEqual(self.status(), "running")
        self.assertEqual(self.docker("exec", name, *ECHO).stdout, "ok\n")
        self.decision(decision="allowed", operation="exec")
        self.assertEqual(len(self.one.records()), 1)
        self.one.docker("kill", name)
        self.one.docker("rm", name)
        self.assertEqual(self.one.records(), [])

    def test_a_restart_is_a_new_start_and_needs_the_verdict_still(self):
        image = self.good_image()
        name = self.running(image)
        self.one.docker("restart", "-t", "0", name)
        self.assertEqual(self.status(), "running")
        self.sign(image, result="FAILED")
        self.assertEqual(self.docker("exec", name, *ECHO).stdout, "ok\n")
        done = self.docker("restart", "-t", "0", name)
        self.assertNotEqual(done.returncode, 0)
        self.assert_told(done.stderr, "verdict.failed")
        self.assertEqual(self.status(), "exited")
        done = self.docker("start", name)
        self.assertNotEqual(done.returncode, 0)
        self.assert_told(done.stderr, "verdict.failed")

    def test_every_exec_is_an_event_and_health_checks_are_execs(self):
        self.running(self.good_image(), "--health-cmd", "true", "--health-interval", "1s")
        wait_for("the health check", lambda: self.inspect(
            "life", "{{.State.Health.Status}}") == "healthy", 20)
        self.decision(decision="allowed", operation="exec")

    def test_a_container_without_a_record_is_the_policys_to_enter(self):
        name = self.running(self.good_image())
        (record,) = self.one.records()
        shutil.rmtree(record.parent)
        done = self.docker("exec", name, *ECHO)
        self.assertEqual(done.returncode, 126, done)
        told = done.stdout + done.stderr
        self.assertIn("OCI runtime exec failed: runward refused exec of container", told)
        event = self.decision(decision="denied", operation="exec", rule="container.unrecorded")
        self.assertIn(event["metadata"]["uid"], told)
        self.enforce(unrecorded="allow")
        self.assertEqual(self.docker("exec", name, *ECHO).stdout, "ok\n")

    def test_a_refused_container_leaves_nothing_behind(self):
        image = self.image()
        before = self.one.mounts()
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.missing")
        self.assertEqual(self.one.mounts(), before)
        self.assertEqual(self.one.records(), [])
        # What the real runtime keeps of a container that it made.
        states = pathlib.Path(self.one.dir, "docker-exec").glob("runtime-*/moby/*")
        self.assertEqual(sorted(states), [])

    def test_a_policy_that_nobody_but_root_may_write_is_asked_for(self):
        image = self.good_image()
        policy = pathlib.Path(self.one.home, "policy.json")
        policy.chmod(0o666)
        done = self.docker_run(image.name, *ECHO)
        self.assertEqual(done.returncode, 125, done)
        self.assertIn("policy.json", done.stderr)
        self.decision(rule="error.policy")
        policy.chmod(0o644)
        self.assert_runs(self.docker_run(image.name, *ECHO))


class Moved(GateTest):
    @classmethod
    def make_engines(cls):
        return super().make_engines(data_root="/run/elsewhere/state of docker")

    def test_a_moved_state_directory_is_found_by_what_is_mounted(self):
        bad = self.image()
        self.assert_docker_refuses(self.docker_run(bad.name, *ECHO), "verdict.missing", bad.chain)
        self.assert_runs(self.docker_run(self.good_image().name, *ECHO))

    def test_an_image_signed_by_its_name_in_dockers_store(self):
        image = self.image()
        self.one.ctl("verdict", "sign", "--key", f"{self.one.home}/keys/ci.key", "--result",
                     "PASSED", "--image", image.name, "--docker-root", self.one.data_root,
                     "--expires", "1h", "--add")
        self.assert_runs(self.docker_run(image.name, *ECHO))


class Build(GateTest):
    """The classic builder runs each step as a container of the default runtime."""

    default_runtime = "runward"

    def build(self, base):
        context = pathlib.Path(self.one.dir, f"context-{time.monotonic_ns()}")
        context.mkdir()
        (context / "Dockerfile").write_text(
            f"FROM {base.name}\nRUN echo one > /one\nRUN cat /one && echo two > /two\n")
        env = dict(os.environ, DOCKER_BUILDKIT="0")
        return self.docker("build", "--network", "none", "-t", "built:1", context, env=env)

    def test_a_builds_steps_run_on_a_trusted_base_and_its_result_needs_its_own_verdict(self):
        base = self.good_image()
        self.enforce()
        done = self.build(base)
        self.assertNotEqual(done.returncode, 0, "a layer more is another image")
        self.assert_told(done.stderr + done.stdout, "verdict.missing")
        self.set_policy({"name": "builds", "match": {"baseChains": [base.chain]}},
                        {"name": "all", "match": {}})
        done = self.build(base)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("one", done.stdout)
        self.decision(decision="allowed")
        self.assert_runs(self.docker("run", "--rm", "built:1", "cat", "/two"), "two\n")
        self.enforce()
        self.assert_docker_refuses(self.docker("run", "--rm", "built:1", *ECHO), "verdict.missing")

    def test_a_build_on_a_base_without_a_verdict_stops(self):
        base = self.image()
        self.set_policy({"name": "builds", "match": {"baseChains": [base.chain]}},
                        {"name": "all", "match": {}})
        done = self.build(base)
        self.assertNotEqual(done.returncode, 0)
        self.assert_told(done.stderr + done.stdout, "verdict.missing")

    def test_another_base_is_not_helped_by_a_trusted_one(self):
        good, bad = self.good_image(), self.image()
        self.set_policy({"name": "builds", "match": {"baseChains": [good.chain]}},
                        {"name": "all", "match": {}})
        done = self.build(bad)
        self.assertNotEqual(done.returncode, 0)
        self.assert_told(done.stderr + done.stdout, "verdict.missing")


if __name__ == "__main__":
    unittest.main()
