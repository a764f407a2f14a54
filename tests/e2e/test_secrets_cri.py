"""Secrets under Kubernetes' way to a container: containerd's CRI plugin."""

import unittest

from cri import CriTest
from engine_secrets import VALUE, WithVault, secret


class Cri(WithVault, CriTest):
    def test_a_pods_container_receives_them_and_a_probe_reads_the_file(self):
        image = self.good_image()
        self.set_policy(self.pause_profile,
                        self.profile(secret(file="/run/app-secrets/db", env="PW")))
        self.start_agent("--no-bpf")
        _, container = self.running(image, "sh", "-c", 'test "$PW" = "' + VALUE + '" && sleep 1000')
        self.assertEqual(self.one.exec_in(container, "cat", "/run/app-secrets/db"), (0, VALUE))
        self.assertEqual(self.one.exec_in(container, "sh", "-c", "echo [$PW]"), (0, "[]\n"))
        self.assertEqual(self.one.status(container)[0], 1)

    def test_beside_a_service_accounts_token_they_need_a_directory_of_their_own(self):
        image = self.good_image()
        token = f"{self.one.dir}/token"
        with open(token, "w", encoding="utf-8") as file:
            file.write("theirs")
        mounts = [(token, "/run/secrets/kubernetes.io/serviceaccount/token")]
        self.set_policy(self.pause_profile, self.profile(secret(file="/run/app-secrets/db")))
        _, container = self.running(image, mounts=mounts)
        self.assertEqual(self.one.exec_in(container, "cat", "/run/app-secrets/db"), (0, VALUE))
        self.one.remove_containers()
        self.set_policy(self.pause_profile, self.profile(secret()))
        with self.assertRaisesRegex(Exception, "kubernetes.io.* is there, and would be hidden"):
            self.running(image, mounts=mounts)


if __name__ == "__main__":
    unittest.main()
