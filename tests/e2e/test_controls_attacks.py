"""Ways round run controls, and configurations that no runtime knows: refused, or the real runtime's
own error."""

import json
import os
import socket
import subprocess
import unittest

from bundle import BundleTest
from controls import KEEP, ControlCalls, annotate, in_linux, in_process, mount, rights, without


class Attacks(ControlCalls):
    """The tests, for each runtime below."""

    def test_a_symlink_and_a_bind_mount_do_not_hide_a_source(self):
        self.one.policy(run={"mounts": {"deny": ["/srv/secret"]}})
        os.makedirs("/srv/secret/deep", exist_ok=True)
        link = self.one.dir / "link"
        link.symlink_to("/srv/secret")
        other = self.one.dir / "other"
        other.mkdir()
        subprocess.run(["mount", "--bind", "/srv/secret/deep", other], check=True)
        self.addCleanup(subprocess.run, ["umount", str(other)], check=False)
        for source in (str(link), str(link / "deep"), str(other), "/srv/../srv/secret/"):
            with self.subTest(source=source):
                self.assert_refused(self.run_one(mount(source)), "(rule run.mounts", "/srv/secret")
        # A recursive mount brings what is mounted beneath; another does not.
        self.assert_refused(self.run_one(mount(str(self.one.dir))), "(rule run.mounts")

    def test_a_filesystem_mounted_within_what_is_denied_lies_within_it(self):
        denied = self.one.dir / "denied"
        disk = denied / "a" / "disk"
        inner = disk / "inner"
        other = self.one.dir / "other"
        for directory in (disk, other):
            directory.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", str(disk)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)], check=True)
        inner.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "none", str(inner)], check=True)
        subprocess.run(["mount", "--bind", str(inner), str(other)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(other)], check=True)
        self.one.policy(run={"mounts": {"deny": [str(denied)], "allow": [str(denied / "a" / "ok")]}})
        for source in (disk, inner, disk / "new", other):
            self.assert_refused(self.run_one(mount(str(source))), "rule run.mounts", "within")
        self.one.policy(run={"mounts": {"deny": [str(denied)], "allow": [str(disk)]}})
        for source in (disk, inner, other):
            self.assertEqual(self.run_one(mount(str(source))).returncode, 0)

    def test_an_engine_socket_is_known_by_its_name_too(self):
        self.one.policy(run={"mounts": {"deny": ["@engine-sockets"]}})
        path = self.one.dir / "docker.sock"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            self.assert_refused(self.run_one(mount(str(path))), "(rule run.mounts", "engine's name")
        self.assert_refused(self.run_one(mount("/run")), "(rule run.mounts")

    def test_runwards_own_directories_are_protected_without_any_rule(self):
        for source in (str(self.one.root), str(self.one.root / "log"), str(self.one.dir), "/run", "/"):
            with self.subTest(source=source):
                self.assert_refused(self.run_one(mount(source)), "(rule run.mounts", "@runward")
        layers = f"lowerdir={self.one.root}:/srv"
        self.assert_refused(self.run_one(mount("overlay", layers, kind="overlay")), "@runward")

    def overlay(self, name, **directories):
        """An overlay on the host, where it is mounted."""
        at = self.one.dir / name
        at.mkdir()
        options = ",".join(f"{key}={value}" for key, value in directories.items())
        subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", at], check=True, cwd="/srv")
        self.addCleanup(subprocess.run, ["umount", "-l", str(at)], check=False)
        return at

    def test_an_overlay_on_the_host_does_not_hide_its_layers(self):
        self.one.policy(run={"mounts": {"deny": ["/srv/secret"]}})
        for name in ("secret/deep", "empty", "other", "work", "top/inner"):
            os.makedirs(f"/srv/{name}")
        good = self.overlay("good", lowerdir="/srv/other:/srv/empty")
        self.assertEqual(self.run_one(mount(str(good))).stdout, "ok\n")
        lower = self.overlay("lower", lowerdir="/srv/secret/deep:/srv/empty")
        upper = self.overlay("upper", lowerdir="/srv/empty", upperdir="/srv/secret", workdir="/srv/work")
        upon = self.overlay("upon", lowerdir=f"{lower}:/srv/empty")
        relative = self.overlay("relative", lowerdir="secret:empty")
        subprocess.run(["mount", "--bind", upper, "/srv/top/inner"], check=True)
        for source in (lower, upper, upper / "deep", upon, relative, "/srv/top"):
            with self.subTest(source=source):
                self.assert_refused(self.run_one(mount(str(source))), "(rule run.mounts")
        # Without any rule runward's own directories are still nobody's layer.
        self.one.policy()
        work = self.one.dir / "work"
        work.mkdir()
        own = self.overlay("own", lowerdir="/srv/empty", upperdir=self.one.root, workdir=work)
        self.assert_refused(self.run_one(mount(str(own))), "(rule run.mounts", "@runward")

    def test_an_overlay_upon_its_own_layer_shows_what_it_covers(self):
        """As systemd-sysext mounts one upon /usr: the layer has no name any more."""
        for name in ("onto/secret", "alias", "empty", "other"):
            os.makedirs(f"/srv/{name}")
        subprocess.run(["mount", "--bind", "/srv/onto", "/srv/alias"], check=True)
        subprocess.run(["mount", "-t", "overlay", "-o", "lowerdir=/srv/onto:/srv/empty", "overlay",
                        "/srv/onto"], check=True)
        for at in ("/srv/alias", "/srv/onto"):
            self.addCleanup(subprocess.run, ["umount", "-l", at], check=False)
        self.one.policy(run={"mounts": {"deny": ["/srv/alias/secret"]}})
        self.assert_refused(self.run_one(mount("/srv/onto")), "(rule run.mounts", "/srv/alias/secret")
        self.one.policy(run={"mounts": {"deny": ["/srv/other"]}})
        self.assertEqual(self.run_one(mount("/srv/onto")).stdout, "ok\n")

    def test_an_overlays_options_are_read_as_the_kernel_reads_them(self):
        for name in ("secret", "empty", "work"):
            os.makedirs(f"/srv/{name}")
        os.symlink("/srv/secret", "/srv/x:y")
        own = f"index=off,lowerdir=/srv/empty,upperdir={self.one.root},workdir={self.one.dir}/work"
        self.one.policy()
        self.assert_refused(self.run_one(mount("overlay", own, kind="overlay")), "@runward")
        self.one.policy(run={"mounts": {"deny": ["/srv/secret"]}})
        for options in (["ro,lowerdir=/srv/secret:/srv/empty"], ["lowerdir=/srv/x\\:y:/srv/empty"],
                        ["lowerdir=/srv/empty", "xino=off,lowerdir=/srv/secret:/srv/empty"],
                        ["lowerdir=/srv/empty::/srv/secret"], ["lowerdir=srv/secret:/srv/empty"],
                        ["lowerdir=/srv/empty\\", "x:/srv/secret"], ["lowerdir+=/srv/secret"]):
            with self.subTest(options=options):
                done = self.run_one(mount("overlay", *options, kind="overlay"))
                self.assert_refused(done, "(rule run.mounts")

    def test_a_propagation_can_make_a_bind_recursive(self):
        os.makedirs("/srv/top/sub")
        subprocess.run(["mount", "--bind", self.one.root, "/srv/top/sub"], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", "/srv/top/sub"], check=False)
        self.one.policy()
        for word in ("rprivate", "rslave", "rshared", "runbindable"):
            with self.subTest(word=word):
                self.assert_refused(self.run_one(mount("/srv/top", "bind", word)), "@runward")
        show = ["sh", "-c", "echo /tmp/sub/*"]
        done = self.run_one(mount("/srv/top", "bind", "private"), args=show)
        self.assertEqual(done.stdout, "/tmp/sub/*\n", done)

    def test_a_process_of_proc_is_no_source(self):
        self.one.policy(run={"mounts": {"deny": ["/srv/secret"]}})
        os.makedirs("/srv/secret")
        (self.one.bundle / "link").symlink_to("/srv/secret")
        for source in ("/proc/self/cwd/../link", "/proc/self/cwd/link", "/proc/thread-self/cwd/../link",
                       "/proc/self/root/srv", "/proc/self/fd/9", "/proc/self", "/proc/1/root",
                       f"/proc/{2 ** 22 - 1}/cwd", "/dev/fd"):
            with self.subTest(source=source):
                self.assert_refused(self.run_one(mount(source)), "(rule run.mounts", "cannot be told")

    def test_a_namespace_of_the_hosts_is_known_by_its_file(self):
        self.one.policy(run={"hostNamespaces": []})

        def join(config):
            for one in config["linux"]["namespaces"]:
                if one["type"] == "network":
                    one["path"] = "/proc/self/ns/net"
        self.assert_refused(self.run_one(join), "hostNamespaces: network")

    def test_an_update_may_not_lift_what_must_be_limited(self):
        def limited(config):
            config["linux"]["resources"]["pids"] = {"limit": 50}
        self.start({"limits": ["pids"], "devices": {"allow": []}}, limited)
        done = self.one.call("update", "--resources", "-", "c1", input='{"pids": {"limit": -1}}')
        self.assertEqual(done.returncode, 1)
        self.assertIn("(rule run.limits", done.stderr)
        done = self.one.call("update", "--pids-limit", "-1", "c1")
        self.assertIn("(rule run.limits", done.stderr)
        for words in ({"access": "rwm"}, {"type": "a", "access": "m"}):
            opening = {"devices": [{"allow": True, **words}]}
            done = self.one.call("update", "--resources", "-", "c1", input=json.dumps(opening))
            self.assertIn("(rule run.devices", done.stderr)

    def test_an_annotation_brings_no_filter_and_no_rule(self):
        self.one.policy(run={"syscalls": {"deny": ["@mount"]}, "users": ["non-root"]})
        self.assert_refused(self.run_one(annotate(**{"run.oci.seccomp_bpf_data": "AAAA"}),
                                         in_process(user={"uid": 7, "gid": 7})), "(rule run.syscalls")
        self.one.policy(run={"limits": ["pids"]})
        def limited(config):
            config["linux"]["resources"]["pids"] = {"limit": 50}
        lifting = annotate(**{"org.systemd.property.TasksMax": "uint64 18446744073709551615"})
        self.assert_refused(self.run_one(limited, lifting), "(rule run.limits", "TasksMax")
        self.one.policy(run={"syscalls": {"deny": ["@mount"]}, "users": ["non-root"]})
        ours = annotate(**{"runward.profile": "lax", "runward.run": "{}", "dev.runward.mode": "audit"})
        self.assert_refused(self.run_one(ours), "(rule run.users")

    def test_foreign_hooks_stay_in_their_order(self):
        self.one.policy(run={"syscalls": {"deny": ["@mount"]}})
        # Each reads its input: crun fails when a hook ends without.
        hooks = {kind: [{"path": "/bin/sh", "args": ["sh", "-c", "cat >/dev/null", str(n)]}
                        for n in (1, 2)] for kind in ("prestart", "createRuntime", "poststop")}
        done = self.run_one(lambda config: config.update(hooks=hooks))
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        written = json.loads((self.one.bundle / "config.json").read_text())
        self.assertEqual(written["hooks"], hooks)

    def test_ours_comes_after_foreign_hooks(self):
        volume = self.one.dir / "volume"
        (volume / "inner").mkdir(parents=True)
        told = self.one.dir / "told"
        words = f"cat >/dev/null; echo $0 >> {told}"
        hooks = {"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", words, n]}
                                   for n in "12"]}

        def two(config):
            for place, source in (("/tmp", volume), ("/tmp/inner", volume / "inner")):
                config["mounts"].append({"destination": place, "type": "bind",
                                         "source": str(source), "options": ["rbind"]})
            config["hooks"] = hooks
        self.one.policy(run={"syscalls": {"deny": ["@mount"]}})
        done = self.run_one(two)
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        written = json.loads((self.one.bundle / "config.json").read_text())
        self.assertIn("seccomp", written["linux"])
        ours = written["hooks"]["createRuntime"].pop()
        self.assertTrue(ours["path"].endswith("/runward-hook"), ours)
        self.assertEqual(written["hooks"], hooks)
        self.assertEqual(told.read_text(), "1\n2\n")

    def test_options_beside_a_process_file_give_nothing_more(self):
        self.start({"users": ["0"], "capabilities": KEEP, "noNewPrivileges": True})
        process = json.loads(self.plain)["process"]
        process.update(terminal=False, args=["cat", "/proc/self/status"])
        path = self.one.dir / "process.json"
        path.write_text(json.dumps(process))
        plain = self.one.call("exec", "--process", path, "c1")
        self.assertEqual(plain.returncode, 0, plain.stderr)
        for words in (["--user", "5:6"], ["--cap", "CAP_SYS_ADMIN"], ["--additional-gids", "7"]):
            with self.subTest(words=words):
                done = self.one.call("exec", "--process", path, *words, "c1", "id")
                if done.returncode == 0:
                    self.assertEqual(rights(done.stdout), rights(plain.stdout))
                else:
                    self.assertIn("refused", done.stderr)

    def test_a_restore_is_held_to_the_controls_too(self):
        profile = {"name": "plain", "match": {"rootfs": [str(self.one.bundle / "rootfs")]},
                   "restore": "allow", "run": {"users": ["non-root"], "hostNamespaces": []}}
        self.one.policy(profiles=[profile])
        self.write(without("network"))
        (self.one.dir / "image").mkdir()
        done = self.one.call("restore", "--image-path", self.one.dir / "image", "--bundle",
                             self.one.bundle, "c1")
        self.assertEqual(done.returncode, 1, done)
        for words in ("(rule run.users", "users: user 0", "hostNamespaces: network"):
            self.assertIn(words, done.stderr)

    def test_a_bundle_that_is_exchanged_meanwhile_starts_nothing_else(self):
        """Somebody else owns the bundle's directory and exchanges a good configuration for a bad one
        as fast as he can: nothing of either starts, since what is judged might not be what runs."""
        self.one.policy(run={"users": ["non-root"]})
        self.write(in_process(user={"uid": 7, "gid": 7}), args=["id"])
        good = self.one.bundle / "good.json"
        os.rename(self.one.bundle / "config.json", good)
        self.write(args=["id"])
        bad = self.one.bundle / "bad.json"
        os.rename(self.one.bundle / "config.json", bad)
        os.chown(self.one.bundle, 1234, 1234)
        swapping = subprocess.Popen(
            ["setpriv", "--reuid", "1234", "--regid", "1234", "--clear-groups", "sh", "-c",
             "while :; do cp good.json new; mv -f new config.json; cp bad.json new; "
             "mv -f new config.json; done"], cwd=self.one.bundle, stderr=subprocess.DEVNULL)
        try:
            self.assertTrue(self.one.wait_for((self.one.bundle / "config.json").exists))
            for _ in range(20):
                done = self.one.call("run", "--bundle", self.one.bundle, "c1")
                self.assertEqual((done.returncode, done.stdout), (1, ""), done)
                self.assertIn("runward refused", done.stderr)
        finally:
            swapping.kill()
            swapping.wait()
        self.assertNotIn("allowed", self.one.decisions())

    def test_what_no_runtime_knows_gives_its_own_error_or_a_refusal(self):
        rule = {"users": ["non-root"], "capabilities": KEEP, "devices": {"allow": []},
                "hostNamespaces": [], "mounts": {"deny": ["@host"]},
                "syscalls": {"deny": ["@mount", "@ptrace"]}}
        odd = [in_process(user={"uid": -1}), in_process(user={"uid": 4294967296}),
               in_process(capabilities={"ambient": [""]}), in_process(capabilities=[]),
               in_linux(seccomp={"defaultAction": "SCMP_ACT_NONE"}), in_linux(seccomp=[]),
               in_linux(seccomp={"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_Z"]}),
               in_linux(cgroupsPath="/../../..//x"), mount("/srv", "rbind", "no-such-option"),
               mount("/no/such/source"), mount(""), in_linux(namespaces=[{"type": "other"}]),
               in_linux(resources={"devices": [{"allow": "yes"}]}), in_linux(devices=[{"path": 7}])]
        self.one.policy(run=rule)
        for number, change in enumerate(odd):
            with self.subTest(number=number):
                done = self.run_one(in_process(user={"uid": 7, "gid": 7}), change)
                self.assertIn(done.returncode, (0, 1), done)  # neither a crash nor a signal
                self.assertNotEqual(done.stdout + done.stderr, "")


class RuncAttacks(Attacks, BundleTest):
    runtime = "runc"


class CrunAttacks(Attacks, BundleTest):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
