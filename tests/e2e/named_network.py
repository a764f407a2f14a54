"""A container's network (network.py) whose rules name names: an agent, and dnsmasq in the host's
place, which /etc/resolv.conf names for as long as the test lasts."""

import os
import pathlib
import signal
import socket
import subprocess
import time

import bundle
from network import Network, ip

SERVER = "198.51.100.53"
RESOLV = os.path.realpath("/etc/resolv.conf")
RECORDS = ["--host-record=api.example.com,10.77.0.1,fd77::1,5", "--cname=www.wild.example.com,api.example.com",
           "--address=/private.example.org/10.77.0.1", "--address=/meta.example.org/169.254.169.254",
           "--address=/pub.example.org/8.8.4.4", "--address=/wild.example.com/10.77.0.1",
           "--address=/wild.example.com/fd77::1", "--host-record=other.example.com,10.77.0.9",
           "--txt-record=api.example.com,secret", "--local-ttl=2",
           *[f"--host-record=big.example.com,10.77.1.{n}" for n in range(1, 61)]]


class NameServer:
    """dnsmasq at an address of the host's, which it is the one to be asked by."""

    def __init__(self, directory):
        self.directory, self.process = pathlib.Path(directory), None
        ip("link", "set", "lo", "up")
        ip("addr", "add", f"{SERVER}/32", "dev", "lo")
        config = self.directory / "resolv.conf"
        config.write_text(f"nameserver {SERVER}\noptions timeout:2 attempts:1\n")
        subprocess.run(["mount", "--bind", config, RESOLV], check=True)
        self.start()

    def start(self):
        with open(self.directory / "dns.log", "a", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                ["/usr/sbin/dnsmasq", "--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
                 f"--listen-address={SERVER}", "--bind-interfaces", "--user=root", "--group=root",
                 f"--pid-file={self.directory}/dnsmasq.pid", "--log-queries", "--log-facility=-", *RECORDS],
                stdout=output, stderr=subprocess.STDOUT)
        for _ in range(100):
            if "started" in self.asked():
                return
            time.sleep(0.1)
        raise AssertionError("dnsmasq does not start: " + self.asked())

    def asked(self):
        return (self.directory / "dns.log").read_text()

    def stop(self):
        self.process.kill()
        self.process.wait()
        (self.directory / "dns.log").write_text("")

    def end(self):
        self.stop()
        subprocess.run(["umount", RESOLV], check=False)
        subprocess.run(["ip", "addr", "del", f"{SERVER}/32", "dev", "lo"], check=False)


class NamedNetwork(Network):
    def __init__(self, runtime="runc"):
        super().__init__(runtime)
        self.agents = []
        # Whom a container asks is for its rules to lead elsewhere.
        ip("-n", "box", "route", "add", "default", "via", "10.77.0.1")
        self.names = NameServer(self.dir)

    def start_agent(self):
        with open(self.dir / "agent.log", "ab") as output:
            agent = subprocess.Popen([bundle.BUILD / "bin" / "runward-agent", f"--runward-root={self.root}"],
                                     stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        self.agents.append(agent)
        if not self.wait_for(lambda: self.agent_answers() or agent.poll() is not None):
            raise AssertionError("the agent does not start: " + (self.dir / "agent.log").read_text())
        return agent

    def agent_answers(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            try:
                client.settimeout(5)
                client.connect(str(self.root / "run" / "agent.sock"))
                client.send(b'{"protocol":1,"ask":"status"}')
                return client.recv(65536)
            except OSError:
                return None

    @staticmethod
    def children(agent):
        listed = pathlib.Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text()
        return [int(child) for child in listed.split()]

    def kill_agents(self):
        """All of their processes, as a crash would."""
        for agent in self.agents:
            children = self.children(agent)
            os.kill(agent.pid, signal.SIGKILL)
            for child in children:
                os.kill(child, signal.SIGKILL)
            agent.wait()
        self.wait_for(lambda: self.agent_answers() is None)
        self.agents = []

    def ask(self, name, family="AF_INET", space="box"):
        """The addresses of the name, or why there are none."""
        script = ("import socket,sys\ntry: print(' '.join(sorted({a[4][0] for a in socket.getaddrinfo("
                  "sys.argv[1],80,getattr(socket,sys.argv[2]),socket.SOCK_STREAM)})))\n"
                  "except OSError as e: print('none:', e)")
        done = subprocess.run(["ip", "netns", "exec", space, "python3", "-c", script, name, family],
                              capture_output=True, text=True, timeout=60, check=True)
        return done.stdout.strip()

    def end(self):
        self.kill_agents()
        self.names.end()
        super().end()
