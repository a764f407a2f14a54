"""`policy replay` says of recorded containers exactly what the changed policy then really does."""

import json
import os
import shutil
import subprocess
import time
import unittest

import bundle
from bundle import BundleTest
from gate import GateTest


class Replay(BundleTest):
    """Three bundles: one that is not listed, one with a writable root, and one that asks for little."""

    def setUp(self):
        super().setUp()
        self.bundles = {name: self.one.make_bundle(name) for name in ("plain", "open", "tight")}
        self.listed = [str(self.bundles[name] / "rootfs") for name in ("open", "tight")]
        for name, folder in self.bundles.items():
            config = json.loads((folder / "config.json").read_text())
            config["root"]["readonly"] = name == "tight"
            config["process"]["env"].append("TOKEN=hunter2-not-in-any-log")
            (folder / "config.json").write_text(json.dumps(config))
        self.one.policy(mode="audit", rootfs=self.listed)
        for name in self.bundles:
            self.assertEqual(self.start(name).returncode, 0)

    def start(self, name):
        """A `run` whose container is gone afterwards, but its bundle is not."""
        return self.one.call("run", "--bundle", self.bundles[name], name)

    def changed(self, mode="enforce"):
        """The policy that is asked about, beside the one that holds."""
        path = self.one.root / "new.json"
        profiles = [{"name": "listed", "match": {"rootfs": self.listed}, "mode": mode,
                     "run": {"readOnlyRoot": True}},
                    {"name": "rest", "match": {}, "mode": mode}]
        path.write_text(json.dumps({"version": 1, "trust": [], "profiles": profiles}))
        return path

    def replay(self, *words):
        ctl = [bundle.RUNWARD.parent / "runwardctl", f"--runward-root={self.one.root}"]
        return subprocess.run([*ctl, "policy", "replay", *map(str, words)], text=True,
                              capture_output=True, timeout=60, check=False)

    def replayed(self, *words):
        done = self.replay(*words, "--json")
        return done.returncode, json.loads(done.stdout)

    def test_the_same_policy_differs_in_nothing(self):
        self.assertEqual(self.replayed(), (0, {"containers": 3, "differ": [], "unknown": []}))
        self.assertIn("3 containers, 0 would differ, 0 not known", self.replay().stdout)

    def test_it_says_what_enforce_then_really_does(self):
        before = [path.read_bytes() for path in self.one.root.rglob("*.json*") if path.is_file()]
        code, replay = self.replayed(self.changed())
        self.assertEqual((code, replay["unknown"], replay["containers"]), (1, [], 3), replay)
        said = {one["container"]: (one["after"]["decision"], one["after"]["rule"],
                                   one["after"]["profile"]) for one in replay["differ"]}
        self.assertEqual(said, {"plain": ("denied", "image.unidentified", "rest"),
                                "open": ("denied", "run.readOnlyRoot", "listed")})
        was = {one["container"]: one["before"]["decision"] for one in replay["differ"]}
        self.assertEqual(was, {"plain": "would-deny", "open": "allowed"})
        table = self.replay(self.changed())
        self.assertEqual(table.returncode, 1)
        self.assertIn("allowed (rootfs.listed, profile \"plain\")  ->  denied (run.readOnlyRoot",
                      table.stdout)
        os.unlink(self.one.root / "new.json")
        self.assertEqual(before, [path.read_bytes() for path in self.one.root.rglob("*.json*")
                                  if path.is_file()], "replaying changes nothing")
        self.changed().rename(self.one.root / "policy.json")
        for name in self.bundles:
            done = self.start(name + "")
            event = self.one.events()[-1]
            own = event["unmapped"]["runward"]
            self.assertEqual(done.returncode, 1 if name in said else 0, done)
            if name in said:
                self.assertEqual((own["decision"], event["status_code"], event["policy"]["name"]),
                                 said[name])

    def test_in_audit_it_says_what_would_be_denied(self):
        code, replay = self.replayed(self.changed(mode="audit"))
        self.assertEqual(code, 1)
        self.assertEqual([(one["container"], one["after"]["decision"]) for one in replay["differ"]],
                         [("open", "would-deny")])

    def test_bundles_may_be_gone_or_changed(self):
        before = self.replayed(self.changed())
        shutil.rmtree(self.bundles["open"])
        config = self.bundles["tight"] / "config.json"
        config.write_text(config.read_text().replace('"readonly": true', '"readonly": false'))
        self.assertEqual(self.replayed(self.changed()), before)

    def test_what_is_no_longer_recorded_is_not_guessed_at(self):
        kept = self.one.root / "log" / "configurations.jsonl"
        lines = kept.read_text().splitlines(keepends=True)
        self.assertEqual(len(lines), 3)
        changed = lines[1].replace('"readonly":false', '"readonly":true')
        self.assertNotEqual(changed, lines[1])
        kept.write_text(lines[0] + changed)
        code, replay = self.replayed(self.changed())
        self.assertEqual((code, replay["containers"]), (1, 3), replay)
        self.assertEqual([one["container"] for one in replay["differ"]], ["plain"])
        self.assertEqual({one["container"]: one["unknown"] for one in replay["unknown"]},
                         dict.fromkeys(("open", "tight"),
                                       "its recorded configuration is gone, or was changed"))

    def test_what_cannot_be_recorded_is_said_and_stops_nothing(self):
        kept = self.one.root / "log" / "configurations.jsonl"
        kept.unlink()
        kept.mkdir()
        self.assertEqual(self.start("tight").returncode, 0)
        own = self.one.events()[-1]["unmapped"]["runward"]
        self.assertIn("its configuration was not recorded", own["warnings"][0])
        self.assertNotIn("configuration_sha256", own)
        kept.rmdir()
        _, replay = self.replayed(self.changed(), "--container", "tight")
        self.assertEqual([one["unknown"] for one in replay["unknown"]],
                         ["its configuration was not recorded"])

    def test_filters_and_errors(self):
        self.assertEqual(self.replayed(self.changed(), "--container", "tight")[0], 0)
        self.assertEqual(self.replay(self.one.root / "none.json").returncode, 2)
        self.changed().write_text("{")
        self.assertEqual(self.replay(self.one.root / "new.json").returncode, 2)
        self.assertEqual(self.replay("a", "b").returncode, 2)

    def test_no_secret_is_recorded_for_it(self):
        for path in self.one.root.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"hunter2", path.read_bytes(), path)


class DockerReplay(GateTest):
    def test_running_containers_are_judged_as_their_restart_is(self):
        self.audit()
        good, bad = self.good_image().name, self.image().name
        asked = {"tight": ("--read-only", good), "open": (good,), "unsigned": ("--read-only", bad)}
        for name, words in asked.items():
            done = self.docker("run", "-d", "--name", name, "--runtime", "runward", *words, "sleep",
                               "100")
            self.assertEqual(done.returncode, 0, done.stderr)
        policy = {"version": 1, "trust": [self.key()],
                  "profiles": [{"name": "strict", "match": {}, "mode": "enforce",
                                "run": {"readOnlyRoot": True}}]}
        draft = f"{self.one.home}/draft.json"
        with open(draft, "w", encoding="utf-8") as file:
            json.dump(policy, file)
        done = self.one.ctl("policy", "replay", draft, "--json", check=False)
        replay = json.loads(done.stdout)
        self.assertEqual((done.returncode, replay["containers"], replay["unknown"]), (1, 3, []),
                         replay)
        said = {one["container"]: (one["after"]["decision"], one["after"]["rule"])
                for one in replay["differ"]}
        gone = self.docker("run", "--rm", "--runtime", "runward", "--read-only", "-v",
                           "/usr:/host:ro", good, "true")
        self.assertEqual(gone.returncode, 0, gone.stderr)
        policy["profiles"][0]["run"]["mounts"] = {"deny": ["/usr"]}
        with open(draft, "w", encoding="utf-8") as file:
            json.dump(policy, file)
        done = self.one.ctl("policy", "replay", draft, "--json", check=False)
        rules = [one["after"]["rule"] for one in json.loads(done.stdout)["differ"]
                 if one["container"] not in said]
        self.assertEqual(rules, ["run.mounts"], done.stdout)
        del policy["profiles"][0]["run"]["mounts"]
        ids = {name: self.inspect(name, "{{.Id}}") for name in asked}
        self.assertEqual(said, {ids["open"]: ("denied", "run.readOnlyRoot"),
                                ids["unsigned"]: ("denied", "verdict.missing")})
        self.one.policy(policy)
        for name, container in ids.items():
            done = self.docker("restart", "-t", "0", name)
            self.assertEqual(done.returncode, 1 if container in said else 0, done)
            event = self.one.events()[-1]
            self.assertEqual((event["unmapped"]["runward"]["decision"], event["status_code"]),
                             said.get(container, ("allowed", "verdict.passed")))


if __name__ == "__main__":
    unittest.main()
