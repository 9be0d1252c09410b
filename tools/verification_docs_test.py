#!/usr/bin/env python3
"""Tests how tools/verification-docs finds the tests of a check, and the page that it makes."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parent / "verification-docs"
loader = importlib.machinery.SourceFileLoader("verification_docs", str(SCRIPT))
spec = importlib.util.spec_from_loader("verification_docs", loader)
docs = importlib.util.module_from_spec(spec)
loader.exec_module(docs)

IDS = ["one", "two"]
# A test's body, and what it holds of whom.
BODIES = [
    ('EXPECT_EQ(reason_of(v), "one");', {"one": [""]}),
    ('EXPECT_NE(reason_of(v), "one");', {}),
    ('std::set<std::string_view> alone = {"one"};', {}),
    ('f("one");', {}),
    ('EXPECT_EQ(reason_of(v), "three");', {}),
    # Of several, the first is the reason.
    ('EXPECT_EQ(refusals_of(v), (Ids{"two", "one"}));', {"two": [""]}),
    ('const Row rows[] = {{"one", "a " "row", f, {"two"}}, {"two", f}};',
     {"one": ["a row"], "two": [""]}),
    ('rows.push_back({"one", g(bit), {}});', {"one": [""]}),
    ('const Row rows[] = {\n  {"one", [](Case& c) { c.x = "name"; }},\n};', {"one": [""]}),
]


def found(*sources):
    return {check: [tuple(test) for test in tests]
            for check, tests in docs.tests_of(sources, IDS).items() if tests}


class TestsTest(unittest.TestCase):
    def test_in_a_test(self):
        for body, wanted in BODIES:
            with self.subTest(body):
                self.assertEqual(
                    found(("a_test.cc", "TEST(Suite, Name) {\n" + body + "\n}\n")),
                    {check: [("Suite.Name", row) for row in rows] for check, rows in wanted.items()})

    def test_rows_of_a_function_belong_to_the_suites_that_call_it(self):
        rows = ('std::vector<Fault> faults() {\n  return {{"one", "flipped", f, {"two"}},\n'
                '          {"two", "", g}};\n}\n')
        all_of_them = "const Faults& all() { return faults(); }\n"
        user = "TEST(Faults, Refuse) { for (auto f : all()) g(f); }\nTEST(Other, Is) { x.faults(); }\n"
        wanted = {"one": [("Faults.*", "flipped")], "two": [("Faults.*", "")]}
        self.assertEqual(found(("a_testing.cc", rows + all_of_them), ("a_test.cc", user)), wanted)
        self.assertEqual(found(("a_test.cc", rows + all_of_them + user)), wanted)
        # What stands in a test's file is not called from others, whatever has its name there.
        self.assertEqual(found(("b_test.cc", rows + all_of_them), ("a_test.cc", user)), {})

    def test_rows_that_name_their_checks_behind_something(self):
        rows = ('std::vector<Part> parts() {\n'
                '  return {part("CA", {"one", "two"}, {"two"}, &x), part("text", "two", "one", &y)};\n'
                '}\nTEST(Dates, Hold) { parts(); }\n')
        self.assertEqual(found(("a_test.cc", rows)),
                         {"one": [("Dates.*", "CA"), ("Dates.*", "text")],
                          "two": [("Dates.*", "CA"), ("Dates.*", "text")]})

    def test_rules_by_their_names(self):
        source = "EXPECT_EQ(reason_of(v), policy_rules::kOne.id); f(rules::kAll, {rules::kTwo, g});"
        self.assertEqual(docs.with_ids(source, {"kOne": "one", "kTwo": "two"}),
                         'EXPECT_EQ(reason_of(v), "one"); f(rules::kAll, {"two", g});')


class PageTest(unittest.TestCase):
    def test_page(self):
        rooms = {"policy": [{"id": "one", "requirement": "x < y.", "rule": "RFC *1*",
                             "advice": "look"}]}
        tests = {"one": [docs.Test("A.B", ""), docs.Test("C, D", "first"),
                         docs.Test("C, D", "second")]}
        self.assertEqual(docs.page("# Title\n\nText.\n", rooms, tests), "\n".join([
            "# Title", "", "Text.", "", docs.MARK.strip(), "", "## Do I accept it?", "",
            "### `one`", "", "x \\< y.", "", "- **Source:** RFC \\*1\\*",
            "- **Where it does not hold:** look",
            "- **Tests:** `A.B`, `C`, `D` (first; second)", ""]))


if __name__ == "__main__":
    unittest.main()
