"""A small registry in memory that does as it is told: what it should, or what it should not."""

import contextlib
import hashlib
import http.server
import json
import threading

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """A small registry in memory. It offers the referrers API when `referrers`; `lies` maps a path's
    end to what is done instead of answering."""

    daemon_threads = True

    def __init__(self, referrers=False):
        super().__init__(("127.0.0.1", 0), Handler)
        self.where = f"127.0.0.1:{self.server_port}"
        self.blobs, self.manifests, self.referrers, self.lies = {}, {}, referrers, {}
        self.paths = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.shutdown()
        self.server_close()
        self.thread.join()

    def put_manifest(self, reference, content, kind=MANIFEST):
        for name in (reference, digest(content)):
            self.manifests[name] = (content, kind)

    def put_blob(self, content):
        self.blobs[digest(content)] = content
        return {"digest": digest(content), "size": len(content), "mediaType": "x"}

    def put_image(self, image):
        """Its manifest; its layers are nobody's business here."""
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST,
                               "config": self.put_blob(image.config), "layers": []}).encode()
        self.put_manifest("1", manifest)
        return digest(manifest)

    def about(self, subject):
        found = []
        for name, (content, _) in self.manifests.items():
            body = json.loads(content)
            if name == digest(content) and body.get("subject", {}).get("digest") == subject:
                found.append({"mediaType": MANIFEST, "digest": name, "size": len(content),
                              "artifactType": body["artifactType"]})
        return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": found}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, content=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def lied(self):
        self.server.paths.append(f"{self.command} {self.path}")
        for end, lie in self.server.lies.items():
            if self.path.split("?")[0].endswith(end):
                with contextlib.suppress(OSError):
                    lie(self)
                return True
        return False

    def do_GET(self):
        if self.lied():
            return
        kind, name = self.path.split("/")[-2:]
        if kind == "manifests" and name in self.server.manifests:
            content, media = self.server.manifests[name]
            self.answer(200, content, Content_Type=media)
        elif kind == "blobs" and name in self.server.blobs:
            self.answer(200, self.server.blobs[name])
        elif kind == "referrers" and self.server.referrers:
            self.answer(200, self.server.about(name), Content_Type=INDEX)
        else:
            self.answer(404)

    do_HEAD = do_GET

    def do_POST(self):
        if not self.lied():
            self.answer(202, Location="/upload/1?state=x")

    def do_PUT(self):
        if self.lied():
            return
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/upload/"):
            self.server.put_blob(content)
            self.answer(201)
            return
        self.server.put_manifest(self.path.split("/")[-1], content, self.headers["Content-Type"])
        subject = json.loads(content).get("subject")
        noted = {"OCI_Subject": subject["digest"]} if subject and self.server.referrers else {}
        self.answer(201, **noted)

    def log_message(self, *_):
        pass


def endless(handler, size=None):
    handler.send_response(200)
    handler.send_header("Content-Type", INDEX)
    if size:
        handler.send_header("Content-Length", str(size))
    handler.end_headers()
    sent = 0
    while sent < (1 << 30) and not handler.server.over.is_set():
        handler.wfile.write(b" " * (1 << 16))
        sent += 1 << 16


def slow(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(600):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        if handler.server.over.wait(0.1):
            return
