"""What is mounted decides, at the edges: many layers, twins, pause images, mapped users."""

import os

from engines import RUNWARD
from gate import BASE, GateTest, Image, run, text_layer, unittest

ECHO = ("echo", "ok")
MAPPED = "runward-test"  # whose subordinate ids dockerd maps users to


class Docker(GateTest):
    def test_as_many_layers_as_docker_mounts_are_identified(self):
        layers = [self.layer] + [text_layer({f"etc/n{n}": f"{n}\n"}) for n in range(119)]
        image = self.one.load(Image("test/deep:1", layers))
        done = self.docker_run(image.name, *ECHO)
        self.assert_docker_refuses(done, "verdict.missing", image.chain)
        self.sign(image)
        self.assert_runs(self.docker_run("--read-only", image.name, "cat", "/etc/n118"), "118\n")

    def test_one_layer_is_identified(self):
        image = self.one.load(Image("test/flat:1", [self.layer]))
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.missing",
                                   image.chain)
        self.sign(image)
        self.assert_runs(self.docker_run(image.name, *ECHO))

    def test_a_pause_image_starts_by_its_chain_alone(self):
        pause, other = self.image(), self.image()
        self.set_policy(
            {"name": "pause", "match": {"chains": [pause.chain]}, "mode": "enforce",
             "verdict": {"required": False}},
            {"name": "apps", "match": {"images": ["test/*"]}, "mode": "enforce"})
        self.assert_runs(self.docker_run(pause.name, *ECHO))
        event = self.decision(rule="verdict.not-required")
        self.assertEqual(event["policy"]["name"], "pause")
        self.one.docker("tag", other.name, pause.name)
        done = self.docker_run(pause.name, *ECHO)
        self.assertEqual(done.returncode, 125, done)
        self.decision(decision="denied")
        # A verdict that says FAILED counts where none is needed, too.
        self.one.docker("tag", pause.config_digest, pause.name)
        self.sign(pause, result="FAILED")
        self.assert_docker_refuses(self.docker_run(pause.name, *ECHO), "verdict.failed")


class Ctr(GateTest):
    docker_needed = False

    def ctr_run(self, image, name, *words):
        return self.one.ctr_run("--rm", image.name, name, *words)

    def sign_config(self, image, result="PASSED"):
        reasons = [] if result == "PASSED" else ["--reason", "CVE-2021-44228"]
        self.one.ctl("verdict", "sign", "--key", f"{self.one.home}/keys/ci.key", "--result", result,
                     "--name", image.name, "--config", image.config_digest, "--expires", "7d",
                     *reasons, "--add")

    def test_of_two_configs_on_the_same_layers_both_must_pass_or_the_chain(self):
        """containerd's record of a container is its client's word: it tells them not apart."""
        image = self.image(Env=["PATH=/bin", "WHICH=one"])
        twin = self.one.ctr_load(Image(BASE + "test/twin:1", image.layers,
                                       Env=["PATH=/bin", "WHICH=two"]))
        self.assertEqual(image.chain, twin.chain)
        show = ("sh", "-c", "echo $WHICH")
        self.sign_config(image)
        for number, one in enumerate((image, twin)):
            done = self.ctr_run(one, f"refused{number}", *show)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done)
            self.assert_told(done.stderr, "verdict.missing")
        self.sign_config(twin)
        self.assert_runs(self.ctr_run(image, "one", *show), "one\n")
        self.assert_runs(self.ctr_run(twin, "two", *show), "two\n")
        self.sign_config(twin, result="FAILED")
        done = self.ctr_run(image, "three", *show)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assert_told(done.stderr, "verdict.failed")

    def test_a_pause_image_starts_by_its_chain_alone(self):
        pause = self.image()
        self.set_policy({"name": "pause", "match": {"chains": [pause.chain]}, "mode": "enforce",
                         "verdict": {"required": False}})
        self.assert_runs(self.ctr_run(pause, "pause", *ECHO))
        done = self.ctr_run(self.image(), "other", *ECHO)
        self.assertEqual(done.returncode, 1, done)
        self.decision(decision="denied")


class MappedUsers(GateTest):
    """dockerd with --userns-remap: root in the container is nobody on the host."""

    @classmethod
    def make_engines(cls):
        one = super().make_engines()
        work = f"{one.dir}/etc"
        for name in ("upper", "work"):
            os.makedirs(f"{work}/{name}")
        run("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir=/etc,upperdir={work}/upper,workdir={work}/work", "/etc")
        cls.addClassCleanup(run, "umount", "-l", "/etc")
        for path, line in (("passwd", f"{MAPPED}:x:4242:4242::/:/bin/false"),
                           ("group", f"{MAPPED}:x:4242:"),
                           ("subuid", f"{MAPPED}:500000:65536"),
                           ("subgid", f"{MAPPED}:500000:65536")):
            with open(f"/etc/{path}", "a", encoding="utf-8") as file:
                file.write(line + "\n")
        one.settings = {
            "runtimes": {"runward": {"path": RUNWARD,
                                     "runtimeArgs": [f"--runward-root={one.home}"]}},
            "userns-remap": MAPPED}
        return one

    def test_the_image_is_identified_and_the_verdict_decides(self):
        image = self.image()
        done = self.docker_run(image.name, *ECHO)
        self.assert_docker_refuses(done, "verdict.missing", image.chain)
        self.sign(image)
        self.assert_runs(self.docker_run(image.name, "cat", "/proc/self/uid_map"),
                         "         0     500000      65536\n")


if __name__ == "__main__":
    unittest.main()
