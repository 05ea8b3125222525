"""Moves a thing through its states: checks the right, moves, saves what changed, and records it.

The only place that knows django_fsm's fields and errors. A transition declares its states, its conditions and, as
`permission`, who may; its body only sets fields. Everything else about a move happens here and in the action that
calls it, inside that action's transaction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, cast

from django.db import models, transaction
from django_fsm import (
    FSMField,
    FSMFieldDescriptor,
    FSMIntegerField,
    Transition,
    TransitionNotAllowed,
    can_proceed,
)
from django_fsm import transition as declare_transition

from ssi.access.actor import Actor
from ssi.audit import log
from ssi.db import SsiModel, update_many
from ssi.refusals import NotAllowed, NotInThisState, Refusal

Method = TypeVar("Method", bound=Callable[..., None])


def move(
    field: Any,
    *,
    source: Any,
    target: Any,
    permission: Callable[[Any, Actor], bool],
    conditions: Sequence[Callable[[Any], bool]] = (),
) -> Callable[[Method], Method]:
    """Declare a transition of `field` from `source` (one or several) to `target`; `permission` says who may.

    `permission(instance, actor)` looks at who, the states at when, and each of `conditions(instance)` at what: one
    move may be for some kinds of things alone. The body only sets fields.
    """
    who: Any = permission  # django-fsm-2 knows Django's users, not our actors
    declared: Any = declare_transition(
        field=field, source=source, target=target, permission=who, conditions=list(conditions)
    )
    return cast("Callable[[Method], Method]", declared)


class _ProtectedDescriptor(FSMFieldDescriptor):
    """Refuses assignment, but for the one instance that is being reloaded from the database.

    django-fsm-2's own mixin lifts the protection of the whole class while one row is reloaded, and leaves it
    lifted if that raises; this one looks only at the instance.
    """

    def __set__(self, instance: Any, value: Any) -> None:
        if instance.__dict__.get("_is_reloading"):
            self.field.set_state(instance, value)
        else:
            super().__set__(instance, value)


class StateField(FSMField):
    """A protected state kept as text."""

    descriptor_class = _ProtectedDescriptor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["protected"] = True
        super().__init__(*args, **kwargs)


class StateIntegerField(FSMIntegerField):
    """A protected state kept as a number, for tables of a hundred million rows."""

    descriptor_class = _ProtectedDescriptor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["protected"] = True
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        """Two bytes are enough for any enumeration here."""
        return "smallint"


class WorkflowModel(SsiModel):
    """Base of everything with states. Set `audit_name` and override `audit_ref` where the key is not public."""

    audit_name: ClassVar[str]

    class Meta:
        abstract = True

    @property
    def audit_ref(self) -> str:
        """Return the public reference under which the audit log knows this thing."""
        return str(self.pk)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Reload the row; its states stay protected for everyone else, and afterwards for this one too."""
        self.__dict__["_is_reloading"] = True
        try:
            super().refresh_from_db(*args, **kwargs)
        finally:
            del self.__dict__["_is_reloading"]


Thing = TypeVar("Thing", bound=WorkflowModel)


def declared_moves(method: Callable[..., Any]) -> list[Transition]:
    """Return the transitions that `method`, a model's decorated method, declares."""
    return list(method._django_fsm.transitions.values())  # type: ignore[attr-defined]


def may_move(instance: WorkflowModel, method: Callable[..., Any], by: Actor) -> bool:
    """Tell whether `by` is one who may make this move at all, whatever the state."""
    return any(each.has_perm(instance, cast("Any", by)) for each in declared_moves(method))


def can_move_now(instance: WorkflowModel, verb: str, by: Actor) -> bool:
    """Tell whether `by` may make the move named `verb` on `instance` in its present state."""
    method = getattr(instance, verb)
    return bool(can_proceed(method)) and may_move(instance, method, by)


def require_move(move_method: Callable[..., None], *, by: Actor) -> None:
    """Pass if `by` may make this bound move now; who is asked before when. Raises NotAllowed or NotInThisState.

    For an action to call before it looks at what it was given: nobody learns from a move that is not theirs.
    """
    instance: WorkflowModel = move_method.__self__  # type: ignore[attr-defined]
    if not may_move(instance, move_method, by):
        raise NotAllowed(
            why=f"{by.party_name or by.person_name} may not do this.",
            way_out="The page shows what you may do now.",
        )
    if not can_proceed(move_method):
        raise NotInThisState(what=instance.audit_ref, state=_state_in_words(instance, move_method))


def perform(move_method: Callable[..., None], *, by: Actor, event: str, **facts: object) -> None:
    """Make a bound transition on a row locked by the caller, save the fields it changed, and record `event`.

    `facts` go to the transition. `event` is the audit event, such as "install_code_request.answered". Call it in
    a transaction, on a row taken with `select_for_update`. Raises NotAllowed or NotInThisState.
    """
    instance: WorkflowModel = move_method.__self__  # type: ignore[attr-defined]
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("perform() needs the action's transaction.")
    changed = _moved(move_method, by, facts)
    instance.save(update_fields=sorted(changed))
    log.record(event, by=by, about=instance)


def begin(move_method: Callable[..., None], *, by: Actor, **facts: object) -> None:
    """Make the first transition of a thing that is not in the database yet, and is inserted in the state it took.

    The caller inserts it, and records the move with what it entails. Raises NotAllowed or NotInThisState.
    """
    instance: WorkflowModel = move_method.__self__  # type: ignore[attr-defined]
    if not instance._state.adding:
        raise TypeError(f"{instance.audit_ref} is in the database already: perform() moves it.")
    _moved(move_method, by, facts)


@dataclass(frozen=True, slots=True)
class Stopped(Generic[Thing]):
    """One of many that could not be moved, and why."""

    instance: Thing
    refusal: Refusal


def perform_many(
    instances: Sequence[Thing],
    verb: str,
    *,
    by: Actor,
    event: str,
    facts: Callable[[Thing], Mapping[str, object]] = lambda _: {},
    follow: Callable[[list[Thing]], object] = lambda _: None,
    details: Callable[[Thing], Mapping[str, object]] = lambda _: {},
) -> tuple[list[Thing], list[Stopped[Thing]]]:
    """Make the transition `verb` on many rows locked by the caller; return those moved, and those refused.

    The same rights, states and record as `perform`, with as many queries for a thousand rows as for one. `facts`
    gives what each row's transition takes; `follow` is called with the rows that moved before they are recorded,
    for what the move entails, and `details` gives the detail of each one's event. A refusal concerns its own row;
    the others move.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("perform_many() needs the action's transaction.")
    moved: list[Thing] = []
    stopped: list[Stopped[Thing]] = []
    changed: set[str] = set()
    for instance in instances:
        try:
            changed |= _moved(getattr(instance, verb), by, facts(instance))
        except Refusal as refusal:
            stopped.append(Stopped(instance, refusal))
        else:
            moved.append(instance)
    update_many(moved, sorted(changed))
    follow(moved)
    log.record_many(event, by=by, about=moved, details=[details(each) for each in moved])
    return moved, stopped


def _moved(move_method: Callable[..., None], by: Actor, facts: Mapping[str, object]) -> set[str]:
    """Make a bound transition in memory and return the fields it changed. Raises NotAllowed or NotInThisState."""
    instance: WorkflowModel = move_method.__self__  # type: ignore[attr-defined]
    require_move(move_method, by=by)
    before = _values(instance)
    try:
        move_method(**facts)
    except TransitionNotAllowed as refused:
        raise NotInThisState(what=instance.audit_ref, state=_state_in_words(instance, move_method)) from refused
    return {name for name, value in _values(instance).items() if value != before[name]}


def _values(instance: models.Model) -> dict[str, object]:
    return {field.name: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


def _state_in_words(instance: models.Model, move_method: Callable[..., None]) -> str:
    name = move_method._django_fsm.field.name  # type: ignore[attr-defined]
    return str(getattr(instance, f"get_{name}_display")()).lower()


def state_diagram(model: type[models.Model], field_name: str) -> Iterator[tuple[str, str, str]]:
    """Yield (source, verb, target) of every transition of a model's state field, sorted, for the reference."""
    field = model._meta.get_field(field_name)
    rows = {(str(t.source), t.name, str(t.target)) for t in field.get_all_transitions(model)}  # type: ignore[union-attr]
    yield from sorted(rows)
