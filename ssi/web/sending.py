"""How a form of a page is carried out once, however often its button was pressed."""

from collections.abc import Callable

from ssi.web.forms import SsiForm
from ssi.web.idempotency import Answer, fingerprint_of, once
from ssi.web.requests import SsiRequest
from ssi.web.uploading import StreamedFile

_NOT_SENT = frozenset({"csrfmiddlewaretoken", "idempotency_key"})


def once_for(request: SsiRequest, form: SsiForm, act: Callable[[], Answer]) -> Answer:
    """Run `act` once for this form, its values and this actor; return its answer, plain JSON without a secret.

    The form's key alone is not enough: who goes back, changes a field and sends again means something new.
    """
    actor = request.actor
    fields = sorted((name, value) for name, values in request.POST.lists() for value in values)
    typed = [f"{name}={value}".encode() for name, value in fields if name not in _NOT_SENT]
    files = sorted((name, file) for name, file in request.FILES.items() if isinstance(file, StreamedFile))
    typed += [f"{name}={file.name} {file.sha256}".encode() for name, file in files]
    sent = fingerprint_of(f"{request.path} {actor.user_id}/{actor.user_role}".encode(), *typed)
    key = f"{form.cleaned_data['idempotency_key']}:{sent.hex()}"
    return once(by=actor, key=key, sent=sent, act=act)
