"""`kubectl exec -it`, `attach` and `top` on a container of containerd's CRI plugin."""

import unittest

from cri import CriTest
from cri_stream import Stream

STDIN, STDOUT, STDERR, END, SIZE = range(5)


class Streams(CriTest):
    def stream(self, method, request):
        stream = Stream(self.one.call(method, request)["1"][0])
        self.addCleanup(stream.close)
        self.assertIn("101", stream.status)
        return stream

    def exec_stream(self, container, *command, tty):
        """ExecRequest: 1 container, 2 command, 3 tty, 4 stdin, 5 stdout, 6 stderr."""
        return self.stream("Exec", {"1": container, "2": list(command), "3": int(tty), "4": 1,
                                    "5": 1, "6": int(not tty)})

    def test_exec_with_a_terminal_has_one_and_its_input(self):
        _, container = self.running(self.good_image())
        stream = self.exec_stream(container, "sh", "-c",
                                  "test -t 0 && echo terminal; read line; echo got $line; exit 3",
                                  tty=True)
        stream.send(SIZE, b'{"Width":91,"Height":17}')
        self.assertIn(b"terminal", stream.read(until=b"terminal")[STDOUT])
        stream.send(STDIN, b"words\n")
        heard = stream.read()
        self.assertIn(b"got words", heard[STDOUT])
        self.assertIn(b'"message":"3"', heard[END])  # the exit code
        self.decision(decision="allowed", operation="exec")

    def test_exec_without_one_keeps_both_outputs_apart(self):
        _, container = self.running(self.good_image())
        heard = self.exec_stream(container, "sh", "-c", "echo out; echo err >&2", tty=False).read()
        self.assertEqual((heard[STDOUT], heard[STDERR]), (b"out\n", b"err\n"))
        self.assertIn(b"Success", heard[END])

    def test_an_exec_that_is_refused_says_why(self):
        _, container = self.running(self.good_image())
        for record in self.one.records():
            record.unlink()
        heard = self.exec_stream(container, "echo", "ran", tty=False).read()
        self.assertNotIn(b"ran\n", heard.get(STDOUT, b""))
        event = self.decision(decision="denied", rule="container.unrecorded", operation="exec")
        self.assertIn(event["metadata"]["uid"].encode(), heard[END])
        self.assertIn(b"runward refused exec of container", heard[END])

    def test_attach_shows_what_it_writes_and_stats_its_memory(self):
        _, container = self.running(self.good_image(), "sh", "-c",
                                    "while :; do echo tick; sleep 0.1; done")
        stream = self.stream("Attach", {"1": container, "4": 1, "5": 1})
        self.assertIn(b"tick\ntick\n", stream.read(until=b"tick\ntick\n")[STDOUT])
        stats = self.one.call("ContainerStats", {"1": container})["1"][0]
        self.assertEqual(stats["1"][0]["1"][0], container)
        self.assertIn("3", stats)  # MemoryUsage
        self.one.call("StopContainer", {"1": container, "2": 0})


if __name__ == "__main__":
    unittest.main()
