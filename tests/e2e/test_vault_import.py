"""`runwardctl vault import` from what people have."""

import contextlib
import http.server
import json
import shutil
import subprocess
import threading
import unittest

from vault_case import VaultCase

MANIFEST = """kind: Secret
metadata: {name: db, namespace: shop}
stringData: {user: app, password: hunter2}
"""


@contextlib.contextmanager
def kv_server(secrets):
    """The port of a server with a KV version 2 engine at secret/, and the token t0k3n."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = secrets.get(self.path.removeprefix("/v1/secret/data/"))
            code = 403 if self.headers["X-Vault-Token"] != "t0k3n" else 200 if found else 404
            body = {"errors": []} if code != 200 else {
                "request_id": "r", "lease_id": "", "renewable": False, "data": {
                    "data": found, "metadata": {"created_time": "2026-01-01T00:00:00Z", "version": 1,
                                                "destroyed": False, "deletion_time": ""}}}
            self.send_response(code)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


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

    def test_what_a_server_answers_comes_in_by_its_own_client(self):
        """A server that speaks KV version 2's API, as HashiCorp Vault and OpenBao do, and curl."""
        if not shutil.which("curl"):
            self.skipTest("no curl")
        with kv_server({"web/db": {"password": "hunter2", "port": 5432}}) as port:
            def fetch(path, token="t0k3n"):
                done = subprocess.run(
                    ["curl", "-sSf", "-H", "@-", f"http://127.0.0.1:{port}/v1/secret/data/{path}"],
                    input=f"X-Vault-Token: {token}\n".encode(), capture_output=True, check=False)
                return done.stdout
            self.do("import", "kv", "-", "--into", "secret/data/web/db", stdin=fetch("web/db"))
            self.assertEqual(self.do("get", "secret/data/web/db#password"), b"hunter2")
            self.assertEqual(self.do("get", "secret/web/db#port"), b"5432")
            for answer in (fetch("web/db", "wrong"), fetch("web/none")):
                self.refused("import", "kv", "-", "--into", "secret/x", stdin=answer, says="")
            self.refused("import", "kv", "-", "--into", "secret/x",
                         stdin=b'{"data":{"data":null,"metadata":{"deletion_time":"x"}}}',
                         says="was deleted there")
        self.assertEqual(self.names(), ["secret/web/db#password", "secret/web/db#port"])

    def test_a_comparison_with_what_is_there_is_a_read_and_logged(self):
        for _ in range(2):
            self.do("import", "kubernetes", "-", stdin=MANIFEST.encode())
        self.assertEqual(sorted(detail for detail in self.details() if "read by" in detail),
                         [f'secret "shop/db#{key}" version 1 was read by user 0 to be compared with '
                          "what is imported" for key in ("password", "user")])

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
