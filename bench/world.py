"""What the benchmark runs in: an image in a store laid out as Docker's, its mount, bundles, an
installation of runward with keys, policy and verdicts. All below one directory, removed at the end.
What an engine, runc and runward keep in /run is on a tmpfs, as /run is.
"""

import base64
import ctypes
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

CONTAINER = hashlib.sha256(b"runward bench").hexdigest()
IMAGE = "registry.example.com/bench/app:1"
LAYERS = 8
LIBC = ctypes.CDLL(None, use_errno=True)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def mount_on(target, source, kind, options):
    if LIBC.mount(source.encode(), bytes(target), kind.encode(), 0, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {kind} on {target}")


def unmount(target):
    LIBC.umount2(bytes(target), 2)  # MNT_DETACH


class Image:
    """Layers in overlay2's layout (see docs/identity.md), mounted as Docker mounts them."""

    def __init__(self, data_root, helpers):
        self.data_root = data_root
        self.overlay = data_root / "overlay2"
        image = data_root / "image/overlay2"
        (self.overlay / "l").mkdir(parents=True)
        diff_ids = ["sha256:" + sha256(b"layer %d" % i) for i in range(LAYERS)]
        links = []
        self.chain = None
        for number, diff_id in enumerate(diff_ids):
            parent = self.chain
            self.chain = diff_id if parent is None else "sha256:" + sha256(
                f"{parent} {diff_id}".encode())
            cache = sha256(b"cache %d" % number)
            links.insert(0, self.add_layer(cache, links))
            layer = image / "layerdb/sha256" / self.chain.removeprefix("sha256:")
            write(layer / "cache-id", cache)
            write(layer / "diff", diff_id)
            if parent:
                write(layer / "parent", parent)
        shutil.copy(helpers / "bench_pause", self.overlay / cache / "diff/pause")
        config = json.dumps({"os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}})
        self.config = "sha256:" + sha256(config.encode())
        write(image / "imagedb/content/sha256" / self.config.removeprefix("sha256:"), config)
        self.add_container(image, links)

    def add_layer(self, cache, below):
        link = sha256(cache.encode())[:26].upper()
        (self.overlay / cache / "diff").mkdir(parents=True)
        (self.overlay / "l" / link).symlink_to(f"../{cache}/diff")
        write(self.overlay / cache / "link", link)
        if below:
            write(self.overlay / cache / "lower", ":".join("l/" + name for name in below))
        return link

    def add_container(self, image, links):
        mount = sha256(b"mount")
        links = [self.add_layer(mount + "-init", links), *links]
        self.add_layer(mount, links)
        for name in ("work", "merged"):
            (self.overlay / mount / name).mkdir()
        mounts = image / "layerdb/mounts" / CONTAINER
        write(mounts / "mount-id", mount)
        write(mounts / "init-id", mount + "-init")
        write(mounts / "parent", self.chain)
        write(self.data_root / "containers" / CONTAINER / "config.v2.json", json.dumps(
            {"ID": CONTAINER, "Driver": "overlay2", "Image": self.config,
             "Config": {"Image": IMAGE}}))
        self.rootfs = self.overlay / mount / "merged"
        lower = ":".join(f"{self.overlay}/l/{link}" for link in links)
        options = f"lowerdir={lower},upperdir={self.rootfs.parent}/diff,workdir={self.rootfs.parent}/work"
        mount_on(self.rootfs, "overlay", "overlay", options)


class Installation:
    """--runward-root=DIR with a policy of `profiles` and `verdicts` in the store."""

    def __init__(self, directory, image, key, runtime, profiles=1, verdicts=1, controls=None):
        self.directory = directory
        self.flag = f"--runward-root={directory}"
        shutil.copy(key.with_suffix(".pub"), self.make("keys") / "bench.pub")
        entries = [profile(f"app-{i}", f"registry.example.com/app-{i}/*")
                   for i in range(profiles - 1)]
        entries.append({**profile("bench", "registry.example.com/bench/*"),
                        **({"run": controls} if controls else {})})
        write(directory / "policy.json", json.dumps({
            "version": 1,
            "trust": [{"name": "bench", "key": "keys/bench.pub",
                       "images": ["registry.example.com/*"]}],
            "profiles": entries}, indent=1))
        write(directory / "runtime.json", json.dumps(
            {"runtime": str(runtime), "grammar": "runc"}))
        store = self.make("verdicts/sha256")
        envelope = sign(key, image.chain)
        if verdicts > 0:
            write(store / f"{image.chain.removeprefix('sha256:')}.intoto.jsonl", envelope)
        self.fill(store, envelope, verdicts - 1)

    def make(self, name):
        path = self.directory / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @staticmethod
    def fill(store, envelope, count):
        """Other images' files: a directory's size is what counts, so they are links, by a
        thousand to a file, and 100,000 need no gigabyte."""
        for number in range(count):
            path = store / (sha256(b"other %d" % number) + ".intoto.jsonl")
            if number % 1000 == 0:
                first = path
                write(path, envelope)
            else:
                os.link(first, path)


def profile(name, images):
    return {"name": name, "match": {"images": [images]}, "mode": "enforce",
            "verdict": {"required": True, "maxAge": "7d"}}


def make_key(directory):
    key = directory / "bench.key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True)
    subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout", "-out",
                    str(key.with_suffix(".pub"))], check=True)
    return key


def sign(key, chain):
    """A DSSE envelope around a SLSA VSA, signed by OpenSSL's command line."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    payload = json.dumps({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": IMAGE, "digest": {"sha256": chain.removeprefix("sha256:")}}],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": {"verifier": {"id": "https://ci.example.com/gate"}, "timeVerified": now,
                      "resourceUri": IMAGE, "policy": {"uri": "https://ci.example.com/policy"},
                      "verificationResult": "PASSED",
                      "verifiedLevels": ["EXAMPLE_IMAGE_POLICY_PASSED"]}}).encode()
    kind = "application/vnd.in-toto+json"
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        signature = subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in", file.name],
            capture_output=True, check=True).stdout
    return json.dumps({"payload": base64.b64encode(payload).decode(), "payloadType": kind,
                       "signatures": [{"keyid": "", "sig": base64.b64encode(signature).decode()}]
                       }) + "\n"


def make_bundle(directory, rootfs, runc):
    directory.mkdir(parents=True)
    subprocess.run([runc, "spec"], cwd=directory, check=True)
    config = json.loads((directory / "config.json").read_text())
    config["process"].update(terminal=False, args=["/pause"])
    config["root"] = {"path": str(rootfs), "readonly": False}
    write(directory / "config.json", json.dumps(config))
    return directory


# All run controls; what `controlled` makes of a configuration fits them.
CONTROLS = {
    "users": ["non-root"], "groups": ["non-root"], "privileged": False,
    "capabilities": {"allow": ["AUDIT_WRITE", "KILL", "NET_BIND_SERVICE"]}, "noNewPrivileges": True,
    "hostNamespaces": [], "mounts": {"deny": ["@bpf", "@engine-sockets", "@engine-state", "@host"]},
    "devices": {"allow": []}, "readOnlyRoot": True, "limits": ["memory", "pids"],
    "syscalls": {"deny": ["@bpf", "@clock", "@io-uring", "@kexec", "@keyring", "@module", "@mount",
                          "@namespace", "@ptrace", "@raw-io", "@swap"], "unconfined": "deny"}}
RULES = 400  # of the seccomp profile that is composed


def controlled(directory, names):
    """Gives the bundle a profile of so many rules, an eighth of them with conditions."""
    path = directory / "config.json"
    config = json.loads(path.read_text())
    needed = [name for name in names if name not in ("clone", "personality")]
    rules = [{"names": [name], "action": "SCMP_ACT_ALLOW"} for name in needed[:RULES]]
    for number, rule in enumerate(rules):
        if number % 8 == 0:
            rule["args"] = [{"index": 5, "value": 123456789 + number, "valueTwo": 0, "op": "SCMP_CMP_NE"}]
    config["linux"]["seccomp"] = {
        "defaultAction": "SCMP_ACT_ERRNO", "syscalls": rules,
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]}
    config["process"]["user"] = {"uid": 1000, "gid": 1000}
    config["root"]["readonly"] = True
    for name in ("hostname", "hosts", "resolv.conf"):  # as engines do
        write(directory / name, "")
        config["mounts"].append({"destination": f"/etc/{name}", "type": "bind",
                                 "source": str(directory / name), "options": ["rbind", "rprivate"]})
    config["linux"]["resources"].update(memory={"limit": 64 << 20}, pids={"limit": 50})
    write(path, json.dumps(config))
    return directory


class World:
    def __init__(self, helpers, runc, parent, verdicts, profiles):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="runward-bench-", dir=parent))
        self.volatile = self.directory / "volatile"
        self.mounts = []
        self.runc = runc
        self.controlled_config = None
        try:
            self.build(helpers, runc, verdicts, profiles)
        except BaseException:
            self.remove()
            raise

    def build(self, helpers, runc, verdicts, profiles):
        os.chmod(self.directory, 0o755)
        self.nothing = helpers / "bench_nothing"
        self.launch = helpers / "bench_launch"
        self.image = Image(self.directory / "docker", helpers)
        self.mounts.append(self.image.rootfs)
        self.mount_tmpfs(self.volatile)
        self.bundle = make_bundle(self.volatile / "bundle", self.image.rootfs, runc)
        key = make_key(self.directory)

        def install(name, runtime, **size):
            made = Installation(self.directory / name, self.image, key, runtime, **size)
            self.mount_tmpfs(made.directory / "run")
            return made
        many = {"profiles": profiles, "verdicts": verdicts}
        # By a name of runc's: which of two command lines it takes is told by it.
        self.real = install("real", runc)
        self.alone = install("alone", self.nothing)
        self.unverified = install("unverified", self.nothing, verdicts=0)
        self.alone_many = install("alone-many", self.nothing, **many)
        self.controlled = install("controlled", runc, controls=CONTROLS)
        self.controlled_alone = install("controlled-alone", self.nothing, controls=CONTROLS)

    def mount_tmpfs(self, path):
        path.mkdir()
        mount_on(path, "runward-bench", "tmpfs", "mode=755")
        self.mounts.append(path)

    def controlled_bundle(self, names):
        """Made once; composing changes its configuration, which restore() takes back."""
        bundle = controlled(make_bundle(self.volatile / "controlled-bundle", self.image.rootfs,
                                        self.runc), names)
        self.controlled_config = bundle / "config.json"
        self.controlled_text = self.controlled_config.read_bytes()
        return bundle

    def restore(self):
        self.controlled_config.write_bytes(self.controlled_text)

    def was_changed(self):
        return self.controlled_config.read_bytes() != self.controlled_text

    def remove(self):
        for state in self.volatile.glob("*state*"):
            subprocess.run([self.runc, "--root", str(state), "delete", "--force", CONTAINER],
                           capture_output=True, check=False)
        for path in reversed(self.mounts):
            unmount(path)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.remove()
