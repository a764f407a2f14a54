#!/usr/bin/env python3
"""Plants each violation that the lint scripts look for, and sees it found."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import early  # noqa: E402
import layers  # noqa: E402
import one_definition  # noqa: E402
import static  # noqa: E402
import tidy  # noqa: E402
import tree  # noqa: E402


class Tree(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        self.write("base/file.h", "#pragma once\n")
        self.write("base/json.h", "#pragma once\n#include <string>\n")
        self.write("policy/plan.h", '#pragma once\n#include "base/json.h"\n')
        self.write("oci/load.h", '#pragma once\n#include "policy/plan.h"\n')
        self.write("shim/run.h", '#pragma once\n#include "oci/load.h"\n#include <unistd.h>\n')

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class Layers(Tree):
    def found(self, graph=None):
        file = None
        if graph is not None:
            self.write("graph.txt", graph)
            file = self.root / "graph.txt"
        return list(layers.check(self.root, file))

    def test_a_clean_tree_is_clean(self):
        graph = "runward_oci: runward_policy runward_base\nrunward: runward_shim\nbase_test: runward_shim\n"
        self.assertEqual([], self.found(graph))

    def test_clang_tidy_looks_at_the_headers_of_each_layer(self):
        config = pathlib.Path(__file__).resolve().parents[2] / ".clang-tidy"
        looked_at = re.search(r"^HeaderFilterRegex: '(.*)'$", config.read_text(), re.M)[1]
        for folder in (*layers.LAYERS, *layers.FREE):
            self.assertRegex(f"/{folder}/file.h", looked_at)

    def test_an_include_upwards_is_found_with_its_line(self):
        self.write("base/bad.cc", '#include "base/json.h"\n#include "policy/plan.h"\n')
        self.assertEqual(['base/bad.cc:2: base/ may not include "policy/plan.h"'], self.found())

    def test_every_spelling_of_an_include_is_found(self):
        self.write("tools/t.h", "#pragma once\n")
        for line in ('#include "tools/t.h"', "#include <tools/t.h>", '  # include "tools/t.h"',
                     '#include"tools/t.h"', '#include "../tools/t.h"', '#include "t.h"',
                     "#define T <tools/t.h>\n#include T", '#include "oci/../tools/t.h"'):
            self.write("shim/bad.cc", line + "\n")
            self.assertEqual(1, len(self.found()), line)

    def test_the_shim_reaches_neither_vault_nor_packet_filter(self):
        self.write("vault/key.h", "#pragma once\n")
        self.write("netfilter/rule.h", "#pragma once\n")
        self.write("shim/bad.cc", '#include "vault/key.h"\n#include "netfilter/rule.h"\n')
        self.assertEqual(2, len(self.found()))

    def test_an_unknown_folder_with_sources_is_found(self):
        self.write("util/misc.h", "#pragma once\n")
        self.assertEqual(["util/: not in the table of layers"], self.found())

    def test_the_layers_that_decide_are_pure(self):
        for folder in layers.PURE:
            for line in ("#include <unistd.h>", "#include <fcntl.h>", "#include <sys/stat.h>",
                         "#include <fstream>", "#include <chrono>", '#include "base/file.h"',
                         "Time t = Now();", "yaml_parser_set_input_file(&parser, file);"):
                self.write(f"{folder}/bad.cc", line + "\n")
                self.assertEqual(1, len(self.found()), line)
            self.write(f"{folder}/bad.cc", "#include <yaml.h>\n")
            self.assertEqual(0 if folder == "scan" else 1, len(self.found()))
            (self.root / folder / "bad.cc").unlink()

    def test_a_link_upwards_is_found(self):
        for line in ("runward_policy: runward_base runward_oci", "runward: runward_vault",
                     "runward_shim: runward_oci /usr/lib/libnftnl.a", "runwardctl: runward_shim"):
            self.assertEqual(1, len(self.found(line + "\n")), line)


class OneDefinition(Tree):
    def found(self):
        return list(one_definition.check(self.root))

    def test_a_name_stands_once(self):
        self.write("base/a.h", "namespace runward {\nstruct Node {\n  int x;\n};\n}\n")
        self.assertEqual([], self.found())
        for text in ("struct Node { int y; };", "class Node final : public Base { };",
                     "enum class Node : int { kOne };", "// struct Node {\nunion Node { int z; };",
                     'const char* s = "{";\nstruct [[nodiscard]] Node {};'):
            self.write("oci/b.cc", "namespace runward {\n" + text + "\n}\n")
            self.assertEqual(1, len(self.found()), text)

    def test_what_only_one_file_sees_may_be_called_the_same(self):
        self.write("base/a.h", "namespace runward {\nstruct Node {\n  int x;\n};\n}\n")
        for text in ("namespace runward {\nnamespace {\nstruct Node {};\n}\n}",
                     "namespace runward {\nstruct Tree {\n  struct Node {};\n};\n}",
                     "namespace runward {\nvoid F() {\n  struct Node {};\n}\n}",
                     "namespace runward {\nstruct Node;\nvoid F(struct Node* n) { }\n}",
                     "namespace runward::other {\nstruct Node {};\n}",
                     "namespace runward {\n// struct Node {\nconst char c = '{';\n}",
                     "namespace runward {\nstruct Tree::Node {};\n}"):
            self.write("oci/b.cc", text + "\n")
            self.assertEqual([], self.found(), text)

    def test_a_tests_type_is_no_layers(self):
        self.write("base/a.h", "namespace runward {\nstruct Node {};\n}\n")
        self.write("tests/oci/a.h", "namespace runward {\nstruct Node {};\n}\n")
        self.assertEqual(1, len(self.found()))
        self.write("tests/oci/a.h", "namespace runward {\nstruct Other {};\n}\n")
        self.write("tests/base/a.h", "namespace runward {\nstruct Other {};\n}\n")
        self.assertEqual([], self.found(), "two programs")


class Files(Tree):
    def found(self, unmirrored=None):
        return list(tree.check(self.root, unmirrored or {}))

    def test_a_clean_tree_is_clean(self):
        self.write("base/json.cc", "int x;\n")
        self.write("tests/base/json_test.cc", "int y;\n")
        self.assertEqual([], self.found())

    def test_a_source_without_a_test_is_found_unless_listed(self):
        self.write("oci/load.cc", "int x;\n")
        self.assertEqual(1, len(self.found()))
        self.assertEqual([], self.found({"oci/load.cc": "why"}))

    def test_a_stale_exception_is_found(self):
        self.assertEqual(1, len(self.found({"oci/gone.cc": "why"})))
        self.write("oci/load.cc", "int x;\n")
        self.write("tests/oci/load_test.cc", "int x;\n")
        self.assertEqual(1, len(self.found({"oci/load.cc": "why"})))

    def test_long_files_notes_and_missing_guards_are_found(self):
        for name, text in (("tools/long.h", "#pragma once\n" * 301), ("tools/guard.h", "int x;\n"),
                           ("tools/note.h", "#pragma once\n// TO" "DO: later\n"),
                           ("tools/end.h", "#pragma once")):
            self.write(name, text)
            self.assertEqual(1, len(self.found()), name)
            (self.root / name).unlink()


class Static(Tree):
    def build(self, source, *flags):
        self.write("x.c", source)
        out = self.root / "x"
        command = ["gcc", *flags, "-o", str(out), str(self.root / "x.c")]
        subprocess.run(command, check=True)
        return list(static.problems(str(out)))

    def test_a_dynamic_executable_and_a_signer_are_found(self):
        self.assertEqual([], self.build("int main(void) { return 0; }", "-static"))
        self.assertEqual(1, len(self.build("int main(void) { return 0; }")))
        source = "void crypto_sign_keypair(void) {} int main(void) { return 0; }"
        self.assertEqual(1, len(self.build(source, "-static")))


class Early(Tree):
    """A program that begins at a place of its own, and what runs there."""

    GOOD = "void RunwardHookEntry(void) {} int main(void) { return 0; }"

    def build(self, source, *flags):
        self.write("x.c", source)
        objects, out = self.root / "x.o", self.root / "x"
        subprocess.run(["gcc", "-c", "-o", str(objects), str(self.root / "x.c")], check=True)
        subprocess.run(["gcc", *flags, "-o", str(out), str(objects)], check=True)
        return list(early.problems(str(out), [str(objects)]))

    def test_a_call_of_the_c_library_and_another_beginning_are_found(self):
        flags = "-static", "-Wl,-e,RunwardHookEntry"
        self.assertEqual([], self.build(self.GOOD, *flags))
        self.assertIn("does not begin", "".join(self.build(self.GOOD, "-static")))
        called = "#include <string.h>\nvoid Copy(char* a, char* b, int n) { memcpy(a, b, n); }\n"
        self.assertIn("calls memcpy", "".join(self.build(called + self.GOOD, *flags)))

    def test_what_is_runwards_own_and_begins_later_is_found(self):
        later = "_ZN7runward5LaterEv"
        self.write("later.c", f"void {later}(void) {{}}")
        other = self.root / "later.o"
        subprocess.run(["gcc", "-c", "-o", str(other), str(self.root / "later.c")], check=True)
        flags = str(other), "-static", "-Wl,-e,RunwardHookEntry"
        called = f"void {later}(void);\nvoid Begin(void) {{ {later}(); }}\n"
        self.assertIn(f"calls {later}", "".join(self.build(called + self.GOOD, *flags)))
        self.assertEqual([], list(early.problems(str(self.root / "x"), [str(self.root / "x.o"), str(other)])))


@unittest.skipUnless(shutil.which("clang-tidy"), "not there: clang-tidy")
class Tidy(Tree):
    """Sources that are looked at together, with the same names in their unnamed namespaces."""

    GOOD = """namespace runward {
namespace {
struct Pair {
  int left;
};
constexpr int kMost = 3;
int Twice(Pair* pair) { return pair == nullptr ? kMost : 2 * pair->left; }
}  // namespace
int %s(int number) {
  Pair pair{number};
  return Twice(&pair);
}
}  // namespace runward
"""

    def setUp(self):
        super().setUp()
        for folder in (".", "tests"):
            (self.root / folder).mkdir(exist_ok=True)
            shutil.copy(pathlib.Path(__file__).resolve().parents[2] / folder / ".clang-tidy",
                        self.root / folder)
        for name in ("one", "two", "three"):
            self.write(f"tools/{name}.cc", self.GOOD % name.title())

    def group(self):
        return [(path, ["clang++", "-Wno-everything", "-std=gnu++20", "-c", str(path)])
                for path in sorted(self.root.glob("tools/*.cc"))]

    def test_good_ones_are_one_unit(self):
        self.assertTrue(tidy.together(self.root, self.root, self.group()))
        (one,) = tidy.groups(self.group())
        self.assertEqual(one, self.group())

    def test_what_is_wrong_in_one_of_them_is_found_there(self):
        bad = self.root / "tools/two.cc"
        for wrong, complaint in (("Pair* none = nullptr;\n  if (number > 3) return none->left;\n  ",
                                  "NullDereference"),
                                 ("if (number > 3);\n  ", "suspicious-semicolon")):
            bad.write_text((self.GOOD % "Two").replace("Pair pair{", wrong + "Pair pair{"))
            ((path, text),) = tidy.complaints(self.root, self.root, self.group())
            self.assertEqual(path, bad)
            self.assertIn(complaint, text)

    def test_one_that_leans_on_anothers_includes_is_found(self):
        self.write("tools/one.cc", "#include <cerrno>\n" + self.GOOD % "One")
        bad = self.root / "tools/two.cc"
        bad.write_text((self.GOOD % "Two").replace("kMost = 3", "kMost = EINVAL"))
        self.assertTrue(tidy.together(self.root, self.root, self.group()[::2]))
        cache = self.root / "cache"
        cache.mkdir()
        ((path, _),) = tidy.tidy(self.root, cache, self.root, self.group())
        self.assertEqual(path, bad)


if __name__ == "__main__":
    unittest.main()
