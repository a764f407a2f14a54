"""The README's installation by hand: the default places, no flag, Docker and ctr."""

import json
import os
import pathlib
import re
import subprocess
import tempfile

from engines import BIN, Engines, Image, base_layer, require, run, text_layer
from gate import unittest

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
# Written to by the installation and by runward: in the cell over a copy in memory.
PLACES = ("/etc", "/usr/local", "/var")


def cover(place):
    work = tempfile.mkdtemp(prefix="cover-", dir="/run")
    os.chmod(work, 0o755)
    for name in ("upper", "work"):
        os.mkdir(f"{work}/{name}")
    run("mount", "-t", "overlay", "overlay", "-o",
        f"lowerdir={place},upperdir={work}/upper,workdir={work}/work", place)


def daemon_json():
    """The README's own daemon.json."""
    (text,) = re.findall(r"```json\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    return json.loads(text)


class Install(unittest.TestCase):
    def setUp(self):
        require()
        for place in PLACES:
            cover(place)
            self.addCleanup(run, "umount", "-l", place)
        build = BIN.parent
        run("cmake", "--install", build, "--prefix", "/usr/local", timeout=60)
        self.one = Engines()
        self.addCleanup(self.one.stop)
        self.one.settings = daemon_json()
        self.one.start()

    def ctl(self, *words, check=True):
        return run("/usr/local/sbin/runwardctl", *words, check=check)

    def docker(self, image):
        return self.one.docker("run", "--rm", image.name, "echo", "ok", check=False)

    def ctr(self, image, name):
        return self.one.ctr("run", "--rm", "--runc-binary", "/usr/local/sbin/runward", "--runtime",
                            "io.containerd.runc.v2", image.name, name, "echo", "ok", check=False)

    def test_from_installation_to_enforcement_as_the_readme_says(self):
        image = Image("docker.io/test/web:1", [base_layer(), text_layer({"etc/web": "1\n"})])
        self.one.load(image)
        self.one.ctr_load(image)
        done = self.docker(image)
        self.assertEqual(done.returncode, 125, done)
        self.assertIn("Next: runwardctl policy init. Explain: runwardctl report explain",
                      done.stderr)
        self.ctl("policy", "init")
        for done in (self.docker(image), self.ctr(image, "c1")):
            self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        self.assertEqual(self.ctl("report", "events").stdout.count("would-deny"), 2)
        self.ctl("verdict", "keygen", "--out", "/run/ci")
        run("cp", "/run/ci.pub", "/etc/runward/keys/")
        self.edit('"trust": []', '"trust": [{ "name": "ci", "key": "keys/ci.pub", "images": '
                  '["docker.io/*"] }]')
        self.edit('"mode": "audit"', '"mode": "enforce"')
        self.ctl("policy", "check")
        for done in (self.docker(image), self.ctr(image, "c2")):
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("has no verdict (rule verdict.missing", done.stderr)
        self.ctl("verdict", "sign", "--key", "/run/ci.key", "--result", "PASSED", "--image",
                 "test/web:1", "--name", image.name, "--docker-root", self.one.data_root,
                 "--expires", "7d", "--add")
        for done in (self.docker(image), self.ctr(image, "c3")):
            self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        self.ctl("report", "verify")

    def edit(self, old, new):
        path = pathlib.Path("/etc/runward/policy.json")
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def test_the_man_pages_are_installed_and_can_be_formatted(self):
        pages = sorted(pathlib.Path("/usr/local/share/man").rglob("runward*.[158]"))
        self.assertTrue(pages)
        self.assertIn("runward.8", [page.name for page in pages])
        for page in pages:
            done = subprocess.run(["head", "-c", "4", page], capture_output=True, check=True)
            self.assertIn(done.stdout[:3], (b".TH", b'.\\"', b".Dd"), page)


if __name__ == "__main__":
    unittest.main()
