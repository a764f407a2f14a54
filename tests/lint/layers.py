#!/usr/bin/env python3
"""Enforces the table of layers (docs/architecture.md): what a folder may include and link.

Usage: layers.py ROOT [LINK_GRAPH]     prints one line a violation; exit 1 if there is one.
"""

import pathlib
import re
import sys

# Folder -> folders below it that it may use.
LAYERS = {
    "base": [],
    "policy": ["base"],
    "scan": ["base", "policy"],
    "oci": ["base", "policy"],
    "registry": ["base", "policy"],
    "netfilter": ["base", "policy"],
    "peers": ["base", "policy", "oci", "netfilter"],
    "vault": ["base"],
    "secrets": ["base", "policy", "oci", "vault"],
    "shim": ["base", "policy", "oci"],
    "agent": ["base", "policy", "oci", "netfilter", "peers", "vault", "secrets"],
    "hooks": ["base", "policy", "oci", "netfilter", "peers", "vault", "secrets"],
    "tools": ["base", "policy", "scan", "oci", "registry", "netfilter", "peers", "vault",
              "secrets"],
}
# Free to use every layer.
FREE = ["tests", "bench"]

# policy/ decides, and scan/ judges, from what they are given: no file, no clock, no environment. What they may
# include from outside the project is listed, not forbidden, so that a new way out is not overlooked.
PURE = ("policy", "scan")
PURE_OWN = {"yaml.h": "scan"}  # libyaml reads from memory; it can read files, which is not used
PURE_SYSTEM = re.compile(
    r"(algorithm|array|bit|cassert|cctype|charconv|climits|compare|concepts|cstddef|cstdint|cstring"
    r"|functional|initializer_list|iterator|limits|map|memory|numeric|optional|ranges|set|span"
    r"|string|string_view|tuple|type_traits|unordered_map|unordered_set|utility|variant|vector"
    r"|nlohmann/.*|sodium.*|openssl/.*)$")
PURE_BASE = ["base/check.h", "base/clock.h", "base/encoding.h", "base/glob.h", "base/json.h",
             "base/json_data.h", "base/result.h", "base/secret_reference.h"]
PURE_CALLS = re.compile(r"\b(Now|getenv|getpid|geteuid|getrandom|randombytes_\w+|fopen|system"
                        r"|yaml_parser_set_input_file)\s*\(")

# Libraries from outside that only the layer that owns the concern may link.
OWNED = {
    "curl": "registry",
    "nftnl": "netfilter", "mnl": "netfilter", "nl-3": "netfilter", "netfilter_log": "netfilter",
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*(?:include|include_next|import)[ \t]*(\S.*?)[ \t]*$', re.M)


def sources(root, folder):
    for path in sorted((root / folder).rglob("*")):
        if path.suffix in (".cc", ".h", ".cpp", ".hpp", ".c", ".inc"):
            yield path


def included(line):
    """The name between the quotes or brackets, and whether they were quotes."""
    match = re.match(r'"([^"]*)"|<([^>]*)>', line)
    if not match:
        return None, False
    return match.group(1) or match.group(2), match.group(1) is not None


def check_include(root, folder, line):
    name, quoted = included(line)
    if name is None:
        return f"include of a macro: {line}"
    first = name.split("/")[0]
    ours = quoted or (first in LAYERS or first in FREE)
    if not ours:
        if folder in PURE and not PURE_SYSTEM.match(name) and PURE_OWN.get(name) != folder:
            return f"{folder}/ is pure and may not include <{name}>"
        return None
    if "/" not in name or ".." in name.split("/") or not (root / name).is_file():
        return f'"{name}" is not a path of this project from its root'
    if first != folder and first not in LAYERS.get(folder, []):
        return f'{folder}/ may not include "{name}"'
    if folder in PURE and first == "base" and name not in PURE_BASE:
        return f'{folder}/ is pure and may not include "{name}"'
    return None


def check_file(root, folder, path):
    text = path.read_text(encoding="utf-8")
    where = path.relative_to(root)
    for match in INCLUDE.finditer(text):
        problem = check_include(root, folder, match.group(1))
        if problem:
            line = text.count("\n", 0, match.start()) + 1
            yield f"{where}:{line}: {problem}"
    if folder not in PURE:
        return
    for number, line in enumerate(text.splitlines(), 1):
        call = PURE_CALLS.search(line.split("//")[0])
        if call:
            yield f"{where}:{number}: {folder}/ is pure and may not call {call.group(1)}()"


def check_links(text):
    """Each target's links, direct ones; what a library below links was checked at its own line."""
    owner = {"runward": "shim", "runward-hook": "hooks", "runward-env": "hooks",
             "runward-agent": "agent", "runwardctl": "tools"}
    for line in text.splitlines():
        target, _, rest = line.partition(":")
        folder = owner.get(target, target.removeprefix("runward_"))
        if folder not in LAYERS:
            continue  # a test or a benchmark
        for library in rest.split():
            below = library.removeprefix("runward_")
            if below in LAYERS and below != folder and below not in LAYERS[folder]:
                yield f"{target}: {folder} may not link {library}"
            for part, only in OWNED.items():
                if part in library and folder != only:
                    yield f"{target}: only {only} may link {library}"


def check(root, graph):
    for entry in sorted(root.iterdir()):
        known = entry.name in LAYERS or entry.name in FREE or entry.name.startswith((".", "build"))
        if entry.is_dir() and not known and any(sources(root, entry.name)):
            yield f"{entry.name}/: not in the table of layers"
    for folder in LAYERS:
        for path in sources(root, folder):
            yield from check_file(root, folder, path)
    if graph:
        yield from check_links(graph.read_text())


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    graph = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    problems = list(check(root, graph))
    print("\n".join(problems) if problems else "layers: clean")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
