#!/usr/bin/env python3
"""Tests what tools/test makes of GoogleTest's and ctest's reports."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parent / "test"
loader = importlib.machinery.SourceFileLoader("run_tests", str(SCRIPT))
spec = importlib.util.spec_from_loader("run_tests", loader)
run_tests = importlib.util.module_from_spec(spec)
loader.exec_module(run_tests)

GTEST = """<testsuites><testsuite name="A">
<testcase name="Good" status="run" classname="A"/>
<testcase name="Off" status="notrun" classname="A"/>
<testcase name="Skips" status="run" result="skipped" classname="A">
  <skipped message="a_test.cc:7&#x0A;no vectors at /x"/></testcase>
%s</testsuite></testsuites>"""
BAD = '<testcase name="Bad" status="run" classname="A"><failure message="no"/></testcase>'


class RunTestsTest(unittest.TestCase):
    def lines(self, gtest, ctest, status=0):
        with tempfile.TemporaryDirectory() as folder:
            if gtest is not None:
                (pathlib.Path(folder) / "quoin_a_test.xml").write_text(gtest)
            report = pathlib.Path(folder) / "ctest.report"
            report.write_text(f"<testsuite>{ctest}</testsuite>")
            return run_tests.summarize(run_tests.gtest_results(pathlib.Path(folder)),
                                       run_tests.ctest_results(report), status)

    def test_counts_cases_and_says_why_one_skipped(self):
        lines, good = self.lines(GTEST % "", '<testcase name="a" status="run"/>'
                                 '<testcase name="script" status="run"/>')
        self.assertEqual(lines, ["1 skipped:", "  A.Skips: no vectors at /x", "2 passed, 0 failed"])
        self.assertTrue(good)

    def test_a_failed_case(self):
        lines, good = self.lines(GTEST % BAD, '<testcase name="a" status="fail"/>', 8)
        self.assertEqual(lines[-2:], ["FAILED: A.Bad", "1 passed, 1 failed"])
        self.assertFalse(good)

    def test_a_program_that_crashed_fails(self):
        for gtest in (None, GTEST % ""):
            lines, good = self.lines(gtest, '<testcase name="a" status="fail"/>', 8)
            self.assertIn("FAILED: a", lines)
            self.assertFalse(good)

    def test_a_program_that_is_missing_fails(self):
        lines, good = self.lines(GTEST % "", '<testcase name="a" status="run"/>'
                                 '<testcase name="b" status="notrun"/>', 8)
        self.assertEqual(lines[-1], "1 passed, 1 failed")
        self.assertFalse(good)

    def test_nothing_ran(self):
        _, good = self.lines(None, "")
        self.assertFalse(good)


if __name__ == "__main__":
    unittest.main()
