#!/usr/bin/env python3
"""Tests tools/check-links on small trees."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parent / "check-links"
loader = importlib.machinery.SourceFileLoader("check_links", str(SCRIPT))
spec = importlib.util.spec_from_loader("check_links", loader)
links = importlib.util.module_from_spec(spec)
loader.exec_module(links)

# The text of docs/a.md, and what must be reported; an empty string means nothing. Beside it
# stands docs/b.md with the headings "One `two`: three", "Same" and "Same".
CASES = [
    ("[x](b.md) [y](../docs/b.md) [z](https://example.org/nothing)", ""),
    ("[x](c.md)", "a link to nothing: c.md"),
    ("[x](b.md#one-two-three) [y](b.md#same-1) [z](#here)\n\n# Here\n", ""),
    ("[x](b.md#one-two)", "no such heading"),
    ("[x](b.md#same-2)", "no such heading"),
    ("[x](#nowhere)", "no such heading"),
    ("[x](../../outside.md)", "leaves the tree"),
    ("[x](/etc/passwd)", "leaves the tree"),
    ("```\n[x](c.md) `docs/c.md`\n```\n", ""),
    ("`[x](c.md)`", ""),
    ("`docs/b.md` `docs/b.md:3` `docs/` `src/<room>/` `docs/*.md`", ""),
    ("`docs/c.md`", "no such file: docs/c.md"),
    ("one\n\n`src/nowhere.cc`", "docs/a.md:3: no such file"),
]


class CheckLinksTest(unittest.TestCase):
    def test_cases(self):
        for text, wanted in CASES:
            with self.subTest(text=text), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                (root / "docs").mkdir()
                (root / "docs/a.md").write_text(text, encoding="utf-8")
                (root / "docs/b.md").write_text("# One `two`: three\n## Same\n## Same\n")
                problems = links.check(root)
                if wanted:
                    self.assertTrue(any(wanted in problem for problem in problems), problems)
                else:
                    self.assertEqual(problems, [])


if __name__ == "__main__":
    unittest.main()
