"""Reads what test programs print in the Test Anything Protocol."""

import re

LINE = re.compile(r"^(not )?ok\b\s*(\d*)\s*-?\s*(.*)$")
DIRECTIVE = re.compile(r"(?:^|\s)#\s*(skip|todo)\b(.*)$", re.IGNORECASE)


def outcome(failed, directive):
    if directive == "skip":
        return "skip"
    if directive == "todo":
        return "todo"
    return "fail" if failed else "pass"


def parse(text):
    """{name: (outcome, detail)}; detail is what followed the line, up to the next.

    A name that comes twice gets a number: the same test of two runs is then still the same.
    """
    tests = {}
    last = None
    for line in text.splitlines():
        match = LINE.match(line)
        if not match:
            if last and line.startswith("#"):
                tests[last][1].append(line)
            continue
        failed, _, name = match.groups()
        directive = DIRECTIVE.search(name)
        name = DIRECTIVE.sub("", name).strip() or (directive.group(2).strip() if directive else "")
        last, count = name, 1
        while last in tests:
            count += 1
            last = f"{name} ({count})"
        tests[last] = (outcome(failed, directive and directive.group(1).lower()), [])
    return {name: (result, "\n".join(detail)) for name, (result, detail) in tests.items()}


def whole(text):
    """Whether the plan was kept: a program that died in the middle has said less than it meant to."""
    plan = re.search(r"^1\.\.(\d+)", text, re.MULTILINE)
    said = sum(1 for line in text.splitlines() if LINE.match(line))
    return plan is not None and said == int(plan.group(1))
