"""Registries that are absent, slow, huge, go round in circles or lie: an error each, and no verdict."""

import json
import os
import pathlib
import socket
import tempfile
import time

from bad_registry import MANIFEST, Server, endless, slow
from engines import RUNWARDCTL, base_layer, require, run
from gate import Image, unittest
from registry import free_port


class Bad(unittest.TestCase):
    def setUp(self):
        require(RUNWARDCTL)
        self.home = self.enterContext(tempfile.TemporaryDirectory())
        run(RUNWARDCTL, "verdict", "keygen", "--out", f"{self.home}/ci")
        policy = {"version": 1, "trust": [{"name": "ci", "key": "ci.pub", "images": ["*"]}],
                  "profiles": [{"name": "all", "match": {}, "mode": "enforce"}]}
        pathlib.Path(self.home, "policy.json").write_text(json.dumps(policy), encoding="utf-8")
        self.image = Image("test/web:1", [base_layer()])
        self.file = f"{self.home}/verdict.jsonl"
        run(RUNWARDCTL, "verdict", "sign", "--key", f"{self.home}/ci.key", "--result", "PASSED",
            "--name", "test/web:1", "--config", self.image.config_digest, "--out", self.file)
        self.server = self.enterContext(Server())
        self.subject = self.server.put_image(self.image)

    def ctl(self, command, *words, server=None):
        server = server or self.server
        return run(RUNWARDCTL, f"--runward-root={self.home}", "verdict", command,
                   f"{server.where}/test/web:1", *words, "--plain-http", server.where, check=False,
                   timeout=30)

    def attach(self, envelope=None):
        """Puts a verdict where cosign would."""
        envelope = envelope or pathlib.Path(self.file).read_bytes().strip()
        layer = self.server.put_blob(envelope)
        layer["mediaType"] = "application/vnd.dsse.envelope.v1+json"
        manifest = json.dumps({"schemaVersion": 2, "layers": [layer],
                               "config": self.server.put_blob(b"{}")}).encode()
        self.server.put_manifest(self.subject.replace(":", "-") + ".att", manifest)
        return layer["digest"]

    def refused(self, *texts, words=(), command="pull"):
        began = time.monotonic()
        done = self.ctl(command, *words)
        self.assertEqual(done.returncode, 1, done)
        for text in texts:
            self.assertIn(text, done.stderr)
        self.assertFalse(os.path.exists(f"{self.home}/verdicts"))
        self.assertLess(time.monotonic() - began, 20)
        return done

    def test_the_small_registry_is_one_when_it_does_not_lie(self):
        self.attach()
        self.assertIn("1 verdict, stored", self.ctl("pull").stdout)

    def test_where_the_referrers_api_is_offered_it_is_used_and_no_tag_is_written(self):
        with Server(referrers=True) as server:
            subject = server.put_image(self.image)
            self.assertIn("pushed PASSED", self.ctl("push", self.file, server=server).stdout)
            tag = subject.replace(":", "-")
            self.assertNotIn(tag, server.manifests)
            del server.manifests[tag + ".att"]
            self.assertIn("1 verdict, stored", self.ctl("pull", server=server).stdout)
            self.assertIn(f"GET /v2/test/web/referrers/{subject}", server.paths)

    def test_one_that_is_absent(self):
        port = free_port()
        done = run(RUNWARDCTL, f"--runward-root={self.home}", "verdict", "pull",
                   f"127.0.0.1:{port}/test/web:1", check=False, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"127.0.0.1:{port}", done.stderr)
        self.assertIn("is it running?", done.stderr)

    def test_one_that_says_nothing_or_little_by_little(self):
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            where = f"127.0.0.1:{deaf.getsockname()[1]}"
            done = run(RUNWARDCTL, f"--runward-root={self.home}", "verdict", "pull",
                       f"{where}/test/web:1", "--timeout", "1s", check=False, timeout=30)
            self.assertIn("no whole answer within 1 s", done.stderr)
        self.server.lies["/manifests/1"] = slow
        self.refused("no whole answer within 1 s", words=("--timeout", "1s"))

    def test_one_that_sends_a_gigabyte(self):
        blob = self.attach()
        for lie in (endless, lambda handler: endless(handler, 1 << 30)):
            for place in ("/manifests/1", blob):
                self.server.lies = {place: lie}
                self.refused("the answer is longer than")

    def test_one_that_floods_with_headers(self):
        def flood(handler):
            handler.send_response(200)
            for number in range(3000):
                handler.send_header(f"X-{number}", "x" * 1000)
            handler.end_headers()

        self.server.lies["/manifests/1"] = flood
        self.refused("test/web/manifests/1")

    def test_one_that_redirects_in_a_circle(self):
        self.server.lies["/manifests/1"] = \
            lambda handler: handler.answer(307, Location=handler.path)
        self.refused("redirects more than 5 times")
        self.assertEqual(len(self.server.paths), 6)

    def test_one_that_redirects_to_where_it_was_not_allowed(self):
        blob = self.attach()
        for elsewhere in ("http://127.0.0.1:1/x", "file:///etc/shadow", "ftp://127.0.0.1/x",
                          "http://localhost:1\\@127.0.0.1/"):
            self.server.lies[blob] = \
                lambda handler, to=elsewhere: handler.answer(302, Location=to)
            done = self.refused()
            self.assertRegex(done.stderr, "without TLS|not a URL to go to|redirect|302|Protocol")

    def test_a_redirect_to_another_host_gets_no_credentials(self):
        blob = self.attach()
        seen = []

        def give(handler):
            seen.append(handler.headers.get("Authorization"))
            handler.answer(200, self.server.blobs[blob])

        with Server() as other:
            other.lies["/elsewhere"] = give

            def send_away(handler):
                seen.append(handler.headers.get("Authorization"))
                handler.answer(307, Location=f"http://{other.where}/elsewhere")

            def demand(handler):
                if handler.headers.get("Authorization"):
                    handler.answer(200, *self.server.manifests["1"][:1])
                else:
                    handler.answer(401, WWW_Authenticate='Basic realm="x"')

            self.server.lies = {"/manifests/1": demand, blob: send_away}
            auth = pathlib.Path(self.home, "auth.json")
            auth.write_text(json.dumps({"auths": {self.server.where: {"auth": "YTpi"}}}))
            done = self.ctl("pull", "--plain-http", other.where, "--auth-file", str(auth))
        self.assertIn("1 verdict, stored", done.stdout, done)
        self.assertEqual(seen, ["Basic YTpi", None])

    def test_one_that_lies_about_digests(self):
        blob = self.attach()
        good = self.server.blobs[blob]
        self.server.blobs[blob] = good + b" "
        self.refused("what it gives has another digest")
        self.server.blobs[blob] = good
        content = self.server.manifests["1"][0]
        self.server.lies["/manifests/1"] = lambda handler: handler.answer(
            200, content, Docker_Content_Digest="sha256:" + "0" * 64)
        self.refused("what it gives has the digest", "not sha256:0000")

    def test_a_manifest_by_digest_is_that_one(self):
        self.server.manifests[self.subject] = (b"{}", MANIFEST)
        done = run(RUNWARDCTL, f"--runward-root={self.home}", "verdict", "pull",
                   f"{self.server.where}/test/web@{self.subject}", "--plain-http",
                   self.server.where, check=False)
        self.assertIn("what it gives has the digest", done.stderr)

    def test_manifests_that_are_none(self):
        for text in ("", "null", "[]", "{", '{"layers": [], "manifests": []}', "[" * 200,
                     '{"schemaVersion": 1}', '{"manifests": [' + ",".join(["{}"] * 2000) + "]}",
                     '{"layers":[],"layers":[]}'):
            self.server.manifests["1"] = (text.encode(), MANIFEST)
            self.refused("manifest")

    def test_more_attestations_than_anybody_needs(self):
        layer = {**self.server.put_blob(b"{}"), "mediaType": "application/vnd.dsse.envelope.v1+json"}
        manifest = json.dumps({"layers": [layer] * 300, "config": layer}).encode()
        self.server.put_manifest(self.subject.replace(":", "-") + ".att", manifest)
        self.refused("300 attestations, more than the 256")

    def test_junk_beside_a_verdict_does_not_hide_it(self):
        self.attach()
        tag = self.subject.replace(":", "-") + ".att"
        body = json.loads(self.server.manifests[tag][0])
        for junk in (b"{}", b"null", b"\xff\xfe", b'{"payload":1}'):
            body["layers"].insert(0, {**self.server.put_blob(junk), "mediaType":
                                      "application/vnd.dsse.envelope.v1+json"})
        self.server.put_manifest(tag, json.dumps(body).encode())
        done = self.ctl("pull")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("1 verdict, stored; 4 left out (verdict.malformed)", done.stdout)

    def test_an_upload_that_is_sent_elsewhere(self):
        self.server.lies["/uploads/"] = lambda handler: handler.answer(
            202, Location="http://127.0.0.1:1/upload")
        self.refused("which is not its own", words=(self.file,), command="push")

    def test_a_registry_that_says_no_says_why(self):
        body = json.dumps({"errors": [{"code": "DENIED", "message": "not\x1b[31m for you"}]})
        self.server.lies["/manifests/1"] = lambda handler: handler.answer(403, body.encode())
        done = self.refused("it answers 403 (DENIED: not\\u001b[31m for you)")
        self.assertNotIn("\x1b", done.stderr)


if __name__ == "__main__":
    unittest.main()
