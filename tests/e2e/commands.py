"""A plain bundle on an overlay, and runward-agent, for end-to-end tests of command rules."""

import json
import os
import shutil
import signal
import socket
import subprocess

import bundle
from bundle import BUILD, Installation

AGENT = BUILD / "bin" / "runward-agent"


def needs(*programs):
    return bundle.needs(AGENT, BUILD / "bin" / "runward-hook", *programs)


class Commands(Installation):
    """The bundle's rootfs is an overlay, whose lower layer is the image."""

    def __init__(self, runtime="runc"):
        super().__init__(runtime)
        self.agents = []
        self.image = self.bundle / "image"
        (self.bundle / "rootfs").rename(self.image)
        for name in ("rootfs", "upper", "work"):
            (self.bundle / name).mkdir()
        self.mount()

    def add(self, path, program=bundle.BUSYBOX, link=None):
        """A program (or a symlink) in the image."""
        place = self.image / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if link:
            place.symlink_to(link)
        else:
            shutil.copy(program, place)
            place.chmod(0o755)

    def mount(self):
        layers = f"lowerdir={self.image},upperdir={self.bundle}/upper,workdir={self.bundle}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers,
                        self.bundle / "rootfs"], check=True)

    def remount(self):
        subprocess.run(["umount", self.bundle / "rootfs"], check=True)
        self.mount()

    def rules(self, mode="enforce", **commands):
        listed = [str(self.bundle / "rootfs")]
        profile = {"name": "plain", "match": {"rootfs": listed}, "mode": mode}
        if commands:
            profile["commands"] = commands
        text = json.dumps({"version": 1, "trust": [], "profiles": [profile]})
        new = self.root / "policy.json.new"
        new.write_text(text)
        new.rename(self.root / "policy.json")

    def start_agent(self, *words):
        output = open(self.dir / "agent.log", "ab")
        with output:
            agent = subprocess.Popen([AGENT, f"--runward-root={self.root}", *words], stdout=output,
                                     stderr=output, stdin=subprocess.DEVNULL)
        self.agents.append(agent)
        if not self.wait_for(lambda: self.answers() or agent.poll() is not None):
            raise AssertionError("the agent does not answer: " + self.agent_log())
        return agent

    def answers(self):
        return bool(self.status())

    def status(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.settimeout(3)
            try:
                client.connect(str(self.root / "run" / "agent.sock"))
                client.send(b'{"protocol":1,"ask":"status"}')
                return json.loads(client.recv(65536))
            except (OSError, ValueError):
                return None

    def agent_log(self):
        path = self.dir / "agent.log"
        return path.read_text() if path.exists() else ""

    def stop_agents(self):
        for agent in self.agents:
            agent.terminate()
            try:
                agent.wait(5)
            except subprocess.TimeoutExpired:
                agent.kill()
                agent.wait()
        self.agents = []

    def worker(self):
        """The process that answers."""
        return self.status()["pid"]

    def kill_worker(self):
        os.kill(self.worker(), signal.SIGKILL)

    def kill_both(self):
        """The keeper too, so that nobody holds what the kernel asks through."""
        agent, worker = self.agents.pop(), self.worker()
        agent.send_signal(signal.SIGSTOP)  # it makes no other worker meanwhile
        os.kill(worker, signal.SIGKILL)
        agent.kill()
        agent.wait()

    def commands(self):
        """What was logged about commands."""
        return [event["unmapped"]["runward"] | {"rule": event.get("status_code")}
                for event in self.events()
                if event["unmapped"]["runward"]["operation"] == "command"]

    def end(self):
        self.stop_agents()
        subprocess.run(["umount", "-l", self.bundle / "rootfs"], check=False)
        self.remove()
