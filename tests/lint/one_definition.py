#!/usr/bin/env python3
"""Two types of one name in one namespace are a mistake that no linker tells of: whichever constructor, destructor
or inline function it meets first is taken for both (the one-definition rule). Each name stands once.

Usage: one_definition.py ROOT     prints one line a violation; exit 1 if there is one.

Looked at are definitions outside functions, classes and unnamed namespaces, in the folders of layers.py; those of
a folder of tests, which is a program of its own, besides all of the layers'.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from layers import LAYERS, sources  # noqa: E402

# Comments, strings and characters, each replaced by a blank; lines stay where they are.
NOISE = re.compile(r'//[^\n]*|/[*].*?[*]/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
                   r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'", re.DOTALL)
DEFINITION = re.compile(r"\b(?:struct|class|union|enum(?:\s+(?:struct|class))?)\s+"
                        r"(?:\[\[[^]]*\]\]\s*|alignas\([^)]*\)\s*)*([A-Za-z_]\w*(?:::\w+)*)\s*"
                        r"(?:final\s*)?(?::(?!:)[^;{}()=]*)?$")
NAMESPACE = re.compile(r"\bnamespace(\s+[\w:]+)?\s*$")


def definitions(text):
    """(line, qualified name) of each type that other files could define too."""
    text = NOISE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    text = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.M)
    open_braces = []  # a namespace's name; "" for an unnamed one; None for anything else
    head = 0  # where the text that a brace belongs to begins
    for match in re.finditer(r"[{};]", text):
        if match[0] == "{":
            words = text[head:match.start()]
            namespace, definition = NAMESPACE.search(words), DEFINITION.search(words)
            if definition and None not in open_braces and "" not in open_braces:
                yield (text.count("\n", 0, head + definition.start(1)) + 1,
                       "::".join([*open_braces, definition[1]]))
            open_braces.append((namespace[1] or "").strip() if namespace else None)
        elif match[0] == "}" and open_braces:
            open_braces.pop()
        head = match.end()


def check(root):
    known = {}  # name -> where it stands in a layer
    for folder in LAYERS:
        for path in sources(root, folder):
            for line, name in definitions(path.read_text(encoding="utf-8")):
                where = f"{path.relative_to(root)}:{line}"
                if name in known:
                    yield f"{where}: {name} is also defined at {known[name]}: rename one"
                known.setdefault(name, where)
    for folder in sorted(entry for entry in (root / "tests").glob("*") if entry.is_dir()):
        mine = dict(known)
        for path in sources(root, folder.relative_to(root)):
            for line, name in definitions(path.read_text(encoding="utf-8")):
                where = f"{path.relative_to(root)}:{line}"
                if name in mine:
                    yield f"{where}: {name} is also defined at {mine[name]}: rename one"
                mine.setdefault(name, where)


def main():
    problems = list(check(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(problems) if problems else "one_definition: clean")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
