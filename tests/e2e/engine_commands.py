"""runward-agent beside an engine, for end-to-end tests of command rules."""

import subprocess

from commands import AGENT

DENIED = "operation not permitted"  # the engines differ in the first letter


class WithAgent:
    """To be mixed into a GateTest."""

    agent_words = ()

    def setUp(self):
        super().setUp()
        if not AGENT.exists():
            self.skipTest("no runward-agent")
        self.agent = subprocess.Popen([AGENT, f"--runward-root={self.one.home}", *self.agent_words])
        self.addCleanup(self.stop_agent)

    def stop_agent(self):
        self.one.remove_containers()
        self.agent.terminate()
        self.agent.wait(10)

    def profile(self, mode="enforce", **rules):
        return {"name": "all", "match": {}, "mode": mode, "commands": rules}

    def rules(self, **rules):
        self.set_policy(self.profile(**rules))

    def assert_denied(self, code, text):
        self.assertNotEqual(code, 0, text)
        self.assertIn(DENIED, text.lower())


class Notified(WithAgent):
    """The same where nothing better than seccomp notification decides, and that is accepted."""

    agent_words = ("--notify",)

    def profile(self, mode="enforce", **rules):
        return super().profile(mode=mode, advisory=True, **rules)
