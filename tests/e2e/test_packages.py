"""The Debian packages: built by cpack, installed, used, removed and purged by dpkg, under a cover."""

import json
import pathlib
import re
import shutil
import unittest

from engines import BIN, Engines, Image, base_layer, require, run
from test_install import cover

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
PLACES = ("/etc", "/usr", "/var")
# No address of ours exists.
SUPPRESSED = "bogus-mail-host,bogus-mail-host-in-debian-changelog"


def traces():
    """Every file that speaks of runward by its name, dpkg's own records aside."""
    return {str(path) for place in PLACES for path in pathlib.Path(place).rglob("*runward*")
            if not str(path).startswith(("/var/lib/dpkg/", "/usr/src/", "/usr/local/"))}


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("cpack", "dpkg", "dpkg-deb", "dpkg-shlibdeps")
        cls.place = pathlib.Path("/run/packages")
        run("cpack", "--config", BIN.parent / "CPackConfig.cmake", "-B", cls.place, timeout=300)
        cls.files = sorted(cls.place.glob("*.deb"))

    def setUp(self):
        for place in PLACES:
            cover(place)
            self.addCleanup(run, "umount", "-l", place)

    def install(self):
        return run("dpkg", "--force-depends", "--install", *self.files)

    def readme(self):
        """What the README says to type once the packages are there, restarting Docker apart."""
        (part,) = re.findall(r"## Install in a minute\n(.*?)\n## ", README.read_text("utf-8"), re.S)
        lines = [line.split("#")[0].split() for line in part.splitlines()
                 if line.startswith("    runwardctl")]
        self.assertEqual(len(lines), 3, lines)
        return lines

    def test_completions_are_made_and_shells_take_them(self):
        self.install()
        script = ("source /usr/share/bash-completion/completions/runwardctl; COMP_CWORD=2; "
                  "COMP_WORDS=(runwardctl policy ch); _runwardctl; echo ${COMPREPLY[@]}")
        self.assertEqual(run("bash", "-c", script).stdout, "check\n")
        for shell, file in (("zsh", "zsh/vendor-completions/_runwardctl"),
                            ("fish", "fish/vendor_completions.d/runwardctl.fish")):
            self.assertIn("runwardctl", pathlib.Path("/usr/share", file).read_text("utf-8"))
            if shutil.which(shell):
                run(shell, "-n", f"/usr/share/{file}")

    def test_there_are_two_and_lintian_is_content(self):
        self.assertEqual(sorted(path.name.split("_")[0] for path in self.files),
                         ["runward", "runward-tools"])
        if shutil.which("lintian") is None:
            self.skipTest("not there: lintian")
        done = run("lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
                   SUPPRESSED, *self.files, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done)

    def test_nothing_is_left_after_a_purge(self):
        before = traces()
        self.install()
        self.assertIn("runward ", run("/usr/sbin/runward", "--version").stdout)
        self.assertIn("runwardctl ", run("/usr/sbin/runwardctl", "--version").stdout)
        modes = {path: pathlib.Path(path).stat().st_mode & 0o777
                 for path in ("/etc/runward", "/var/lib/runward", "/var/log/runward")}
        self.assertEqual(list(modes.values()), [0o755, 0o755, 0o700], modes)
        self.install()  # as an upgrade
        run("dpkg", "--remove", "runward", "runward-tools")
        self.assertTrue(pathlib.Path("/etc/runward").is_dir())
        run("dpkg", "--purge", "runward", "runward-tools")
        self.assertEqual(traces() - before, set())

    def test_installed_configured_used_and_removed(self):
        require()
        self.install()
        file = pathlib.Path("/etc/docker/daemon.json")
        file.unlink(missing_ok=True)
        for words in self.readme():
            done = run(*words, check=False)
            self.assertEqual(done.returncode, 0, (words, done))
        run("/usr/sbin/runwardctl", "configure", "docker", "--default", "--divert")
        one = Engines()
        self.addCleanup(one.stop)
        one.settings = json.loads(file.read_text(encoding="utf-8"))
        one.start()
        one.load(Image("bb:1", [base_layer()]))
        for words in ((), ("--runtime", "runc")):
            done = one.docker("run", "--rm", *words, "bb:1", "echo", "ok", check=False)
            self.assertEqual(done.stdout, "ok\n", done.stderr)
        events = run("/usr/sbin/runwardctl", "report", "events").stdout
        self.assertEqual(events.count("would-deny"), 2, events)
        policy = pathlib.Path("/etc/runward/policy.json").read_bytes()
        done = run("dpkg", "--remove", "runward")
        self.assertFalse(file.exists(), done)
        self.assertFalse(pathlib.Path("/usr/sbin/runc").is_symlink())
        self.assertIn("runc version", run("/usr/sbin/runc", "--version").stdout)
        self.assertEqual(pathlib.Path("/etc/runward/policy.json").read_bytes(), policy)
        done = one.docker("run", "--rm", "--runtime", "runc", "bb:1", "echo", "ok", check=False)
        self.assertEqual(done.stdout, "ok\n", done.stderr)

    def test_removal_tells_of_containers_that_run_and_another_installation_reaches_them(self):
        require()
        self.install()
        run("/usr/sbin/runwardctl", "policy", "init")
        one = Engines()
        self.addCleanup(one.stop)
        one.settings = {"runtimes": {"runward": {"path": "/usr/sbin/runward"}}}
        one.start()
        one.load(Image("bb:1", [base_layer()]))
        one.docker("run", "-d", "--name", "left", "--runtime", "runward", "bb:1", "sleep", "1000")
        done = run("dpkg", "--remove", "runward")
        self.assertIn("runward: 1 containers were started by it", done.stderr)
        self.assertNotEqual(one.docker("exec", "left", "true", check=False).returncode, 0)
        self.install()
        one.docker("exec", "left", "true")
        one.docker("rm", "-f", "left")
        self.assertNotIn("were started by it", run("dpkg", "--remove", "runward").stderr)


if __name__ == "__main__":
    unittest.main()
