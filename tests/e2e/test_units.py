"""systemd's units: valid, naming the program where it was installed, and given little."""

import os
import pathlib
import shutil
import tempfile
import unittest

from engines import BIN, run

# Tenths of systemd-analyze's exposure level. The agent has to see all of the host's mounts and
# processes, and reads by netlink, with NET_ADMIN, in containers' networks; what stops containers
# reaches their processes; what pulls verdicts speaks to registries anywhere.
THRESHOLD = 15
THRESHOLDS = {"runward-agent.service": 66, "runward-images.service": 22,
              "runward-pull.service": 17}


class Units(unittest.TestCase):
    def setUp(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("not there: systemd-analyze")
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        run("cmake", "--install", BIN.parent, "--prefix", self.place)
        self.units = self.place / "lib/systemd/system"

    def test_the_service_is_valid_and_names_the_installed_program(self):
        text = (self.units / "runward-checkpoint.service").read_text(encoding="utf-8")
        program = self.place / "sbin/runwardctl"
        self.assertIn(f"ExecStart={program} report checkpoint --quiet\n", text)
        text = (self.units / "runward-pull.service").read_text(encoding="utf-8")
        self.assertIn(f"ExecStart={program} verdict pull --all-local --quiet\n", text)
        self.assertTrue(os.access(program, os.X_OK))
        done = run("systemd-analyze", "verify", "--man=no",
                   *sorted(self.units.glob("runward*")), check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)

    def test_each_service_is_exposed_little(self):
        services = sorted(self.units.glob("*.service"))
        self.assertTrue(services)
        for service in services:
            run("systemd-analyze", "security", "--offline=true", "--no-pager",
                f"--threshold={THRESHOLDS.get(service.name, THRESHOLD)}", service)

    def test_a_service_that_is_given_everything_is_told(self):
        service = self.place / "open.service"
        service.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
        done = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                   f"--threshold={THRESHOLD}", service, check=False)
        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
