"""Containers on the host's network where the unified hierarchy of control groups is the only one, in a
virtual machine: runc's and crun's are held, and come to changed rules while they run.
"""

import json
import os
import pathlib
import re
import shutil
import unittest

import vm

BUILD = pathlib.Path(os.environ["RUNWARD_BUILD"])
RUNTIMES = {"runc": "/usr/sbin/runc", "crun": "/usr/bin/crun"}
SECONDS = 150
ROOT = "--runward-root=/run/runward"
OPEN, CHANGED = [True, False, False], [False, True, False]

MOVE = vm.in_another_root("/bin/busybox sh /test.sh")

# Each line that begins with "saw" is what the test looks at.
TEST = f"""
echo; export PATH=/usr/sbin:/usr/bin:/sbin:/bin
busybox --install -s /bin 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
mkdir -p /run/state /run/runward /www
echo hello >/www/index.html
for port in 90 91 92; do httpd -p 127.0.0.1:$port -h /www; done
policy() {{ cp /policies/$1.json /run/runward/policy.json.new; mv /run/runward/policy.json.new /run/runward/policy.json; }}
runward() {{ /usr/sbin/runward {ROOT} --root /run/state "$@"; }}
ask='for port in 90 91 92; do printf "GET / HTTP/1.0\\r\\n\\r\\n" | nc -w 2 127.0.0.1 $port 2>/dev/null | grep -q hello; echo "saw NAME-$port $?"; done'
probe() {{ runward exec $2 sh -c "$(echo "$ask" | sed s/NAME/$1/)" </dev/null; }}
runward-agent {ROOT} </dev/null >/tmp/agent 2>&1 &
agent=$!
until runwardctl {ROOT} vault status 2>&1 | grep -q locked || [ $((started=started+1)) -gt 200 ]; do sleep 0.2; done
sed 's/^/agent: /' /tmp/agent
for name in runc crun; do
  echo "{{\\"runtime\\": \\"$(which $name)\\"}}" >/run/runward/runtime.json
  policy first
  runward run -d --bundle /bundle $name </dev/null >/tmp/out 2>&1; echo "saw $name $?"; cat /tmp/out
  probe $name-first $name
  policy second
  runwardctl {ROOT} policy apply >/tmp/out 2>&1; echo "saw $name-apply $?"; cat /tmp/out
  probe $name-second $name
  runward delete --force $name; echo "saw $name-delete $?"
done
sh -c "$(echo "$ask" | sed s/NAME/host/)"
until [ -z "$(ls /run/runward/run/bpf-network)" ] || [ $((tries=tries+1)) -gt 100 ]; do sleep 0.1; done
ls /run/runward/run/bpf-network | wc -l | sed 's/^/saw pins /'
kill $agent
sed 's/^/event /' /run/runward/log/events.jsonl
"""


class Groups(vm.RuncTest):
    def setUp(self):
        why = vm.lacking(()) or next((f"not installed: {place}" for place in RUNTIMES.values()
                                      if not shutil.which(place)), "")
        if why:
            self.skipTest(why)
        self.begin()

    def policy(self, name, port):
        allow = [{"to": ["127.0.0.1"], "ports": [f"{port}/tcp"]}]
        profile = {"name": "web", "match": {"rootfs": ["/bundle/rootfs"]}, "mode": "enforce",
                   "network": {"hostNetwork": "cgroup", "egress": {"default": "deny", "allow": allow},
                               "ingress": {"default": "deny"}}}
        self.file(f"/policies/{name}.json",
                  json.dumps({"version": 1, "trust": [], "profiles": [profile]}))

    def configuration(self):
        config = self.runc_config("sleep", "1000")
        config["process"]["env"] = ["PATH=/bin"]
        self.file("/bundle/config.json", json.dumps(config))

    def test_each_runtime_has_its_containers_held(self):
        self.policy("first", 90)
        self.policy("second", 91)
        self.configuration()
        self.file("/test.sh", TEST)
        self.file("/move.sh", MOVE)
        programs = {**{place: place for place in RUNTIMES.values()},
                    **{f"/usr/sbin/{name}": BUILD / "bin" / name for name in
                       ("runward", "runward-hook", "runward-agent", "runwardctl")},
                    **{f"/bundle/rootfs/bin/{name}": "/bin/busybox"
                       for name in ("busybox", "sh", "sleep", "nc", "grep")}, **self.files}
        text, status = vm.boot(self.place, programs, "/bin/busybox sh /move.sh", "", SECONDS, ())
        self.assertEqual(status, 0, text)
        saw = dict(re.findall(r"^saw (\S+) (\d+)$", text, re.M))

        def passed(name):
            return [saw.get(f"{name}-{port}") == "0" for port in (90, 91, 92)]
        for name in RUNTIMES:
            self.assertEqual([saw.get(f"{name}{step}") for step in ("", "-apply", "-delete")], ["0"] * 3, text)
            self.assertEqual(passed(f"{name}-first"), OPEN, text)
            self.assertEqual(passed(f"{name}-second"), CHANGED, text)
        self.assertEqual(passed("host"), [True] * 3, text)
        self.assertEqual(saw.get("pins"), "0", text)


if __name__ == "__main__":
    unittest.main()
