"""Parses XML from anyone: no DTD, no entities, no network, bounded depth, size and memory.

The parser is fed in small chunks and hands each element to a builder of ours, which stops it at the first thing
that DUIS does not have. Nothing is looked up, included or expanded, in whatever encoding the bytes come.
"""

from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, cast

from lxml import etree

from inventory.duis.images import Base64Gauge
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
_LIST: Final = "DeviceIDList"
_IMAGE: Final = "FirmwareImage"


@dataclass(slots=True)
class Node:
    """One element: its namespace ("" for none) and name, the elements in it, and its own text.

    The text stays out of `repr`, so that no install code reaches a log by way of one. `is_clipped` tells that the
    text went on beyond what is kept. An image has its measures in place of its text.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    children: list["Node"] = field(default_factory=list, repr=False)
    text: str = field(default="", repr=False)
    is_clipped: bool = False
    image: Base64Gauge | None = field(default=None, repr=False)


class _Open:
    """An element that has begun and not ended: the pieces of its text, and the room left for more of them."""

    __slots__ = ("node", "pieces", "room")

    def __init__(self, node: Node, room: int) -> None:
        self.node = node
        self.pieces: list[str] = []
        self.room = room


class _Builder:
    """The parser's target: builds Nodes, and raises a refusal where a limit is passed."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.root: Node | None = None
        self.open: list[_Open] = []
        self.elements = 0
        self.events = 0
        self.has_list = False

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
            self.open[-1].node.children.append(node)
        else:
            self.root = node
        if name == _IMAGE:
            node.image = Base64Gauge()
        self.open.append(_Open(node, self._room_for(name)))

    def _room_for(self, name: str) -> int:
        """Return how many characters of an element's text are kept: many of one list alone."""
        if name != _LIST or self.has_list:
            return self.limits.kept_text
        self.has_list = True
        return self.limits.kept_list

    def end(self, _tag: str) -> None:
        self.events += 1
        ended = self.open.pop()
        ended.node.text = "".join(ended.pieces)

    def data(self, text: str) -> None:
        self.events += 1
        into = self.open[-1]
        if into.node.image is not None:
            into.node.image.take(text)
            return
        into.node.is_clipped = into.node.is_clipped or len(text) > into.room
        if into.room > 0:
            into.pieces.append(text[: into.room])
            into.room -= len(into.pieces[-1])

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
