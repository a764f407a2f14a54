"""Images made here from Debian's static busybox: no registry, no download."""

import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

BUSYBOX = "/bin/busybox"
PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home:/bin/sh\n"
GROUP = "root:x:0:\napp:x:1000:\n"


def applets():
    listed = subprocess.run([BUSYBOX, "--list"], check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split() if name != "busybox"]


def busybox_tree(directory, extra=None):
    """A root filesystem at `directory`; `extra` maps paths to text."""
    root = pathlib.Path(directory)
    for name in ("bin", "etc", "proc", "sys", "dev", "root", "home"):
        (root / name).mkdir(parents=True)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    shutil.copy(BUSYBOX, root / "bin" / "busybox")
    for applet in applets():
        (root / "bin" / applet).symlink_to("busybox")
    (root / "etc" / "passwd").write_text(PASSWD)
    (root / "etc" / "group").write_text(GROUP)
    for path, text in (extra or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def add_file(tar, name, content, mode=0o644):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    tar.addfile(info, io.BytesIO(content))


def base_layer():
    """The bytes of a layer with busybox, its links, users, and the usual empty directories."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in ("bin", "etc", "proc", "sys", "dev", "root", "home", "tmp"):
            info = tarfile.TarInfo(name)
            info.type, info.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(info)
        add_file(tar, "bin/busybox", pathlib.Path(BUSYBOX).read_bytes(), 0o755)
        for applet in applets():
            info = tarfile.TarInfo(f"bin/{applet}")
            info.type, info.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(info)
        add_file(tar, "etc/passwd", PASSWD.encode())
        add_file(tar, "etc/group", GROUP.encode())
    return buffer.getvalue()


def text_layer(files):
    """The bytes of a layer with these text files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            add_file(tar, name, text.encode())
    return buffer.getvalue()


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def chain_id(diff_ids):
    """The chain ID of layers, lowest first (OCI image spec, config.md, "Layer ChainID")."""
    chain = diff_ids[0]
    for diff_id in diff_ids[1:]:
        chain = sha256(f"{chain} {diff_id}".encode())
    return chain


class Image:
    """An image's layers and config, to be written as an archive that docker and ctr both load."""

    def __init__(self, name, layers, **config):
        self.name = name
        self.layers = layers
        self.diff_ids = [sha256(layer) for layer in layers]
        self.chain = chain_id(self.diff_ids)
        body = {"architecture": "amd64", "os": "linux",
                "config": {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"], **config},
                "rootfs": {"type": "layers", "diff_ids": self.diff_ids},
                "history": [{"created_by": "a test"} for _ in layers]}
        if os.uname().machine == "aarch64":
            body["architecture"] = "arm64"
        self.config = json.dumps(body).encode()
        self.config_digest = sha256(self.config)

    def save(self, path):
        """docker save's own layout, which `docker load` and `ctr image import` both read."""
        with tarfile.open(path, "w") as tar:
            names = []
            for layer in self.layers:
                names.append(sha256(layer)[7:] + "/layer.tar")
                add_file(tar, names[-1], layer)
            config = self.config_digest[7:] + ".json"
            add_file(tar, config, self.config)
            add_file(tar, "manifest.json", json.dumps(
                [{"Config": config, "RepoTags": [self.name], "Layers": names}]).encode())
        return path

    def save_oci(self, path):
        """An OCI image layout with compressed layers, as registries have them."""
        with tarfile.open(path, "w") as tar:
            def blob(content, media):
                digest = sha256(content)
                add_file(tar, "blobs/sha256/" + digest[7:], content)
                return {"mediaType": "application/vnd.oci.image." + media, "digest": digest,
                        "size": len(content)}

            manifest = json.dumps({
                "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": blob(self.config, "config.v1+json"),
                "layers": [blob(gzip.compress(layer, mtime=0), "layer.v1.tar+gzip")
                           for layer in self.layers]}).encode()
            entry = blob(manifest, "manifest.v1+json")
            entry["annotations"] = {"io.containerd.image.name": self.name,
                                    "org.opencontainers.image.ref.name": self.name.split(":")[-1]}
            add_file(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
            add_file(tar, "index.json", json.dumps(
                {"schemaVersion": 2, "manifests": [entry]}).encode())
        return path
