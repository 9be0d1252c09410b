#!/usr/bin/env python3
"""Tests tools/mutate: what it makes of rules, conditions, test output and the list of equivalents."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
TOOLS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TOOLS))
import cpp_conditions  # noqa: E402

loader = importlib.machinery.SourceFileLoader("mutate", str(TOOLS / "mutate"))
spec = importlib.util.spec_from_loader("mutate", loader)
mutate = importlib.util.module_from_spec(spec)
loader.exec_module(mutate)

# Source, and its mutants as they are named.
CONDITIONS = [
    ("bool b = x && y;", ["x -> true in x && y", "y -> true in x && y"]),
    ("return x || !y;", ["x -> false in x || !y", "!y -> false in x || !y"]),
    # && binds tighter, and brackets hold together.
    ("f(a, x && (y || z) && g(p, q), b);",
     ["x -> true in x && (y || z) && g(p, q)", "(y || z) -> true in x && (y || z) && g(p, q)",
      "y -> false in y || z", "z -> false in y || z",
      "g(p, q) -> true in x && (y || z) && g(p, q)"]),
    # A comparison that is an operand goes as a whole, and < has a neighbour besides.
    ("b = a < c && d == e;",
     ["a < c -> true in a < c && d == e", "< -> <= in a < c", "d == e -> true in a < c && d == e"]),
    ("b = a >= c;", [">= -> > in a >= c"]),
    ("add(rule, a.b == c->d, text);", ["a.b == c->d -> true in a.b == c->d"]),
    ("x = a != b ? c : d;", ["a != b -> false in a != b"]),
    ("if (!a.ok()) return;", ["!a.ok() -> false in if (!a.ok())"]),
    ("if (a == b) return;", ["a == b -> false in if (a == b)"]),
    ("if (a < b) return;", ["a < b -> false in if (a < b)", "< -> <= in a < b"]),
    ("if (const auto x = f(); x.ok()) g();", ["x.ok() -> false in if (x.ok())"]),
    ("if (const T* x = f()) g();", []),
    ("while (a != b) f();", ["a != b -> false in a != b"]),
    ("if (a && b) f();", ["a -> true in a && b", "b -> true in a && b"]),
    # Not conditions.
    ("void f(T&& a, std::array<T, 2>& b);", []),
    ("std::map<A, std::vector<B>> m = g<C>(d);", []),
    ("template <typename T>\nbool operator==(const T& a) const = default;", []),
    ("a >>= b; c <<= d; e << f; g = h <=> i;", []),
    ("// a && b\n/* c == d */ s = \"e && f\"; c = '<';", []),
    ("#if a && b\n#endif\nx = 1'000'000;", []),
    # What a check only says.
    ("add(r, a && b, [&] { return CheckText{c == d ? e : f, g}; });",
     ["a -> true in a && b", "b -> true in a && b"]),
    # Over several lines, as clang-format breaks them.
    ("return aaa &&\n       bbb;", ["aaa -> true in aaa && bbb", "bbb -> true in aaa && bbb"]),
]

RULES = '''
inline constexpr Rule kB = {
    "b",
    "B holds.",
};
inline constexpr Rule kA = {"a", "A holds."};
inline constexpr std::array kAll = {
    kA,
    kB,
};
'''


class ConditionsTest(unittest.TestCase):
    def test_finds_each_mutant(self):
        for source, wanted in CONDITIONS:
            with self.subTest(source):
                found = cpp_conditions.find_mutants(source)
                self.assertEqual([cpp_conditions.name_of(source, m) for m in found], wanted)

    def test_all_are_written_into_one_source(self):
        cases = [
            ("b = x && y;", "b = (mutant::is(7) || static_cast<bool>(x)) && "
                            "(mutant::is(8) || static_cast<bool>(y));"),
            ("b = x || y;", "b = (!mutant::is(7) && static_cast<bool>(x)) || "
                            "(!mutant::is(8) && static_cast<bool>(y));"),
            ("b = x <= y;", "b = mutant::at_most(7, x , y);"),
            ("if (x > y) f();",
             "if ((!mutant::is(7) && static_cast<bool>(mutant::more(8, x , y)))) f();"),
        ]
        for source, wanted in cases:
            with self.subTest(source):
                found = cpp_conditions.find_mutants(source)
                self.assertEqual(cpp_conditions.with_all(source, found, 7), wanted)

    def test_without_mutants_the_source_stays(self):
        self.assertEqual(cpp_conditions.with_all("f(x);", [], 0), "f(x);")

    def test_brackets_without_partner_are_an_error(self):
        for source in ["f(x;", "f)x(;", "{ (} )"]:
            with self.subTest(source), self.assertRaises(ValueError):
                cpp_conditions.find_mutants(source)


class MutateTest(unittest.TestCase):
    def test_rules_in_their_order(self):
        self.assertEqual(mutate.rule_ids(RULES), ["a", "b"])

    def test_a_rule_that_is_in_one_place_only_is_an_error(self):
        for text in [RULES.replace("    kB,\n", ""), RULES.replace("kA = {", "kC = {"), ""]:
            with self.subTest(text), self.assertRaises(ValueError):
                mutate.rule_ids(text)

    def test_checks_are_disabled_where_they_are_counted(self):
        text = "a\n" + mutate.COUNT + "  return passed;\n}\n"
        self.assertEqual(mutate.without_checks(text, ["pck", "crl"]), (
            '#include "src/mutant.h"\na\n' + mutate.COUNT
            + '  if (mutant::is(0) && rule.id == "pck") passed = true;\n'
            + '  if (mutant::is(1) && rule.id == "crl") passed = true;\n  return passed;\n}\n'))
        with self.assertRaises(ValueError):
            mutate.without_checks("bool CheckList::count();", ["pck"])

    def test_checks_of_every_room(self):
        files = {f"src/{room}/rules.h": RULES.replace('"a"', f'"{room}_a"').encode()
                 for room in mutate.ROOMS}
        files[mutate.COUNT_FILE] = mutate.COUNT.encode()
        mutants, changed = mutate.check_mutants(files, "")
        self.assertEqual([(m.name, m.room) for m in mutants],
                         [(name, room) for room in mutate.ROOMS for name in (f"{room}_a", "b")])
        self.assertIn(b'mutant::is(4) && rule.id == "receipt_a"', changed[mutate.COUNT_FILE])
        mutants, _ = mutate.check_mutants(files, "^policy_")
        self.assertEqual([(m.name, m.number) for m in mutants], [("policy_a", 0)])

    def test_conditions_are_numbered_over_all_files(self):
        files = {"src/policy/a.cc": b"x = a && b;", "src/policy/a_test.cc": b"x = a && b;",
                 "src/verify/b_testing.cc": b"x = a && b;", "src/verify/b.h": b"x = a && b;",
                 "src/quote/c.cc": b"x = a && b;", "src/verify/d.cc": b"x = a && b; y = a && b;"}
        mutants, changed = mutate.condition_mutants(files, "")
        self.assertEqual(sorted(changed), ["src/mutant.h", "src/policy/a.cc", "src/verify/d.cc"])
        self.assertEqual([m.number for m in mutants], list(range(6)))
        self.assertEqual([m.room for m in mutants], ["policy"] * 2 + ["verify"] * 4)
        # The same twice in a file has two names.
        self.assertEqual(len({m.name for m in mutants}), 6)
        self.assertIn(b"mutant::is(5)", changed["src/verify/d.cc"])

        mutants, changed = mutate.condition_mutants(files, "d.cc: b .*2")
        self.assertEqual([(m.name, m.number) for m in mutants],
                         [("src/verify/d.cc: b -> true in a && b (2)", 0)])
        self.assertEqual(sorted(changed), ["src/mutant.h", "src/verify/d.cc"])
        self.assertTrue(changed["src/verify/d.cc"].endswith(
            b"x = a && b; y = a && (mutant::is(0) || static_cast<bool>(b));"))

    def test_the_first_test_that_failed(self):
        output = ("[ RUN      ] A.B\n[       OK ] A.B (0 ms)\n[ RUN      ] A.C\n"
                  "[  FAILED  ] A.C (1 ms)\n[  FAILED  ] 1 test, listed below:\n")
        self.assertEqual(mutate.first_failure(output, 1), "A.C")
        self.assertEqual(mutate.first_failure("[ RUN      ] A.B\n", "signal 11"), "A.B (signal 11)")
        self.assertEqual(mutate.first_failure("", 127), "start (127)")
        self.assertEqual(mutate.first_failure("[       OK ] A.B\n", 0), "")

    def test_equivalents(self):
        text = "# why not\na.cc: x -> true in x && y\n  because\n  of this\n"
        self.assertEqual(mutate.read_equivalents(text), {"a.cc: x -> true in x && y": "because of this"})
        for wrong in ["a.cc: x\n", "  because\n", "a.cc: x\n  y\na.cc: x\n  y\n"]:
            with self.subTest(wrong), self.assertRaises(ValueError):
                mutate.read_equivalents(wrong)
        mutate.read_equivalents(mutate.EQUIVALENTS.read_text(encoding="utf-8"))

    def test_what_lives_is_wrong_unless_it_is_listed(self):
        def result(name, killer):
            return mutate.Result(mutate.Mutant(name, "verify", 0), killer, 1.0)
        results = [result("dead", "A.B"), result("alive", ""), result("same", "")]
        lines, problems = mutate.table(results, {"same": "why"})
        self.assertEqual(problems, ["lives: alive"])
        self.assertEqual(lines[-1], "3 mutants: 1 killed, 1 equivalent, 1 alive")
        _, problems = mutate.table(results, {"same": "why", "alive": "why", "dead": "why"})
        self.assertEqual(problems, ["listed as equivalent, and killed by A.B: dead"])


if __name__ == "__main__":
    unittest.main()
