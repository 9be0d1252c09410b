#!/usr/bin/env python3
"""Tests tools/tidy on a small room: which files share a unit, and that what is wrong in any is found."""

import importlib.machinery
import importlib.util
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parent / "tidy"
loader = importlib.machinery.SourceFileLoader("tidy", str(SCRIPT))
spec = importlib.util.spec_from_loader("tidy", loader)
tidy = importlib.util.module_from_spec(spec)
sys.modules["tidy"] = tidy
loader.exec_module(tidy)

FILES = {
    "a.cc": "namespace { const int kWhat = 1; }\nint a() { return kWhat; }\n",
    "b.cc": "namespace { const int kWhat = 2; }\nint b() { return kWhat; }\n",
    "c.cc": "int c() { return 3; }\n",
}


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        # As the real tree: the header filter names src/.
        self.room = pathlib.Path(folder.name) / "src"
        self.room.mkdir()
        tidy.UNITS = pathlib.Path(folder.name) / "units"
        tidy.UNITS.mkdir()

    def units(self, files):
        entries = {}
        for name, text in files.items():
            path = self.room / name
            path.write_text(text)
            entries[str(path)] = {"command": f"clang++-19 -std=c++20 -o {name}.o -c {path}"}
        return tidy.units_of("room", entries, self.room)

    def names(self, files):
        return [[pathlib.Path(file).name for file in unit.files] for unit in self.units(files)]

    def test_files_whose_names_collide_do_not_share_a_unit(self):
        self.assertEqual(self.names(FILES), [["a.cc", "c.cc"], ["b.cc"]])

    def test_no_file_is_lost_when_nothing_compiles(self):
        broken = {name: "#error no\n" for name in FILES}
        self.assertEqual(sorted(sum(self.names(broken), [])), sorted(FILES))

    def test_an_error_in_a_header_is_not_taken_for_agreement(self):
        files = {"a.cc": "int a;\n", "b.cc": '#include "b.h"\n', "c.cc": '#include "b.h"\n'}
        (self.room / "b.h").write_text("static int twice = 0;\n")
        self.assertEqual(self.names(files), [["a.cc", "b.cc"], ["c.cc"]])

    @unittest.skipUnless(shutil.which("clang-tidy-19"), "clang-tidy-19 is not installed")
    def test_what_is_wrong_in_any_file_is_found(self):
        (self.room / ".clang-tidy").write_text(
            "Checks: '-*,clang-analyzer-core.*,readability-else-after-return,bugprone-*'\n"
            "WarningsAsErrors: '*'\n")
        (tidy.UNITS / ".clang-tidy").write_text((self.room / ".clang-tidy").read_text())
        wrong = {
            "b.cc": ("int b(int x) { if (x) { return 1; } else { return 2; } }\n", "else-after"),
            "c.cc": ("int c(int x) { int* p = nullptr; return x ? 0 : *p; }\n", "NullDereference"),
        }
        for name, (text, found) in wrong.items():
            with self.subTest(name=name):
                units = self.units({"a.cc": FILES["a.cc"], "z.cc": FILES["c.cc"], name: text})
                self.assertEqual(len(units), 1)
                tidy.write_commands(units, self.room)
                clean, said = tidy.tidy(units[0])
                self.assertFalse(clean)
                self.assertIn(found, said)
                self.assertIn(name, said)
        units = self.units({"a.cc": FILES["a.cc"], "z.cc": FILES["c.cc"]})
        tidy.write_commands(units, self.room)
        self.assertEqual(tidy.tidy(units[0]), (True, ""))


if __name__ == "__main__":
    unittest.main()
