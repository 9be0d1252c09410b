#!/usr/bin/env python3
"""Tests tools/check-floors: each rule, on a small tree that breaks it, must be reported."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parent / "check-floors"
loader = importlib.machinery.SourceFileLoader("check_floors", str(SCRIPT))
spec = importlib.util.spec_from_loader("check_floors", loader)
floors = importlib.util.module_from_spec(spec)
loader.exec_module(floors)
# What is excepted by name is not in the small trees.
floors.REINTERPRET_CAST_ALLOWED = {}
floors.IMPURE_ALLOWED = {}

# Path, text, and what the report must contain; an empty string means that nothing is reported.
CASES = [
    ("src/quote/a.cc", '#include "src/base/reader.h"\n#include "quoin/bytes.h"\n', ""),
    ("src/quote/a.cc", '#include "src/verify/verify.h"\n', "stands below verify"),
    ("src/quote/a.cc", '#include "quoin/verify.h"\n', "stands below verify"),
    ("src/quote/a.cc", '#include "src/nowhere/a.h"\n', "in no room"),
    ("src/quote/a.cc", '#include "quoin/nowhere.h"\n', "in no room"),
    ("src/quote/a.cc", '#include "reader.h"\n', "not written from the root"),
    ("src/quote/a.cc", '#include "src/base/bytes_testing.h"\n', "is for tests"),
    ("src/quote/a_test.cc", '#include "src/base/bytes_testing.h"\n', ""),
    ("src/quote/a.cc", '#include "src/base/testing_files.h"\n', "is for tests"),
    ("src/base/testing_files.h", "#ifndef QUOIN_SRC_BASE_TESTING_FILES_H_\n"
     "#define QUOIN_SRC_BASE_TESTING_FILES_H_\n#include <fstream>\n#endif\n", ""),
    ("src/base/latest_files.cc", "#include <fstream>\n", "is pure"),
    ("src/wasm/guest/a.c", '#include "wasi.h"\n', ""),
    ("src/verify/a.cc", '#include "src/simulator/pki.h"\n', "stands below simulator"),
    ("src/verify/a_test.cc", '#include "src/simulator/pki.h"\n', ""),
    ("src/verify/a_test.cc", '#include "src/policy/policy.h"\n', "stands below policy"),
    ("src/service/a.cc", '#include "src/simulator/pki.h"\n', "may not include simulator"),
    ("src/service/a.cc", '#include "src/wasm/run.h"\n', "may not include wasm"),
    ("src/cli/a.cc", '#include "src/simulator/pki.h"\n#include "src/wasm/run.h"\n', ""),
    ("src/attic/a.cc", "", "does not know"),
    ("src/verify/a.cc", "#include <fstream>\n", "is pure"),
    ("src/verify/a.cc", "#include <filesystem>\n", "is pure"),
    ("src/verify/a.cc", "#include <sys/stat.h>\n", "is pure"),
    ("src/verify/a.cc", "#include <unistd.h>\n", "is pure"),
    ("src/verify/a.cc", "#include <curl/curl.h>\n", "is pure"),
    ("src/verify/a_test.cc", "#include <fstream>\n", ""),
    ("src/td/a.cc", "#include <fstream>\n", ""),
    ("src/verify/a.cc", "auto t = std::chrono::system_clock::now();\n", "reads a clock"),
    ("src/verify/a.cc", "auto t = time(nullptr);\n", "reads a clock"),
    ("src/verify/a.cc", "// time(nullptr) would be wrong here\nf(issue_time(0));\n", ""),
    ("src/verify/a.cc", 'auto* e = getenv("HOME");\n', "reads the environment"),
    ("src/verify/a.cc", "std::cout << 1;\n", "prints"),
    ("src/verify/a.cc", "printf(x);\n", "prints"),
    ("src/verify/a.cc", "snprintf(b, n, x);\n", ""),
    ("src/verify/a.cc", "RAND_bytes(b, n);\n", "random"),
    ("src/td/a.cc", "auto* p = reinterpret_cast<int*>(q);\n", "reinterpret_cast"),
    ("src/td/a.cc", '// reinterpret_cast\nauto s = "reinterpret_cast";\n', ""),
    ("src/td/a.cc", "#define CHECK(x) x\n", "macro CHECK"),
    ("src/td/a.h", "#ifndef QUOIN_SRC_TD_A_H_\n#define QUOIN_SRC_TD_A_H_\n#endif\n", ""),
    ("src/td/a.h", "#ifndef A_H\n#define A_H\n#endif\n", "macro A_H"),
    ("src/td/a.h", "int f();\n", "no include guard"),
    ("src/td/a.cc", "// TO" "DO: later\n", "unfinished"),
    ("src/td/a.cc", "int size = 1'000'000;  // TO" "DO\n", "unfinished"),
    ("src/td/a.cc", "\n" * 601, "more than 600 lines"),
    ("include/quoin/quote.h", "#ifndef QUOIN_QUOTE_H_\n#define QUOIN_QUOTE_H_\n"
     '#include <vector>\n#include "quoin/bytes.h"\n#endif\n', ""),
    ("include/quoin/quote.h", "#ifndef QUOIN_QUOTE_H_\n#define QUOIN_QUOTE_H_\n"
     '#include "src/base/reader.h"\n#endif\n', "a public header includes"),
    ("include/quoin/quote.h", "#ifndef QUOIN_QUOTE_H_\n#define QUOIN_QUOTE_H_\n"
     "#include <openssl/evp.h>\n#endif\n", "a public header includes"),
    ("include/quoin/quote.h", "#ifndef QUOIN_QUOTE_H_\n#define QUOIN_QUOTE_H_\n"
     '#include "quoin/verify.h"\n#endif\n', "stands below verify"),
    ("tools/a", "# FIX" "ME\n", "unfinished"),
]


class CheckFloorsTest(unittest.TestCase):
    def test_each_rule(self):
        for path, text, wanted in CASES:
            with self.subTest(path=path, text=text[:60]), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                (root / path).parent.mkdir(parents=True)
                (root / path).write_text(text, encoding="utf-8")
                _, problems = floors.check_tree(root)
                if wanted:
                    self.assertTrue(any(wanted in problem for problem in problems), problems)
                else:
                    self.assertEqual(problems, [])

    def test_line_numbers(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "src/td").mkdir(parents=True)
            (root / "src/td/a.cc").write_text("/* one\n two */\nint x = 1'0;\n#define A 1\n")
            _, problems = floors.check_tree(root)
            self.assertEqual(len(problems), 1)
            self.assertTrue(problems[0].startswith("src/td/a.cc:4: macro A"), problems)

    def test_an_empty_tree_has_no_files(self):
        with tempfile.TemporaryDirectory() as folder:
            files, _ = floors.check_tree(pathlib.Path(folder))
            self.assertEqual(files, 0)


if __name__ == "__main__":
    unittest.main()
