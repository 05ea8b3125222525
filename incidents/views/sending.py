"""How a form of a page is carried out once, however often its button was pressed."""

from collections.abc import Callable
from dataclasses import asdict

from incidents.actions.install_code_requests import RevealPermit
from incidents.models import BulkJob, InstallCodeRequest
from ssi.web.forms import SsiForm
from ssi.web.idempotency import Answer
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for


def send_once(request: SsiRequest, form: SsiForm, act: Callable[[], InstallCodeRequest | BulkJob]) -> str:
    """Run `act` once for what `form` holds and return the reference of what it gave; again gives the same."""
    return str(once_for(request, form, lambda: {"reference": act().reference})["reference"])


def permit_once(request: SsiRequest, form: SsiForm, act: Callable[[], RevealPermit]) -> RevealPermit:
    """Run `act` once for what `form` holds and return its permit, committed; again gives the same permit."""
    return RevealPermit(**once_for(request, form, lambda: asdict(act())))


act_once: Callable[[SsiRequest, SsiForm, Callable[[], Answer]], Answer] = once_for
"""Run an action that answers in plain JSON once for what a form holds; again gives the same answer."""
