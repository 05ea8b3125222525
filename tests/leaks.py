"""Looking for an install code in anything: a dump, a log, an e-mail, whatever its spelling or wrapping."""

import base64
import binascii
import io
import re
import zlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import redis
from django.conf import settings
from django.db import connection

from tests.environment import LOGS

DEEPEST = 3
"""Wrappings looked into, such as JSON in base64 in a bytea."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{20,}={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){20,}")


@cache
def spellings(code: str) -> frozenset[bytes]:
    """Return how a code's 16 bytes (fewer of a legacy one) may look: in small letters, with nothing in between.

    Whatever holds the code with its check digits holds these too.
    """
    found: set[bytes] = set()
    for raw in (bytes.fromhex(code), bytes.fromhex(code)[::-1]):
        text = raw.hex().encode()
        found |= {text, text[::-1], text.hex().encode(), text.upper().hex().encode(), str(int(text, 16)).encode()}
        found |= {b",".join(b"%d" % octet for octet in raw), b"".join(b"x%02x" % octet for octet in raw)}
        found |= {base64.b32encode(value).rstrip(b"=").lower()[:-1] for value in (raw, text, text.upper())}
        for value in (raw, text, text.upper()):
            for shift in range(3):  # base64 looks different at each of three offsets
                inner = base64.b64encode(b"\0" * shift + value)[4 if shift else 0 : -4].lower()
                found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_")), re.sub(rb"[+/]", b"", inner)}
    return frozenset(found)


def holds(haystack: bytes, code: str, *, depth: int = DEEPEST) -> bool:
    """Tell whether `haystack` holds the code's digits or bytes, in any of those spellings and wrappings."""
    raw = bytes.fromhex(code)
    if raw in haystack or raw[::-1] in haystack:
        return True
    lowered = haystack.lower()
    forms = (lowered, re.sub(rb"[^0-9a-z]", b"", lowered), re.sub(rb"[\s\0]", b"", lowered))
    if any(each in form for each in spellings(code) for form in forms):
        return True
    return depth > 0 and any(holds(inside, code, depth=depth - 1) for inside in _unwrapped(haystack))


def _unwrapped(haystack: bytes) -> Iterator[bytes]:
    """Yield what is inside: of base64, of hexadecimal, of percent signs, of compression."""
    for found in _BASE64.findall(haystack):
        body = found.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        try:
            yield base64.b64decode(body[: len(body) - len(body) % 4])
        except (binascii.Error, ValueError):
            continue
    yield from (binascii.unhexlify(found) for found in _HEX.findall(haystack))
    if b"%" in haystack:
        yield unquote_to_bytes(haystack)
    for window_bits in (zlib.MAX_WBITS, zlib.MAX_WBITS | 16):
        try:
            yield zlib.decompressobj(window_bits).decompress(haystack)
        except zlib.error:
            continue


def everything_in_the_database() -> Iterator[tuple[str, bytes]]:
    """Yield each table's name and content as PostgreSQL copies it out, in text and in binary."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        tables = [name for (name,) in cursor.fetchall()]
        tables += ["pg_catalog.pg_largeobject", "pg_catalog.pg_stat_activity", "pg_catalog.pg_description"]
        for table in tables:
            for form in ("text", "binary"):
                with cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT {form})") as copy:
                    yield f"{table} as {form}", b"".join(bytes(part) for part in copy)


def everything_in_the_broker(url: str) -> Iterator[tuple[str, bytes]]:
    """Yield each key of Valkey with what it holds."""
    with redis.Redis.from_url(url) as broker:
        for key in broker.scan_iter():
            kind = broker.type(key)
            value: Any = broker.lrange(key, 0, -1) if kind == b"list" else broker.dump(key)
            yield f"broker key {key!r}", b"\n".join(value) if isinstance(value, list) else bytes(value or b"")


def everything_on_disk(folder: Path, *, but: frozenset[str] = frozenset()) -> Iterator[tuple[str, bytes]]:
    """Yield the files in a folder, e-mails also decoded part by part."""
    for path in folder.rglob("*"):
        if path.is_file() and not but & set(path.relative_to(folder).parts):
            content = path.read_bytes()
            yield str(path), content
            if path.suffix == ".eml":
                yield f"{path} decoded", decoded(content)


def everything_of_this_process() -> Iterator[tuple[str, bytes]]:
    """Yield what the tests of this process left in their data folder, and what the servers logged of everybody."""
    folder: Path = settings.SSI_DATA_DIR
    yield from everything_on_disk(folder, but=frozenset({"static"}))
    yield from everything_on_disk(folder.with_name(LOGS))


def decoded(email: bytes) -> bytes:
    """Return the headers and parts of an e-mail as people read them."""
    message = message_from_bytes(email, policy=policy.default)
    out = io.BytesIO()
    for part in message.walk():
        out.write(str(part.items()).encode())
        out.write(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
    return out.getvalue()
