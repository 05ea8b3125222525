"""Whatever XML comes, reading it stays bounded and expands nothing."""

import io
import tracemalloc
from collections.abc import Iterable

import pytest

from inventory.duis.limits import Limits
from inventory.duis.refusals import (
    FileIsCompressed,
    FileIsEmpty,
    NotWellFormed,
    TooDeep,
    TooLarge,
    Unreadable,
    UnsafeXml,
)
from inventory.duis.safe_xml import Node, parse
from tests.inventory.duis import messages

LIMITS = Limits()


class Chunks(io.RawIOBase):
    """A file made up as it is read, which counts what was taken from it."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts = iter(parts)
        self.rest = b""
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size:
            part = next(self.parts, b"")
            if not part:
                break
            self.rest += part
        chunk, self.rest = self.rest[:size], self.rest[size:]
        self.taken += len(chunk)
        return chunk


def read(data: bytes, limits: Limits = LIMITS) -> Node:
    return parse(io.BytesIO(data), limits)


def test_reads_elements_namespaces_and_text() -> None:
    root = read(
        b'<?xml version="1.0"?><a:x xmlns:a="urn:a" v="1"> <b>one &amp; <!-- two -->three</b><?p q?></a:x>'
    )
    assert (root.namespace, root.name, root.attributes) == ("urn:a", "x", {"v": "1"})
    assert [(child.namespace, child.name, child.text) for child in root.children] == [("", "b", "one & three")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_reads_every_encoding_an_xml_reader_must(encoding: str) -> None:
    bom = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    declared = "UTF-16" if "16" in encoding else "UTF-8"
    text = f'{bom}<?xml version="1.0" encoding="{declared}"?><a>Gŵyr</a>'
    assert read(text.encode(encoding)).text == "Gŵyr"


DTD = '<!DOCTYPE a [<!ENTITY e "e">]>'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    + "]><a>&l11;</a>"
)


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE a><a/>",
        f"{DTD}<a/>".encode(),
        f'<?xml version="1.0"?><!-- c -->\n{DTD}<a>&e;</a>'.encode(),
        f'\ufeff<?xml version="1.0" encoding="UTF-16"?>{DTD}<a/>'.encode("utf-16-le"),
        LAUGHS.encode(),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><a/>',
        b'<!DOCTYPE a PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd"><a/>',
    ],
)
def test_a_dtd_is_refused_before_it_is_read(data: bytes) -> None:
    with pytest.raises(UnsafeXml):
        read(data)


def test_includes_are_not_followed() -> None:
    root = read(b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/></a>')
    assert [(child.name, child.text, child.children) for child in root.children] == [("include", "", [])]


@pytest.mark.parametrize(
    "data",
    [
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a/>tail",
        b"not xml",
        b"<a>&undefined;</a>",
        b"<a>\x00</a>",
        b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b'<a x="1" x="2"/>',
        b"<",
        b"{}",
        b"\xff\xfe",
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_place(data: bytes) -> None:
    with pytest.raises(NotWellFormed) as refused:
        read(data)
    assert refused.value.facts["line"] == 1


@pytest.mark.parametrize("data", [b"", b"\n  \n"])
def test_an_empty_file_is_called_empty(data: bytes) -> None:
    with pytest.raises(FileIsEmpty):
        read(data)


@pytest.mark.parametrize(
    ("data", "kind"), [(b"\x1f\x8b\x08\x00rest", "gzip"), (b"PK\x03\x04rest", "zip"), (b"BZh91AY", "bzip2")]
)
def test_an_archive_is_called_by_its_name(data: bytes, kind: str) -> None:
    with pytest.raises(FileIsCompressed, match=kind):
        read(data)


def test_depth_is_bounded() -> None:
    assert read(b"<a>" * 64 + b"</a>" * 64).name == "a"
    with pytest.raises(TooDeep):
        read(b"<a>" * 65 + b"</a>" * 65)


def test_elements_are_bounded() -> None:
    with pytest.raises(TooLarge, match="50,000 elements"):
        read(b"<a>" + b"<b/>" * 50_000 + b"</a>")


def test_bytes_are_bounded() -> None:
    with pytest.raises(TooLarge, match="1,000 bytes"):
        read(b"<a>" + b" " * 2_000 + b"</a>", Limits(total_bytes=1_000))


@pytest.mark.parametrize(
    "giant",
    [
        b"<a " + b" ".join(b'a%d=""' % n for n in range(300_000)) + b"/>",
        b"<a><!--" + b"x" * 2_000_000 + b"--></a>",
        b"<a><?p " + b"x" * 2_000_000 + b"?></a>",
        b'<a b="' + b"x" * 2_000_000 + b'"/>',
    ],
    ids=["attributes", "comment", "instruction", "value"],
)
def test_one_giant_tag_or_comment_is_refused(giant: bytes) -> None:
    with pytest.raises(TooLarge, match="one tag or comment"):
        read(giant)


def test_the_largest_firmware_message_is_read_and_its_image_is_not_kept() -> None:
    image = (b"QUJD" * 19 + b"\r\n") * 179_650
    root = read(b"<a><image>" + image + b"</image><b>after</b></a>")
    assert len(image) > 14_000_000
    assert root.children[0].is_clipped
    assert len(root.children[0].text) == LIMITS.kept_text
    assert root.children[1].text == "after"


def test_200_mb_of_nesting_is_refused_at_its_beginning() -> None:
    stream = Chunks(messages.nested(200_000_000))
    with pytest.raises(TooDeep):
        parse(stream, LIMITS)  # type: ignore[arg-type]
    assert stream.taken <= 65_536


@pytest.mark.parametrize(
    "unit", [b"<b/>", b"<b>text</b>", b"text ", b"<!-- comment -->", b'<b c="d">e<f/></b>'], ids=repr
)
def test_200_mb_of_anything_else_is_refused_in_flat_memory(unit: bytes) -> None:
    block = unit * (100_000 // len(unit))
    stream = Chunks([b"<a>", *[block] * (200_000_000 // len(block))])
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable):
            parse(stream, LIMITS)  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stream.taken <= LIMITS.total_bytes + 65_536
    assert peak < 60_000_000


def test_a_node_shows_no_text_when_it_is_printed() -> None:
    assert "secret" not in repr(read(b"<a>secret<b>secret</b></a>"))
