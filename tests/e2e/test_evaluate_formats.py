"""Each format of evaluate's answer, held against its published schema where Debian or npm carries one, for real
reports and for one whose text means harm."""

import json
import pathlib
import re
import shutil
import xml.etree.ElementTree

from engines import RUNWARDCTL, run
from evaluation import CONFIG, LAYER, NAME, REPORTS, EvaluateTest, trivy, unittest, vulnerability

try:
    import jsonschema
except ImportError:
    jsonschema = None

# scripts/install-deps takes them out of npm's packages.
SARIF = pathlib.Path("/var/cache/runward-tests/sarif-2.1.0.json")
JUNIT = pathlib.Path("/var/cache/runward-tests/junit.xsd")
EVIL = "CVE-1-1\u001b[2J\n::error::x<script>&\"'|]]>\u2028%0A`"

# What GitLab's container scanning format asks (security-report-schemas 15): neither Debian nor npm carries its
# schema, so these are the members and patterns that its documentation requires.
TEXT = {"type": "string", "minLength": 1}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"}


def needs(**members):
    return {"type": "object", "required": list(members), "properties": members}


TOOL = needs(id=TEXT, name=TEXT, version=TEXT, vendor=needs(name=TEXT))
GITLAB = needs(
    version={"const": "15.0.7"},
    scan=needs(analyzer=TOOL, scanner=TOOL, type={"const": "container_scanning"}, start_time=TIME,
               end_time=TIME, status={"enum": ["success", "failure"]}),
    vulnerabilities={"type": "array", "items": needs(
        id=TEXT, severity={"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
        name={"type": "string", "maxLength": 255},
        identifiers={"type": "array", "minItems": 1, "maxItems": 20,
                     "items": {**needs(type=TEXT, name=TEXT, value=TEXT), "properties": {
                         "url": {"type": "string", "pattern": "^(https?|ftp)://"}}}},
        location=needs(dependency=needs(package=needs(name=TEXT), version={"type": "string"}),
                       operating_system={"type": "string", "minLength": 1, "maxLength": 255},
                       image={"type": "string", "pattern": r"^[^:]+(:\d+[^:]*)?:[^:]+(:[^:]+)?$"}))})


class Formats(EvaluateTest):
    def setUp(self):
        super().setUp()
        self.policy(vulnerabilities={"fail": "high", "warn": "negligible"}, root="warn",
                    secrets={"warn": "low"}, licenses={"deny": ["*"], "mode": "warn"})
        evil = trivy(vulnerability(EVIL, "HIGH", FixedVersion=EVIL, Title=EVIL * 40,
                                   PrimaryURL="https://e.com/" + EVIL))
        self.files = [self.file("good.json", trivy()), self.file("evil.json", evil)]
        if REPORTS.is_dir():
            self.files += sorted(str(path) for path in REPORTS.glob("[gt]r*/*.json"))

    def answers(self, form):
        """Of each report that can be judged, and of all together with one that cannot."""
        program = (RUNWARDCTL, f"--runward-root={self.home}", "verdict", "evaluate")
        for file in self.files:
            words = (file, "--format", form)
            done = run(*program, *words, "--name", NAME, check=False)
            if done.returncode == 1:
                done = run(*program, *words, "--name", NAME, "--config", CONFIG, "--diff-id",
                           LAYER, check=False)
            if done.returncode != 1:
                yield file, done.stdout
        together = run(*program, *self.files, self.file("none.json", "{"),
                       "--format", form, check=False)
        self.assertEqual(together.returncode, 1)
        yield "all", together.stdout

    def validator(self, schema):
        if jsonschema is None:
            self.skipTest("python3-jsonschema is not installed")
        return jsonschema.Draft4Validator(schema)

    def test_sarif_fits_its_published_schema(self):
        if not SARIF.exists():
            self.skipTest(f"no {SARIF}; scripts/install-deps fetches it where there is npm")
        validator = self.validator(json.loads(SARIF.read_text()))
        count = 0
        for name, text in self.answers("sarif"):
            sarif = json.loads(text)
            self.assertEqual([error.message[:300] for error in validator.iter_errors(sarif)], [], name)
            count += 1
        self.assertGreater(count, 2)
        sarif["runs"][0]["tool"]["driver"].pop("name")
        self.assertFalse(validator.is_valid(sarif), "a report without its tool's name is none")

    def test_junit_fits_jenkins_schema(self):
        if not JUNIT.exists():
            self.skipTest(f"no {JUNIT}; scripts/install-deps fetches it where there is npm")
        if shutil.which("xmllint") is None:
            self.skipTest("libxml2-utils is not installed")
        for name, text in self.answers("junit"):
            done = run("xmllint", "--noout", "--schema", JUNIT, "-", stdin=text, check=False)
            self.assertEqual(done.returncode, 0, (name, done.stderr[:500]))
            root = xml.etree.ElementTree.fromstring(text)
            self.assertEqual(int(root.get("failures")), len(root.findall(".//failure")))
            self.assertEqual(int(root.get("tests")), len(root.findall(".//testcase")))
        wrong = text.replace("<testcase ", "<testcase unknown='1' ", 1)
        done = run("xmllint", "--noout", "--schema", JUNIT, "-", stdin=wrong, check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_gitlab_has_what_its_format_requires(self):
        validator = self.validator(GITLAB)
        sample = REPORTS / "other/alpine-310.gitlab-container-scanning.json"
        if sample.is_file():  # of Trivy, which GitLab takes: the requirements are no stricter
            known = json.loads(sample.read_text())
            known["version"] = "15.0.7"
            for one in known["vulnerabilities"]:
                one["location"]["image"] += ":1"  # a scanned archive, which has no tag
            self.assertEqual([error.message for error in validator.iter_errors(known)], [])
        for name, text in self.answers("gitlab"):
            report = json.loads(text)
            self.assertEqual([f"{list(error.path)}: {error.message[:300]}"
                              for error in validator.iter_errors(report)], [], name)
            ids = [one["id"] for one in report["vulnerabilities"]]
            self.assertEqual(len(ids), len(set(ids)), name)

    def test_json_is_whole_and_each_breach_names_its_rule(self):
        for name, text in self.answers("json"):
            answer = json.loads(text)
            for one in answer.get("results", [answer]):
                for breach in one.get("breaches", []):
                    self.assertRegex(breach["rule"], r"^[a-zA-Z]+([.][a-zA-Z]+)?$", name)

    def test_github_has_commands_alone(self):
        """Each line is one workflow command: nothing of a report begins another."""
        for name, text in self.answers("github"):
            for line in text.splitlines():
                self.assertRegex(line, r"^::(error|warning|notice) title=[^:,\r]*::", name)
            self.assertNotIn("\x1b", text)

    def test_markdown_holds_no_markup_of_a_reports(self):
        for name, text in self.answers("markdown"):
            self.assertNotRegex(text, r"(?<!\\)<", name)
            self.assertNotIn("\x1b", text, name)
            columns = [len(re.findall(r"(?<!\\)[|]", line)) for line in text.splitlines()
                       if line.startswith("|")]
            self.assertLessEqual(len(set(columns)), 2, name)


if __name__ == "__main__":
    unittest.main()
