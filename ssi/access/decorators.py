"""What a view says about who may call it. A view that says nothing is not served (ClosedByDefaultMiddleware)."""

from collections.abc import Callable
from typing import Any, TypeVar

from ssi.access.components import Component

View = TypeVar("View", bound=Callable[..., Any])
ACCESS = "ssi_access"


class Public:
    """Served to anyone, signed in or not; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class SignedIn:
    """Served to every signed-in person whatever their roles; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Requires:
    """Served to actors who reach any of `components`."""

    def __init__(self, *components: Component) -> None:
        self.components = components


Access = Public | SignedIn | Requires


def _declare(access: Access) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        setattr(view, ACCESS, access)
        return view

    return decorate


def requires(*components: Component) -> Callable[[View], View]:
    """Declare that a view belongs to `components`; reaching any one of them opens it."""
    return _declare(Requires(*components))


def public(reason: str) -> Callable[[View], View]:
    """Declare that a view is open to the world, and why."""
    return _declare(Public(reason))


def signed_in(reason: str) -> Callable[[View], View]:
    """Declare that a view is open to every signed-in person, and why."""
    return _declare(SignedIn(reason))


def access_of(view: Callable[..., Any]) -> Access | None:
    """Return what `view` declares, or None if it declares nothing."""
    declared: Access | None = getattr(view, ACCESS, None)
    return declared
