"""What must not happen to secrets: each a clear error, and no container that has half of them."""

import os
import pathlib
import subprocess
import time
import unittest

from test_secrets import VALUE, SecretsTest, mapped, secret


class Refusals(SecretsTest):
    def refuse(self, *texts, **changes):
        self.one.configure(["sh", "-c", "echo ran"], **changes)
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertNotEqual(done.returncode, 0, done)
        said = done.stderr + str([e.get("status_detail") for e in self.one.events()])
        self.assertNotIn("ran\n", done.stdout)
        for text in texts:
            self.assertIn(text, said)
        self.assertNotIn(VALUE, said)
        self.assertEqual(self.one.containers(), [])
        return done.stderr

    @property
    def rootfs(self):
        return self.one.bundle / "rootfs"

    def test_a_secret_that_is_not_there_and_one_past_its_time(self):
        self.secrets(secret(), secret("web/db#nothing", "/run/secrets/b"))
        self.refuse("vault:web/db#nothing")
        self.vault.put("web/db#old", "x", "1")
        time.sleep(1.1)
        self.secrets(secret("web/db#old"))
        self.refuse("vault:web/db#old", "has not been valid since")
        reads = [e["status_code"] for e in self.one.events() if e["class_uid"] == 6005]
        self.assertEqual(reads.count("secrets.unreadable"), 2)

    def test_a_locked_vault_names_the_command_that_unlocks_it(self):
        self.secrets()
        self.vault.hide_key()
        said = self.refuse("the vault is locked")
        self.assertIn(f"runwardctl --runward-root={self.one.root} vault unlock", said)

    def test_a_key_file_that_others_may_read_opens_nothing(self):
        self.secrets()
        self.vault.key.chmod(0o644)
        self.refuse("vault.key")

    def test_a_place_that_holds_something_else(self):
        self.secrets()
        (self.rootfs / "run" / "secrets" / "theirs").mkdir(parents=True)
        self.refuse('is there, and would be hidden')
        self.secrets(secret(file="/etc/app/key"))
        (self.rootfs / "etc" / "app").write_text("a file")
        self.refuse("a file is there already")

    def test_a_link_out_of_the_image_stays_in_it(self):
        outside = self.one.dir / "outside"
        outside.mkdir()
        for target in (str(outside), "../../../../../.." + str(outside), "/proc/self/root/tmp"):
            link = self.rootfs / "run"
            link.unlink(missing_ok=True)
            link.symlink_to(target)
            self.secrets()
            self.refuse("no secrets can be put at")
            self.assertEqual(list(outside.iterdir()), [])

    def test_a_link_to_the_root_hides_nothing(self):
        (self.rootfs / "k").symlink_to("/")
        self.secrets(secret(file="/k/key"))
        self.refuse("would be hidden")

    def test_a_volume_that_shows_its_mounts_to_the_host(self):
        volume = self.one.dir / "volume"
        volume.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", volume], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", volume], check=False)
        subprocess.run(["mount", "--make-shared", volume], check=True)
        self.secrets(secret(file="/vol/secrets/key"))
        config = self.one.configure(["true"])
        mounts = config["mounts"] + [{"destination": "/vol", "type": "bind", "source": str(volume),
                                      "options": ["rbind", "rshared"]}]
        self.refuse("shared propagation", mounts=mounts, linux={**config["linux"],
                                                                "rootfsPropagation": "shared"})
        self.assertEqual(list((volume / "secrets").iterdir()) if (volume / "secrets").exists()
                         else [], [])
        self.assertNotIn("runward-secrets", pathlib.Path("/proc/self/mountinfo").read_text())

    def test_more_than_the_tmpfs_holds(self):
        self.vault.put("big#a", b"x" * 600_000)
        self.vault.put("big#b", b"x" * 600_000)
        self.secrets(secret("big#a", "/run/secrets/a"), secret("big#b", "/run/secrets/b"))
        said = self.refuse("more than 1 MiB together")
        self.assertNotIn("600", said)

    def test_an_owner_that_the_containers_user_namespace_lacks(self):
        self.secrets(secret(uid=70000))
        config = self.one.configure(["true"])
        config["linux"].update(mapped())
        config["linux"]["namespaces"].append({"type": "user"})
        for name in ("", "bin", "proc", "dev", "sys", "tmp", "etc"):
            os.chown(self.rootfs / name, 100000, 100000)
        self.refuse("user namespace does not have", linux=config["linux"])

    def test_without_a_mount_namespace_nothing_is_placed_on_the_host(self):
        self.secrets()
        config = self.one.configure(["true"])
        spaces = [s for s in config["linux"]["namespaces"] if s["type"] != "mount"]
        self.refuse("a mount namespace of its own",
                    linux={**config["linux"], "namespaces": spaces})

    def test_a_restore_gives_no_moment(self):
        self.secrets(restore="allow")
        (self.one.dir / "image").mkdir()
        done = self.one.call("restore", "--image-path", self.one.dir / "image", "--bundle",
                             self.one.bundle, "c1")
        self.assertIn("a restore gives no moment to place secrets", done.stderr)


class Audit(SecretsTest):
    def test_who_fails_in_audit_starts_without_any(self):
        self.secrets(secret(), secret("web/db#nothing", "/run/secrets/b"), mode="audit")
        self.assertEqual(self.sh("ls /run 2>&1 | wc -l; echo ok")[-3:], "ok\n")
        self.assertIn("would-deny", self.one.decisions())

    def test_who_would_be_refused_receives_none(self):
        self.secrets(mode="audit", run={"users": ["non-root"]})
        out = self.sh("cat /run/secrets/db_password", check=1)
        self.assertNotIn(VALUE, out)
        warnings = [e["unmapped"]["runward"].get("warnings") for e in self.one.events()]
        self.assertIn("it receives none of its profile's secrets", str(warnings))
        self.assertFalse([e for e in self.one.events() if e["class_uid"] == 6005])


class CrunRefusals(Refusals):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
