"""Parses XML from anyone: no DTD, no entities, no network, bounded depth, size and memory.

The parser is fed in small chunks and hands each element to a builder of ours, which stops it at the first thing
that DUIS does not have. Nothing is looked up, included or expanded, in whatever encoding the bytes come.
"""

from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from lxml import etree

from inventory.duis.limits import CHUNK_BYTES, Limits
from inventory.duis.refusals import (
    FileIsCompressed,
    FileIsEmpty,
    NotWellFormed,
    TooDeep,
    TooLarge,
    UnsafeXml,
)

_ARCHIVES = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"(\xb5/\xfd": "zstd"}


@dataclass(slots=True)
class Node:
    """One element: its namespace ("" for none) and name, the elements in it, and its own text.

    The text stays out of `repr`, so that no install code reaches a log by way of one. `is_clipped` tells that the
    text went on beyond what is kept.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    children: list["Node"] = field(default_factory=list, repr=False)
    text: str = field(default="", repr=False)
    is_clipped: bool = False


class _Builder:
    """The parser's target: builds Nodes, and raises a refusal where a limit is passed."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.root: Node | None = None
        self.open: list[Node] = []
        self.elements = 0
        self.events = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.events += 1
        self.elements += 1
        if len(self.open) >= self.limits.depth:
            raise TooDeep(limit=self.limits.depth)
        if self.elements > self.limits.elements:
            raise TooLarge(limit=f"{self.limits.elements:,} elements")
        namespace, _, name = tag.rpartition("}")
        node = Node(namespace.removeprefix("{"), name, {} if self.open else dict(attributes))
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def end(self, _tag: str) -> None:
        self.events += 1
        self.open.pop()

    def data(self, text: str) -> None:
        self.events += 1
        node = self.open[-1]
        room = self.limits.kept_text - len(node.text)
        node.is_clipped = node.is_clipped or len(text) > room
        if room > 0:
            node.text += text[:room]

    def doctype(self, _name: str, _public_id: str | None, _system_id: str | None) -> None:
        raise UnsafeXml

    def comment(self, _text: str) -> None:
        self.events += 1

    def pi(self, _target: str, _text: str | None) -> None:
        self.events += 1

    def close(self) -> None:
        """Nothing to hand over: the caller holds the builder."""


def parse(stream: BinaryIO, limits: Limits) -> Node:
    """Return the root element of the message in `stream`. Reads no further than it must; raises Unreadable."""
    builder = _Builder(limits)
    parser = etree.XMLParser(
        target=cast("Any", builder),  # its stubs still reckon with Python 2's bytes
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        recover=False,
    )
    try:
        _feed(parser, stream, builder)
        parser.close()
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise NotWellFormed(line=line or 1, column=column or 1) from None
    if builder.root is None:
        raise NotWellFormed(line=1, column=1)
    return builder.root


def _feed(parser: "etree.XMLParser", stream: BinaryIO, builder: _Builder) -> None:
    """Give the parser chunk after chunk. Bytes that bring no event are one tag or comment that it has to hold."""
    limits = builder.limits
    taken = held = 0
    while chunk := stream.read(CHUNK_BYTES):
        if taken == 0:
            _refuse_archive(chunk)
        taken += len(chunk)
        if taken > limits.total_bytes:
            raise TooLarge(limit=f"{limits.total_bytes:,} bytes")
        events = builder.events
        parser.feed(chunk)
        held = 0 if builder.events > events else held + len(chunk)
        if held > limits.markup_bytes:
            raise TooLarge(limit=f"{limits.markup_bytes:,} bytes in one tag or comment")
    if taken == 0:
        raise FileIsEmpty


def _refuse_archive(first: bytes) -> None:
    for magic, kind in _ARCHIVES.items():
        if first.startswith(magic):
            raise FileIsCompressed(kind=kind)
    if not first.strip() and len(first) < CHUNK_BYTES:
        raise FileIsEmpty
