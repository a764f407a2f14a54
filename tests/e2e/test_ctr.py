"""containerd starts nothing through runward without a trusted verdict, and ctr says why."""

import concurrent.futures
import pathlib

import engines
from gate import BASE, GateTest, Image, text_layer, unittest

ECHO = ("echo", "ok")
FAILED = "ctr: failed to create shim task: OCI runtime create failed: runward refused"


class Ctr(GateTest):
    docker_needed = False
    containers = 0

    def ctr_run(self, image, *words, before=(), **options):
        Ctr.containers += 1
        return self.one.ctr_run("--rm", *before, image.name, f"c{Ctr.containers}", *words,
                                **options)

    def assert_ctr_refuses(self, done, rule, *texts):
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertIn(FAILED, done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)
        return self.assert_told(done.stderr, rule)

    def test_an_image_without_a_verdict_is_refused_and_starts_once_it_has_one(self):
        image = self.image()
        self.assert_ctr_refuses(self.ctr_run(image, *ECHO), "verdict.missing", image.name,
                                image.chain)
        self.sign(image)
        self.assert_runs(self.ctr_run(image, *ECHO))
        event = self.decision(decision="allowed", rule="verdict.passed")
        self.assertIn("containerd", str(event))

    def test_failed_expired_and_revoked_verdicts_refuse(self):
        failed, revoked = self.image(), self.good_image()
        self.sign(failed, result="FAILED")
        self.assert_ctr_refuses(self.ctr_run(failed, *ECHO), "verdict.failed", "CVE-2021-44228")
        self.assert_runs(self.ctr_run(revoked, *ECHO))
        self.one.ctl("verdict", "revoke", revoked.chain, "--key",
                     f"{self.one.home}/keys/ci.key", "--reason", "withdrawn")
        self.assert_ctr_refuses(self.ctr_run(revoked, *ECHO), "verdict.revoked")

    def test_a_read_only_root_and_a_hundred_layers_are_identified(self):
        layers = [self.layer] + [text_layer({f"etc/n{n}": f"{n}\n"}) for n in range(99)]
        image = self.one.ctr_load(Image(BASE + "test/deep:1", layers))
        for before in ((), ("--read-only",)):
            done = self.ctr_run(image, *ECHO, before=before)
            self.assert_ctr_refuses(done, "verdict.missing", image.chain)
        self.sign(image)
        for before in ((), ("--read-only",)):
            self.assert_runs(self.ctr_run(image, "cat", "/etc/n98", before=before), "98\n")

    def test_a_name_label_or_annotation_of_a_good_image_does_not_help(self):
        good, bad = self.good_image(), self.image()
        done = self.ctr_run(bad, *ECHO, before=(
            "--annotation", f"io.kubernetes.cri.image-name={good.name}",
            "--label", f"image={good.name}"))
        self.assert_ctr_refuses(done, "verdict.missing", bad.chain)
        self.one.ctr("image", "rm", good.name)
        self.one.ctr("image", "tag", bad.name, good.name)
        self.assert_ctr_refuses(self.ctr_run(good, *ECHO), "verdict.missing", bad.chain)

    def test_a_root_filesystem_without_an_image_is_refused_unless_it_is_listed(self):
        engines.busybox_tree(f"{self.one.dir}/rootfs")
        rootfs = f"{self.one.dir}/rootfs"
        words = ("--rm", "--rootfs", rootfs)
        self.assert_ctr_refuses(self.one.ctr_run(*words, "plain1", *ECHO), "image.unidentified",
                                rootfs)
        self.set_policy({"name": "plain", "match": {"rootfs": [rootfs]}, "mode": "enforce"})
        self.assert_runs(self.one.ctr_run(*words, "plain2", "/bin/echo", "ok"))
        self.decision(decision="allowed", rule="rootfs.listed")

    def exec(self, container, number, check=False):
        return self.one.ctr("tasks", "exec", "--exec-id", f"e{number}", container, *ECHO,
                            check=check)

    def test_an_exec_is_judged_by_the_containers_record(self):
        self.one.ctr_run("-d", self.good_image().name, "ours", "sleep", "1000", check=True)
        self.assertEqual(len(self.one.records()), 1)
        self.assertEqual(self.exec("ours", 1, check=True).stdout, "ok\n")
        self.decision(decision="allowed", operation="exec")

    def test_a_container_started_before_runward_came_is_the_policys_to_enter(self):
        wrapper = pathlib.Path(self.one.wrapper("runward"))
        kept = wrapper.read_text()
        wrapper.write_text('#!/bin/sh\nexec runc "$@"\n')
        self.one.ctr_run("-d", self.good_image().name, "early", "sleep", "1000", check=True)
        wrapper.write_text(kept)
        self.assertEqual(self.one.records(), [])
        done = self.exec("early", 1)
        self.assertNotEqual(done.returncode, 0, done)
        self.assertIn("runward refused exec of container early", done.stderr)
        self.decision(decision="denied", operation="exec", rule="container.unrecorded")
        self.enforce(unrecorded="allow")
        self.assertEqual(self.exec("early", 2, check=True).stdout, "ok\n")

    def test_two_creates_with_one_id_start_one_container(self):
        good = self.good_image()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            done = list(pool.map(
                lambda _: self.one.ctr_run("-d", good.name, "twice", "sleep", "1000"), range(2)))
        self.assertEqual(sorted(one.returncode != 0 for one in done), [False, True], done)
        self.assertEqual(self.one.ctr("tasks", "ls", "-q").stdout, "twice\n")
        self.assertEqual(len(self.one.records()), 1)

    def test_fifty_at_once_while_images_come_and_go_decide_each(self):
        good, bad = self.good_image(), self.image()

        def start(number):
            image = (good, bad)[number % 2]
            self.one.ctr("image", "tag", image.name, f"{BASE}test/many:{number}")
            done = self.ctr_run(image, "echo", str(number), timeout=240)
            self.one.ctr("image", "rm", f"{BASE}test/many:{number}")
            return number, done

        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            for number, done in pool.map(start, range(50)):
                if number % 2:
                    self.assertIn("(rule verdict.missing", done.stderr)
                else:
                    self.assert_runs(done, f"{number}\n")
        self.assertEqual(self.one.ctl("report", "verify").returncode, 0)


if __name__ == "__main__":
    unittest.main()
