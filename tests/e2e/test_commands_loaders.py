"""The dynamic loader executed by itself, which maps a program that nobody is asked about, in each tier
that this machine has, and wherever in the image it lies."""

import unittest

import test_commands_ways

LOADER = "/lib64/ld-linux-x86-64.so.2"
ELSEWHERE = "/opt/glibc/start"  # that neither its place nor its name gives away
LIBRARY = "/lib/x86_64-linux-gnu/libc.so.6"


class Loaders(test_commands_ways.Entered):
    def setUp(self):
        super().setUp()
        for place in (LOADER, ELSEWHERE):
            self.one.add(place, LOADER)
        self.one.add(LIBRARY, LIBRARY)
        self.one.add("/opt/dynamic", "/bin/echo")
        self.one.add("/opt/other", "/bin/echo")
        other = self.one.image / "opt/other"
        program = other.read_bytes()
        self.assertIn(LOADER.encode(), program)
        other.write_bytes(program.replace(LOADER.encode(), ELSEWHERE.encode().ljust(len(LOADER), b"\0"), 1))
        self.one.remount()

    def check(self, script, *words):
        """That it does not run, and is told of."""
        before = len(self.one.commands())
        out = self.inside(f"{script}; /bin/busybox echo ok", *words)
        self.assertNotIn("RAN", out)
        self.assertIn("ok\n", out)
        self.assertTrue(self.one.wait_for(lambda: len(self.one.commands()) > before), script)
        self.assertEqual(self.last()["decision"], "denied")
        return self.last()["rule"]

    def test_programs_are_started_by_their_interpreters_and_by_no_other_way(self):
        for rules in ({"drift": "deny"}, {"deny": ["ping"]}, {"exec": {"allow": ["sh", "dynamic", "other"]}},
                      {"users": [{"users": ["5"], "deny": ["/opt/echo"]}]},
                      {"allow": ["sh", "sleep", "busybox", "dynamic", "other"]}):
            self.begin(**rules)
            for program in ("/opt/dynamic", "/opt/other"):
                self.assertEqual(self.inside(f"{program} as ever"), "as ever\n", (rules, program))
                for loader in (LOADER, ELSEWHERE):
                    rule = self.check(f"{loader} {program} RAN")
                    self.assertIn(rule, ("commands.loader", "commands.allow"), (rules, loader))
            self.one.call("delete", "--force", "c1")
            self.one.stop_agents()

    def test_what_is_not_in_the_image_is_not_mapped_by_it(self):
        self.begin(drift="deny")
        self.inside("/bin/busybox cp /opt/dynamic /tmp/new")
        for way in ("/tmp/new RAN", f"{LOADER} /tmp/new RAN", f"{ELSEWHERE} /tmp/new RAN",
                    f"/bin/busybox ln -s {ELSEWHERE} /tmp/link; /tmp/link /tmp/new RAN",
                    f"/bin/busybox cp {ELSEWHERE} /tmp/copy; /tmp/copy /tmp/new RAN"):
            self.assertIn(self.check(way), ("commands.loader", "commands.drift"), way)

    def test_an_exec_from_outside_starts_nothing_by_it(self):
        self.begin(exec={"allow": ["sh", "dynamic"]})
        for loader in (LOADER, ELSEWHERE):
            done = self.one.call("exec", "c1", loader, "/opt/other", "RAN")
            self.assertNotEqual(done.returncode, 0)
            self.assertNotIn("RAN", done.stdout)
        self.assertEqual(self.one.call("exec", "c1", "/opt/dynamic", "as ever").stdout, "as ever\n")

    def test_who_names_it_in_an_allow_list_means_it(self):
        self.begin(allow=["sh", "sleep", "busybox", LOADER, ELSEWHERE])
        if self.one.status()["tier"].startswith("notify"):
            self.skipTest("there it may not be executed by itself")
        for loader in (LOADER, ELSEWHERE):
            self.assertEqual(self.inside(f"{loader} /opt/dynamic as meant"), "as meant\n")

    def test_audited_it_is_only_told_of(self):
        self.begin(mode="audit", drift="deny")
        for loader in (LOADER, ELSEWHERE):
            self.assertEqual(self.inside(f"{loader} /opt/dynamic as ever"), "as ever\n")
            self.assertTrue(self.one.wait_for(self.one.commands))
        self.assertEqual({(one["rule"], one["decision"]) for one in self.one.commands()},
                         {("commands.loader", "would-deny")})


class NoBpf(Loaders):
    words = ("--no-bpf",)


class Notified(Loaders):
    words = ("--notify",)
    laxer = {"advisory": True}


if __name__ == "__main__":
    unittest.main()
