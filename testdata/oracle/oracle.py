#!/usr/bin/env python3
"""Another opinion on quotes and collateral: reads what the generator of mutants says on standard
input, judges each mutant anew, and prints where the two disagree, and at the end what came out.

Records, one a line, fields divided by blanks:
  root B64                      the trusted root certificate
  collateral B64                the bundle that the mutants after it have
  quote B64                     the quote that the mutants after it have
  mutant NUMBER NOW PARSED GENUINE STATUS DATE ADVISORIES REASON CHANGES
                                Quoin's verdict at the time NOW; "-" where there is nothing,
                                names of advisories in hex
  differs WHAT                  Quoin disagrees with itself about the next mutant

The last line printed is JSON: {"mutants", "disagreements", "one_sided", "outcomes"}. Exit status 1
if anything disagreed.
"""

import argparse
import base64
import collections
import json
import pathlib
import sys

import certificates
import collateral as collaterals
import p256
import quote as quotes
import verification
from reader import Malformed


def parsed(parse, data):
    try:
        return parse(data)
    except Malformed:
        return None


class Opinion:
    """What one side says of a mutant."""

    def __init__(self, genuine, status, date, advisories):
        self.genuine = genuine
        self.status = status
        self.date = date
        self.advisories = advisories

    def __eq__(self, other):
        return vars(self) == vars(other)

    def __str__(self):
        return (f"genuine={self.genuine} status={self.status} date={self.date} "
                f"advisories={','.join(sorted(self.advisories))}")


def ours(fields):
    genuine, status, date, advisories = fields
    return Opinion(
        genuine == "1", None if status == "-" else status, None if date == "-" else int(date),
        frozenset() if advisories == "-"
        else frozenset(bytes.fromhex(name).decode() for name in advisories.split(",")))


class Oracle:
    def __init__(self, keep):
        self.keep = keep
        self.root = None
        self.collateral = self.quote = None
        self.texts = {}
        self.last = ""
        self.mutants = self.disagreements = self.one_sided = 0
        self.outcomes = collections.Counter()

    def read(self, line):
        kind, _, rest = line.rstrip("\n").partition(" ")
        if kind == "mutant":
            self.last = rest
            self.judge(rest.split(" "))
            return
        if kind == "differs":
            self.dispute(f"before the next mutant, {self.mutants}: {rest}")
            return
        self.texts[kind] = rest
        data = base64.b64decode(rest)
        if kind == "root":
            self.root = certificates.certificate(data)
            assert p256.verify(self.root.public_key, self.root.signature, self.root.tbs)
        elif kind == "collateral":
            self.collateral = parsed(collaterals.parse, data)
        elif kind == "quote":
            self.quote = parsed(quotes.parse, data)
        else:
            raise SystemExit(f"oracle: no such record: {kind}")

    def opinion(self, now):
        """The oracle's, and the rules that it found broken."""
        if self.quote is None or self.collateral is None:
            return Opinion(False, None, None, frozenset()), ["unreadable"]
        verdict = verification.verify(self.quote, self.collateral, now, self.root.der)
        if verdict.tcb is None:
            return Opinion(False, None, None, frozenset()), verdict.failed
        result = verdict.tcb
        return Opinion(verdict.genuine, result.status, result.date, result.advisories), verdict.failed

    def judge(self, fields):
        number, now, readable, *answer, reason, changes = fields
        self.mutants += 1
        mine, broken = self.opinion(int(now))
        theirs = ours(answer)
        self.outcomes[f"{theirs.status or '-'} {theirs.genuine} {reason}"] += 1
        if mine == theirs:
            return
        # Bytes that neither accepts may be refused at different steps, one of which still leaves a
        # status to be had: certificates that only one can read, or a chain that has the right
        # names for one only.
        unreadable = (mine.status is None and broken in (["unreadable"], ["PCK chain"])
                      or readable == "0" or reason == "certification_data")
        if unreadable and not mine.genuine and not theirs.genuine:
            self.one_sided += 1
            return
        self.dispute(f"mutant {number} now {now} changes {changes}\n"
                     f"  oracle: {mine} broken={broken}\n"
                     f"  quoin:  {theirs} readable={readable} reason={reason}")

    def dispute(self, text):
        """Prints a disagreement, and keeps the records that lead to it: the oracle reads them."""
        self.disagreements += 1
        print("DISAGREEMENT", text, flush=True)
        if self.keep:
            self.keep.mkdir(parents=True, exist_ok=True)
            records = [f"{kind} {text}\n" for kind, text in self.texts.items()]
            number = self.last.partition(" ")[0]
            (self.keep / f"{number}.txt").write_text("".join(records) + f"mutant {self.last}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=pathlib.Path, help="where mutants in dispute are written")
    oracle = Oracle(parser.parse_args().keep)
    for line in sys.stdin:
        oracle.read(line)
    print(json.dumps({
        "mutants": oracle.mutants, "disagreements": oracle.disagreements,
        "one_sided": oracle.one_sided, "outcomes": oracle.outcomes}))
    return 1 if oracle.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
