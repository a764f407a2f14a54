"""Verdicts travel through a registry: pushed where they are signed, pulled where images start."""

import hashlib
import json
import os
import pathlib
import tempfile

from engines import RUNWARDCTL
from gate import GateTest, minutes_ago, run, unittest
from registry import PROGRAMS, Registry

ECHO = ("echo", "ok")
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"


class Moved(GateTest):
    """A pipeline signs and pushes; a node with Docker, which knows the pipeline's public key, pulls."""

    needed = (*PROGRAMS, "dockerd", "docker", "containerd", "runc")

    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(Registry())
        self.plain = ("--plain-http", self.registry.where)
        self.addCleanup(self.remove_images)  # the next test's registry has another port

    def remove_images(self):
        if ids := self.docker("images", "-q").stdout.split():
            self.docker("rmi", "-f", *ids)

    def signed(self, name="test/web:1", **options):
        """An image in the registry, its digest there, and a file with a verdict about it."""
        image = self.image()
        digest = self.registry.push(image, name, oci=True)
        file = f"{self.one.dir}/{image.chain[7:20]}-{len(os.listdir(self.one.dir))}.jsonl"
        self.verdict(image, file, **options)
        return image, digest, file

    def verdict(self, image, file, result="PASSED", key="ci", words=()):
        layers = [word for d in image.diff_ids for word in ("--diff-id", d)]
        reasons = [] if result == "PASSED" else ["--reason", "CVE-2021-44228"]
        run(RUNWARDCTL, "verdict", "sign", "--key", f"{self.one.home}/keys/{key}.key", "--result",
            result, "--name", f"{self.registry.where}/test/web:1", "--config",
            image.config_digest, *layers, "--expires", "7d", "--out", file, *reasons, *words)

    def push(self, *words, check=True):
        return run(RUNWARDCTL, "verdict", "push", *words, *self.plain, check=check)

    def pull(self, *words, check=True):
        return self.one.ctl("verdict", "pull", *words, *self.plain, check=check)

    def name(self, name="test/web:1"):
        return f"{self.registry.where}/{name}"

    def test_what_a_pipeline_pushes_lets_the_image_start_on_a_node(self):
        _, digest, file = self.signed()
        done = self.push(self.name(), file)
        self.assertIn("pushed PASSED of ", done.stdout)
        self.assertIn(f"to {self.name('test/web')}@{digest}", done.stdout)
        self.docker("pull", "-q", self.name(), check=True)
        self.assert_docker_refuses(self.docker_run(self.name(), *ECHO), "verdict.missing")
        done = self.pull("--all-local", "--docker-root", self.one.data_root)
        self.assertEqual(done.stdout, f'"{self.name()}": 1 verdict, stored\n')
        self.assert_runs(self.docker_run(self.name(), *ECHO))
        done = self.pull("--all-local", "--docker-root", self.one.data_root)
        self.assertEqual(done.stdout, f'"{self.name()}": 1 verdict, nothing new\n')


    def test_a_newer_failed_verdict_and_a_revocation_reach_the_node(self):
        image, _, file = self.signed()
        self.docker("pull", "-q", self.name(), check=True)
        self.verdict(image, file, words=("--time", minutes_ago(10)))
        self.push(self.name(), file)
        self.pull("--all-local", "--docker-root", self.one.data_root)
        self.assert_runs(self.docker_run(self.name(), *ECHO))
        self.verdict(image, file, result="FAILED", words=("--time", minutes_ago(5)))
        self.push(self.name(), file)
        done = self.pull("--all-local", "--quiet", "--docker-root", self.one.data_root)
        self.assertEqual(done.stdout, f'"{self.name()}": 2 verdicts, stored\n')
        self.assert_docker_refuses(self.docker_run(self.name(), *ECHO), "verdict.failed")
        # Revoked where it was signed, which has a store of its own.
        self.verdict(image, file)
        self.push(self.name(), file)
        self.pull("--all-local", "--docker-root", self.one.data_root)
        self.assert_runs(self.docker_run(self.name(), *ECHO))
        run(RUNWARDCTL, f"--runward-root={self.second_node()}", "verdict", "revoke",
            image.config_digest, "--key", f"{self.one.home}/keys/ci.key", "--reason", "leaked",
            "--out", file)
        self.push(self.name(), file)
        self.pull("--all-local", "--docker-root", self.one.data_root)
        self.assert_docker_refuses(self.docker_run(self.name(), *ECHO), "verdict.revoked")

    def second_node(self):
        """Another installation, with the node's policy and keys."""
        home = tempfile.mkdtemp(dir=self.one.dir)
        os.mkdir(f"{home}/keys")
        for name in ("policy.json", "keys/ci.pub"):
            pathlib.Path(home, name).write_bytes(pathlib.Path(self.one.home, name).read_bytes())
        return home

    def test_it_lies_where_cosign_and_others_look_for_it(self):
        image, digest, file = self.signed()
        self.push(self.name(), file)
        self.push(self.name(), file)  # nothing is there twice
        tag = "test/web:" + digest.replace(":", "-")
        envelope = pathlib.Path(file).read_text(encoding="utf-8").strip()
        attestation = self.registry.raw(tag + ".att")
        [layer] = attestation["layers"]
        self.assertEqual(layer["mediaType"], "application/vnd.dsse.envelope.v1+json")
        self.assertEqual(layer["annotations"],
                         {"dev.cosignproject.cosign/signature": "",
                          "predicateType": "https://slsa.dev/verification_summary/v1"})
        self.assertEqual(self.blob("test/web", layer), envelope)
        index = self.registry.raw(tag)
        self.assertEqual(index["mediaType"], "application/vnd.oci.image.index.v1+json")
        [entry] = index["manifests"]
        self.assertEqual(entry["artifactType"], BUNDLE)
        self.assertEqual(entry["annotations"]["dev.sigstore.bundle.predicateType"],
                         "https://slsa.dev/verification_summary/v1")
        referrer = self.registry.raw("test/web@" + entry["digest"])
        self.assertEqual(referrer["subject"]["digest"], digest)
        bundle = json.loads(self.blob("test/web", referrer["layers"][0]))
        self.assertEqual(bundle["dsseEnvelope"], json.loads(envelope))
        self.assertEqual(bundle["mediaType"], BUNDLE)

    def blob(self, repository, descriptor):
        """A blob's text, as skopeo copies it out of the registry's own files' place."""
        digest = descriptor["digest"][7:]
        path = pathlib.Path(self.registry.dir, "data/docker/registry/v2/blobs/sha256", digest[:2],
                            digest, "data")
        content = path.read_bytes()
        self.assertEqual((hashlib.sha256(content).hexdigest(), len(content)),
                         (digest, descriptor["size"]), repository)
        return content.decode()

    def test_each_of_the_two_ways_alone_is_enough(self):
        for keep, lose in ((".att", ""), ("", ".att")):
            image, digest, file = self.signed()
            self.push(self.name(), file)
            tag = digest.replace(":", "-")
            tags = self.registry.dir / "data/docker/registry/v2/repositories/test/web/_manifests/tags"
            run("rm", "-r", tags / (tag + lose))
            self.assertTrue((tags / (tag + keep)).exists())
            self.assertIn("1 verdict, stored", self.pull(self.name()).stdout)

    def test_an_attestation_that_skopeo_brought_is_pulled(self):
        image, digest, file = self.signed()
        envelope = pathlib.Path(file).read_text(encoding="utf-8").strip().encode()
        with tempfile.TemporaryDirectory() as place:
            layout = pathlib.Path(place)
            (layout / "blobs/sha256").mkdir(parents=True)

            def put(content, media, **more):
                hexed = hashlib.sha256(content).hexdigest()
                (layout / "blobs/sha256" / hexed).write_bytes(content)
                return {"mediaType": media, "digest": "sha256:" + hexed, "size": len(content),
                        **more}

            layer = put(envelope, "application/vnd.dsse.envelope.v1+json", annotations={
                "predicateType": "https://slsa.dev/verification_summary/v1"})
            config = put(json.dumps({"rootfs": {"type": "layers",
                                                "diff_ids": [layer["digest"]]}}).encode(),
                         "application/vnd.oci.image.config.v1+json")
            kind = "application/vnd.oci.image.manifest.v1+json"
            manifest = put(json.dumps({"schemaVersion": 2, "mediaType": kind, "config": config,
                                       "layers": [layer]}).encode(), kind)
            (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
            (layout / "index.json").write_text(json.dumps({"schemaVersion": 2,
                                                           "manifests": [manifest]}))
            run("skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false",
                f"oci:{layout}", f"docker://{self.name('test/web')}:{digest.replace(':', '-')}.att")
        self.assertIn("1 verdict, stored", self.pull(self.name()).stdout)

    def test_what_an_unknown_key_signed_or_is_about_another_image_is_left_out(self):
        image, _, file = self.signed()
        self.verdict(image, file, key="other")
        self.push(self.name(), file)
        done = self.pull(self.name(), check=False)
        self.assertEqual((done.returncode, done.stdout),
                         (2, f'"{self.name()}": 1 left out (verdict.untrusted)\n'))
        self.assertFalse(os.path.exists(
            f"{self.one.home}/verdicts/sha256/{image.chain[7:]}.intoto.jsonl"))

    def test_a_verdict_about_another_image_is_not_pushed(self):
        self.signed()
        _, _, other = self.signed("test/other:1")
        done = self.push(self.name(), other, check=False)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("nothing pushed", done.stderr)
        self.assertIn("is not about the image", done.stderr)

    def test_an_index_carries_the_verdicts_of_its_images(self):
        one, first, file = self.signed("test/web:one")
        two, second, _ = self.signed("test/web:two")
        kind = "application/vnd.oci.image.manifest.v1+json"
        entries = [{"mediaType": kind, "digest": d, "size": self.size("test/web@" + d),
                    "platform": {"os": "linux", "architecture": a}}
                   for d, a in ((first, "amd64"), (second, "arm64"))]
        index = json.dumps({"schemaVersion": 2, "manifests": entries,
                            "mediaType": "application/vnd.oci.image.index.v1+json"})
        self.registry.put("test/web", "all", index, "application/vnd.oci.image.index.v1+json")
        done = self.push(self.name("test/web:all"), file)
        self.assertEqual(done.stdout.count("pushed"), 2, done)  # the image, and its index
        self.docker("pull", "-q", self.name("test/web:all"), check=True)
        self.pull("--all-local", "--docker-root", self.one.data_root)
        self.assert_runs(self.docker_run(self.name("test/web:all"), *ECHO))

    def size(self, name):
        return len(self.registry.inspect(name, "--raw").encode())

    def test_what_the_store_has_is_pushed_when_no_file_is_named(self):
        image, _, _ = self.signed()
        self.sign(image, name=self.name())
        done = self.one.ctl("verdict", "push", self.name(), *self.plain)
        self.assertIn("pushed PASSED", done.stdout)
        done = run(RUNWARDCTL, f"--runward-root={self.second_node()}", "verdict", "pull",
                   self.name(), *self.plain)
        self.assertIn("1 verdict, stored", done.stdout)

    def test_an_image_built_here_is_not_asked_for_anywhere(self):
        self.image()
        done = self.pull("--all-local", "--docker-root", self.one.data_root)
        self.assertNotIn("test/image", done.stdout)


if __name__ == "__main__":
    unittest.main()
