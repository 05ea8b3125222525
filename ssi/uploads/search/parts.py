"""Whether those who had a part in a file are still the officers that they were then."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ssi.access.components import Component
from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person, RoleGrant
from ssi.eui64 import Eui64
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind
from ssi.uploads.models.uploads import SUBMISSION
from ssi.working_days import day_in_words

OFFICERS: Final = (JobTypeRole.ARO, JobTypeRole.SRO)


@dataclass(frozen=True, slots=True)
class EndedPart:
    """Somebody who had a part in a file for which their role has ended; `since` is None where no day is known."""

    did: str
    name: str
    roles: Sequence[str]
    since: datetime | None

    @property
    def in_words(self) -> str:
        """Return it as a sentence: "Signed by Aroha Tane, who is no ARO any more since Fri 20 Nov 2026."."""
        since = f" since {day_in_words(timezone.localdate(self.since))}" if self.since else ""
        return f"{self.did} by {self.name}, who is no {' or '.join(self.roles)} any more{since}."


@dataclass(frozen=True, slots=True)
class _Part:
    did: str
    person_id: int
    roles: Sequence[str]


_Held = tuple[int, Eui64, str]
_Standing = tuple[bool, datetime | None]


def ended_parts(uploads: Sequence[Upload]) -> Mapping[int, Sequence[EndedPart]]:
    """Return, by the key of the upload, who of a file's officers is none any more; two queries for any number.

    DCC's staff, who act for the User in disaster recovery, are no officers.
    """
    parts = {upload.pk: list(_parts_of(upload)) for upload in uploads}
    named = {part.person_id for each in parts.values() for part in each}
    people = Person.objects.filter(pk__in=named, is_dcc_staff=False).in_bulk()
    held = _held_by(people, {upload.user_id_id for upload in uploads})
    return {
        upload.pk: [
            EndedPart(part.did, people[part.person_id].name, part.roles, _since(part, upload, held))
            for part in parts[upload.pk]
            if part.person_id in people and _is_over(part, upload, held)
        ]
        for upload in uploads
    }


def _parts_of(upload: Upload) -> Iterator[_Part]:
    """Yield who signed, submitted and approved it, and as what; one who signed and submitted it once."""
    submitting = _in_order(SUBMISSION[Kind(upload.kind)])
    if upload.signer_id is not None:
        did = "Signed and submitted" if upload.signer_id == upload.submitted_by_id else "Signed"
        yield _Part(did, upload.signer_id, submitting)
    if upload.submitted_by_id is not None and upload.submitted_by_id != upload.signer_id:
        yield _Part("Submitted", upload.submitted_by_id, submitting)
    if upload.approved_by_id is not None:
        yield _Part("Approved", upload.approved_by_id, _in_order(Component.ADT_APPROVAL))


def _in_order(component: Component) -> Sequence[str]:
    return [role.value for role in OFFICERS if role in component.rule.job_type_roles]


def _held_by(people: Collection[int], user_ids: Collection[Eui64]) -> Mapping[_Held, _Standing]:
    """Return of each role of an officer whether it is in force, and when it ended; one query."""
    still = RoleGrant.objects.in_force().filter(pk=OuterRef("pk"), person__is_active=True)
    grants = (
        RoleGrant.objects.filter(person__in=people, acting_for__in=user_ids, job_type_role__in=OFFICERS)
        .annotate(counts=Exists(still))
        .order_by("counts", "ended_at", "pk")  # what is in force comes last and stays
        .values_list("person_id", "acting_for_id", "job_type_role", "counts", "ended_at")
    )
    return {(who, whose, role): (counts, ended_at) for who, whose, role, counts, ended_at in grants}


def _standings(part: _Part, upload: Upload, held: Mapping[_Held, _Standing]) -> Sequence[_Standing]:
    keys = [(part.person_id, upload.user_id_id, role) for role in part.roles]
    return [held[key] for key in keys if key in held]


def _is_over(part: _Part, upload: Upload, held: Mapping[_Held, _Standing]) -> bool:
    return not any(counts for counts, _ in _standings(part, upload, held))


def _since(part: _Part, upload: Upload, held: Mapping[_Held, _Standing]) -> datetime | None:
    ends = [ended_at for _, ended_at in _standings(part, upload, held) if ended_at is not None]
    return max(ends, default=None)
