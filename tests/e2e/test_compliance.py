"""What docker's containers ask for, held against the CIS Docker Benchmark at the moment they start."""

import json
import pathlib

from gate import GateTest, run, unittest

# The schema of OASIS, which scripts/install-deps takes out of an npm package.
SARIF = pathlib.Path("/var/cache/runward-tests/sarif-2.1.0.json")

HARDENED = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only", "--memory",
            "64m", "--cpus", "0.5", "--pids-limit", "50", "--ulimit", "nofile=64:64", "--network",
            "none")
# What this kernel, and a docker with its own cgroup and without a remapping, leave open in any case.
GIVEN = {"5.2", "5.3", "5.25", "5.31"}
ALL = [f"5.{number}" for number in range(1, 33)]
DECIDED = [f"5.{n}" for n in (2, 3, 4, 5, 6, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21, 22, 25, 26, 29,
                              31, 32)]


class Compliance(GateTest):
    def setUp(self):
        super().setUp()
        self.app = self.good_image().name

    def start(self, *words):
        """Whether the kernel then lets runc give all that was asked for is another matter."""
        name = self.docker("create", "--runtime", "runward", *words, self.app, "sleep",
                           "100").stdout.strip()
        done = self.docker("start", name)
        self.assertNotIn("runward refused", done.stderr)
        return name

    def report(self, *words):
        return self.one.ctl("report", "compliance", *words).stdout

    def checks(self, container):
        """{item: (status, found)} by the report."""
        report = json.loads(self.report("--json", "--container", container))
        (one,) = report["containers"]
        self.assertEqual((one["container"], one["image"]), (container, self.app))
        self.assertEqual([check["item"] for check in one["checks"]], ALL)
        for check in one["checks"]:
            self.assertTrue(check["remedy"] and check["nist"]["section"] and check["nist"]["title"])
        return {check["item"]: (check["status"], check["found"]) for check in one["checks"]}

    def failing(self, checks):
        return {item for item, (status, _) in checks.items() if status == "fail"}

    def test_a_hardened_container_fails_nothing(self):
        checks = self.checks(self.start(*HARDENED))
        self.assertEqual(self.failing(checks), set(), checks)
        warned = {item for item, (status, _) in checks.items() if status == "warn"}
        self.assertLessEqual(warned, GIVEN, checks)
        for item in ("5.4", "5.5", "5.6", "5.11", "5.13", "5.22", "5.29", "5.32"):
            self.assertEqual(checks[item][0], "pass", checks[item])

    def test_a_container_without_a_word_fails_what_docker_leaves_open(self):
        checks = self.checks(self.start())
        self.assertEqual(self.failing(checks), {"5.11", "5.12", "5.13", "5.26", "5.29"}, checks)

    def test_what_is_asked_for_beyond_that_is_what_fails(self):
        self.audit()  # enforced, runward's own directory in / could not be mounted
        for words, item, found in (
                (("--privileged",), "5.5", "privileged"),
                (("--cap-add", "SYS_ADMIN"), "5.4", "SYS_ADMIN"),
                (("--pid", "host"), "5.16", "the host's"),
                (("--network", "host"), "5.10", "the host's"),
                (("--ipc", "host"), "5.17", "the host's"),
                (("--uts", "host"), "5.21", "the host's"),
                (("--device", "/dev/kmsg"), "5.18", "/dev/kmsg"),
                (("-v", "/etc:/host"), "5.6", "/etc"),
                (("-v", "/:/host:ro"), "5.32", "/"),
                (("--security-opt", "seccomp=unconfined"), "5.22", "unconfined")):
            with self.subTest(words):
                plain = [word for word in HARDENED if words[0] != "--network"
                         or word not in ("--network", "none")]
                checks = self.checks(self.start(*plain, *words))
                self.assertEqual(checks[item][0], "fail", checks)
                self.assertIn(found, checks[item][1])
                more = {"--privileged": {"5.4", "5.18", "5.22"}, "-v": {"5.6", "5.32"}}
                self.assertLessEqual(self.failing(checks), {item} | more.get(words[0], set()))

    def test_docker_sock_is_found_by_whatever_path(self):
        socket = f"{self.one.dir}/docker.sock"
        link = f"{self.one.dir}/link"
        run("ln", "-sf", self.one.socket, socket)
        run("ln", "-sfn", "/run", link)
        self.audit()  # enforced, runward's own directory in /run could not be mounted
        for source in (link, "/run", "/var/run"):
            checks = self.checks(self.start(*HARDENED, "-v", f"{source}:/mnt"))
            self.assertEqual(checks["5.32"], ("fail", "/run"))

    def test_each_start_is_one_further_record_of_the_same_chain(self):
        container = self.start(*HARDENED)
        event, finding = self.one.logged()[-2:]
        self.assertEqual((event["class_uid"], finding["class_uid"]), (6002, 2003))
        self.assertEqual(finding["metadata"]["correlation_uid"], event["metadata"]["uid"])
        self.assertEqual(finding["resources"][0]["uid"], container)
        checks = finding["compliance"]["checks"]
        self.assertEqual([check["uid"] for check in checks], DECIDED)
        self.assertLess(len(json.dumps(finding)), 4096)
        self.docker("exec", container, "true")
        self.assertEqual(self.one.logged()[-1]["class_uid"], 1007)
        verified = self.one.ctl("report", "verify", check=False)
        self.assertEqual(verified.returncode, 0, verified)

    def test_what_is_refused_is_evaluated_and_called_refused(self):
        before = len(self.one.findings())
        self.assertNotEqual(self.docker_run(self.image().name, "true").returncode, 0)
        event, finding = self.one.logged()[-2:]
        self.assertEqual(len(self.one.findings()), before + 1)
        self.assertEqual(finding["metadata"]["correlation_uid"], event["metadata"]["uid"])
        self.assertEqual([check["uid"] for check in finding["compliance"]["checks"]], DECIDED)
        container = finding["resources"][0]["uid"]
        (one,) = json.loads(self.report("--json", "--container", container))["containers"]
        self.assertIs(one["started"], False)
        self.assertIn("refused, did not start", self.report("--container", container))
        self.assertNotIn("refused", self.report("--container", self.start(*HARDENED)))

    def test_no_record_no_start(self):
        """The rules for events hold for the finding: both are written, or the start is refused."""
        self.start(*HARDENED)
        log = f"{self.one.home}/log"
        run("mount", "-t", "tmpfs", "-o", "size=4k,mode=700", "none", log)
        try:
            refused = [self.docker_run(self.app, "true") for _ in range(3)][-1]
            self.assertIn("(rule error.event-log", refused.stderr)
            self.assertEqual(len(self.one.findings()), len(self.one.events()))
        finally:
            run("umount", log)

    def test_sarif_and_table_say_the_same(self):
        container = self.start("--privileged")
        sarif = json.loads(self.report("--sarif", "--container", container))
        (part,) = sarif["runs"]
        failed = {result["ruleId"] for result in part["results"] if result["level"] == "error"}
        checks = self.checks(container)
        self.assertEqual(failed, self.failing(checks))
        self.assertEqual(len(part["results"]), len(ALL))
        table = self.report("--container", container, "--status", "fail")
        self.assertEqual(failed, {line.split()[1] for line in table.splitlines()
                                  if line.startswith("  fail ")})
        self.assertIn("remedy: leave out --privileged", table)

    def test_sarif_fits_its_published_schema(self):
        try:
            import jsonschema  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        if not SARIF.exists():
            self.skipTest(f"no {SARIF}; scripts/install-deps fetches it where there is npm")
        validator = jsonschema.Draft4Validator(json.loads(SARIF.read_text()))
        self.start("--privileged")
        self.start(*HARDENED)
        self.assertNotEqual(self.docker_run(self.image().name, "true").returncode, 0)
        for filters in ((), ("--status", "fail"), ("--container", "nobody")):
            sarif = json.loads(self.report("--sarif", *filters))
            self.assertEqual([error.message for error in validator.iter_errors(sarif)], [])
        sarif["runs"][0]["tool"]["driver"].pop("name")
        self.assertFalse(validator.is_valid(sarif), "a report without its tool's name is none")


if __name__ == "__main__":
    unittest.main()
