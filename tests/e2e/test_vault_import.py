"""`runwardctl vault import` from what people have."""

import json
import unittest

from vault_case import VaultCase

MANIFEST = """kind: Secret
metadata: {name: db, namespace: shop}
stringData: {user: app, password: hunter2}
"""


class VaultImport(VaultCase):
    def setUp(self):
        super().setUp()
        self.init()

    def names(self):
        return self.do("list", "--names").decode().split()

    def test_each_kind(self):
        env = self.root / ".env"
        env.write_text("DB_PASSWORD=hunter2\nexport API_KEY='k$y'\n", encoding="utf-8")
        self.do("import", "env", env, "--into", "web")
        self.do("import", "kubernetes", "-", stdin=MANIFEST.encode())
        secrets = self.root / "secrets"
        secrets.mkdir()
        (secrets / "token").write_bytes(b"\x00binary")
        self.do("import", "docker", secrets, "--into", "docker/web")
        reply = {"data": {"data": {"AWS_SECRET_ACCESS_KEY": "abc"}, "metadata": {"version": 1}}}
        self.do("import", "kv", "-", "--into", "secret/data/accounts/aws",
                stdin=json.dumps(reply).encode())
        self.assertEqual(self.names(), ["docker/web#token", "secret/accounts/aws#AWS_SECRET_ACCESS_KEY",
                                        "shop/db#password", "shop/db#user", "web#API_KEY",
                                        "web#DB_PASSWORD"])
        self.assertEqual(self.do("get", "web#API_KEY"), b"k$y")
        self.assertEqual(self.do("get", "docker/web#token"), b"\x00binary")
        # As a reference to HashiCorp Vault's API names it.
        self.assertEqual(self.do("get", "secret/data/accounts/aws#AWS_SECRET_ACCESS_KEY"), b"abc")

    def test_twice_changes_nothing_and_an_error_stores_nothing(self):
        self.do("import", "kubernetes", "-", stdin=MANIFEST.encode())
        before = (self.root / "vault").read_bytes()
        self.assertIn(b"unchanged", self.do("import", "kubernetes", "-", stdin=MANIFEST.encode()))
        self.assertEqual((self.root / "vault").read_bytes(), before)
        self.refused("import", "env", "-", "--into", "web", stdin=b"A=1\nB\n", says="line 2")
        self.refused("import", "env", "-", "--into", "web", stdin=b"A=1\nB=\n", says="nothing was stored")
        self.refused("import", "env", "-", "--into", "web", stdin=b"A=1\nA=2\n", says="comes twice")
        self.refused("import", "env", "-", stdin=b"A=1\n", says="under which path")
        self.refused("import", "toml", "-", "--into", "web", stdin=b"A=1\n", says="unknown kind")
        self.refused("import", "env", "-", "--into", "web", stdin=b"# none\n", says="no secret in it")
        self.assertEqual((self.root / "vault").read_bytes()[4096:5120], before[4096:5120])
        self.assertEqual(self.names(), ["shop/db#password", "shop/db#user"])

    def test_a_dry_run_shows_names_alone(self):
        shown = self.do("import", "kubernetes", "-", "--dry-run", stdin=MANIFEST.encode())
        self.assertEqual(shown, b"shop/db#password\nshop/db#user\n")
        self.assertEqual(self.names(), [])


if __name__ == "__main__":
    unittest.main()
