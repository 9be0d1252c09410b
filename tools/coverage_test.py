#!/usr/bin/env python3
"""Tests what tools/coverage makes of llvm-cov's segments and branches, and of the exceptions."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parent / "coverage"
loader = importlib.machinery.SourceFileLoader("coverage_tool", str(SCRIPT))
spec = importlib.util.spec_from_loader("coverage_tool", loader)
coverage = importlib.util.module_from_spec(spec)
loader.exec_module(coverage)

# As clang 19 writes it: line, column, count, has count, is entry, is gap.
SOURCE = ["int f(int a) {", "  if (a)", "    // why", "    return TRY(g());", "  return h();", "}"]


def a_file(missed_lines=(), missed_conditions=(), lines=100, conditions=100):
    return coverage.File("src/quote/a.cc", lines, list(missed_lines), conditions,
                         list(missed_conditions), (0, 0))


class LineCountsTest(unittest.TestCase):
    def test_lines_that_carry_code(self):
        segments = [(1, 14, 3, True, True, False), (2, 7, 3, True, True, False),
                    (2, 8, 3, True, False, False), (2, 9, 0, True, False, True),
                    (4, 5, 0, True, True, False), (4, 21, 3, True, False, True),
                    (5, 3, 3, True, True, False), (6, 2, 0, False, False, False)]
        self.assertEqual(coverage.line_counts(segments, SOURCE), {1: 3, 2: 3, 4: 0, 5: 3})

    def test_looks_through_the_gap_behind_a_statement_expression(self):
        # A gap of 0 up to line 5, where the function's region goes on.
        segments = [(1, 14, 3, True, True, False), (4, 21, 0, True, False, True),
                    (5, 3, 2, True, False, False), (6, 2, 0, False, False, False)]
        self.assertEqual(coverage.line_counts(segments, SOURCE)[5], 2)

    def test_does_not_look_through_code_that_never_ran(self):
        segments = [(1, 14, 3, True, True, False), (4, 21, 3, True, False, True),
                    (5, 3, 0, True, True, False), (6, 2, 0, False, False, False)]
        self.assertEqual(coverage.line_counts(segments, SOURCE)[5], 0)


class ConditionsTest(unittest.TestCase):
    SOURCE = ["x = a && b;", "if (c) {}", "switch (d) {", "case 1:", "default:"]

    def results(self, records, branches):
        found = coverage.condition_results(records, branches, self.SOURCE)
        return {name: shown for (_, name), shown in found.items()}

    def test_conditions_of_a_decision_are_named_in_order(self):
        branches = [(1, 10, 1, 11, 5, 5, 0, 0, 6), (1, 5, 1, 6, 5, 5, 0, 0, 6)]
        self.assertEqual(self.results([(1, 5, 1, 11, 0, 5, [True, False])], branches),
                         {"a in a && b": True, "b in a && b": False})

    def test_a_decision_within_a_decision(self):
        source = ["return a && any([] { return b || c; }) && (d ? e : f);"]
        leaves = [source[0].index(x) + 1 for x in ("a ", "any", "b ", "c;", "(d", "d ")]
        a, call, b, c, choice, d = leaves
        branches = [(1, a, 1, a + 1, 1, 1, 0, 0, 6), (1, call, 1, call + 25, 1, 1, 0, 0, 6),
                    (1, b, 1, b + 1, 1, 1, 0, 0, 6), (1, c, 1, c + 1, 1, 1, 0, 0, 6),
                    (1, choice, 1, choice + 11, 1, 1, 0, 0, 6), (1, d, 1, d + 1, 1, 0, 0, 0, 4)]
        found = coverage.condition_results(
            [(1, a, 1, choice + 11, 0, 5, [True, True, True]), (1, b, 1, c + 1, 0, 5, [True, False])],
            branches, source)
        missed = [name for (_, name), shown in found.items() if not shown]
        self.assertEqual(missed, ["c in b || c", "d is never false"])
        self.assertEqual(len(found), 6)

    def test_instantiations_count_together(self):
        branches = [(1, 5, 1, 6, 1, 0, 0, 0, 6), (1, 10, 1, 11, 1, 0, 0, 0, 6),
                    (2, 5, 2, 6, 1, 0, 0, 0, 4), (2, 5, 2, 6, 0, 7, 0, 0, 4)]
        records = [(1, 5, 1, 11, 0, 5, [True, False]), (1, 5, 1, 11, 0, 5, [False, True])]
        self.assertEqual(self.results(records, branches),
                         {"a in a && b": True, "b in a && b": True, "c": True})

    def test_a_condition_that_stands_alone_is_seen_true_and_false(self):
        self.assertEqual(self.results([], [(2, 5, 2, 6, 3, 0, 0, 0, 4)]),
                         {"c is never false": False})
        self.assertEqual(self.results([], [(2, 5, 2, 6, 0, 3, 0, 0, 4)]),
                         {"c is never true": False})

    def test_constants_and_switches_are_none(self):
        self.assertEqual(self.results([], [(2, 5, 2, 6, 0, 0, 0, 0, 4),
                                           (3, 9, 3, 10, 0, 3, 0, 0, 4),
                                           (4, 1, 4, 7, 3, 0, 0, 0, 4),
                                           (5, 1, 5, 8, 0, 3, 0, 0, 4)]), {})


class TryTest(unittest.TestCase):
    SOURCE = ["x = TRY(f(a,", "          (b)));"]

    def results(self, *branches):
        expansions = [{"source_region": [1, 5, 1, 8, 0, 0, 1, 1],
                       "branches": [[19, 9, 19, 25, *branch, 1, 0, 4]]} for branch in branches]
        found = coverage.try_results(expansions, self.SOURCE)
        return {name: shown for (_, name), shown in found.items()}

    def test_is_seen_failing_and_passing(self):
        self.assertEqual(self.results((1, 5)), {"TRY(f(a, (b)))": True})
        self.assertEqual(self.results((0, 5)), {"TRY(f(a, (b))) never fails": False})
        self.assertEqual(self.results((5, 0)), {"TRY(f(a, (b))) never passes": False})

    def test_instantiations_count_together(self):
        self.assertEqual(self.results((0, 5), (1, 0)), {"TRY(f(a, (b)))": True})

    def test_what_never_ran_is_a_missed_line(self):
        self.assertEqual(self.results((0, 0)), {})


class ReportTest(unittest.TestCase):
    def problems(self, file, exceptions=None):
        return coverage.report({"quote": [file]}, exceptions or {})[1]

    def test_all_is_well(self):
        self.assertEqual(self.problems(a_file()), [])

    def test_what_is_missed_fails(self):
        self.assertEqual(self.problems(a_file(["x;"], ["c is never true"])),
                         ["missed: src/quote/a.cc: line: x;",
                          "missed: src/quote/a.cc: condition: c is never true"])

    def test_what_is_listed_does_not(self):
        listed = {("src/quote/a.cc", "line", "x;"): "why"}
        self.assertEqual(self.problems(a_file(["x;"]), listed), [])
        self.assertIn("missed 2 times", self.problems(a_file(["x;", "x;"]), listed)[0])

    def test_what_is_listed_and_not_missed_fails(self):
        listed = {("src/quote/a.cc", "line", "x;"): "why"}
        self.assertIn("listed, and not missed", self.problems(a_file(), listed)[0])

    def test_too_few_conditions_fail_though_they_are_listed(self):
        listed = {("src/quote/a.cc", "condition", name): "why" for name in "abcdef"}
        self.assertEqual(self.problems(a_file([], "abcde"), dict(list(listed.items())[:5])), [])
        self.assertIn("MC/DC is 94.00%", self.problems(a_file([], "abcdef"), listed)[0])

    def test_a_room_without_files_fails(self):
        self.assertEqual(coverage.report({"quote": []}, {})[1], ["quote: nothing was measured"])


class ExceptionsTest(unittest.TestCase):
    def test_reads(self):
        text = "# why\n\nsrc/a.cc: line: if (a: b) c;\n  a reason\n  in two lines\n"
        self.assertEqual(coverage.read_exceptions(text),
                         {("src/a.cc", "line", "if (a: b) c;"): "a reason in two lines"})

    def test_refuses(self):
        for text in ("src/a.cc: line: x;\n", "  reason\n", "src/a.cc: branch: x\n  reason\n",
                     "src/a.cc\n  reason\n", "a: line: x\n  r\na: line: x\n  r\n"):
            with self.assertRaises(ValueError):
                coverage.read_exceptions(text)


if __name__ == "__main__":
    unittest.main()
