"""containerd with its CRI plugin, configured by the example drop-in, and a small kubelet."""

import json
import os
import pathlib
import subprocess
import unittest

from engines import Engines, run
from gate import BASE, GateTest, Image, text_layer

HERE = pathlib.Path(__file__).resolve().parent
DROP_IN = HERE.parents[1] / "examples" / "containerd" / "runward.toml"
PAUSE = BASE + "test/pause:1"
NODE = 2  # NamespaceMode: the host's
NETWORK = {"cniVersion": "0.4.0", "name": "pods", "plugins": [{
    "type": "bridge", "bridge": "cri0", "isGateway": True,
    "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.241.0.0/24"}]]}}]}


class CallFailed(Exception):
    """A call that the runtime service answered with an error; the text is what the kubelet shows."""


class CriEngines(Engines):
    def __init__(self, pause, **options):
        super().__init__(**options)
        self.pause = pause
        self.name = "k8s.io"  # the namespace that the plugin uses

    def containerd_settings(self):
        for name in ("cni", "drop-ins"):
            pathlib.Path(self.dir, name).mkdir()
        network = dict(NETWORK)
        network["plugins"][0]["ipam"]["dataDir"] = f"{self.dir}/cni-state"
        pathlib.Path(self.dir, "cni", "pods.conflist").write_text(json.dumps(network))
        text = DROP_IN.read_text(encoding="utf-8")
        # What only the cell needs: its own places, no systemd, and no CAP_SYS_RESOURCE.
        for old, new in (("registry.k8s.io/pause:3.6", self.pause),
                         ("/usr/sbin/runward", self.wrapper("runward")),
                         ("/etc/cni/net.d", f"{self.dir}/cni"),
                         ("SystemdCgroup = true", "SystemdCgroup = false"),
                         ("\n  sandbox_image", "\n  restrict_oom_score_adj = true\n"
                          "  disable_apparmor = true\n  tolerate_missing_hugetlb_controller = true\n"
                          "  sandbox_image")):
            assert old in text, old
            text = text.replace(old, new)
        pathlib.Path(self.dir, "drop-ins", "runward.toml").write_text(text)
        return f'imports = ["{self.dir}/drop-ins/*.toml"]'

    def call(self, method, request, service="RuntimeService"):
        done = subprocess.run(
            ["/usr/bin/python3", str(HERE / "cri_client.py"), self.containerd, service, method],
            input=json.dumps(request), capture_output=True, text=True, timeout=90, check=False)
        if done.returncode != 0:
            raise CallFailed(done.stderr)
        return json.loads(done.stdout)

    def sandbox_config(self, name, host_network=True, annotations=None):
        namespaces = {"1": NODE} if host_network else {}
        return {"1": {"1": name, "2": name, "3": "default"}, "2": "" if host_network else name,
                "3": f"{self.dir}/logs/{name}", "7": entries(annotations),
                "8": {"1": f"/pods-{name}", "2": {"1": namespaces}}}

    def run_pod(self, name, handler="", **options):
        """RunPodSandbox; the sandbox's id."""
        pathlib.Path(self.dir, "logs", name).mkdir(parents=True, exist_ok=True)
        answer = self.call("RunPodSandbox", {"1": self.sandbox_config(name, **options),
                                             "2": handler})
        return answer["1"][0]

    def create(self, pod, name, image, *command, annotations=None, security=None, mounts=()):
        """CreateContainer in a pod's sandbox (`pod` is its name and id); the container's id."""
        config = {"1": {"1": name}, "2": {"1": image}, "3": list(command),
                  "7": [{"1": inside, "2": outside} for outside, inside in mounts],
                  "10": entries(annotations), "11": f"{name}.log", "15": {"2": security or {}}}
        answer = self.call("CreateContainer", {"1": pod[1], "2": config,
                                               "3": self.sandbox_config(pod[0])})
        return answer["1"][0]

    def start_container(self, container):
        self.call("StartContainer", {"1": container})

    def exec_in(self, container, *command):
        """ExecSync: (exit code, output)."""
        answer = self.call("ExecSync", {"1": container, "2": list(command), "3": 20})
        return answer.get("3", [0])[0], answer.get("1", [""])[0]

    def status(self, container):
        """State (1 running, 2 exited), exit code, reason, message."""
        fields = self.call("ContainerStatus", {"1": container})["1"][0]
        return (fields["3"][0] if "3" in fields else 0, fields.get("7", [0])[0],
                fields.get("10", [""])[0], fields.get("11", [""])[0])

    def logs(self, pod, name):
        text = pathlib.Path(self.dir, "logs", pod, f"{name}.log").read_text(encoding="utf-8")
        return "".join(line.split(" ", 3)[3] + "\n" for line in text.splitlines())

    def remove_pod(self, sandbox):
        self.call("StopPodSandbox", {"1": sandbox})
        self.call("RemovePodSandbox", {"1": sandbox})

    def remove_containers(self):
        if not self.started:
            return
        for pod in self.call("ListPodSandbox", {}).get("1", []):
            self.remove_pod(pod["1"][0])
        super().remove_containers()


def entries(mapping):
    """A map field."""
    return [{"1": key, "2": value} for key, value in (mapping or {}).items()]


def grpc_there():
    return run("/usr/bin/python3", "-c", "import grpc", check=False).returncode == 0


class CriTest(GateTest):
    docker_needed = False

    @classmethod
    def setUpClass(cls):
        if not os.path.isdir("/usr/lib/cni") or not grpc_there():
            raise unittest.SkipTest("needs containernetworking-plugins and python3-grpcio")
        super().setUpClass()
        layers = [cls.layer, text_layer({"pause": "1\n"})]
        cls.pause = cls.one.ctr_load(Image(PAUSE, layers, Cmd=["/bin/sleep", "100000"]))

    @classmethod
    def make_engines(cls, **options):
        return CriEngines(PAUSE, **options)

    def setUp(self):
        super().setUp()
        # The pause image belongs to the node, and is known by its layers, not by a signed name.
        self.pause_profile = {"name": "pause", "match": {"chains": [self.pause.chain]},
                              "mode": "enforce", "verdict": {"required": False}}
        self.rest = {"name": "all", "match": {}, "mode": "enforce"}
        self.set_policy(self.pause_profile, self.rest)

    def running(self, image, *command, **options):
        sandbox = self.one.run_pod("pod")
        container = self.one.create(("pod", sandbox), "c", image.name,
                                    *(command or ("sleep", "1000")), **options)
        self.one.start_container(container)
        return sandbox, container
