"""The example policies: each is good, as `policy check` sees it, and none is left out of the list."""

import pathlib
import re
import tempfile
import unittest

from engines import RUNWARDCTL, require, run

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples" / "policies"


class Examples(unittest.TestCase):
    def setUp(self):
        require(RUNWARDCTL)
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        (self.place / "keys").mkdir()
        self.files = sorted(FOLDER.glob("*.json"))

    def check(self, text):
        for name in set(re.findall(r'"keys/([^"]+)[.]pub"', text)):
            if not (self.place / "keys" / f"{name}.pub").exists():
                run(RUNWARDCTL, "verdict", "keygen", "--out", self.place / "keys" / name)
        file = self.place / "policy.json"
        file.write_text(text, encoding="utf-8")
        return run(RUNWARDCTL, "policy", "check", file, check=False)

    def test_each_is_good(self):
        self.assertGreaterEqual(len(self.files), 5)
        for file in self.files:
            done = self.check(file.read_text(encoding="utf-8"))
            self.assertEqual(done.returncode, 0, (file.name, done.stdout, done.stderr))
            self.assertIn("enforce, 0 audit", done.stdout)

    def test_a_wrong_word_in_one_is_seen(self):
        text = (FOLDER / "web-server.json").read_text(encoding="utf-8")
        done = self.check(text.replace('"maxAge"', '"maxage"'))
        self.assertEqual(done.returncode, 2, done)

    def test_the_list_names_each(self):
        listed = re.findall(r"\]\(([^)]+[.]json)\)", (FOLDER / "README.md").read_text("utf-8"))
        self.assertEqual(sorted(listed), [file.name for file in self.files])


if __name__ == "__main__":
    unittest.main()
