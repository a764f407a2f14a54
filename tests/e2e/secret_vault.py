"""A vault beside an installation of the tests, and policies that hand its secrets out."""

import os
import pathlib
import subprocess

BUILD = pathlib.Path(os.environ.get("RUNWARD_BUILD", "build"))
WRITER = BUILD / "tests" / "vault_writer"
HELPER = BUILD / "bin" / "runward-env"


class Vault:
    """At `home`, which is a --runward-root; its key file beside it until it is taken away."""

    def __init__(self, home):
        self.home = pathlib.Path(home)
        self.path, self.key = self.home / "vault", self.home / "vault.key"
        self.call("init")

    def call(self, *words, value=b""):
        done = subprocess.run([WRITER, self.path, self.key, *words], input=value,
                              capture_output=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done

    def put(self, name, value, *words):
        self.call("put", name, *words, value=value if isinstance(value, bytes) else value.encode())

    def hide_key(self):
        """Without the key file the vault is locked, except to who is given the key."""
        hidden = self.home / "hidden.key"
        self.key.rename(hidden)
        self.key = hidden


def secret(name="web/db#password", file="/run/secrets/db_password", **members):
    return {"name": f"vault:{name}", "file": file, **members}
