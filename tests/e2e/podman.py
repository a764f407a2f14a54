"""Podman and buildah from Debian's packages, with storage, networks and runtimes of their own. As
engines.py's, they run in a cell only.
"""

import contextlib
import os
import pathlib
import shlex
import tempfile

from engines import Engines, run
from gate import GateTest, Image, text_layer

NEEDED = ("runc", "crun", "podman", "buildah", "conmon", "catatonit")


class Podman(Engines):
    """What GateTest asks of engines, by podman. `runtime` is the real one: runc or crun."""

    def __init__(self, runtime="runc", **options):
        super().__init__(**options)
        self.store = f"{self.dir}/storage"
        self.runtime = runtime
        for home in self.homes().values():
            pathlib.Path(home, "runtime.json").write_text(f'{{"runtime": "/usr/bin/{runtime}"}}')
        self.env = dict(os.environ, CONTAINERS_CONF=f"{self.dir}/containers.conf",
                        CONTAINERS_STORAGE_CONF=f"{self.dir}/storage.conf",
                        CONTAINERS_REGISTRIES_CONF=f"{self.dir}/registries.conf")

    def start(self, docker=False):
        runtimes = {name: self.wrapper(name) for name in self.homes()}
        self.file("containers.conf", f"""[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
events_logfile_path = "{self.dir}/events.log"
tmp_dir = "{self.dir}/libpod"
volume_path = "{self.dir}/volumes"
runtime = "{self.runtime}"
runtime_supports_json = {["crun", "runc", *self.homes()]}
[engine.runtimes]
quiet = ["{self.quiet_wrapper()}"]
{"".join(f'{name} = ["{path}"]' + chr(10) for name, path in runtimes.items())}
[containers]
log_driver = "k8s-file"
[network]
network_config_dir = "{self.dir}/networks"
""")
        self.file("storage.conf", f"""[storage]
driver = "overlay"
graphroot = "{self.store}"
runroot = "{self.dir}/storage-run"
""")
        self.file("registries.conf", 'unqualified-search-registries = ["localhost"]\n')
        return self

    def quiet_wrapper(self):
        """The same as runward's, by a name that podman does not ask for JSON logs."""
        path = pathlib.Path(self.dir, "quiet-one")
        path.write_text(f'#!/bin/sh\nexec {shlex.quote(self.wrapper("runward"))} "$@"\n')
        path.chmod(0o755)
        return path

    def file(self, name, text):
        pathlib.Path(self.dir, name).write_text(text, encoding="utf-8")

    def podman(self, *words, **options):
        return run("podman", *words, env=options.pop("env", self.env), **options)

    def buildah(self, *words, **options):
        return run("buildah", *words, env=self.env, **options)

    def load(self, image):
        with tempfile.NamedTemporaryFile(dir=self.dir, suffix=".tar") as file:
            self.podman("load", "-q", "-i", image.save(file.name))
        return image

    def sign(self, name, *words):
        """A verdict for an image of podman's store, by its name."""
        return self.ctl("verdict", "sign", "--key", f"{self.home}/keys/ci.key", "--result",
                        "PASSED", "--image", name, "--containers-root", self.store, "--add",
                        *words)

    def sign_pause_image(self):
        """What every pod starts first: podman builds its image when the first pod is made."""
        self.podman("pod", "create", "--name", "first", "--network", "none")
        names = self.podman("images", "-f", "reference=localhost/podman-pause", "--format",
                            "{{.Repository}}:{{.Tag}}").stdout.split()
        self.podman("pod", "rm", "-f", "first", check=False)
        self.sign(names[0])

    def remove_containers(self):
        self.podman("pod", "rm", "-f", "-a", "-t", "0", check=False)
        self.podman("rm", "-f", "-a", "-t", "0", check=False)
        self.buildah("rm", "-a", check=False)

    def stop(self):
        with contextlib.suppress(Exception):
            self.podman("volume", "rm", "-f", "-a", check=False)
            self.podman("rmi", "-f", "-a", check=False)
        super().stop()


class PodmanTest(GateTest):
    needed = NEEDED
    docker_needed = False
    runtime = "runc"

    @classmethod
    def make_engines(cls, **options):
        return Podman(runtime=cls.runtime, **options)

    def image(self, name=None, **config):
        GateTest.number += 1
        name = name or f"localhost/test/image-{GateTest.number}:1"
        layers = [self.layer, text_layer({"etc/number": f"{GateTest.number}\n"})]
        return self.one.load(Image(name, layers, **config))

    def podman(self, *words, **options):
        options.setdefault("check", False)
        return self.one.podman(*words, **options)

    def podman_run(self, *words, runtime="runward"):
        return self.podman("--runtime", runtime, "run", "--rm", "--network", "none", *words)

    def assert_podman_refuses(self, done, rule, *texts):
        self.assertEqual(done.returncode, 126, done)
        self.assertIn(": runward refused ", done.stderr)
        # One message, as it was written: not conmon's or podman's complaint about it.
        self.assertNotIn("conmon bytes", done.stderr)
        self.assertEqual(done.stderr.count("runward refused"), 1, done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)
        return self.assert_told(done.stderr, rule)


__all__ = ["NEEDED", "Podman", "PodmanTest"]
