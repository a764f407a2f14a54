"""Command rules under Docker and containerd: overlay2 roots, volumes, docker exec, policy check."""

from engine_commands import Notified, WithAgent
from gate import GateTest, unittest


class Docker(WithAgent, GateTest):
    default_runtime = "runc"

    def exec(self, *words):
        done = self.docker("exec", "cc", *words)
        return done.returncode, done.stdout + done.stderr

    def test_rules_hold_for_run_exec_and_volumes(self):
        image = self.good_image()
        self.rules(deny=["nc", "wget"], drift="deny", exec={"allow": ["sh", "cat"]})
        done = self.docker("run", "-d", "--name", "cc", "--runtime", "runward", "-v", "/vol",
                           image.name, "sleep", "1000")
        self.assertEqual(done.returncode, 0, done.stderr)
        code, out = self.exec("sh", "-c", "cp /bin/busybox /vol/cat; /vol/cat /etc/number")
        self.assertNotEqual(code, 0, out)
        self.assert_denied(*self.exec("sh", "-c", "cp /bin/busybox /tmp/cat; /tmp/cat /etc/number"))
        self.assertEqual(self.exec("cat", "/etc/number")[0], 0)
        self.assert_denied(*self.exec("wget", "x"))
        self.assert_denied(*self.exec("ls"))

    def test_a_policy_that_forbids_an_images_own_command_is_not_good(self):
        image = self.good_image(Cmd=["/bin/sh", "-c", "true"])

        def check():
            return self.one.ctl("policy", "check", "--docker-root", self.one.data_root, check=False)

        for rules, named in (({"deny": ["sh"]}, True), ({"allow": ["sleep"]}, True),
                             ({"allow": ["/bin/busybox"]}, False), ({"deny": ["nc"]}, False)):
            self.rules(**rules)
            done = check()
            self.assertEqual((done.returncode, image.name in done.stdout), (2 if named else 0, named),
                             (rules, done.stdout))
            if named:
                refused = self.docker_run(image.name)
                self.assertIn("the container's own command \"/bin/busybox\"", refused.stderr)


class DockerNotified(Notified, Docker):
    """Docker gives each container a seccomp profile of its own, and knows of no listener."""

    def test_the_profile_that_docker_gives_still_denies(self):
        image = self.good_image()
        self.rules(deny=["nc"])
        done = self.docker_run(image.name, "sh", "-c", "unshare -m true; /bin/nc; grep Seccomp: /proc/self/status")
        self.assertEqual(done.stdout, "Seccomp:\t2\n", done)
        self.assertEqual(done.stderr.lower().count("operation not permitted"), 2, done)

    def test_a_container_without_a_profile_is_asked_about_too(self):
        image = self.good_image()
        self.rules(deny=["nc"])
        done = self.docker_run("--security-opt", "seccomp=unconfined", image.name, "sh", "-c", "/bin/nc; echo ok")
        self.assertEqual(done.stdout, "ok\n", done)
        self.assertIn("operation not permitted", done.stderr.lower())


if __name__ == "__main__":
    unittest.main()
