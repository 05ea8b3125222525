"""What the page for sending a signed file says of the kind: what a good file looks like, and where to make one."""

from dataclasses import dataclass

from django.utils import timezone

from ssi.access.actor import Actor
from ssi.uploads.models.choices import Kind
from ssi.uploads.presenters.upload_words import TITLES

_LEADS = {
    Kind.ADT: "Nothing changes by sending it. The file is checked first, and you see every difference against what"
    " is in force before you submit it.",
    Kind.EXIT_QUARANTINE: "Nothing happens to a message by sending it. The file is checked first, and you see"
    " what it releases and deletes before you submit it.",
}
_PREPARE = {Kind.ADT: "/thresholds/prepare/", Kind.EXIT_QUARANTINE: "/quarantine/"}
_PREPARE_LABEL = {
    Kind.ADT: "Make a threshold file from what is in force",
    Kind.EXIT_QUARANTINE: "Decide about quarantined messages, and have the file built",
}


@dataclass(frozen=True, slots=True)
class NewUploadPage:
    """One kind's page."""

    kind: Kind
    actor: Actor

    @property
    def title(self) -> str:
        """Return what is sent."""
        return f"Upload {'thresholds' if self.kind is Kind.ADT else 'an Exit Quarantine file'}"

    @property
    def name(self) -> str:
        """Return what the file is."""
        return TITLES[self.kind]

    @property
    def lead(self) -> str:
        """Return what sending does, and what it does not do."""
        return _LEADS[self.kind]

    @property
    def prepare_url(self) -> str:
        """Return where the portal makes such a file."""
        return _PREPARE[self.kind]

    @property
    def prepare_label(self) -> str:
        """Return what happens there."""
        return _PREPARE_LABEL[self.kind]

    @property
    def file_name(self) -> str:
        """Return a name as the file might have."""
        return f"{self.kind.letters}_{self._user_id.replace('-', '')}_NEW_{timezone.now():%Y%m%dT%H%M%SZ}.csv"

    @property
    def sample(self) -> str:
        """Return a small file as it might be; the hash is only hinted at."""
        created = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
        today = timezone.localdate().isoformat()
        if self.kind is Kind.ADT:
            return (
                f"H,ADT,1.0,{self._user_id},{self.actor.user_role or 'IS'},NEW,{created},{today},ALL\n"
                "D,1,4.1.1,SR,DAY,9000,10000,,,\n"
                f"D,2,7.4,SR,HOUR,,500,{today},{today},Works at the head office\n"
                "T,2,<SHA-256 of all bytes before this line, in hex>"
            )
        return (
            f"H,EQF,1.0,{self._user_id},NEW,{created},4711\n"
            f"D,1,4711,{self._user_id}:00-DB-12-34-56-78-90-A0:1001,RELEASE,Meant to be sent\n"
            f"D,2,4711,{self._user_id}:00-DB-12-34-56-78-90-A1:1002,DELETE,Sent by mistake\n"
            "T,2,<SHA-256 of all bytes before this line, in hex>"
        )

    @property
    def _user_id(self) -> str:
        return str(self.actor.user_id or "")
