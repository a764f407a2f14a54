"""What an agent of another version noted about a container: the next one takes it in by that."""

import json
import signal
import unittest

import test_commands_ways
from test_commands import DENIED


class Notes(test_commands_ways.Entered):
    def note(self):
        path, = (self.one.root / "run" / "agent").glob("*")
        return path

    def after(self, change):
        """A new agent, which finds what `change` makes of the note of one that has died altogether."""
        self.one.kill_both()
        old = json.loads(self.note().read_text())
        self.note().write_text(json.dumps(change(old)))
        self.one.start_agent(*self.words)
        return old

    @staticmethod
    def first_layout(note):
        return {"pid": note["pid"], "start": note["start"], "number": note["number"], "tier": note["tier"],
                "users": note["users"], "names": note["files"]["names"]}

    def held(self):
        self.assertEqual(self.one.status()["containers"], 1)
        self.assertEqual(self.inside("/bin/ls /bin/nc"), "/bin/nc\n")
        for path in ("/bin/nc", "/bin/other"):
            out = self.inside(f"{path} --help; echo $?")
            self.assertTrue(DENIED in out or "137" in out, out)
            self.assertNotIn("BusyBox", out)

    def begin(self, **rules):
        super().begin(**rules)
        self.inside("/bin/busybox ln /bin/nc /bin/other")

    def test_a_container_of_an_older_agent_is_held_and_noted_anew(self):
        for rules in ({"deny": ["nc"]}, {"deny": ["nc"], "drift": "deny"}):
            self.begin(**rules)
            old = self.after(self.first_layout)
            self.held()
            new = json.loads(self.note().read_text())
            self.assertEqual(new["layout"], 1)
            self.assertEqual(new["files"]["names"], old["files"]["names"])
            self.one.kill_worker()
            self.assertTrue(self.one.wait_for(self.one.answers))
            self.held()
            self.assertEqual([one for one in self.one.events() if "taken in again" in one["status_detail"]], [])
            self.one.call("delete", "--force", "c1")
            self.one.stop_agents()

    def test_what_another_agent_adds_is_passed_over(self):
        self.begin(deny=["nc"])
        self.after(lambda note: note | {"more": ["than", {"this": "one"}, "knows"]})
        self.held()

    def test_in_a_container_of_a_newer_layout_nothing_is_executed(self):
        self.begin(deny=["nc"])
        self.after(lambda note: note | {"layout": 2})
        self.assertNotEqual(self.one.call("exec", "c1", "/bin/ls", "/bin/nc").stdout, "/bin/nc\n")
        event, = [one for one in self.one.events() if "taken in again" in one["status_detail"]]
        self.assertIn("has the layout 2", event["status_detail"])


class NoBpf(Notes):
    words = ("--no-bpf",)


class Notified(Notes):
    words = ("--notify",)
    laxer = {"advisory": True}

    def after(self, change):
        """Nobody holds its calls any more once both processes are dead: the worker alone."""
        agent = self.one.agents[-1]
        agent.send_signal(signal.SIGSTOP)
        self.one.kill_worker()
        old = json.loads(self.note().read_text())
        self.note().write_text(json.dumps(change(old)))
        agent.send_signal(signal.SIGCONT)
        self.assertTrue(self.one.wait_for(self.one.answers))
        return old


if __name__ == "__main__":
    unittest.main()
