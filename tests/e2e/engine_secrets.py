"""A vault beside an engine, for end-to-end tests of secrets."""

import base64
import pathlib
import subprocess

from commands import AGENT
from engines import BIN, run, wait_for
from secret_vault import HELPER, WRITER, Vault, secret

VALUE = "Leak-Me-If-You-Can-4711-Zx9Qw"
# As it would look wherever it had been copied to; in base64 by each of three offsets.
FORMS = [VALUE.encode(), VALUE.encode().hex().encode(), VALUE.encode().hex().upper().encode()] + [
    base64.b64encode(b"x" * shift + VALUE.encode())[4:-4] for shift in range(3)]


class WithVault:
    """To be mixed into a GateTest."""

    def setUp(self):
        super().setUp()
        if not WRITER.exists() or not HELPER.exists() or not AGENT.exists():
            self.skipTest("no vault_writer, runward-env or runward-agent")
        for name in ("vault", "vault.key", "hidden.key"):
            pathlib.Path(self.one.home, name).unlink(missing_ok=True)
        self.vault = Vault(self.one.home)
        self.vault.put("web/db#password", VALUE)

    def start_agent(self, *words):
        self.agent = subprocess.Popen([AGENT, f"--runward-root={self.one.home}", *words])
        self.addCleanup(self.stop_agent)
        wait_for("the agent", lambda: pathlib.Path(self.one.home, "run", "agent.sock").exists())

    def stop_agent(self):
        self.one.remove_containers()
        self.agent.terminate()
        self.agent.wait(10)

    def profile(self, *secrets, **members):
        return {"name": "all", "match": {}, "mode": "enforce", **members,
                "secrets": list(secrets) or [secret(env="PW", fileEnv="PW_FILE")]}


def leaks(*places):
    """Files below the places that hold the value in one of its forms."""
    pattern = "|".join(form.decode().replace("+", "[+]") for form in FORMS)
    existing = [str(place) for place in places if pathlib.Path(place).exists()]
    done = run("grep", "-rlaE", "--devices=skip", "--binary-files=text", pattern, *existing,
               check=False, timeout=120)
    return done.stdout.split("\n")[:-1]


__all__ = ["BIN", "FORMS", "VALUE", "WithVault", "leaks", "secret"]
