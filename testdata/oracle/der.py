"""DER (ITU-T X.690, section 10) as certificates use it: definite lengths in the shortest form, tags
of one byte."""

import calendar
import datetime

from reader import Malformed, require

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING = 0x01, 0x02, 0x03, 0x04
OBJECT_IDENTIFIER, ENUMERATED, UTF8_STRING = 0x06, 0x0A, 0x0C
PRINTABLE_STRING, IA5_STRING, UTC_TIME, GENERALIZED_TIME = 0x13, 0x16, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31


class Der:
    """A cursor over the contents of a constructed element."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def empty(self):
        return self.at == len(self.data)

    def tag(self):
        """The next element's tag; none at the end."""
        return None if self.empty() else self.data[self.at]

    def element(self):
        """The next element: its tag, its contents, and all of its bytes."""
        start = self.at
        require(len(self.data) - start >= 2, "DER: no element")
        tag = self.data[start]
        require(tag & 0x1F != 0x1F, "DER: a tag of several bytes")
        size = self.data[start + 1]
        head = start + 2
        if size >= 0x80:
            count = size - 0x80
            require(1 <= count <= 4 and head + count <= len(self.data), "DER: length")
            octets = self.data[head:head + count]
            size = int.from_bytes(octets, "big")
            require(octets[0] != 0 and size >= 0x80, "DER: a length that is not the shortest")
            head += count
        require(head + size <= len(self.data), "DER: ends too early")
        self.at = head + size
        return tag, self.data[head:self.at], self.data[start:self.at]

    def get(self, wanted):
        """The contents of the next element, which must have that tag."""
        tag, contents, _ = self.element()
        require(tag == wanted, f"DER: tag {tag:#x}, not {wanted:#x}")
        return contents

    def open(self, wanted=SEQUENCE):
        return Der(self.get(wanted))

    def finish(self):
        require(self.empty(), "DER: left over")


def all_of(data, tag=SEQUENCE):
    """A cursor over the contents of the one element that `data` is."""
    outer = Der(data)
    inner = outer.open(tag)
    outer.finish()
    return inner


def integer(contents):
    """INTEGER and ENUMERATED, in the shortest form (X.690, 8.3.2)."""
    require(contents, "INTEGER: empty")
    if len(contents) > 1:
        redundant = (contents[0] == 0 and contents[1] < 0x80) or (
            contents[0] == 0xFF and contents[1] >= 0x80)
        require(not redundant, "INTEGER: not the shortest form")
    return int.from_bytes(contents, "big", signed=True)


def boolean(contents):
    require(contents in (b"\x00", b"\xff"), "BOOLEAN")
    return contents == b"\xff"


def bits(contents):
    """BIT STRING: the bytes, and how many bits of the last are unused (those are zero)."""
    require(contents and contents[0] < 8, "BIT STRING")
    unused, octets = contents[0], contents[1:]
    require(unused == 0 or (octets and octets[-1] & ((1 << unused) - 1) == 0), "BIT STRING: unused")
    return octets, unused


def identifier(contents):
    """OBJECT IDENTIFIER as dotted text."""
    require(contents and not contents[-1] & 0x80, "OBJECT IDENTIFIER")
    arcs, value, fresh = [], 0, True
    for octet in contents:
        require(not (fresh and octet == 0x80), "OBJECT IDENTIFIER: not the shortest form")
        value = value << 7 | octet & 0x7F
        fresh = not octet & 0x80
        if fresh:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in [first, arcs[0] - 40 * first] + arcs[1:])


def seconds(text, form):
    """The time that `text` is in strptime's `form`, which has fixed widths, since 1970."""
    try:
        return calendar.timegm(datetime.datetime.strptime(text, form).timetuple())
    except ValueError as error:
        raise Malformed(f"time: {text}") from error


def time(parser):
    """Time ::= CHOICE { UTCTime, GeneralizedTime }, to the second, in UTC (RFC 5280, 4.1.2.5)."""
    tag, contents, _ = parser.element()
    require(tag in (UTC_TIME, GENERALIZED_TIME), "time: tag")
    require(contents[-1:] == b"Z" and contents[:-1].isdigit(), "time: form")
    text = contents[:-1].decode()
    if tag == UTC_TIME:
        require(len(text) == 12, "UTCTime: form")
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    require(len(text) == 14, "GeneralizedTime: form")
    return seconds(text, "%Y%m%d%H%M%S")
