"""A registry from Debian's docker-registry on loopback, as the tests want it: open, with a password,
with tokens, with TLS; and skopeo, which is another's client."""

import base64
import contextlib
import crypt
import http.server
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import warnings

from engines import run, wait_for

PROGRAMS = ("docker-registry", "skopeo", "openssl")
USER, PASSWORD = "carrier", "correct horse"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Registry:
    """Started by `with`; `where` is its host and port."""

    def __init__(self, auth=None, tls=False):
        self.place = tempfile.TemporaryDirectory()
        self.dir = pathlib.Path(self.place.name)
        self.port = free_port()
        self.where = f"127.0.0.1:{self.port}"
        self.tls = tls
        settings = {"version": "0.1", "log": {"level": "warn"},
                    "storage": {"filesystem": {"rootdirectory": f"{self.dir}/data"},
                                "delete": {"enabled": True}},
                    "http": {"addr": self.where, "secret": "of the tests"}}
        if tls:
            self.ca = self.certificate("registry", "IP:127.0.0.1")
            settings["http"]["tls"] = {"certificate": str(self.ca),
                                       "key": f"{self.dir}/registry.key"}
        if auth == "password":
            settings["auth"] = {"htpasswd": {"realm": "tests", "path": self.htpasswd()}}
        if isinstance(auth, TokenService):
            settings["auth"] = {"token": auth.settings()}
        self.file("config.json", json.dumps(settings))

    def file(self, name, text):
        path = self.dir / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def certificate(self, name, subject):
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            f"/CN={name}", "-addext", f"subjectAltName={subject}", "-keyout",
            f"{self.dir}/{name}.key", "-out", f"{self.dir}/{name}.crt")
        return self.dir / f"{name}.crt"

    def htpasswd(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            hashed = crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=2**4))
        return self.file("htpasswd", f"{USER}:{hashed}\n")

    def __enter__(self):
        with open(self.dir / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["docker-registry", "serve", f"{self.dir}/config.json"], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        wait_for("the registry", lambda: self.process.poll() is not None or answers(self.port))
        if self.process.poll() is not None:
            raise AssertionError((self.dir / "log").read_text(errors="replace"))
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.place.cleanup()

    def put(self, repository, reference, manifest, media_type):
        """A manifest that skopeo would not write: straight by the API."""
        request = urllib.request.Request(
            f"http://{self.where}/v2/{repository}/manifests/{reference}", method="PUT",
            data=manifest.encode(), headers={"Content-Type": media_type})
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 201, answer.status

    # What skopeo does with it.

    def push(self, image, name, oci=False):
        """Copies an Image there; its digest."""
        with tempfile.NamedTemporaryFile(suffix=".tar") as file:
            source = f"oci-archive:{image.save_oci(file.name)}" if oci else \
                f"docker-archive:{image.save(file.name)}"
            run("skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "--dest-creds",
                f"{USER}:{PASSWORD}", source, f"docker://{self.where}/{name}")
        return json.loads(self.inspect(name, "--format", "{{json .}}"))["Digest"]

    def inspect(self, name, *words):
        return run("skopeo", "inspect", "--tls-verify=false", "--creds", f"{USER}:{PASSWORD}",
                   *words, f"docker://{self.where}/{name}").stdout

    def raw(self, name):
        """The manifest under a name, as skopeo gets it."""
        return json.loads(self.inspect(name, "--raw"))

    def auth_file(self, password=PASSWORD):
        pair = base64.b64encode(f"{USER}:{password}".encode()).decode()
        return self.file("auth.json", json.dumps({"auths": {self.where: {"auth": pair}}}))


def encoded(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class TokenService(http.server.ThreadingHTTPServer):
    """Gives the tokens that docker-registry asks for (distribution's token specification): a JWT,
    signed by a key whose certificate the registry knows."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), TokenHandler)
        self.place = tempfile.TemporaryDirectory()
        self.asked = []
        self.key = f"{self.place.name}/key.pem"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=tokens", "-keyout", self.key, "-out", f"{self.place.name}/cert.pem")
        self.where = f"127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def settings(self):
        return {"realm": f"http://{self.where}/token", "service": "tests", "issuer": "tokens",
                "rootcertbundle": f"{self.place.name}/cert.pem"}

    def token(self, scope):
        kind, name, actions = scope.split(":")
        certificate = pathlib.Path(self.place.name, "cert.pem").read_text(encoding="ascii")
        body = "".join(certificate.split("\n")[1:-2])
        now = int(time.time())
        head = encoded(json.dumps({"typ": "JWT", "alg": "RS256", "x5c": [body]}).encode())
        claims = encoded(json.dumps({
            "iss": "tokens", "sub": USER, "aud": "tests", "exp": now + 300, "nbf": now - 10,
            "iat": now, "jti": os.urandom(8).hex(),
            "access": [{"type": kind, "name": name, "actions": actions.split(",")}]}).encode())
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key],
                                input=f"{head}.{claims}".encode(), capture_output=True, check=True)
        return f"{head}.{claims}.{encoded(signed.stdout)}"

    def close(self):
        self.shutdown()
        self.server_close()
        self.place.cleanup()


class TokenHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(self.path).query))
        self.server.asked.append((query.get("scope"), self.headers.get("Authorization")))
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        good = self.headers.get("Authorization") == f"Basic {pair}"
        text = json.dumps({"token": self.server.token(query["scope"])} if good else {}).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass
