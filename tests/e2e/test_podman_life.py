"""A container's life under podman: restarts, execs, pods, and builds with podman and buildah."""

import pathlib
import shutil
import time
import unittest

from podman import PodmanTest

ECHO = ("echo", "ok")


class Life(PodmanTest):
    def running(self, image, *words, name="life"):
        self.one.podman("--runtime", "runward", "run", "-d", "--name", name, "--network", "none",
                        *words, image.name, "sleep", "1000")
        return name

    def test_a_restart_is_a_new_start_and_needs_the_verdict_still(self):
        image = self.good_image()
        name = self.running(image)
        self.one.podman("restart", "-t", "0", name)
        self.sign(image, result="FAILED")
        self.assertEqual(self.podman("exec", name, *ECHO).stdout, "ok\n")
        done = self.podman("restart", "-t", "0", name)
        self.assertNotEqual(done.returncode, 0)
        self.assert_told(done.stderr, "verdict.failed")
        done = self.podman("start", name)
        self.assertNotEqual(done.returncode, 0)
        self.assert_told(done.stderr, "verdict.failed")

    def test_execs_and_health_checks_are_events_and_removal_ends_the_record(self):
        name = self.running(self.good_image(), "--health-cmd", "true", "--health-interval",
                            "disable")
        self.one.podman("healthcheck", "run", name)
        self.decision(decision="allowed", operation="exec")
        self.assertEqual(len(self.one.records()), 1)
        self.one.podman("rm", "-f", "-t", "0", name)
        self.assertEqual(self.one.records(), [])

    def test_a_container_without_a_record_is_the_policys_to_enter(self):
        name = self.running(self.good_image())
        (record,) = self.one.records()
        shutil.rmtree(record.parent)
        done = self.podman("exec", name, *ECHO)
        self.assertNotIn(done.returncode, (0, 127), done)
        self.assertIn("runward refused exec of container", done.stderr)
        event = self.decision(decision="denied", operation="exec", rule="container.unrecorded")
        self.assertIn(event["metadata"]["uid"], done.stderr)
        self.enforce(unrecorded="allow")
        self.assertEqual(self.podman("exec", name, *ECHO).stdout, "ok\n")

    def test_a_pod_needs_a_verdict_for_the_container_that_holds_it(self):
        image = self.good_image()
        self.podman("--runtime", "runward", "pod", "create", "--name", "p", "--network", "none")
        words = ("--runtime", "runward", "run", "--rm", "--pod", "p", image.name, *ECHO)
        done = self.podman(*words)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("podman-pause", done.stderr)
        self.assert_told(done.stderr, "verdict.missing")
        self.podman("pod", "rm", "-f", "p")  # its exit code is about conmon's control group
        self.one.sign_pause_image()
        self.one.podman("--runtime", "runward", "pod", "create", "--name", "p", "--network",
                        "none")
        self.assert_runs(self.podman(*words))


class LifeOnCrun(Life):
    runtime = "crun"


class Build(PodmanTest):
    def build(self, base, by):
        context = pathlib.Path(self.one.dir, f"context-{time.monotonic_ns()}")
        context.mkdir()
        (context / "Dockerfile").write_text(
            f"FROM {base.name}\nRUN echo one > /one\nRUN cat /one && echo two > /two\n")
        words = ("--isolation", "oci", "--network", "none", "-t", "localhost/built:1",
                 str(context))
        if by == "podman":
            return self.podman("--runtime", self.one.wrapper("runward"), "build", *words)
        return self.one.buildah("bud", "--runtime", self.one.wrapper("runward"), *words,
                                check=False)

    def test_a_builds_steps_run_on_a_trusted_base_and_its_result_needs_its_own_verdict(self):
        for by in ("podman", "buildah"):
            with self.subTest(by=by):
                base = self.good_image()
                self.set_policy({"name": "builds", "match": {"baseChains": [base.chain]}},
                                {"name": "all", "match": {}})
                done = self.build(base, by)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                event = self.decision(decision="allowed", operation="create")
                self.assertIn("'builds'", str(event))
                self.enforce()
                done = self.podman_run("localhost/built:1", "cat", "/two")
                self.assert_podman_refuses(done, "verdict.missing")
                self.one.sign("localhost/built:1")
                self.assert_runs(self.podman_run("localhost/built:1", "cat", "/two"), "two\n")

    def test_a_build_on_a_base_without_a_verdict_stops(self):
        base = self.image()
        for by in ("podman", "buildah"):
            with self.subTest(by=by):
                done = self.build(base, by)
                self.assertNotEqual(done.returncode, 0)
                self.assert_told(done.stderr + done.stdout, "verdict.missing")
                self.assertIn(base.chain, done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
