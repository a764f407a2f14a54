"""systemd as the first process of a virtual machine starts runward-agent's own unit with an encrypted
credential, which unlocks the vault: a container gets its secret, also after a restart of the unit.
"""

import json
import os
import pathlib
import re
import shutil
import unittest

import vm

BUILD = pathlib.Path(os.environ["RUNWARD_BUILD"])
UNIT = pathlib.Path(__file__).resolve().parents[2] / "systemd" / "runward-agent.service.in"
SYSTEMD = "/lib/systemd/systemd"
SECONDS = 400
VALUE = "only inside the container"
TARGETS = ("basic", "sysinit", "sockets", "timers", "paths", "slices", "local-fs", "local-fs-pre", "swap",
           "multi-user", "shutdown", "umount", "final")

MOVE = vm.in_another_root("/lib/systemd/systemd --show-status=no --log-level=err --default-standard-output=null")

TEST_UNIT = """
[Unit]
Description=What the test does
[Service]
Type=oneshot
ExecStart=/bin/busybox sh /test.sh
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
Delegate=yes
"""

# As an administrator adds it: systemctl edit runward-agent.
DROP_IN = """
[Service]
LoadCredentialEncrypted=runward-vault-key:/etc/credstore.encrypted/runward-vault-key
"""

# Each line that begins with "saw" is what the test looks at.
TEST = f"""
echo; export PATH=/usr/sbin:/usr/bin:/sbin:/bin
busybox --install -s /bin 2>/dev/null
ip link set lo up
echo "first $(cat /proc/1/comm)"
run() {{
  runward --root /run/state run --bundle /bundle $1 </dev/null >/tmp/out 2>&1
  echo "saw $1 $?"; sed "s/^/$1: /" /tmp/out; echo
}}
runwardctl vault init --key-file /root/vault.key; echo "saw init $?"
printf '{VALUE}' | runwardctl vault put web/db#password --key-file /root/vault.key; echo "saw put $?"
runwardctl vault slot add --key-file /root/vault.key --credential /root/plain; echo "saw slot $?"
mkdir -p /etc/credstore.encrypted /run/state
systemd-creds encrypt --with-key=host --name=runward-vault-key /root/plain \
  /etc/credstore.encrypted/runward-vault-key >/dev/null 2>&1; echo "saw encrypt $?"
key=$(tail -c 40 /root/plain | tr -d '\\n')
[ ${{#key}} -gt 30 ]; echo "saw key $?"
rm /root/plain /root/vault.key
systemctl start runward-agent; echo "saw start-without $?"
run without
mkdir -p /etc/systemd/system/runward-agent.service.d
cp /drop-in.conf /etc/systemd/system/runward-agent.service.d/credential.conf
systemctl daemon-reload; echo "saw reload $?"
systemctl restart runward-agent; echo "saw restart $?"
runwardctl vault status | sed 's/^/status: /'
run with
before=$(systemctl show -P MainPID runward-agent)
systemctl restart runward-agent; echo "saw restart-again $?"
[ "$before" != "$(systemctl show -P MainPID runward-agent)" ]; echo "saw another-process $?"
run after
for word in status show cat; do systemctl $word runward-agent --no-pager; done >/tmp/shown 2>&1
systemctl is-active runward-agent >/dev/null; echo "saw active $?"
wc -l </tmp/shown | sed 's/^/lines: /'
grep -c "Active: active (running)" /tmp/shown | sed 's/^/running: /'
grep -F -c -e '{VALUE}' /tmp/shown | sed 's/^/values: /'
grep -F -c -e "$key" /tmp/shown | sed 's/^/keys: /'
grep -F -l -e "$key" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | wc -l | sed 's/^/processes: /'
sed 's/^/event /' /var/log/runward/events.jsonl
echo "vm: status 0"
poweroff -f
"""


class Systemd(vm.RuncTest):
    def setUp(self):
        why = vm.lacking(()) or next((f"not installed: {name}" for name in
                                      ("runc", "systemctl", "systemd-creds")
                                      if shutil.which(name, path="/usr/sbin:/usr/bin:/bin") is None), "")
        if not why and not pathlib.Path(SYSTEMD).exists():
            why = f"not installed: {SYSTEMD}"
        if why:
            self.skipTest(why)
        self.begin()

    def configuration(self):
        return json.dumps(self.runc_config("cat", "/run/secrets/db_password"))

    def units(self):
        folder = "/usr/lib/systemd/system"
        for name in TARGETS:
            self.file(f"{folder}/{name}.target", pathlib.Path(f"{folder}/{name}.target").read_text())
        self.file(f"{folder}/default.target",
                  "[Unit]\nRequires=multi-user.target test.service\nAfter=multi-user.target\n")
        self.file(f"{folder}/runward-agent.service",
                  UNIT.read_text().replace("@RUNWARD_SBINDIR@", "/usr/sbin"))
        self.file("/etc/systemd/system/test.service", TEST_UNIT)
        self.file("/drop-in.conf", DROP_IN)
        self.file("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        self.file("/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
        self.file("/root/.keep", "")

    def test_a_credential_of_the_unit_unlocks_the_vault(self):
        rule = {"name": "vault:web/db#password", "file": "/run/secrets/db_password"}
        profile = {"name": "web", "match": {"rootfs": ["/bundle/rootfs"]}, "mode": "enforce", "secrets": [rule]}
        self.file("/etc/runward/policy.json",
                  json.dumps({"version": 1, "trust": [], "profiles": [profile]}))
        self.file("/etc/runward/runtime.json", json.dumps({"runtime": "/usr/sbin/runc"}))
        self.file("/bundle/config.json", self.configuration())
        self.file("/test.sh", TEST)
        self.file("/move.sh", MOVE)
        self.units()
        programs = {SYSTEMD: SYSTEMD, "/usr/sbin/runc": "/usr/sbin/runc",
                    **{f"/usr/bin/{name}": shutil.which(name) for name in ("systemctl", "systemd-creds")},
                    **{f"/usr/sbin/{name}": BUILD / "bin" / name for name in
                       ("runward", "runward-hook", "runward-agent", "runwardctl")},
                    "/bundle/rootfs/bin/busybox": "/bin/busybox", **self.files}
        text, status = vm.boot(self.place, programs, "exec /bin/busybox sh /move.sh", "", SECONDS, ())
        saw = dict(re.findall(r"^saw (\S+) (\d+)$", text, re.M))
        self.assertEqual(status, 0, text)
        self.assertIn("\nfirst systemd\n", text)
        for what in ("init", "put", "slot", "encrypt", "key", "start-without", "reload", "restart", "with",
                     "restart-again", "another-process", "after", "active"):
            self.assertEqual(saw.get(what), "0", (what, text))
        self.assertEqual(saw["without"], "1", text)
        self.assertRegex(text, r"\nwithout: .*the vault is locked: ")
        self.assertIn("\nstatus: unlocked by credential\n", text)
        for name in ("with", "after"):
            self.assertIn(f"\n{name}: {VALUE}\n", text)
        shown = dict(re.findall(r"^(lines|running|values|keys|processes): *(\d+)$", text, re.M))
        self.assertGreater(int(shown.pop("lines")), 100, text)
        self.assertEqual(shown, {"running": "1", "values": "0", "keys": "0", "processes": "0"})
        events = [json.loads(line) for line in re.findall(r"^event (.*)$", text, re.M)]
        self.assertEqual([event["unmapped"]["runward"]["secret"] for event in events
                          if event.get("status_code") == "secrets.read"], ["vault:web/db#password@1"] * 2)


if __name__ == "__main__":
    unittest.main()
