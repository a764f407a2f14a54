"""Docker starts nothing without a trusted verdict, and who is refused reads why."""

import concurrent.futures
import pathlib
import time

from gate import GateTest, minutes_ago, unittest

ECHO = ("echo", "ok")


class Verdicts(GateTest):
    def test_an_image_without_a_verdict_is_refused_and_starts_once_it_has_one(self):
        image = self.image()
        done = self.docker_run(image.name, *ECHO)
        self.assert_docker_refuses(done, "verdict.missing", image.name, image.chain,
                                   "Next: runwardctl")
        self.sign(image)
        self.assert_runs(self.docker_run(image.name, *ECHO))
        self.decision(decision="allowed", rule="verdict.passed", operation="create")

    def test_the_commands_that_a_refusal_names_explain_it(self):
        done = self.docker_run(self.image().name, *ECHO)
        command = done.stderr.split("Explain: ")[1].split(": unknown")[0].split()
        self.assertEqual(command[0], "runwardctl")
        self.assertIn("verdict.missing", self.one.ctl(*command[2:]).stdout)
        command = done.stderr.split("Next: ")[1].split(". Explain")[0].split()
        self.assertEqual(command[:2], ["runwardctl", f"--runward-root={self.one.home}"])
        self.assertIn("none on file", self.one.ctl(*command[2:]).stdout)

    def test_a_failed_verdict_refuses_and_names_its_reasons(self):
        image = self.image()
        self.sign(image, result="FAILED")
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.failed",
                                   "CVE-2021-44228")

    def test_a_newer_failed_verdict_ends_a_passed_one_and_replay_does_not_help(self):
        image = self.image()
        passed = f"{self.one.dir}/passed.jsonl"
        self.sign(image, "--out", passed, "--time", minutes_ago(10))
        self.assert_runs(self.docker_run(image.name, *ECHO))
        self.sign(image, "--time", minutes_ago(5), result="FAILED")
        self.one.ctl("verdict", "add", passed, check=False)
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.failed")

    def test_an_expired_verdict_refuses(self):
        image = self.image()
        self.sign(image, "--time", minutes_ago(3 * 24 * 60), expires="1d")
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.expired")

    def test_a_verdict_older_than_the_policy_allows_refuses_and_grace_lets_it_start(self):
        image = self.image()
        self.sign(image, "--time", minutes_ago(3 * 24 * 60), expires="30d")
        profile = {"name": "all", "match": {}, "verdict": {"maxAge": "2d"}}
        self.set_policy(profile)
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.stale")
        profile["verdict"].update(expired="grace", grace="4d")
        self.set_policy(profile)
        self.assert_runs(self.docker_run(image.name, *ECHO))

    def test_a_revoked_verdict_refuses(self):
        image = self.good_image()
        self.assert_runs(self.docker_run(image.name, *ECHO))
        self.one.ctl("verdict", "revoke", image.chain, "--key", f"{self.one.home}/keys/ci.key",
                     "--reason", "built on a stolen machine")
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.revoked")

    def test_a_verdict_of_a_key_that_is_no_longer_trusted_refuses(self):
        image = self.good_image()
        self.enforce(trust=[self.key("other")])
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.untrusted")

    def test_a_key_vouches_only_for_the_names_it_may(self):
        image = self.good_image()
        self.enforce(trust=[self.key(images=["registry.example.com/*"])])
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.key-images")

    def test_verdicts_with_one_changed_byte_refuse(self):
        image = self.image()
        self.sign(image)
        digests = (image.chain[7:], image.config_digest[7:])
        changed = 0
        for path in pathlib.Path(self.one.home, "verdicts", "sha256").iterdir():
            if path.name.startswith(digests):
                text = path.read_text()
                at = text.index('"payload":"') + 30
                path.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:])
                changed += 1
        self.assertGreaterEqual(changed, 1)
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.changed")

    def test_a_warned_image_starts_unless_the_policy_refuses_warnings(self):
        image = self.image()
        self.sign(image, result="WARN")
        self.assert_runs(self.docker_run(image.name, *ECHO))
        self.set_policy({"name": "all", "match": {}, "verdict": {"warn": "deny"}})
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.warn")


class Names(GateTest):
    """A name, tag, label or annotation given by a user never weakens a decision."""

    def test_a_bad_image_under_a_good_name_is_refused(self):
        good, bad = self.good_image(), self.image()
        self.one.docker("tag", bad.name, good.name)
        self.assert_docker_refuses(self.docker_run(good.name, *ECHO), "verdict.missing", bad.chain)

    def test_a_good_image_under_any_name_or_id_starts(self):
        good = self.good_image()
        self.one.docker("tag", good.name, "unheard-of:1")
        for name in ("unheard-of:1", good.config_digest):
            self.assert_runs(self.docker_run(name, *ECHO))

    def test_a_tag_chooses_no_laxer_profile(self):
        lax = {"name": "lax", "match": {"images": ["lab/*"]}, "verdict": {"required": False}}
        self.set_policy(lax, {"name": "all", "match": {}})
        image = self.image("lab/tool:1")
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "verdict.missing")

    def test_labels_names_and_environment_choose_nothing(self):
        good, bad = self.good_image(), self.image()
        done = self.docker_run("--label", f"io.kubernetes.cri.image-name={good.name}",
                               "--name", "good", "--hostname", "good", "--env",
                               f"RUNWARD_ROOT={self.one.dir}", bad.name, *ECHO)
        self.assert_docker_refuses(done, "verdict.missing", bad.chain)

    def test_a_layer_more_is_another_image(self):
        good = self.good_image()
        name = self.one.docker("create", "--runtime", "runc", good.name, *ECHO).stdout.strip()
        self.one.docker("cp", __file__, f"{name}:/etc/added")
        self.one.docker("commit", name, "test/committed:1")
        self.assert_docker_refuses(self.docker_run("test/committed:1", *ECHO), "verdict.missing")

    def test_two_configs_on_the_same_layers_are_told_apart(self):
        image = self.image(Env=["WHICH=one"])
        twin = self.one.load(type(image)("test/twin:1", image.layers, Env=["WHICH=two"]))
        self.assertEqual(image.chain, twin.chain)
        self.sign(twin, result="FAILED")
        self.sign(image)
        self.assert_runs(self.docker_run(image.name, "sh", "-c", "echo $WHICH"), "one\n")


class Modes(GateTest):
    def test_audit_starts_what_enforce_would_refuse_and_says_so(self):
        self.audit()
        self.assert_runs(self.docker_run(self.image().name, *ECHO))
        self.decision(decision="would-deny", rule="verdict.missing", mode="audit")

    def test_without_a_policy_nothing_starts_and_the_refusal_names_policy_init(self):
        image = self.good_image()
        pathlib.Path(self.one.home, "policy.json").unlink()
        done = self.docker_run(image.name, *ECHO)
        self.assertEqual(done.returncode, 125, done)
        self.assertIn(f"runwardctl --runward-root={self.one.home} policy init", done.stderr)

    def test_a_broken_policy_refuses_and_says_where_it_is_broken(self):
        image = self.good_image()
        self.one.policy('{"version": 1,\n "profilse": []}')
        done = self.docker_run(image.name, *ECHO)
        self.assertEqual(done.returncode, 125, done)
        self.assertIn("policy.json:2:2", done.stderr)
        self.assertIn("profiles", done.stderr)

    def test_an_image_that_no_profile_matches_is_refused_unless_allowed(self):
        image = self.image()
        profile = {"name": "web", "match": {"images": ["registry.example.com/web/*"]}}
        self.set_policy(profile)
        self.assert_docker_refuses(self.docker_run(image.name, *ECHO), "image.unmatched")
        self.set_policy(profile, allowUnmatched=True)
        self.assert_runs(self.docker_run(image.name, *ECHO))

    def test_restart_always_does_not_loop_over_a_refusal(self):
        done = self.docker("run", "-d", "--restart=always", "--runtime", "runward",
                           self.image().name, *ECHO)
        self.assertEqual(done.returncode, 125, done)
        before = len(self.one.events())
        time.sleep(2)
        self.assertEqual(len(self.one.events()), before)


class AtOnce(GateTest):
    def test_fifty_creates_at_once_decide_each_and_lose_no_event(self):
        good, bad = self.good_image(), self.image()
        before = len(self.one.events())

        def start(number):
            image = (good, bad)[number % 2]
            return number, self.docker_run("--network", "none", image.name, "echo", str(number))

        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            for number, done in pool.map(start, range(50)):
                if number % 2:
                    self.assertEqual((done.returncode, done.stdout), (125, ""), done)
                    self.assertIn("(rule verdict.missing", done.stderr)
                else:
                    self.assert_runs(done, f"{number}\n")
        decisions = [event["unmapped"]["runward"]["decision"] for event in
                     self.one.events()[before:]]
        self.assertEqual((decisions.count("allowed"), decisions.count("denied")), (25, 25))
        self.assertEqual(self.one.ctl("report", "verify").returncode, 0)
        self.assertEqual(self.one.records(), [])


if __name__ == "__main__":
    unittest.main()
