"""Podman starts nothing without a trusted verdict, and who is refused reads why."""

import unittest

from podman import PodmanTest

ECHO = ("echo", "ok")


class Gate(PodmanTest):
    def test_an_image_without_a_verdict_is_refused_and_starts_once_it_has_one(self):
        image = self.image()
        done = self.podman_run(image.name, *ECHO)
        self.assert_podman_refuses(done, "verdict.missing", image.name, image.chain,
                                   "Next: runwardctl")
        self.sign(image)
        self.assert_runs(self.podman_run(image.name, *ECHO))
        event = self.decision(decision="allowed", rule="verdict.passed", operation="create")
        text = str(event)
        for part in (image.chain, image.config_digest, "containers-overlay"):
            self.assertIn(part, text)
        self.assertEqual(self.one.records(), [])

    def test_a_refusal_reads_the_same_without_json_logs(self):
        image = self.image()
        for runtime in ("runward", "quiet"):
            with self.subTest(runtime=runtime):
                done = self.podman_run(image.name, *ECHO, runtime=runtime)
                self.assert_podman_refuses(done, "verdict.missing", image.chain)


class GateBeforeCrun(Gate):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
