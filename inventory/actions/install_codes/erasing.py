"""Erasing install codes that nobody may read any more (MP121 R16: purge after closure and retention).

A code is kept for the setting SSI_CODES_KEPT_HOURS after the request it answered has ended, readable by nobody,
and then deleted. What the audit log keeps of it is the id of its row, which names no secret.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, QuerySet
from django.utils import timezone

from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.audit import log

BATCH = 500
"""Codes a transaction; each batch is one audit event."""

ORPHAN_AFTER = timedelta(days=1)
"""A code is given before anything names it, in the same transaction; a day later nothing ever will."""

ERASED = "install_code.erased"


@dataclass(frozen=True, slots=True)
class _Erased:
    """Some codes that were erased together, as the audit log names them."""

    count: int
    audit_name: ClassVar[str] = "sealed_install_code"

    @property
    def audit_ref(self) -> str:
        return f"{self.count} code{'' if self.count == 1 else 's'}"


def erase_later(codes: Collection[UUID], *, ended_at: datetime) -> None:
    """Note when to erase the codes of requests that ended at `ended_at`; call it where they are ended."""
    erase_at = ended_at + timedelta(hours=settings.SSI_CODES_KEPT_HOURS)
    SealedInstallCode.objects.filter(pk__in=codes).update(erase_at=erase_at)


def erase_due() -> int:
    """Erase the codes whose time has come and return how many; may be stopped, and run twice, at any time."""
    due = SealedInstallCode.objects.filter(erase_at__lte=timezone.now()).order_by("erase_at", "pk")
    return _erase(due, because="its time after closing has passed")


def erase_orphans() -> int:
    """Erase the codes that nothing names any more, whatever took their holder away; return how many."""
    return _erase(_orphans(), because="nothing holds it any more")


def _orphans() -> QuerySet[SealedInstallCode]:
    codes = SealedInstallCode.objects.filter(given_at__lt=timezone.now() - ORPHAN_AFTER).order_by("pk")
    for relation in SealedInstallCode._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            holders = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            codes = codes.filter(~Exists(holders))
    return codes


def _erase(due: QuerySet[SealedInstallCode], *, because: str) -> int:
    """Delete what is due, each batch in its own transaction; what somebody holds just now goes next time."""
    erased = 0
    while True:
        with transaction.atomic(durable=True):
            batch = due.select_for_update(skip_locked=True, of=("self",))[:BATCH]
            codes = sorted(batch.values_list("pk", flat=True))
            if codes:
                SealedInstallCode.objects.filter(pk__in=codes).delete()
                about = _Erased(len(codes))
                log.record(ERASED, by=Actor.system(), about=about, because=because, codes=list(map(str, codes)))
        erased += len(codes)
        if len(codes) < BATCH:
            return erased
