"""What containerd has pulled gets its verdicts from the registry that it is from."""

from engines import Image, run
from gate import GateTest, RUNWARDCTL, text_layer, unittest
from registry import PROGRAMS, Registry


class Pulled(GateTest):
    docker_needed = False
    needed = (*PROGRAMS, "containerd", "ctr", "runc")

    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(Registry())
        self.plain = ("--plain-http", self.registry.where)

    def pull(self, *words):
        root = f"{self.one.dir}/containerd" if not words else words[0]
        return self.one.ctl("verdict", "pull", "--all-local", "--containerd-root", root, *self.plain)

    def test_a_verdict_lets_start_what_ctr_has_pulled(self):
        name = f"{self.registry.where}/test/web:1"
        image = Image(name, [self.layer, text_layer({"etc/number": "1\n"})])
        self.registry.push(image, "test/web:1", oci=True)
        layers = [word for digest in image.diff_ids for word in ("--diff-id", digest)]
        file = f"{self.one.dir}/verdict.jsonl"
        run(RUNWARDCTL, "verdict", "sign", "--key", f"{self.one.home}/keys/ci.key", "--result",
            "PASSED", "--name", name, "--config", image.config_digest, *layers, "--expires", "7d",
            "--out", file)
        run(RUNWARDCTL, "verdict", "push", name, file, *self.plain)
        self.assertEqual(self.pull().stdout, "no image here is known to be from a registry\n")
        self.one.ctr("image", "pull", "--plain-http", name)
        start = ("--rm", name, "pulled", "echo", "ok")
        self.assertIn("verdict.missing", self.one.ctr_run(*start).stderr)
        self.assertEqual(self.pull().stdout, f'"{name}": 1 verdict, stored\n')
        self.assert_runs(self.one.ctr_run(*start))
        self.assertEqual(self.pull().stdout, f'"{name}": 1 verdict, nothing new\n')

    def tearDown(self):
        for name in self.one.ctr("image", "ls", "-q").stdout.split():
            self.one.ctr("image", "rm", "--sync", name)
        super().tearDown()

    def test_what_was_imported_is_asked_for_nowhere(self):
        self.image()
        self.assertEqual(self.pull().stdout, "no image here is known to be from a registry\n")


if __name__ == "__main__":
    unittest.main()
