"""Cosign's encrypted private keys, made here by others: openssl, Python's scrypt and PyNaCl."""

import base64
import json
import os
import pathlib
import subprocess
import tempfile

from engines import RUNWARDCTL, require, run
from evaluation import trivy
from gate import unittest

PYTHON = "/usr/bin/python3"  # Debian's, which has python3-nacl

# Makes a key file as cosign writes it, of a key in DER on stdin.
SEAL = """
import base64, hashlib, json, os, sys, textwrap
import nacl.secret
passphrase, label = sys.argv[1:]
salt = os.urandom(32)
key = hashlib.scrypt(passphrase.encode(), salt=salt, n=65536, r=8, p=1, maxmem=1 << 28, dklen=32)
box = nacl.secret.SecretBox(key).encrypt(sys.stdin.buffer.read())
text = {"kdf": {"name": "scrypt", "params": {"N": 65536, "r": 8, "p": 1},
                "salt": base64.b64encode(salt).decode()},
        "cipher": {"name": "nacl/secretbox", "nonce": base64.b64encode(box.nonce).decode()},
        "ciphertext": base64.b64encode(box.ciphertext).decode()}
body = base64.b64encode(json.dumps(text).encode()).decode()
print(f"-----BEGIN {label}-----", *textwrap.wrap(body, 64), f"-----END {label}-----", sep="\\n")
"""


def pae(kind, body):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


class CosignKey(unittest.TestCase):
    def setUp(self):
        require("openssl", RUNWARDCTL)
        if run(PYTHON, "-c", "import nacl.secret", check=False).returncode != 0:
            self.skipTest("not there: python3-nacl")
        self.home = self.enterContext(tempfile.TemporaryDirectory())
        pem = f"{self.home}/plain.pem"
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
            pem)
        self.der = subprocess.run(["openssl", "pkcs8", "-topk8", "-nocrypt", "-in", pem, "-outform",
                                   "DER"], check=True, capture_output=True).stdout
        run("openssl", "pkey", "-in", pem, "-pubout", "-out", f"{self.home}/cosign.pub")
        policy = {"version": 1, "trust": [{"name": "ci", "key": "cosign.pub", "images": ["*"]}],
                  "profiles": [{"name": "all", "match": {}, "mode": "enforce"}]}
        pathlib.Path(self.home, "policy.json").write_text(json.dumps(policy), encoding="utf-8")

    def key(self, passphrase, label="ENCRYPTED SIGSTORE PRIVATE KEY"):
        path = pathlib.Path(self.home, "cosign.key")
        path.write_bytes(subprocess.run([PYTHON, "-c", SEAL, passphrase, label], check=True,
                                        input=self.der, capture_output=True).stdout)
        path.chmod(0o600)
        return path

    def ctl(self, *words, passphrase=None, check=True):
        environment = {"PATH": os.environ["PATH"]}
        if passphrase is not None:
            environment["COSIGN_PASSWORD"] = passphrase
        # Without the terminal of the cell.
        return run("setsid", "--wait", RUNWARDCTL, f"--runward-root={self.home}", "verdict", *words, check=check,
                   env=environment)

    def sign(self, key, **more):
        return self.ctl("sign", "--key", key, "--result", "PASSED", "--name", "web:1", "--config",
                        "a" * 64, "--add", "--out", f"{self.home}/out.jsonl", **more)

    def test_it_signs_what_openssl_verifies_and_the_policy_takes(self):
        for label in ("ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"):
            done = self.sign(self.key("correct horse", label), passphrase="correct horse")
            self.assertIn("stored in", done.stdout)
            envelope = json.loads(pathlib.Path(self.home, "out.jsonl").read_text(encoding="utf-8"))
            for name, content in (("signature", base64.b64decode(envelope["signatures"][0]["sig"])),
                                  ("signed", pae(envelope["payloadType"].encode(),
                                                 base64.b64decode(envelope["payload"])))):
                pathlib.Path(self.home, name).write_bytes(content)
            run("openssl", "dgst", "-sha256", "-verify", f"{self.home}/cosign.pub", "-signature",
                f"{self.home}/signature", f"{self.home}/signed")
            done = self.ctl("verify", f"{self.home}/out.jsonl", "--key", f"{self.home}/cosign.pub")
            self.assertIn("PASSED", done.stdout)

    def test_it_signs_what_evaluate_finds(self):
        policy = json.loads(pathlib.Path(self.home, "policy.json").read_text(encoding="utf-8"))
        policy["profiles"][0]["image"] = {"vulnerabilities": {"fail": "high"}}
        pathlib.Path(self.home, "policy.json").write_text(json.dumps(policy), encoding="utf-8")
        report = pathlib.Path(self.home, "report.json")
        report.write_text(json.dumps(trivy()), encoding="utf-8")
        out = f"{self.home}/verdict.jsonl"
        self.ctl("evaluate", report, "--sign", self.key("correct horse"), "--out", out, "--add",
                 passphrase="correct horse")
        done = self.ctl("verify", out, "--key", f"{self.home}/cosign.pub")
        self.assertIn("PASSED", done.stdout)

    def test_it_revokes(self):
        key = self.key("")
        self.sign(key, passphrase="")
        done = self.ctl("revoke", "a" * 64, "--key", key, "--reason", "leaked", passphrase="")
        self.assertIn("REVOKED", done.stdout)

    def test_a_wrong_passphrase_or_none_signs_nothing(self):
        key = self.key("correct horse")
        done = self.sign(key, passphrase="battery staple", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the passphrase does not open cosign's private key", done.stderr)
        done = self.sign(key, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("COSIGN_PASSWORD", done.stderr)
        self.assertFalse(pathlib.Path(self.home, "out.jsonl").exists())

    def test_a_key_that_others_may_read_is_refused(self):
        key = self.key("")
        key.chmod(0o644)
        self.assertIn("others may read", self.sign(key, passphrase="", check=False).stderr)


if __name__ == "__main__":
    unittest.main()
