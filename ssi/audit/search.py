"""Finding events of the log by what its indexes hold: the thing's reference, and who did it."""

from collections.abc import Collection, Sequence
from typing import Final

from django.db import connection

_BY_REFERENCE: Final = """
WITH RECURSIVE kinds AS (
    (SELECT about FROM audit_auditevent ORDER BY about LIMIT 1)
    UNION ALL
    SELECT (SELECT about FROM audit_auditevent WHERE about > kinds.about ORDER BY about LIMIT 1)
    FROM kinds WHERE kinds.about IS NOT NULL
)
SELECT event.id FROM kinds CROSS JOIN unnest(%s::text[]) AS spelling(reference) CROSS JOIN LATERAL (
    SELECT id FROM audit_auditevent
    WHERE about = kinds.about AND reference = spelling.reference ORDER BY id DESC LIMIT %s
) event
WHERE kinds.about IS NOT NULL ORDER BY event.id DESC LIMIT %s
"""
"""The index is by kind and reference: the kinds, some dozens, are read from it by leaps, and each is probed."""

_BY_PERSON: Final = """
SELECT event.id FROM unnest(%s::bigint[]) AS person(id) CROSS JOIN LATERAL (
    SELECT id FROM audit_auditevent WHERE person_id = person.id ORDER BY id DESC LIMIT %s
) event
ORDER BY event.id DESC LIMIT %s
"""


def newest_about(references: Collection[str], *, most: int) -> Sequence[int]:
    """Return the ids of the newest `most` events about things of any kind with one of these references."""
    return _ids(_BY_REFERENCE, list(references), most)


def newest_by(person_ids: Collection[int], *, most: int) -> Sequence[int]:
    """Return the ids of the newest `most` events of what these people did."""
    return _ids(_BY_PERSON, list(person_ids), most)


def _ids(query: str, given: list[str] | list[int], most: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, [given, most, most])
        return [int(row[0]) for row in cursor.fetchall()]
