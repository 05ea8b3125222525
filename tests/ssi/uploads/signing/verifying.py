"""Verifies signatures over one file, as the pipeline does."""

import io
from dataclasses import dataclass

from django.utils import timezone

from ssi.accounts.models import UserId
from ssi.uploads.models import Upload
from ssi.uploads.signatures import Verified, verify

CONTENT = b"H,ADT,1.0\r\n" * 3


@dataclass(frozen=True)
class Looked:
    """A User ID whose file it is; call it with a signature file."""

    user_id: UserId

    def __call__(self, signature: bytes | None, content: bytes = CONTENT) -> Verified:
        upload = Upload(user_id=self.user_id, signature=signature)
        return verify(upload, io.BytesIO(content), at=timezone.now())

    def codes(self, signature: bytes | None, content: bytes = CONTENT) -> list[str]:
        return sorted(each.code for each in self(signature, content).findings)
