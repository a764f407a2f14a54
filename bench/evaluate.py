#!/usr/bin/env python3
"""What evaluating a report and signing the verdict costs, beside jq that only parses the same file; and what
evaluating a directory of them gains by --jobs.

Usage: bench/evaluate.py BUILD [--runs N]     the reports are made here; exit 1 when a target is missed.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from measure import HEADER, Comparison, interleave, run  # noqa: E402

# Of real reports: bytes, findings, milliseconds that they may cost.
SIZES = [(863_000, 236, 15), (3_311_000, 1567, 60)]
MANY = 1000  # reports in a directory: of 86 KB, with 24 findings
POLICY = {"version": 1, "profiles": [{"name": "all", "match": {}, "image": {
    "vulnerabilities": {"fail": "high", "warn": "low"}, "root": "warn"}}]}


def report(size, findings):
    """Trivy's schema; each finding filled up with references until the whole has the size."""
    def finding(number, references):
        return {"VulnerabilityID": f"CVE-2024-{number:05}", "PkgName": f"package-{number % 90}",
                "PkgIdentifier": {"PURL": f"pkg:deb/debian/package-{number % 90}@1.{number}"},
                "InstalledVersion": f"1.{number}", "FixedVersion": f"2.{number}",
                "Severity": ["LOW", "MEDIUM", "HIGH", "CRITICAL"][number % 4],
                "Title": "a title & more", "PublishedDate": "2024-01-01T00:00:00Z",
                "CVSS": {"nvd": {"V3Vector": "CVSS:3.1/AV:N", "V3Score": 7.5}},
                "References": references}

    def whole(references):
        return json.dumps({
            "SchemaVersion": 2, "CreatedAt": "2024-01-02T00:00:00Z", "ArtifactName": "web:1",
            "ArtifactType": "container_image",
            "Metadata": {"OS": {"Family": "debian", "Name": "12"},
                         "ImageID": "sha256:" + "c" * 64, "DiffIDs": ["sha256:" + "d" * 64]},
            "Results": [{"Target": "web:1", "Class": "os-pkgs", "Type": "debian",
                         "Vulnerabilities": [finding(n, references) for n in range(findings)]}]},
            indent=2)
    references = []
    while len(whole(references)) < size:
        references.append("https://security.example.com/advisories/2024/entry-%04d" % len(references))
    return whole(references)


def many(runs, launch, tool, place):
    """One job beside as many as there are processors; plain is the one."""
    folder = place / "many"
    folder.mkdir()
    text = report(86_000, 24)
    for number in range(MANY):
        (folder / f"{number:04}.json").write_text(text.replace('"web:1"', f'"web:{number}"'))
    words = [tool, "verdict", "evaluate", folder, "--policy", place / "policy.json", "--sign",
             place / "ci.key", "--out", place / "verdicts", "--jobs"]
    jobs = os.cpu_count()
    compared = Comparison(*interleave(runs, lambda: run(launch, [*words, 1], 2),
                                      lambda: run(launch, [*words, jobs], 2)))
    print(f"{f'{MANY} reports, 1 and {jobs} jobs':34}  {compared.row()}  "
          f"{1 / compared.ratio:.2f} times as fast, {compared.peak_mib:.0f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=30)
    options = parser.parse_args()
    tool = options.build / "bin/runwardctl"
    launch = options.build / "bench/bench_launch"
    jq = shutil.which("jq")
    missed = 0
    print(f"{'':34}  {HEADER}")
    with tempfile.TemporaryDirectory(dir="/run") as place:
        place = pathlib.Path(place)
        subprocess.run([tool, "verdict", "keygen", "--out", place / "ci"], check=True,
                       capture_output=True)
        (place / "policy.json").write_text(json.dumps(POLICY))
        for size, findings, most in SIZES:
            file = place / "report.json"
            file.write_text(report(size, findings))
            ours = [tool, "verdict", "evaluate", file, "--policy", place / "policy.json",
                    "--sign", place / "ci.key", "--out", place / "verdict", "--format", "github"]
            compared = Comparison(*interleave(
                options.runs, lambda file=file: run(launch, [jq, "empty", file]),
                lambda ours=ours: run(launch, ours, 2)))
            median = sorted(compared.ours)[len(compared.ours) // 2]
            holds = median <= most
            missed += not holds
            print(f"{f'{file.stat().st_size / 1000:.0f} KB, {findings} findings':34}  "
                  f"{compared.row()}  {'ok' if holds else 'MISSED'}: at most {most} ms")
        many(max(3, options.runs // 6), launch, tool, place)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
