"""The same PDF, the same bytes: a library's objects put into one order, whatever order it wrote them in."""

from __future__ import annotations

import re

OBJECT = re.compile(rb"(?:\A|\n)(\d+) 0 obj\n(.*?)\nendobj\n", re.DOTALL)
REFERENCE = re.compile(rb"(?<![\w.])(\d+) 0 R(?![\w])")
# A run of entries that each name an object: a dictionary of resources, which has no order of its own.
NAMED = re.compile(rb"(?:[ ]+/\S+ \d+ 0 R\n){2,}")
STREAM = b"\nstream\n"


def canonical(pdf: bytes) -> bytes:
    """Return a PDF with its objects numbered in the order in which they are reached from its catalogue.

    Parameters
    ----------
    pdf
        As the library for figures writes it: objects without generations, one table of references, and
        resources in an order that differs from one run to the next.
    """
    objects = {int(number): _sorted(body) for number, body in OBJECT.findall(pdf)}
    trailer = pdf[pdf.rindex(b"trailer") : pdf.rindex(b"startxref")]
    order = _reached(objects, trailer)
    numbers = {old: new for new, old in enumerate(order, 1)}
    out, offsets = bytearray(pdf[: pdf.index(b"\n\n") + 2]), []
    for old in order:
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n\n" % (numbers[old], _renumbered(objects[old], numbers))
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(order) + 1)
    out += b"".join(b"%010d 00000 n\r\n" % offset for offset in offsets)
    size = re.sub(rb"/Size \d+", b"/Size %d" % (len(order) + 1), trailer)
    return bytes(out + _renumbered(size, numbers) + b"startxref\n%d\n%%%%EOF" % start)


def _head(body: bytes) -> bytes:
    return body.partition(STREAM)[0]


def _sorted(body: bytes) -> bytes:
    """Put the entries of resources in order; what a stream holds is left alone."""
    head, mark, data = body.partition(STREAM)

    def ordered(run: re.Match[bytes]) -> bytes:
        lines = [bytes(line) for line in run[0].splitlines(keepends=True)]
        lines.sort(key=_by_name)
        return b"".join(lines)

    return NAMED.sub(ordered, head) + mark + data


def _by_name(line: bytes) -> tuple[int, bytes]:
    name = line.split()[0]
    return len(name), name


def _reached(objects: dict[int, bytes], trailer: bytes) -> list[int]:
    """Return the objects in the order in which they are met, from the trailer on; each once."""
    order: list[int] = []
    waiting = [int(number) for number in reversed(REFERENCE.findall(trailer))]
    while waiting:
        number = waiting.pop()
        if number in order:
            continue
        order.append(number)
        waiting += [int(one) for one in reversed(REFERENCE.findall(_head(objects[number])))]
    return order


def _renumbered(body: bytes, numbers: dict[int, int]) -> bytes:
    head, mark, data = body.partition(STREAM)
    return REFERENCE.sub(lambda found: b"%d 0 R" % numbers[int(found[1])], head) + mark + data
