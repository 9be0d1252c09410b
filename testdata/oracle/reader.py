"""Bytes that are read once, from the front: little-endian, as Intel's structures are."""


class Malformed(Exception):
    """The bytes are not what the format says."""


def require(holds, what):
    """Refuses the input where a rule of its format does not hold."""
    if not holds:
        raise Malformed(what)


class Reader:
    """A cursor over bytes. Every read is all or nothing."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def left(self):
        return len(self.data) - self.at

    def take(self, size):
        require(size <= self.left(), f"{size} bytes wanted, {self.left()} left")
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def finish(self):
        require(self.left() == 0, f"{self.left()} bytes left over")
