"""Secrets in containers of the real runc and crun: where they are, whose, and how they come there."""

import json
import os
import unittest

import bundle
from bundle import BundleTest
from secret_vault import HELPER, WRITER, Vault, secret

VALUE = "correct horse battery"


def mapped(size=65536, first=100000):
    ids = [{"containerID": 0, "hostID": first, "size": size}]
    return {"uidMappings": ids, "gidMappings": ids}


class SecretsTest(BundleTest):
    def setUp(self):
        if not WRITER.exists() or not HELPER.exists():
            self.skipTest("no vault_writer or runward-env")
        super().setUp()
        self.vault = Vault(self.one.root)
        self.vault.put("web/db#password", VALUE)

    def secrets(self, *secrets, mode="enforce", **members):
        profile = {"name": "plain", "match": {"rootfs": [str(self.one.bundle / "rootfs")]},
                   "mode": mode, "secrets": list(secrets) or [secret()], **members}
        new = self.one.root / "policy.json.new"
        new.write_text(json.dumps({"version": 1, "trust": [], "profiles": [profile]}))
        new.rename(self.one.root / "policy.json")

    def sh(self, script, user=None, check=0, linux=None, **changes):
        config = self.one.configure(["sh", "-c", script], **changes)
        if user:
            config["process"]["user"] = dict(zip(("uid", "gid"), user))
        config["linux"].update(linux or {})
        if linux and "uidMappings" in linux:
            config["linux"]["namespaces"].append({"type": "user"})
        (self.one.bundle / "config.json").write_text(json.dumps(config))
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        if check is not None:
            self.assertEqual(done.returncode, check, done)
        return done.stdout + done.stderr


class Places(SecretsTest):
    def test_a_file_is_there_before_the_process_is(self):
        self.secrets()
        self.assertEqual(self.sh("cat /run/secrets/db_password"), VALUE)

    def test_it_lies_on_a_small_tmpfs_that_cannot_be_written_nor_executed_from(self):
        self.secrets()
        out = self.sh("grep runward-secrets /proc/self/mountinfo; touch /run/secrets/x; "
                      "readlink /run/secrets/db_password", check=None)
        mount = next(line for line in out.splitlines() if "runward-secrets" in line)
        for option in ("ro,nosuid,nodev,noexec", " tmpfs ", "size=2048k"):
            self.assertIn(option, mount)
        if tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 3):
            self.assertIn("noswap", mount)
        self.assertIn("Read-only file system", out)
        self.assertIn("..data/db_password\n", out)

    def test_it_belongs_to_the_process_and_nobody_else_reads_it(self):
        self.secrets()
        listing = "ls -lnL /run/secrets/db_password; cat /run/secrets/db_password"
        out = self.sh(listing, user=(1000, 1001))
        self.assertRegex(out, r"^-r-------- +1 +1000 +1001 ")
        self.assertIn(VALUE, out)
        self.secrets(secret(uid=7, gid=8, mode="0440"))
        out = self.sh(listing, user=(1000, 1001), check=None)
        self.assertRegex(out, r"^-r--r----- +1 +7 +8 ")
        self.assertNotIn(VALUE, out)

    def test_in_a_user_namespace_it_belongs_to_the_user_there(self):
        self.secrets()
        os.chmod(self.one.dir, 0o755)
        for name in ("", "bin", "proc", "dev", "sys", "tmp", "etc"):
            os.chown(self.one.bundle / "rootfs" / name, 100000, 100000)
        out = self.sh("ls -lnL /run/secrets/db_password; cat /run/secrets/db_password; echo",
                      user=(1000, 1000), linux=mapped())
        self.assertRegex(out, r"-r-------- +1 +1000 +1000 ")
        self.assertIn(VALUE, out)

    def test_a_read_only_root_gets_it_too(self):
        self.secrets()
        self.assertEqual(self.sh("cat /run/secrets/db_password",
                                 root={"path": "rootfs", "readonly": True}), VALUE)

    def test_places_of_several_directories_and_through_the_images_own_links(self):
        self.vault.put("web/tls#key", b"\0binary\xff\n" * 5000)
        for name in ("run", "var"):
            (self.one.bundle / "rootfs" / name).mkdir()
        (self.one.bundle / "rootfs" / "var" / "run").symlink_to("/run")
        self.secrets(secret(file="/var/run/secrets/db"), secret("web/tls#key", "/etc/app/tls/key"))
        out = self.sh("cat /run/secrets/db; echo; cat /etc/app/tls/key | wc -c")
        self.assertEqual(out, f"{VALUE}\n45000\n")

    def test_a_named_version_and_one_that_is_empty_of_news(self):
        self.vault.put("web/db#password", "newer")
        self.secrets(secret("web/db#password@1"), secret(file="/run/secrets/new"))
        self.assertEqual(self.sh("cat /run/secrets/db_password /run/secrets/new"), VALUE + "newer")

    def test_each_read_is_an_event_and_none_says_a_value(self):
        self.vault.put("web/tls#key", "k" * 77)
        self.secrets(secret(), secret("web/tls#key", "/run/secrets/tls"))
        self.sh("true")
        reads = [e for e in self.one.events() if e["class_uid"] == 6005]
        self.assertEqual([e["unmapped"]["runward"]["secret"] for e in reads],
                         ["vault:web/db#password@1", "vault:web/tls#key@1"])
        for event in reads:
            self.assertEqual((event["status_code"], event["container"]["uid"]),
                             ("secrets.read", "c1"))
            self.assertNotIn("77", json.dumps(event["status_detail"]))

    def test_nothing_of_it_is_left_when_the_container_is_gone(self):
        self.secrets()
        self.sh("true")
        self.one.call("delete", "--force", "c1")
        self.assertEqual(list((self.one.root / "run" / "containers").iterdir()), [])

    def test_a_profile_without_secrets_gets_none(self):
        self.one.policy()
        self.assertEqual(self.sh("ls -d /run/secrets", check=1).count("No such file"), 1)


class Variables(SecretsTest):
    def test_a_variable_names_the_file_and_one_has_the_value(self):
        self.secrets(secret(env="PW", fileEnv="DB_PASSWORD_FILE"))
        self.assertEqual(self.sh('echo "$PW"; cat "$DB_PASSWORD_FILE"'), VALUE + "\n" + VALUE)

    def test_the_configuration_has_a_path_and_no_value(self):
        self.secrets(secret(env="PW"))
        self.sh("true")
        text = (self.one.bundle / "config.json").read_text()
        self.assertIn('"/.runward-env","PW=/run/secrets/db_password","--","sh"', text)
        self.assertNotIn(VALUE, text)

    def test_an_image_with_nothing_but_the_program_needs_no_shell_and_no_libc(self):
        rootfs = self.one.bundle / "rootfs"
        for path in (rootfs / "bin").iterdir():
            path.unlink()
        # A program of another kind altogether: the helper itself, static, as the image's own.
        (rootfs / "app").write_bytes(HELPER.read_bytes())
        (rootfs / "app").chmod(0o755)
        self.secrets(secret(env="PW"))
        self.one.configure(["/app", "--", "/nowhere"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(done.returncode, 127, done)
        self.assertIn('runward-env: execute "/nowhere"', done.stderr)

    def test_a_command_is_found_as_runtimes_find_it_and_its_status_is_its_own(self):
        self.secrets(secret(env="PW"))
        self.one.configure(["sh", "-c", "exit 7"])
        self.assertEqual(self.one.call("run", "--bundle", self.one.bundle, "c1").returncode, 7)
        self.one.configure(["no-such-command"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c2")
        self.assertEqual(done.returncode, 127, done)

    def test_what_is_executed_later_has_no_value_unless_it_asks_the_helper(self):
        self.secrets(secret(env="PW"))
        self.one.configure(["sleep", "1000"])
        self.assertEqual(self.one.create("c1")[0], 0)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        plain = self.one.call("exec", "c1", "sh", "-c", "echo [$PW]")
        self.assertEqual(plain.stdout, "[]\n", plain)
        asked = self.one.call("exec", "c1", "/.runward-env", "PW=/run/secrets/db_password", "--",
                              "sh", "-c", "echo [$PW]")
        self.assertEqual(asked.stdout, f"[{VALUE}]\n", asked)

    def test_a_value_that_is_no_text_is_refused_by_the_helper(self):
        self.vault.put("web/db#password", b"a\0b")
        self.secrets(secret(env="PW"))
        out = self.sh("true", check=125)
        self.assertIn("it holds a zero byte", out)


class CrunPlaces(Places):
    runtime = "crun"


class CrunVariables(Variables):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
