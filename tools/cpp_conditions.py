"""Finds the conditions in C++ source, and what a mutation makes of each. Used by tools/mutate.

Reads text, not the language: it relies on clang-format, which writes blanks around a comparison and
none around the brackets of a template.
"""

import bisect
import collections
import re

# What stands at source[begin:end], and what is put there instead: "true", "false", or another sign
# of comparison; `decision` is what it is a part of: where it stands, and its text.
Mutant = collections.namedtuple("Mutant", "begin end replacement decision_begin decision_end decision")

TOKEN = re.compile(
    r'(?P<skip>\s+|//[^\n]*|/\*.*?\*/|(?<![^\n])[ \t]*#(?:[^\n]*\\\n)*[^\n]*)'
    r'|(?P<text>R"(?P<delimiter>[^\s()\\]{0,16})\(.*?\)(?P=delimiter)"|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])+')"
    r"|(?P<word>[A-Za-z_]\w*|\d(?:[\w.]|'(?=\w))*)"
    r"|(?P<sign><=>|<<=|->\*|\.\.\.|::|->|&&|\|\||==|!=|<=|<<|\+\+|--|[-+*/%^&|]=|.)",
    re.DOTALL)
Token = collections.namedtuple("Token", "text begin end spaced")

OPEN = {"(": ")", "[": "]", "{": "}"}
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
NEIGHBOUR = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
# What an operand never reaches over, where it stands outside all brackets of the operand.
ENDS = {";", ",", "?", ":", "return", "=", "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|="}


def tokenize(source):
    """The tokens, without comments and preprocessor lines. `spaced`: blanks on both sides.

    ">" and ">=" are one sign where blanks stand around them, so that the brackets of a template end
    one by one.
    """
    tokens = []
    at = 0
    while at < len(source):
        match = TOKEN.match(source, at)
        begin, end = match.span()
        if match.lastgroup != "skip":
            if source.startswith(">=", begin):
                end = begin + 2
            spaced = (source[begin - 1:begin].isspace() and source[end:end + 1].isspace())
            tokens.append(Token(source[begin:end], begin, end, spaced))
        at = end
    return tokens


def is_template_open(tokens, i):
    before = tokens[i - 1] if i else None
    return (tokens[i].text == "<" and before is not None
            and (before.text == "template" or before.end == tokens[i].begin)
            and re.match(r"[A-Za-z_]", before.text) is not None)


def match_brackets(tokens):
    """Index of each bracket -> index of its partner."""
    partners, stack = {}, []
    for i, token in enumerate(tokens):
        if token.text in OPEN or is_template_open(tokens, i):
            stack.append(i)
            continue
        if token.text == ">" and stack and tokens[stack[-1]].text == "<" and not token.spaced:
            opened = stack.pop()
        elif token.text in OPEN.values():
            if not stack or OPEN.get(tokens[stack[-1]].text) != token.text:
                raise ValueError(f"{token.text} without its partner at {token.begin}")
            opened = stack.pop()
        else:
            continue
        partners[opened], partners[i] = i, opened
    if stack:
        raise ValueError(f"{tokens[stack[-1]].text} without its partner at {tokens[stack[-1]].begin}")
    return partners


def is_comparison(tokens, i):
    return (tokens[i].text in COMPARISONS and tokens[i].spaced
            and tokens[i - 1].text not in ("operator", "template"))


def is_logical(tokens, i):
    # "&&" without a blank on its left is a reference to what may be moved from.
    return tokens[i].text in ("&&", "||") and tokens[i].spaced


class Reader:
    """One file's tokens, and how to walk over them on one level of brackets."""

    def __init__(self, source):
        self.source = source
        self.tokens = tokenize(source)
        self.partners = match_brackets(self.tokens)
        self.texts = self.find_texts()

    def find_texts(self):
        """Ranges of source that only say what a check saw: lambdas that return a CheckText."""
        ranges = []
        for i, token in enumerate(self.tokens):
            if token.text != "CheckText" or self.tokens[i - 1].text != "return":
                continue
            if self.tokens[i - 2].text == "{" and self.tokens[i - 3].text == "]":
                ranges.append((self.tokens[i - 2].begin, self.tokens[self.partners[i - 2]].end))
        return ranges

    def is_text(self, begin):
        at = bisect.bisect_right(self.texts, (begin, len(self.source))) - 1
        return at >= 0 and self.texts[at][0] <= begin < self.texts[at][1]

    def bound(self, i, step, stops):
        """The last token of the operand that goes from i in direction `step`."""
        i += step
        while 0 <= i < len(self.tokens):
            partner = self.partners.get(i)
            if partner is not None:
                if (partner - i) * step < 0:  # the bracket around us
                    break
                i = partner
            elif stops(i):
                break
            i += step
        return i - step

    def ends(self, i):
        return self.tokens[i].text in ENDS

    def logical(self, i, signs):
        return is_logical(self.tokens, i) and self.tokens[i].text in signs

    def span(self, first, last):
        return self.tokens[first].begin, self.tokens[last].end

    def decision(self, first, last):
        begin, end = self.span(first, last)
        return begin, end, " ".join(self.source[begin:end].split())

    def operands(self, first, last, sign):
        """What stands between the `sign`s on the level of tokens[first:last + 1]."""
        parts, begin, i = [], first, first
        while i <= last:
            if self.logical(i, (sign,)):
                parts.append((begin, i - 1))
                begin = i + 1
            i = self.partners[i] + 1 if self.partners.get(i, -1) > i else i + 1
        return parts + [(begin, last)]

    def logical_mutants(self):
        """Each operand of && is left out (true), and each of || (false)."""
        done = set()
        for i, token in enumerate(self.tokens):
            if not is_logical(self.tokens, i):
                continue
            # && binds tighter.
            outer = ("||",) if token.text == "&&" else ()
            stops = lambda k: self.ends(k) or self.logical(k, outer)  # noqa: E731
            first, last = self.bound(i, -1, stops), self.bound(i, 1, stops)
            if (first, last, token.text) in done:
                continue
            done.add((first, last, token.text))
            for begin, end in self.operands(first, last, token.text):
                yield Mutant(*self.span(begin, end), "true" if token.text == "&&" else "false",
                             *self.decision(first, last))

    def comparison_mutants(self):
        """< becomes <=, and so on; == and != that are no operand of && or ||: always equal."""
        for i, token in enumerate(self.tokens):
            if not is_comparison(self.tokens, i):
                continue
            stops = lambda k: self.ends(k) or is_logical(self.tokens, k)  # noqa: E731
            first, last = self.bound(i, -1, stops), self.bound(i, 1, stops)
            if token.text in NEIGHBOUR:
                yield Mutant(token.begin, token.end, NEIGHBOUR[token.text],
                             *self.decision(first, last))
            elif not self.is_operand(first, last) and not self.is_if(first, last):
                yield Mutant(*self.span(first, last), "true" if token.text == "==" else "false",
                             *self.decision(first, last))

    def if_mutants(self):
        """What stands behind an if with a condition that is not made of others: it never holds."""
        for i, token in enumerate(self.tokens[:-1]):
            if token.text != "if" or self.tokens[i + 1].text != "(":
                continue
            first, last = i + 2, self.partners[i + 1] - 1
            level = list(self.level(first, last))
            for k in level:
                if self.tokens[k].text == ";":
                    first = k + 1
            level = [k for k in level if k >= first]
            declares = any(self.tokens[k].text == "=" for k in level)
            if not declares and not any(is_logical(self.tokens, k) for k in level):
                begin, end, text = self.decision(first, last)
                yield Mutant(begin, end, "false", begin, end, f"if ({text})")

    def level(self, first, last):
        i = first
        while i <= last:
            yield i
            i = self.partners[i] + 1 if self.partners.get(i, -1) > i else i + 1

    def is_operand(self, first, last):
        return ((first > 0 and is_logical(self.tokens, first - 1))
                or (last + 1 < len(self.tokens) and is_logical(self.tokens, last + 1)))

    def is_if(self, first, last):
        opened = first - 1
        while opened > 0 and self.tokens[opened].text != "(":
            # "if (a = b; a == c)"
            if self.tokens[opened].text in "{}":
                return False
            opened = self.partners[opened] - 1 if opened in self.partners else opened - 1
        return (opened > 0 and self.tokens[opened - 1].text == "if"
                and self.partners.get(opened) == last + 1)


def find_mutants(source):
    """The mutants of a file's text, in the order in which they stand, each once."""
    reader = Reader(source)
    found = {}
    for mutant in (*reader.logical_mutants(), *reader.comparison_mutants(), *reader.if_mutants()):
        if not reader.is_text(mutant.begin):
            found.setdefault(mutant[:3], mutant)
    return sorted(found.values(), key=lambda m: (m.begin, -m.end, m.replacement))


def name_of(source, mutant):
    """What is changed, in one line: how a list of mutants names it."""
    what = " ".join(source[mutant.begin:mutant.end].split())
    return f"{what} -> {mutant.replacement} in {mutant.decision}"


# All mutants of a program are compiled at once, and QUOIN_MUTANT says which of them is the one.
HEADER = """#include <cstdlib>
namespace mutant {
inline const char* const chosen = std::getenv("QUOIN_MUTANT");
inline const int number = chosen == nullptr ? -1 : std::atoi(chosen);
constexpr bool is(int n) {
  if consteval { return false; }
  return n == number;
}
"""
for _name, (_sign, _other) in {"less": ("<", "<="), "at_most": ("<=", "<"),
                               "more": (">", ">="), "at_least": (">=", ">")}.items():
    HEADER += (f"constexpr bool {_name}(int n, const auto& a, const auto& b) "
               f"{{ return is(n) ? a {_other} b : a {_sign} b; }}\n")
HEADER += "}  // namespace mutant\n"
FUNCTIONS = {"<=": "less", "<": "at_most", ">=": "more", ">": "at_least"}  # by what it becomes


def with_all(source, mutants, first_number):
    """The source with `mutants` in it, each behind its number: counted from first_number."""
    edits = []  # (position, order at one position, text)
    for number, mutant in enumerate(mutants, first_number):
        if mutant.replacement in FUNCTIONS:
            begin, end = mutant.decision_begin, mutant.decision_end
            opening = f"mutant::{FUNCTIONS[mutant.replacement]}({number}, "
            closing = ")"
            edits.append((mutant.begin, (1, 0, 0), ",", mutant.end))
        else:
            begin, end = mutant.begin, mutant.end
            opening = (f"(mutant::is({number}) || static_cast<bool>(" if mutant.replacement == "true"
                       else f"(!mutant::is({number}) && static_cast<bool>(")
            closing = "))"
        # At one place, what ends comes before what begins; the inner ends first and begins last.
        edits.append((begin, (2, -end, number), opening, begin))
        edits.append((end, (0, -begin, -number), closing, end))
    out, at = [], 0
    for position, _, text, until in sorted(edits):
        out += [source[at:position], text]
        at = until
    return "".join(out) + source[at:]
