"""Who may, and by which way: passwords, tokens, helpers, TLS. Nothing goes out unprotected unasked."""

import json
import os
import pathlib
import subprocess
import tempfile

from engines import RUNWARDCTL, base_layer, require, run
from gate import Image, unittest
from registry import PASSWORD, PROGRAMS, USER, Registry, TokenService


class Access(unittest.TestCase):
    def setUp(self):
        require(*PROGRAMS, RUNWARDCTL)
        self.home = self.enterContext(tempfile.TemporaryDirectory())
        self.ctl("keygen", "--out", f"{self.home}/ci")
        policy = {"version": 1, "trust": [{"name": "ci", "key": "ci.pub", "images": ["*"]}],
                  "profiles": [{"name": "all", "match": {}, "mode": "enforce"}]}
        pathlib.Path(self.home, "policy.json").write_text(json.dumps(policy), encoding="utf-8")
        self.image = Image("test/web:1", [base_layer()])
        self.file = f"{self.home}/verdict.jsonl"
        self.ctl("sign", "--key", f"{self.home}/ci.key", "--result", "PASSED", "--name", "test/web:1",
                 "--config", self.image.config_digest, "--out", self.file)

    def ctl(self, *words, check=True, **more):
        environment = {"PATH": os.environ["PATH"], "HOME": self.home, **more}
        return run(RUNWARDCTL, f"--runward-root={self.home}", "verdict", *words, check=check,
                   env=environment)

    def round_trip(self, registry, *words, **more):
        registry.push(self.image, "test/web:1")
        name = f"{registry.where}/test/web:1"
        self.assertIn("pushed PASSED", self.ctl("push", name, self.file, *words, **more).stdout)
        self.assertIn("1 verdict, stored", self.ctl("pull", name, *words, **more).stdout)

    def refused(self, text, *words, **more):
        done = self.ctl(*words, check=False, **more)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(text, done.stderr)
        self.assertNotIn(PASSWORD, done.stderr)
        return done

    def test_a_password_is_taken_from_dockers_file(self):
        with Registry(auth="password") as registry:
            plain = ("--plain-http", registry.where)
            name = f"{registry.where}/test/web:1"
            self.refused("wants credentials, and none are known", "pull", name, *plain)
            self.round_trip(registry, *plain, "--auth-file", registry.auth_file())
            self.refused("does not take the credentials", "pull", name, *plain, "--auth-file",
                         registry.auth_file("wrong"))
            registry.auth_file()
            os.rename(registry.dir / "auth.json", registry.dir / "config.json")
            self.ctl("pull", name, *plain, DOCKER_CONFIG=str(registry.dir))

    def test_credentials_that_others_could_change_are_not_used(self):
        with Registry(auth="password") as registry:
            file = registry.auth_file()
            os.chmod(file, 0o666)
            self.refused("auth.json", "pull", f"{registry.where}/test/web:1", "--plain-http",
                         registry.where, "--auth-file", file)

    def test_a_helper_is_asked(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        # This cell's own /usr/local/bin.
        subprocess.run(["mount", "--bind", place.name, "/usr/local/bin"], check=True)
        self.addCleanup(subprocess.run, ["umount", "/usr/local/bin"], check=True)
        helper = pathlib.Path(place.name, "docker-credential-tests")
        with Registry(auth="password") as registry:
            plain = ("--plain-http", registry.where)
            config = registry.file("helped.json",
                                   json.dumps({"credHelpers": {registry.where: "tests"}}))
            answer = json.dumps({"ServerURL": registry.where, "Username": USER, "Secret": PASSWORD})
            name = f"{registry.where}/test/web:1"
            self.refused("no program docker-credential-tests", "pull", name, *plain, "--auth-file",
                         config)
            helper.write_text(f"#!/bin/sh\nread server\n[ \"$1 $server\" = 'get {registry.where}' ] "
                              f"|| exit 1\necho noise >&2\necho '{answer}'\n")
            helper.chmod(0o755)
            self.round_trip(registry, *plain, "--auth-file", config)
            helper.write_text("#!/bin/sh\necho 'credentials not found in native keychain'; exit 1\n")
            self.refused("none are known", "pull", name, *plain, "--auth-file", config)
            helper.write_text(f"#!/bin/sh\necho '{PASSWORD}'; exit 1\n")
            self.refused("ends with 1", "pull", name, *plain, "--auth-file", config)
            helper.write_text("#!/bin/sh\nyes | head -c 300000\n")
            self.refused("answers with no credentials", "pull", name, *plain, "--auth-file", config)

    def test_a_token_is_fetched_from_the_service_that_the_registry_names(self):
        tokens = TokenService()
        self.addCleanup(tokens.close)
        with Registry(auth=tokens) as registry:
            file = registry.auth_file()
            plain = ("--plain-http", registry.where)
            name = f"{registry.where}/test/web:1"
            self.refused("without TLS", "pull", name, *plain, "--auth-file", file)
            both = (*plain, "--plain-http", tokens.where)
            self.refused("gives no token: it answers 401", "pull", name, *both)
            self.round_trip(registry, *both, "--auth-file", file)
            scopes = [scope for scope, _ in tokens.asked]
            self.assertIn("repository:test/web:pull", scopes)
            self.assertIn("repository:test/web:pull,push", scopes)

    def test_tls_is_spoken_and_its_certificate_checked(self):
        with Registry(tls=True) as registry:
            name = f"{registry.where}/test/web:1"
            done = self.refused("certificate", "pull", name)
            self.assertIn("--ca", done.stderr)
            self.round_trip(registry, "--ca", registry.ca)
            wrong = registry.certificate("wrong", "DNS:elsewhere")
            self.refused("certificate", "pull", name, "--ca", wrong)

    def test_a_registry_without_tls_is_not_spoken_to_unasked(self):
        with Registry() as registry:
            registry.push(self.image, "test/web:1")
            done = self.refused("GET \"https://", "pull", f"{registry.where}/test/web:1")
            self.assertIn(f"--plain-http {registry.where}", done.stderr)
            self.round_trip(registry, "--plain-http", registry.where)


if __name__ == "__main__":
    unittest.main()
