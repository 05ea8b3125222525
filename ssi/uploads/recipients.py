"""Who is written to about an upload: by what they reach, never by a list."""

from ssi.access.components import Component
from ssi.accounts import recipients
from ssi.accounts.models import Person
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind
from ssi.uploads.models.uploads import SUBMISSION


def submitters_of(upload: Upload) -> list[str]:
    """Return the addresses of the User's AROs, who send and submit such files."""
    return recipients.who_reach(SUBMISSION[Kind(upload.kind)], upload.user_id_id)


def approvers_of(upload: Upload) -> list[str]:
    """Return the addresses of the AROs and SROs who may approve it: neither uploaded, submitted nor signed it."""
    not_they = set(Person.objects.filter(pk__in=upload.took_part).values_list("email", flat=True))
    reached = recipients.who_reach(Component.ADT_APPROVAL, upload.user_id_id)
    return [address for address in reached if address not in not_they]


def service_desk() -> list[str]:
    """Return the addresses of the DCC service desk."""
    return recipients.service_desk()
