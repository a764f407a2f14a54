"""A checkpoint is restored through the gate, by the real runc and CRIU, in a virtual machine: CRIU needs a
kernel of its time.
"""

import json
import os
import pathlib
import re
import shutil
import unittest

import vm

BUILD = pathlib.Path(os.environ["RUNWARD_BUILD"])
SECONDS = 600
MODULES = ("libcrc32c", "nfnetlink", "nf_tables")
COUNTING = "exec </dev/null >/dev/null 2>&1; i=0; while :; do i=$((i+1)); echo $i >>/count; sleep 0.2; done"
ROOT = "--runward-root=/run/runward"

MOVE = vm.in_another_root("/bin/busybox sh /test.sh")

# Each line that begins with "saw" is what the test looks at.
TEST = f"""
echo; export PATH=/usr/sbin:/usr/bin:/sbin:/bin
busybox --install -s /bin 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
policy() {{ cp /policies/$1.json /run/runward/policy.json.new; mv /run/runward/policy.json.new /run/runward/policy.json; }}
count() {{ tail -n 1 /bundle/rootfs/count; }}
runward() {{ /usr/bin/runward {ROOT} --root /run/state "$@"; }}
mkdir -p /run/state /run/runward
cp /runtime.json /run/runward/
policy restores
runward run -d --bundle /bundle c1 </dev/null >/tmp/out 2>&1; echo "saw run $?"
until [ "$(count)" -ge 10 ] 2>/dev/null; do sleep 0.2; done
runward checkpoint --image-path /tmp/image c1; echo "saw checkpoint $?"
[ ! -e /tmp/image/dump.log ] || grep -E "Error|Warn" /tmp/image/dump.log
frozen=$(count); sleep 1; [ "$frozen" = "$(count)" ]; echo "saw frozen $?"
for which in plain limited commands; do
  policy $which
  runward restore -d --bundle /bundle --image-path /tmp/image c1 </dev/null >/tmp/out 2>&1
  echo "saw restore-$which $?"
  cat /tmp/out
done
[ "$frozen" = "$(count)" ]; echo "saw still-frozen $?"
policy restores
runward restore -d --bundle /bundle --image-path /tmp/image c1 </dev/null >/tmp/out 2>&1
echo "saw restore $?"; cat /tmp/out
sleep 2
[ "$(count)" -gt "$frozen" ]; echo "saw counting-on $?"
runward exec c1 echo ok; echo "saw exec $?"
policy limited
runward exec --cap CAP_SYS_ADMIN c1 echo ok; echo "saw exec-by-record $?"
runward delete --force c1; echo "saw delete $?"
sed 's/^/event /' /run/runward/log/events.jsonl
"""


class Restore(vm.RuncTest):
    def setUp(self):
        why = vm.lacking(MODULES) or next((f"not installed: {name}" for name in ("runc", "criu")
                                    if shutil.which(name, path="/usr/sbin:/usr/bin") is None), "")
        if why:
            self.skipTest(why)
        self.begin()

    def policy(self, name, **profile):
        profile = {"name": name, "match": {"rootfs": ["/bundle/rootfs"]}, "mode": "enforce", **profile}
        self.file(f"/policies/{name}.json",
                  json.dumps({"version": 1, "trust": [], "profiles": [profile]}))

    def configuration(self):
        config = self.runc_config("sh", "-c", COUNTING)
        config["process"]["env"] = ["PATH=/bin"]
        config["root"]["readonly"] = False
        return json.dumps(config)

    def test_a_restore_is_gated_and_goes_on_where_it_was(self):
        self.policy("restores", restore="allow", run={"capabilities": {"allow": [
            "AUDIT_WRITE", "KILL", "NET_BIND_SERVICE"]}})
        self.policy("plain")
        self.policy("limited", restore="allow", run={"users": ["non-root"]})
        self.policy("commands", restore="allow", commands={"deny": ["nc"]})
        self.file("/bundle/config.json", self.configuration())
        self.file("/runtime.json", json.dumps({"runtime": "/usr/sbin/runc"}))
        self.file("/test.sh", TEST)
        self.file("/move.sh", MOVE)
        programs = {"/usr/sbin/runc": "/usr/sbin/runc", "/usr/sbin/criu": "/usr/sbin/criu",
                    "/bin/tar": "/usr/bin/tar", "/bin/gzip": "/usr/bin/gzip",  # CRIU runs them
                    "/usr/bin/runward": BUILD / "bin/runward", "/bundle/rootfs/bin/busybox": "/bin/busybox",
                    "/bundle/rootfs/bin/sh": "/bin/busybox", "/bundle/rootfs/bin/sleep": "/bin/busybox",
                    "/bundle/rootfs/bin/echo": "/bin/busybox", **self.files}
        text, status = vm.boot(self.place, programs, "/bin/busybox sh /move.sh", "", SECONDS, MODULES)
        saw = dict(re.findall(r"^saw (\S+) (\d+)$", text, re.M))
        self.assertEqual(status, 0, text)
        for what in ("run", "checkpoint", "frozen", "still-frozen", "restore", "counting-on", "exec", "delete"):
            self.assertEqual(saw.get(what), "0", what)
        for what in ("restore-plain", "restore-limited", "restore-commands", "exec-by-record"):
            self.assertNotIn(saw.get(what), ("0", None), what)
        events = [json.loads(line) for line in re.findall(r"^event (.*)$", text, re.M)]
        decided = [(event["unmapped"]["runward"]["operation"], event["unmapped"]["runward"]["decision"],
                    event.get("status_code")) for event in events if event["class_uid"] != 2003]
        self.assertEqual([event[:2] for event in decided], [
            ("run", "allowed"), ("checkpoint", "allowed"), *[("restore", "denied")] * 3,
            ("restore", "allowed"), ("exec", "allowed"), ("exec", "denied")])
        self.assertEqual([event[2] for event in decided if event[1] == "denied"],
                         ["restore.controls", "run.users", "commands.restore", "run.capabilities"])


if __name__ == "__main__":
    unittest.main()
