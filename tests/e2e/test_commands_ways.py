"""Ways round command rules that the container itself prepares, in each tier that this machine has."""

import json
import unittest

import test_commands


class Entered(test_commands.CommandsTest):
    """A container that is entered from outside."""

    words = ()
    laxer = {}
    command = ["sleep", "100"]

    def begin(self, user=0, **rules):
        self.one.rules(**rules, **self.laxer)
        self.one.start_agent(*self.words)
        config = self.one.configure(self.command, root={"path": "rootfs", "readonly": False})
        config["process"]["user"] = {"uid": user, "gid": user}
        (self.one.bundle / "config.json").write_text(json.dumps(config))
        self.assertEqual(self.one.create("c1")[0], 0, self.one.agent_log())
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def inside(self, script, *words):
        done = self.one.call("exec", *words, "c1", "/bin/sh", "-c", script)
        return done.stdout + done.stderr


class Ways(Entered):
    def test_its_own_links_widen_no_allow_list_when_the_worker_begins_anew(self):
        self.begin(allow=["sh", "sleep", "busybox", "ln", "tool-x"])
        out = self.inside("/bin/busybox ln -s /opt/echo /bin/tool-x; /bin/tool-x RAN; echo ok")
        self.assertNotIn("RAN", out)
        self.assertIn("ok\n", out)
        self.one.kill_worker()
        self.assertTrue(self.one.wait_for(self.one.answers))
        out = self.inside("/opt/echo RAN; /bin/tool-x RAN; echo ok")
        self.assertNotIn("RAN", out)
        self.assertIn("ok\n", out)

    def start_again(self):
        self.one.call("delete", "--force", "c1")
        self.assertEqual(self.one.create("c1")[0], 0, self.one.agent_log())
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def test_its_own_links_widen_no_allow_list_when_it_is_started_again(self):
        for drift in ("deny", "allow"):
            with self.subTest(drift=drift):
                self.links_widen_no_allow_list(drift)
                self.one.call("delete", "--force", "c1")
                self.one.stop_agents()

    def links_widen_no_allow_list(self, drift):
        self.begin(allow=["sh", "sleep", "busybox", "ln", "tool-*", "/app/*"], drift=drift)
        out = self.inside("/bin/busybox ln -s /opt/echo /bin/tool-x; /bin/busybox mkdir /app;"
                          "/bin/busybox ln -s /opt/echo /app/x; /bin/tool-x RAN; /app/x RAN; echo ok")
        self.assertIn("ok\n", out)
        self.assertNotIn("RAN", out)
        self.start_again()
        out = self.inside("/bin/tool-x RAN; /app/x RAN; /opt/echo RAN; echo ok")
        self.assertNotIn("RAN", out)
        self.assertIn("ok\n", out)

    def test_what_the_image_calls_a_denied_command_stays_it_when_the_container_is_started_again(self):
        self.one.add("/etc/alternatives/tool", link="/opt/echo")
        self.one.add("/bin/tool", link="/etc/alternatives/tool")
        self.one.remount()
        for rules in ({"deny": ["tool"]}, {"deny": ["/bin/tool"], "drift": "deny"}, {"deny": ["too*"]},
                      {"deny": ["/b*/tool"]}, {"users": [{"users": ["0"], "deny": ["tool"]}]}):
            with self.subTest(rules=rules):
                self.begin(**rules)
                self.assertNotIn("RAN", self.inside("/bin/tool RAN"))
                self.inside("/bin/busybox rm -f /etc/alternatives/tool /bin/tool;"
                            "/bin/busybox ln -s /bin/nc /etc/alternatives/tool")
                self.start_again()
                out = self.inside("/opt/echo RAN; /bin/busybox mv /opt/echo /opt/moved; /opt/moved RAN;"
                                  "/bin/busybox echo ok")
                self.assertNotIn("RAN", out)
                self.assertIn("ok\n", out)
                self.inside("/bin/busybox mv /opt/moved /opt/echo")
                self.one.call("delete", "--force", "c1")
                self.one.stop_agents()

    def test_a_path_that_a_pattern_fits_stays_so_when_it_is_moved(self):
        self.begin(deny=["/opt/e*"])
        out = self.inside("/bin/busybox mkdir /new; /bin/busybox mv /opt/echo /new/echo; /new/echo RAN;"
                          "/bin/busybox echo ok")
        self.assertNotIn("RAN", out)
        self.assertIn("ok\n", out)

    def test_what_a_pattern_of_paths_allows_may_be_executed(self):
        self.begin(allow=["sh", "sleep", "/opt/*"])
        out = self.inside("/opt/echo ok; /bin/nc RAN")
        self.assertNotIn("Usage", out)
        self.assertIn("ok\n", out)

    def test_a_file_of_another_filesystem_with_the_number_of_one_that_is_allowed(self):
        self.begin(allow=["sh", "sleep", "busybox", "/opt/echo"])
        out = self.inside("""/bin/busybox mkdir /dev/new; n=$(/bin/busybox stat -c %i /opt/echo); i=0
            if [ $n -gt 300000 ]; then echo too far; exit; fi
            while [ $i -lt $n ]; do : > /dev/new/$i; i=$((i+1)); done
            f=$(/bin/busybox find /dev/new -inum $n); /bin/busybox cat /bin/busybox > $f
            /bin/busybox chmod 755 $f; /bin/busybox test -x $f && /bin/busybox echo made
            /bin/busybox ln -s $f /dev/new/echo; /dev/new/echo RAN""")
        if "too far" in out:
            self.skipTest("inodes here have large numbers")
        self.assertIn("made\n", out)
        self.assertNotIn("RAN", out)

    def test_a_user_namespace_of_its_own_makes_nobody_another_user(self):
        self.begin(user=1500, users=[{"users": ["non-root"], "deny": ["/opt/echo"]}])
        if "/bin/nc" not in self.inside("/bin/busybox unshare -r /bin/ls /bin/nc"):
            self.skipTest("no user namespaces here")
        for again in (False, True):
            if again:
                self.one.kill_worker()
                self.assertTrue(self.one.wait_for(self.one.answers))
            for way in ("", "/bin/busybox unshare -r ", "/bin/busybox unshare -U "):
                self.assertNotIn("RAN", self.inside(way + "/opt/echo RAN"))
                self.assertEqual(self.last()["rule"], "commands.users.deny")

    def test_an_applet_behind_many_names_of_its_program(self):
        self.begin(deny=["nc"])
        for way in ("/bin/busybox" + 20 * " busybox", "exec -a busyboxfoo /bin/busybox"):
            self.assertIn("/bin/nc\n", self.inside("/bin/busybox ls /bin/nc"))
            out = self.inside(f"{way} nc --help")
            self.assertNotIn("Usage", out)
            self.assertNotIn("not found", out)


class NoBpf(Ways):
    words = ("--no-bpf",)


class Notified(Ways):
    words = ("--notify",)
    laxer = {"advisory": True}


if __name__ == "__main__":
    unittest.main()
