#!/usr/bin/env python3
"""Checks what STYLE asks of files: size, no notes to later selves, tests that mirror the tree.

Usage: tree.py ROOT     prints one line a violation; exit 1 if there is one.
"""

import pathlib
import re
import subprocess
import sys

MAX_LINES = 300
CODE = (".cc", ".h", ".py", ".sh", ".bats", ".cmake")
NOTE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MIRRORED = ["base", "policy", "scan", "oci", "registry", "netfilter", "vault", "secrets", "shim", "agent", "hooks", "tools"]

# Sources without a test file of their own, and why.
UNMIRRORED = {
    "agent/dns_proxy.cc": "needs a container's network: tests/e2e/test_network_dns.py",
    "agent/dns_sockets.cc": "needs a container's network: tests/e2e/test_network_dns.py",
    "agent/dns_stream.cc": "answers over TCP: tests/e2e/test_network_dns.py",
    "agent/flow_event.cc": "tells of real packets: tests/e2e/test_network_events.py",
    "agent/flow_log.cc": "tells of real packets: tests/e2e/test_network_events.py",
    "agent/flow_table.cc": "counts real packets: tests/e2e/test_network_events.py",
    "agent/network_container.cc": "needs a container's network: tests/e2e/test_network_events.py",
    "agent/network_note.cc": "outlives an agent: tests/e2e/test_network_events.py",
    "agent/network_requests.cc": "needs a running agent: tests/e2e/test_network_events.py",
    "agent/networks.cc": "needs a container's network: tests/e2e/test_network_events.py",
    "agent/peer_watch.cc": "follows containers: tests/e2e/test_network_peers.py",
    "hooks/peer_step.cc": "needs a container's network: tests/e2e/test_network_peers.py",
    "peers/keep_peers.cc": "fills running containers' sets: tests/e2e/test_network_peers.py",
    "netfilter/change_rules.cc": "changes containers' rules: tests/e2e/test_policy_apply.py",
    "netfilter/network_scope.cc": "needs containers that share a network: tests/e2e/test_network_shared.py",
    "tools/network_apply.cc": "needs running containers: tests/e2e/test_policy_apply.py",
    "tools/policy_apply.cc": "needs running containers: tests/e2e/test_policy_apply.py",
    "hooks/group_step.cc": "needs a container on the host's network: tests/e2e/test_network_host.py",
    "shim/host_network.cc": "needs a container on the host's network: tests/e2e/test_network_host.py",
    "agent/group_network.cc": "needs a container on the host's network: tests/e2e/test_network_host.py",
    "agent/cable_hold.cc": "needs a container's cable: tests/e2e/test_network_veth.py",
    "hooks/cable_step.cc": "needs a container's cable: tests/e2e/test_network_veth.py",
    "agent/rule_events.cc": "tells of real packets: tests/e2e/test_network_host.py",
    "agent/rule_maps.cc": "rule_set_test.cc makes programs that have them",
    "agent/watched_network.cc": "tells of real packets: tests/e2e/test_network_gap.py, test_network_host.py",
    "agent/bpf_warning.cc": "rule_set_test.cc looks for what it kept",
    "agent/observed_flow.cc": "sees real packets: tests/e2e/test_network_events.py, test_network_gap.py",
    "agent/poller.cc": "all of tests/e2e/test_network_events.py waits by it",
    "agent/kernel_events.cc": "kernel_commands_test.cc reads all its events by it",
    "agent/kernel_load.cc": "kernel_commands_test.cc loads the programs that it tests by it",
    "agent/kernel_maps.cc": "kernel_commands_test.cc and kernel_drift_test.cc fill maps by it",
    "agent/kernel_object.cc": "the program that all of tests/agent/kernel_*_test.cc run",
    "agent/kernel_pins.cc": "kernel_selftest_test.cc and kernel_commands_test.cc pin by it",
    "agent/kernel_probe.cc": "kernel_selftest_test.cc executes it",
    "agent/call_judge.cc": "answers the kernel: tests/e2e/test_commands_notify.py",
    "agent/command_judge.cc": "answers the kernel: tests/e2e/test_commands.py",
    "agent/command_event.cc": "tells of real denials: tests/e2e/test_commands.py",
    "agent/try_view.cc": "looks at tasks that wait: tests/e2e/test_commands.py",
    "agent/observe.cc": "looks at tasks that wait: tests/e2e/test_commands_learn.py",
    "agent/command_log.cc": "tells of real denials: tests/e2e/test_commands.py, test_agent.py",
    "agent/enforcer.cc": "needs containers: tests/e2e/test_commands.py, test_agent.py",
    "agent/fanotify_group.cc": "answers the kernel: tests/e2e/test_commands.py",
    "agent/keeper.cc": "is killed in tests/e2e/test_commands.py",
    "agent/mount_view.cc": "needs containers: tests/e2e/test_commands.py, test_commands_docker.py",
    "agent/requests.cc": "needs a running agent: tests/e2e/test_agent.py",
    "agent/take_over.cc": "needs two agents: tests/e2e/test_commands.py",
    "agent/watch_container.cc": "needs containers: tests/e2e/test_commands.py",
    "agent/watched.cc": "needs containers: tests/e2e/test_commands.py",
    "agent/worker.cc": "needs containers: tests/e2e/test_commands.py, test_agent.py",
    "agent/secret_refresher.cc": "needs containers and a vault: tests/e2e/test_secrets_rotation.py",
    "agent/vault_holder.cc": "needs a running agent and a vault: tests/e2e/test_secrets_unlock.py",
    "agent/vault_requests.cc": "needs a running agent and a vault: tests/e2e/test_secrets_unlock.py",
    "agent/secret_supplier.cc": "needs containers and a vault: tests/e2e/test_secrets_ahead.py",
    "oci/agent_socket.cc": "agent_client_test.cc asks through it",
    "secrets/fill.cc": "makes mounts: tests/e2e/test_secrets.py, test_secrets_ahead.py",
    "hooks/secrets.cc": "needs containers and a vault: tests/e2e/test_secrets.py",
    "secrets/replace.cc": "needs containers: tests/e2e/test_secrets_rotation.py",
    "secrets/supply.cc": "needs containers: tests/e2e/test_secrets.py, test_secrets_bad.py",
    "secrets/tmpfs.cc": "needs containers' mounts: tests/e2e/test_secrets.py, test_secrets_rotation.py",
    "secrets/values.cc": "needs a vault and an agent: tests/e2e/test_secrets_unlock.py",
    "tools/vault_deliver.cc": "needs containers and a vault: tests/e2e/test_secrets_rotation.py",
    "tools/vault_unlock.cc": "needs an agent and a vault: tests/e2e/test_secrets_unlock.py",
    "shim/secret_controls.cc": "needs containers: tests/e2e/test_secrets.py, test_secrets_docker.py",
    "hooks/decide_step.cc": "needs an engine that calls it: tests/e2e/test_network_hooks.py",
    "hooks/network_step.cc": "needs containers: tests/e2e/test_network.py, test_network_docker.py",
    "shim/network_controls.cc": "needs containers: tests/e2e/test_network.py",
    "shim/command_controls.cc": "needs containers: tests/e2e/test_commands.py",
    "oci/container_linux.cc": "container_test.cc reads it through ContainerOf, its only door",
    "oci/network_process.cc": "hook and agent meet by it: tests/e2e/test_network_gap.py",
    "oci/record_json.cc": "record_test.cc and fuzz_spec.cc test it",
    "scan/cyclonedx.cc": "report_test.cc: all formats through ReadReport",
    "scan/grype.cc": "report_test.cc: all formats through ReadReport",
    "scan/sarif.cc": "report_test.cc: all formats through ReadReport",
    "scan/trivy.cc": "report_test.cc: all formats through ReadReport",
    "scan/trivy_result.cc": "report_test.cc: all formats through ReadReport",
    "scan/fields.cc": "report_test.cc: each kind of member, wrong",
    "scan/image_config.cc": "report_test.cc: in both formats that quote it",
    "scan/csaf.cc": "exception_test.cc: all formats through ReadExceptions",
    "scan/openvex.cc": "exception_test.cc: all formats through ReadExceptions",
    "scan/trivy_ignore.cc": "exception_test.cc: all formats through ReadExceptions",
    "scan/ignore_yaml.cc": "exception_test.cc: all formats through ReadExceptions",
    "scan/binding.cc": "evaluate_test.cc: an image's report or refused",
    "scan/judge_findings.cc": "evaluate_test.cc: all rules through Evaluate",
    "scan/judge_image.cc": "evaluate_test.cc: all rules through Evaluate",
    "scan/rules.cc": "verdict_evaluate_test.cc: JUnit's test cases",
    "policy/image_schema.cc": "schema_test.cc walks through it, image_check_test.cc uses its keys",
    "tools/evaluate_report.cc": "verdict_evaluate_test.cc: the whole command",
    "tools/evaluate_request.cc": "verdict_evaluate_test.cc: the whole command",
    "tools/evaluated_verdict.cc": "verdict_evaluate_test.cc: the whole command",
    "tools/evaluation_github.cc": "evaluation_test.cc: each format",
    "tools/evaluation_gitlab.cc": "evaluation_test.cc: each format",
    "tools/evaluation_json.cc": "evaluation_test.cc: each format",
    "tools/evaluation_junit.cc": "evaluation_test.cc: each format",
    "tools/evaluation_markdown.cc": "evaluation_test.cc: each format",
    "tools/evaluation_sarif.cc": "evaluation_test.cc: each format",
    "tools/evaluation_text.cc": "evaluation_test.cc: each format",
    "tools/scan_attestation.cc": "verdict_evaluate_test.cc: the whole command",
    "tools/stored_input.cc": "verdict_evaluate_test.cc and verdict_refresh_test.cc: the whole commands",
    "tools/scan_inputs.cc": "verdict_evaluate_test.cc and verdict_refresh_test.cc: the whole commands",
    "tools/verdict_basis.cc": "verdict_refresh_test.cc: what is signed anew",
    "tools/refresh.cc": "verdict_refresh_test.cc: the whole command",
    "tools/verdict_difference.cc": "verdict_diff_test.cc: the whole command",
    "tools/uri.cc": "report_compliance_test.cc and verdict_evaluate_test.cc: SARIF's locations",
    "tools/verdict_options.cc": "verdict_sign_test.cc: what both signing commands share",
    "shim/delete.cc": "becomes another program: tests/e2e/test_bundle.py",
    "shim/gate_recorded.cc": "needs containers: tests/e2e/test_bundle.py, test_bundle_bad.py",
    "shim/start_records.cc": "needs containers: tests/e2e/test_bundle.py, test_replay.py",
    "shim/gate_start.cc": "needs containers: tests/e2e/test_bundle.py, test_bundle_bad.py",
    "oci/start_controls.cc": "needs a policy and a bundle: tests/e2e/test_controls.py and others",
    "netfilter/encode.cc": "install_test.cc compares all of it with nft",
    "netfilter/encode_rule.cc": "install_test.cc compares all of it with nft",
    "netfilter/batch.cc": "install_test.cc sends good batches, bad ones and long ones",
    "netfilter/mnl.cc": "install_test.cc and read_rules_test.cc encode and read by it",
    "netfilter/plan_parts.cc": "plan_test.cc and install_test.cc build plans of them",
    "netfilter/plan_text.cc": "install_test.cc gives it to nft, plan_test.cc reads it",
    "policy/network_check.cc": "network_schema_test.cc tries each of its errors",
    "policy/run_schema.cc": "schema_test.cc walks through it, run_check_test.cc uses each key",
    "policy/compliance_process.cc": "compliance_test.cc: all items by one table",
    "policy/compliance_host.cc": "compliance_test.cc: all items by one table",
    "policy/compliance_limits.cc": "compliance_test.cc: all items by one table",
    "tools/compliance_table.cc": "report_compliance_test.cc: all formats of one report",
    "tools/compliance_sarif.cc": "report_compliance_test.cc: all formats of one report",
    "oci/our_hook.cc": "tests/e2e/test_bundle_bad.py, with the hook that it adds",
    "tools/config_explanation.cc": "policy_explain_test.cc: what it makes is what is printed",
    "shim/serve.cc": "becomes another program: tests/e2e/test_bundle.py",
    "hooks/run_hook.cc": "reads a runtime's call: tests/e2e/test_bundle_bad.py",
    "oci/image.cc": "needs engines' mounts: tests/e2e/test_docker_gate.py, test_ctr.py",
    "oci/store_files.cc": "docker_store_test.cc and containerd_store_test.cc read through it",
    "base/json_parser.cc": "json_test.cc tests it through JsonDocument, its only door",
    "base/json_compiled.cc": "json_test.cc tests it through JsonDocument, its only door",
    "base/json_string.cc": "json_test.cc tests it through JsonDocument, its only door",
    "tools/policy_replay.cc": "replays what was really started: tests/e2e/test_replay.py",
    "tools/toml_scanner.cc": "toml_test.cc tests it through ReadToml, its only door",
    "tools/configure.cc": "looks for runward beside itself: tests/e2e/test_configure.py",
    "tools/doctor.cc": "prints what the others find: tests/e2e/test_doctor.py",
    "tools/doctor_install.cc": "runs the programs beside it: tests/e2e/test_doctor.py",
    "tools/engine_docker.cc": "engine_config_test.cc: all engines by one table",
    "tools/engine_containerd.cc": "engine_config_test.cc: all engines by one table",
    "tools/engine_dropin.cc": "engine_config_test.cc: all engines by one table",
    "tools/forgetful_heap.cc": "needs a process to look into at its end: tests/e2e/test_vault_memory.py",
    "tools/typed_secret.cc": "needs a terminal: tests/e2e/test_vault.py",
    "tools/private_memory.cc": "needs root and a shell: tests/e2e/test_vault.py, of edit",
    "tools/vault_commands.cc": "a table, which completion_test.cc walks through",
    "tools/vault_edit.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_export.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_get.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_init.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_list.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_put.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_remove.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_session.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_slot.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_value.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_verify.cc": "called as people do: tests/e2e/test_vault.py",
    "tools/vault_import.cc": "tests/e2e/test_vault_import.py; its readers have tests of their own",
    "vault/export.cc": "tests/e2e/test_vault.py: another key, and a backup",
    "vault/appender.cc": "everything that writer_test.cc and verify_test.cc read was written by it",
    "vault/commit.cc": "verify_test.cc walks through them, crash_test.cc cuts them short",
    "vault/compact.cc": "writer_test.cc and slots_test.cc: a vault before and after",
    "vault/create.cc": "all of tests/vault begins with it",
    "vault/header.cc": "unlock_test.cc, vault_test.cc and verify_test.cc: good, bad, each byte",
    "vault/node.cc": "writer_test.cc and verify_test.cc: trees of 1 to 4,000 names, each byte",
    "vault/replacement.cc": "slots_test.cc and writer_test.cc; killed at each call in crash_test.cc",
    "vault/superblock.cc": "vault_test.cc and verify_test.cc: truncated, mixed, each byte",
    "vault/tree.cc": "vault_test.cc and writer_test.cc read through it",
    "vault/tree_update.cc": "writer_test.cc: trees of 1 to 4,000 names",
    "vault/vault_file.cc": "vault_test.cc opens good and bad ones by it",
    "registry/session.cc": "needs a registry: tests/e2e/test_registry_auth.py",
    "registry/repository.cc": "needs a registry: tests/e2e/test_registry.py, test_registry_bad.py",
    "registry/remote_image.cc": "needs a registry: tests/e2e/test_registry.py, _bad.py",
    "registry/attachments.cc": "needs a registry: tests/e2e/test_registry.py, _bad.py",
    "tools/container_runtime.cc": "stops real containers: tests/e2e/test_report_images.py",
    "tools/report_images.cc": "looks at real containers: tests/e2e/test_report_images.py",
    "tools/local_containerd.cc": "reads a real containerd's store: tests/e2e/test_registry_containerd.py",
    "tools/registry_access.cc": "reads options for a registry: tests/e2e/test_registry_auth.py",
    "tools/verdict_push.cc": "needs a registry: tests/e2e/test_registry.py, test_registry_bad.py",
    "tools/verdict_pull.cc": "needs a registry: tests/e2e/test_registry.py, test_registry_bad.py",
    "base/result.cc": "one line; every failed system call in the tests goes through it",
}


def files(root):
    """Tracked files, and new ones not ignored; without git (a release archive) all of them."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
               "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=False)
    if listed.returncode == 0:
        names = [pathlib.Path(n.decode()) for n in listed.stdout.split(b"\0") if n]
    else:
        names = [p.relative_to(root) for p in root.rglob("*") if p.is_file()]
    return [n for n in sorted(set(names)) if n.parts[0] != "build" and (root / n).is_file()]


def check_code(root, name):
    text = (root / name).read_text(encoding="utf-8", errors="replace")
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        yield f"{name}: {len(lines)} lines, more than {MAX_LINES}: split it"
    for number, line in enumerate(lines, 1):
        if NOTE.search(line):
            yield f"{name}:{number}: a note to later selves: do it or leave it"
    if name.suffix == ".h" and "#pragma once" not in lines:
        yield f"{name}: no #pragma once"
    if text and not text.endswith("\n"):
        yield f"{name}: no newline at the end"


def check_mirror(root, names, unmirrored):
    for name in names:
        source = name.suffix == ".cc" and len(name.parts) == 2 and name.parts[0] in MIRRORED
        if not source or name.name == "main.cc":
            continue
        test = pathlib.Path("tests", name.parts[0], name.stem + "_test.cc")
        if (root / test).is_file() == (str(name) in unmirrored):
            yield (f"{name}: has {test}, yet is listed as a source without" if str(name) in unmirrored
                   else f"{name}: no {test}, and no reason in tests/lint/tree.py")
    for name in unmirrored:
        if not (root / name).is_file():
            yield f"{name}: listed in tests/lint/tree.py and not there"


def check(root, unmirrored):
    names = files(root)
    for name in names:
        if name.suffix in CODE:
            yield from check_code(root, name)
    yield from check_mirror(root, names, unmirrored)


def main():
    problems = list(check(pathlib.Path(sys.argv[1]).resolve(), UNMIRRORED))
    print("\n".join(problems) if problems else "tree: clean")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
