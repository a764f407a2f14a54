"""Secrets under Docker and containerd's ctr: delivered, and nowhere else to be seen."""

import json
import unittest

from engine_secrets import VALUE, WithVault, secret
from gate import GateTest

SHOW = 'cat /run/secrets/db_password; echo; cat "$PW_FILE"; echo; echo "$PW"'
SHOWN = f"{VALUE}\n{VALUE}\n{VALUE}\n"


class Docker(WithVault, GateTest):
    default_runtime = "runc"

    def test_files_and_variables_reach_the_command_also_as_another_user_and_read_only(self):
        image = self.good_image()
        self.set_policy(self.profile())
        self.start_agent("--no-bpf")
        for words in ([], ["--user", "1000:1000"], ["--read-only"], ["--init"],
                      ["--read-only", "--tmpfs", "/run"]):
            done = self.docker_run(*words, image.name, "sh", "-c", SHOW)
            self.assertEqual((done.returncode, done.stdout), (0, SHOWN), (words, done.stderr))

    def test_the_images_identity_decides_and_not_its_name(self):
        trusted, other = self.good_image(), self.image()
        named = {**self.profile(), "name": "web", "match": {"images": [trusted.name]}}
        rest = {"name": "rest", "match": {}, "mode": "audit"}
        self.set_policy(named, rest)
        done = self.docker_run(trusted.name, "cat", "/run/secrets/db_password")
        self.assertEqual(done.stdout, VALUE, done.stderr)
        self.docker("tag", other.name, trusted.name.replace(":1", ":stolen"))
        self.docker("tag", other.name, trusted.name)
        done = self.docker_run(trusted.name, "cat", "/run/secrets/db_password")
        self.assertNotIn(VALUE, done.stdout + done.stderr)

    def test_two_profiles_that_name_one_path_give_each_its_own(self):
        one, other = self.good_image(), self.good_image()
        self.vault.put("web/db#other", "the other's")
        self.set_policy(
            {**self.profile(), "name": "one", "match": {"images": [one.name]}},
            {**self.profile(secret("web/db#other")), "name": "other", "match": {"images": [other.name]}})
        for image, value in ((one, VALUE), (other, "the other's"), (one, VALUE)):
            done = self.docker_run(image.name, "cat", "/run/secrets/db_password")
            self.assertEqual((done.returncode, done.stdout), (0, value), done.stderr)

    def test_an_audit_profile_that_an_unsigned_name_chose_hands_out_nothing(self):
        image = self.image()
        named = {**self.profile(), "name": "web", "match": {"images": [image.name]}, "mode": "audit",
                 "verdict": {"required": False}}
        self.set_policy(named, {"name": "rest", "match": {}, "mode": "audit",
                                "verdict": {"required": False}})
        done = self.docker_run(image.name, "cat", "/run/secrets/db_password")
        self.assertNotIn(VALUE, done.stdout + done.stderr)
        self.assertFalse([e for e in self.one.events() if e["class_uid"] == 6005 and
                          e["unmapped"]["runward"]["image_chain"] == image.chain])
        self.assertIn("receives none of its profile's secrets", str(self.one.events()[-1]))

    def test_exec_and_a_health_check_read_the_file_and_have_no_value(self):
        image = self.good_image()
        self.set_policy(self.profile())
        self.docker("run", "-d", "--name", "cc", "--runtime", "runward", "--health-cmd",
                    "test -s /run/secrets/db_password && test -z \"$PW\"", "--health-interval",
                    "200ms", image.name, "sleep", "1000", check=True)
        done = self.docker("exec", "cc", "sh", "-c", "echo [$PW]; cat /run/secrets/db_password")
        self.assertEqual(done.stdout, f"[]\n{VALUE}", done.stderr)
        self.one.docker("exec", "cc", "sleep", "1")
        self.assertEqual(self.inspect("cc", "{{.State.Health.Status}}"), "healthy")
        self.assertNotIn(VALUE, json.dumps(self.docker("inspect", "cc").stdout))

    def test_a_restart_gets_them_anew(self):
        image = self.good_image()
        self.set_policy(self.profile())
        self.docker("run", "-d", "--name", "cc", "--runtime", "runward", image.name, "sh", "-c",
                    "cat /run/secrets/db_password; sleep 1000", check=True)
        self.vault.put("web/db#password", "second")
        self.docker("restart", "-t", "0", "cc", check=True)
        done = self.docker("exec", "cc", "cat", "/run/secrets/db_password")
        self.assertEqual(done.stdout, "second", self.docker("logs", "cc"))

    def test_a_refusal_is_told_to_the_person(self):
        image = self.good_image()
        self.set_policy(self.profile())
        self.vault.hide_key()
        done = self.docker_run(image.name, "true")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the vault is locked", done.stderr)
        self.assertIn("vault unlock", done.stderr)

    def test_command_rules_let_the_helper_be_first_and_judge_what_it_executes(self):
        image = self.good_image()
        rules = {"allow": ["sh", "cat", "echo"], "drift": "deny", "exec": {"allow": ["cat"]}}
        self.set_policy(self.profile(commands=rules))
        self.start_agent()
        done = self.docker_run(image.name, "sh", "-c", SHOW)
        self.assertEqual((done.returncode, done.stdout), (0, SHOWN), done.stderr)
        refused = self.docker_run(image.name, "ls", "/")
        self.assertIn("the container's own command", refused.stderr)
        self.docker("run", "-d", "--name", "cc", "--runtime", "runward", image.name, "sh", "-c",
                    "while :; do cat /etc/number > /dev/null; done", check=True)
        helper = ["/.runward-env", "PW=/run/secrets/db_password", "--", "sh", "-c", "echo $PW"]
        self.assertNotIn(VALUE, self.docker("exec", "cc", *helper).stdout)
        done = self.docker("exec", "cc", "cat", "/run/secrets/db_password")
        self.assertEqual(done.stdout, VALUE, (done.stderr, self.one.events()[-1]))


class Ctr(WithVault, GateTest):
    docker_needed = False

    def test_files_and_variables_reach_the_command(self):
        image = self.good_image()
        self.set_policy(self.profile())
        done = self.one.ctr_run("--rm", image.name, "c1", "sh", "-c", SHOW)
        self.assertEqual((done.returncode, done.stdout), (0, SHOWN), done.stderr)


if __name__ == "__main__":
    unittest.main()
