"""Podman starts nothing without a trusted verdict, and who is refused reads why."""

import concurrent.futures
import shutil
import unittest

from engines import busybox_tree
from gate import Image, text_layer
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
        for part in (image.chain, image.config_digest, "containers-overlay"):
            self.assertIn(part, str(event))
        self.assertEqual(self.one.records(), [])

    def test_a_refusal_reads_the_same_without_json_logs(self):
        bad, good = self.image(), self.good_image()
        for runtime, raw in (("runward", False), ("quiet", True)):
            with self.subTest(runtime=runtime):
                done = self.podman_run(bad.name, *ECHO, runtime=runtime)
                self.assert_podman_refuses(done, "verdict.missing", bad.chain)
                # That the two differ at all: the real runtime's own error, taken apart or not.
                done = self.podman_run(good.name, "/nowhere", runtime=runtime)
                self.assertEqual(done.returncode, 127, done)
                if self.runtime == "runc":
                    self.assertEqual("level=error" in done.stderr, raw, done.stderr)

    def test_an_image_is_signed_by_its_name_in_podmans_store(self):
        image = self.image()
        short = image.name.removeprefix("localhost/")
        self.one.sign(short)
        self.assert_runs(self.podman_run(short, *ECHO))
        self.decision(decision="allowed", rule="verdict.passed")

    def test_a_deep_and_a_read_only_image_is_identified(self):
        layers = [self.layer] + [text_layer({f"etc/n{n}": f"{n}\n"}) for n in range(99)]
        image = self.one.load(Image("localhost/test/deep:1", layers))
        for words in ((), ("--read-only",)):
            done = self.podman_run(*words, image.name, *ECHO)
            self.assert_podman_refuses(done, "verdict.missing", image.chain)
        self.sign(image)
        for words in ((), ("--read-only",)):
            self.assert_runs(self.podman_run(*words, image.name, "cat", "/etc/n98"), "98\n")

    def test_a_name_label_or_annotation_of_a_good_image_does_not_help(self):
        good, bad = self.good_image(), self.image()
        done = self.podman_run("--annotation", f"io.kubernetes.cri.image-name={good.name}",
                               "--label", f"image={good.name}", "--name", "good", bad.name, *ECHO)
        self.assert_podman_refuses(done, "verdict.missing", bad.chain)
        self.one.podman("untag", good.name)
        self.one.podman("tag", bad.name, good.name)
        self.assert_podman_refuses(self.podman_run(good.name, *ECHO), "verdict.missing", bad.chain)

    def test_a_root_filesystem_without_an_image_is_refused_unless_it_is_listed(self):
        rootfs = f"{self.one.dir}/rootfs"
        busybox_tree(rootfs)
        self.addCleanup(shutil.rmtree, rootfs)
        for given in (rootfs, f"{rootfs}:O"):
            done = self.podman_run("--rootfs", given, *ECHO)
            self.assert_podman_refuses(done, "image.unidentified")
        self.set_policy({"name": "plain", "match": {"rootfs": [rootfs]}, "mode": "enforce"})
        self.assert_runs(self.podman_run("--rootfs", rootfs, *ECHO))
        self.decision(decision="allowed", rule="rootfs.listed")

    def test_mapped_user_ids_show_the_image_but_expose_the_bundle(self):
        image = self.good_image()
        words = ("--uidmap", "0:100000:65536", image.name, *ECHO)
        done = self.podman_run(*words)
        event = self.assert_podman_refuses(done, "bundle.exposed", "belongs to user 100000")
        self.assertIn(image.chain, str(event))
        self.audit()
        self.assert_runs(self.podman_run(*words))
        self.decision(rule="bundle.exposed", decision="would-deny")

    def test_fifty_starts_while_images_come_and_go_are_all_judged_rightly(self):
        good, bad = self.good_image(), self.image()

        def one(number):
            if number % 5 == 0:
                self.one.podman("rmi", "-f", self.image().name)
                return None
            image = good if number % 2 else bad
            return image, self.podman_run(image.name, *ECHO)

        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            results = [result for result in pool.map(one, range(50)) if result]
        for image, done in results:
            if image is good:
                self.assert_runs(done)
            else:
                self.assertEqual(done.returncode, 126, done)
                self.assertIn("(rule verdict.missing", done.stderr)


class GateBeforeCrun(Gate):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
