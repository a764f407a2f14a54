"""From a scanner's report to a signed verdict, as pipelines call it; and bad reports, which give none."""

import base64
import json
import pathlib
import re
import subprocess

from engines import RUNWARDCTL, run
from evaluation import CONFIG, LAYER, NAME, REPORTS, EvaluateTest, trivy, unittest, vulnerability

# What only a name ties to an image that is given.
GIVEN = ("--config", CONFIG, "--diff-id", LAYER)


class Evaluate(EvaluateTest):
    def test_a_file_standard_input_and_an_attestation_give_the_same_verdict(self):
        report = trivy(vulnerability("CVE-2021-1"))
        statement = {"_type": "https://in-toto.io/Statement/v0.1",
                     "predicateType": "https://cosign.sigstore.dev/attestation/vuln/v1",
                     "subject": [{"name": "web", "digest": {"sha256": "f" * 64}}],
                     "predicate": {"scanner": {"result": report}}}
        envelope = {"payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": "AAAA"}],
                    "payload": base64.b64encode(json.dumps(statement).encode()).decode()}
        told = []
        for words, stdin in (((self.file("r.json", report),), None), (("-",), json.dumps(report)),
                             ((self.file("a.json", envelope),), None),
                             (("-",), json.dumps(envelope))):
            out = f"{self.home}/verdict"
            self.evaluate(*words, "--sign", self.key, "--out", out, code=2, stdin=stdin)
            self.assertIn("FAILED", self.ctl("show", out).stdout)
            shown = json.loads(self.ctl("show", out, "--json").stdout)
            told.append((shown["predicate"]["resourceUri"], shown["predicate"]["verificationResult"],
                         shown["predicate"]["https://runward.dev/image-verdict/v1"]["failed"]))
        self.assertEqual(told, [(NAME, "FAILED", ["vulnerabilities.fail: CVE-2021-1 (openssl)"])] * 4)

    def test_exit_codes(self):
        for severity, code, word in (("NEGLIGIBLE", 0, "PASSED"), ("LOW", 0, "warnings"),
                                     ("UNKNOWN", 2, "counts as critical"),
                                     ("CRITICAL", 2, "FAILED")):
            done = self.evaluate("-", code=code,
                                 stdin=json.dumps(trivy(vulnerability("CVE-1-1", severity))))
            self.assertIn(word, done.stdout)
        self.assertIn("PASSED", self.evaluate("-", stdin=json.dumps(trivy())).stdout)
        self.evaluate(code=1)
        self.evaluate("/nowhere", code=1)

    def test_a_verdict_lets_nodes_know_the_image(self):
        report = self.file("r.json", trivy())
        self.evaluate(report, "--sign", self.key, "--add", "--expires", "7d")
        for digest in (CONFIG, LAYER):
            self.assertIn("PASSED", self.ctl("show", digest).stdout)

    def test_an_image_is_the_reports_or_it_is_refused(self):
        report = self.file("r.json", trivy())
        self.evaluate(report, "--config", CONFIG)
        self.evaluate(report, "--diff-id", LAYER)
        for words in (("--config", "sha256:" + "9" * 64), ("--diff-id", "sha256:" + "9" * 64),
                      ("--manifest", "sha256:" + "9" * 64)):
            self.assertIn("report on another image", self.refused(report, *words))

    def test_what_names_no_image_needs_one(self):
        report = trivy()
        report["Metadata"] = {"OS": {"Family": "debian", "Name": "12"}}
        file = self.file("r.json", report)
        self.assertIn("does not say which image was scanned", self.refused(file))
        self.assertIn("does not say which image was scanned",
                      self.refused(file, "--name", "registry.example.com/other:1", *GIVEN))
        done = self.evaluate(file, "--name", NAME, *GIVEN)
        self.assertIn("scan.binding", done.stdout)

    def test_nothing_scanned_is_not_clean(self):
        for results in ([], None, [{"Target": "x", "Class": "secret"}]):
            report = trivy(Results=results)
            report["Metadata"]["OS"] = {"Family": "none"}
            done = self.evaluate("-", code=2, stdin=json.dumps(report))
            self.assertIn("scan.coverage", done.stdout)


class Real(EvaluateTest):
    """The reports beside the checkout; skipped without them."""

    def setUp(self):
        super().setUp()
        if not REPORTS.is_dir():
            self.skipTest("no real reports beside the checkout")

    def indexed(self, folder):
        """{file: its row} of an INDEX."""
        rows = re.findall(r"^[|] (\S+) [|](.*)[|]$", (REPORTS / folder / "INDEX.md").read_text(),
                          re.MULTILINE)
        return {name: row for name, row in rows if (REPORTS / folder / name).is_file()}

    def judged(self, path):
        """Each finding is a breach or accepted under this policy; with an image where none is named."""
        name = json.loads(path.read_text())
        name = name.get("ArtifactName") if isinstance(name, dict) else None
        program = (RUNWARDCTL, f"--runward-root={self.home}", "verdict", "evaluate")
        words = ("--format", "json")
        done = run(*program, path, *words, "--name", NAME, check=False)
        if done.returncode == 1:
            self.assertRegex(done.stderr, "(does not say which image|neither layers nor config)",
                             path.name)
            done = run(*program, path, *words, "--name", name or NAME, *GIVEN, check=False)
        return done

    def test_each_of_trivys_is_read_with_the_counts_of_its_index(self):
        rows = self.indexed("trivy")
        self.assertGreater(len(rows), 20)
        for name, row in rows.items():
            if "top-level array" in row:
                continue
            with self.subTest(name):
                wanted = {k: int(n) for k, n in re.findall(r"\b([VSMLX])=(\d+)", row)}
                done = self.judged(REPORTS / "trivy" / name)
                if done.returncode == 1:
                    self.assertIn("ImageID NO", row)
                    self.assertIn("report", done.stderr)
                    continue
                answer = json.loads(done.stdout)
                self.assertEqual(answer["report"]["findings"], sum(wanted.values()), row)

    def test_each_of_grypes_is_read_with_the_counts_of_its_index(self):
        rows = self.indexed("grype")
        self.assertGreater(len(rows), 10)
        for name, row in rows.items():
            with self.subTest(name):
                matches, ignored = re.search(r"matches (\d+); ignored (\d+)", row).groups()
                done = self.judged(REPORTS / "grype" / name)
                if done.returncode == 1:
                    self.assertNotIn("sha256(config)==imageID", row)
                    continue
                answer = json.loads(done.stdout)
                self.assertEqual(answer["report"]["findings"], int(matches) + int(ignored))

    def test_the_legacy_list_needs_the_image_and_its_layers(self):
        path = REPORTS / "trivy/dojo-legacy_many_vulns.json"
        self.assertIn("does not say which image", self.refused(path))
        layers = []
        for result in json.loads(path.read_text()):
            for one in result.get("Vulnerabilities") or []:
                layer = one.get("Layer", {}).get("DiffID")
                if layer and layer not in layers:
                    layers.append(layer)
        words = [word for layer in layers for word in ("--diff-id", layer)] or GIVEN
        done = self.evaluate(path, "--name", NAME, *words, "--format", "json", code=2)
        vulnerabilities = sum(len(r.get("Vulnerabilities") or [])
                              for r in json.loads(path.read_text()))
        self.assertEqual(json.loads(done.stdout)["report"]["findings"], vulnerabilities)

    def test_the_others_are_known_for_what_they_are(self):
        for name, told in (("alpine-310.asff.json", "no report that runward knows"),
                           ("alpine-310.github-sbom.json", "no report that runward knows"),
                           ("alpine-310.gitlab-codequality.json", "line 3, column 15"),
                           ("alpine-310.gitlab-container-scanning.json", "no report that runward"),
                           ("alpine-310.junit.xml", "line 1, column 1"),
                           ("conda.spdx.json", "SPDX lists packages, and no findings"),
                           ("CVE-2025-27144.openvex.json", "give it with --vex"),
                           ("openvex-v0.2.0.json", "give it with --vex"),
                           ("csaf-vex.json", "give it with --vex"),
                           ("grype-csaf-vex.json", "give it with --vex"),
                           ("grype-image.cdx.json", "does not say which image was scanned"),
                           ("license-cyclonedx.json", "does not say which image was scanned")):
            self.assertIn(told, self.refused(REPORTS / "other" / name))

    def test_cyclonedx_is_judged(self):
        for name in ("fluentd.cdx.json", "grype-image.cdx.json"):
            path = REPORTS / "other" / name
            scanned = json.loads(path.read_text())["metadata"]["component"]
            called = scanned["name"]
            # Grype names the manifest alone, which nodes cannot check.
            words = ("--manifest", scanned["version"], *GIVEN) if "grype" in name else ()
            done = run(RUNWARDCTL, f"--runward-root={self.home}", "verdict", "evaluate", path,
                       "--name", called, *words, "--format", "json", check=False)
            self.assertIn(done.returncode, (0, 2), done.stderr)
            found = {entry["finding"]["id"] for entry in json.loads(done.stdout)["breaches"]
                     if "finding" in entry}
            known = {one["id"] for one in json.loads(path.read_text())["vulnerabilities"]}
            self.assertTrue(found and found <= known, (found, known))

    def test_vex_documents_are_taken_beside_a_report(self):
        report = self.file("r.json", trivy(vulnerability("CVE-1-1")))
        for name in ("CVE-2025-27144.openvex.json", "openvex-v0.2.0.json", "csaf-vex.json",
                     "grype-csaf-vex.json"):
            self.evaluate(report, "--vex", REPORTS / "other" / name, code=2)

    def test_a_real_report_without_results_is_not_clean(self):
        for name in ("empty-results", "no-results"):
            path = REPORTS / f"trivy/scb-juice-shop-v12.10.2-{name}.json"
            self.assertIn("scan.coverage", self.evaluate(path, code=2).stdout)

    def test_sarif_is_shown_and_not_judged(self):
        for name in ("alpine-310.sarif.json", "grype-image.sarif.json"):
            path = REPORTS / "other" / name
            self.assertIn("can be shown but not judged", self.refused(path))
            shown = self.evaluate(path, code=1).stdout
            for result in json.loads(path.read_text())["runs"][0]["results"]:
                self.assertIn(result["ruleId"], shown)

    def test_a_report_that_was_cut_short_anywhere_gives_no_verdict(self):
        text = (REPORTS / "trivy/alpine-310.json").read_text().rstrip()
        for size in range(0, len(text), 997):
            message = self.refused("-", stdin=text[:size])
            self.assertRegex(message, r"line \d+, column \d+", size)


class Bad(EvaluateTest):
    """Never a verdict from a report that was not wholly understood."""

    def test_what_is_no_report_says_where(self):
        good = json.dumps(trivy(vulnerability("CVE-1-1")))
        for text, wanted in (
                ("", "line 1, column 1"), ("null", "must be an object"), ("[null]", "an object"),
                ("{}", "no report that runward knows"), ("[]" * 2, "line 1, column 3"),
                (good.replace('"Results": [', '"Results": {"a": ['), "line 1, column"),
                (json.dumps(trivy(Results={})), '"Results" must be a list'),
                (good.replace('"HIGH"', '"SEVERE"'), 'must be a severity, not "SEVERE"'),
                (good.replace("10:00:00Z", "10:00:00"), "with its zone"),
                (good.replace('"SchemaVersion": 2', '"SchemaVersion": 3'), "must be 2"),
                (good.replace('"SchemaVersion": 2', '"SchemaVersion": "2"'), "must be 2"),
                (good.replace('"SchemaVersion": 2', '"SchemaVersion": 2, "SchemaVersion": 2'),
                 "for the second time"),
                (good.replace('"SchemaVersion"', '"schemaVersion"'), "runward")):
            file = self.file("bad.json", text)
            self.assertIn(wanted, self.refused(file))
            self.assertIn("bad.json", self.refused(file))

    def test_scores_that_are_none(self):
        for score in ("NaN", "1e400", "-1", "11", "Infinity", '"9"', "1e-400x"):
            text = json.dumps(trivy(vulnerability("CVE-1-1", CVSS={"nvd": {"V3Score": "SCORE"}})))
            message = self.refused("-", stdin=text.replace('"SCORE"', score))
            self.assertRegex(message, r"line 1, column \d+", score)

    def test_200_megabytes(self):
        path = pathlib.Path(self.home, "large.json")
        with path.open("wb") as file:
            file.write(b'{"SchemaVersion": 2, "Results": [')
            file.truncate(200 << 20)
        self.assertIn("128 MiB", self.refused(path))
        with path.open("rb") as file:
            done = subprocess.run([RUNWARDCTL, f"--runward-root={self.home}", "verdict", "evaluate",
                                   "-"], stdin=file, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("128 MiB", done.stderr)

    def test_an_exception_without_an_end_warns_and_one_that_is_over_does_nothing(self):
        report = json.dumps(trivy(vulnerability("CVE-1-1")))
        entry = {"id": "CVE-1-1", "reason": "not reachable"}
        for more, code, told in (({}, 0, "exception"), ({"expires": "2020-01-01"}, 2, "2020-01-01"),
                                 ({"expires": "2200-01-01"}, 0, "Accepted")):
            self.policy(vulnerabilities={"fail": "high"}, exceptions=[{**entry, **more}])
            done = self.evaluate("-", code=code, stdin=report)
            self.assertIn(told, done.stdout)
            if not more:
                self.assertIn("PASSED with warnings", done.stdout)

    def test_exceptions_that_are_not_understood_give_no_verdict(self):
        report = self.file("r.json", trivy(vulnerability("CVE-1-1")))
        for flag, text, told in (("--vex", "{", "line 1, column 2"), ("--vex", "null", "give it with --ignore"),
                                 ("--ignore", "CVE-1-1 exp:tomorrow", "line 1"),
                                 ("--ignore", "ignore:\n  - vulnerability: CVE-1-1\n    namespace: x\n",
                                  "namespace"),
                                 ("--exploited", "no list", "no list of known exploited")):
            file = self.file("exceptions", text)
            self.assertIn(told, self.refused(report, flag, file))


class Refresh(EvaluateTest):
    def test_a_changed_policy_ends_verdicts_where_it_must(self):
        for number, severity in enumerate(("LOW", "MEDIUM", "HIGH")):
            report = trivy(vulnerability(f"CVE-1-{number}", severity))
            report["Metadata"]["ImageID"] = f"sha256:{number:064x}"
            report["Metadata"]["DiffIDs"] = [f"sha256:{number + 16:064x}"]
            report["ArtifactName"] = f"registry.example.com/app-{number}:1"
            self.evaluate(self.file("r.json", report), "--sign", self.key, "--add",
                          code=2 if severity == "HIGH" else 0)
        self.policy(vulnerabilities={"fail": "medium"})
        listed = json.loads(self.ctl("refresh", "--json", code=2).stdout)["verdicts"]
        self.assertEqual([(one["before"], one["after"]) for one in listed],
                         [("WARN", "PASSED"), ("WARN", "FAILED"), ("FAILED", "FAILED")])
        self.ctl("refresh", "--sign", self.key, code=2)
        self.assertIn("FAILED", self.ctl("show", f"sha256:{1:064x}").stdout)
        self.assertIn("0 changed, 3 unchanged", self.ctl("refresh", code=2).stdout)
        before, after = self.ctl("show", f"sha256:{1:064x}", "--json").stdout.splitlines()
        one, two = self.file("one", before), self.file("two", after)
        self.ctl("diff", one, two, code=1)  # statements are no envelopes
        payloads = re.findall("verdict ([0-9a-f]{64})", self.ctl("show", f"sha256:{1:064x}").stdout)
        told = self.ctl("diff", *payloads, code=2).stdout
        self.assertIn("- result    WARN\n+ result    FAILED\n", told)


if __name__ == "__main__":
    unittest.main()
