"""Lists of devices, narrowed by filters that an index serves, in keyset pages."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import router
from django.db.models import BigIntegerField, BooleanField, Expression, F, PositiveSmallIntegerField, Q, QuerySet

from inventory.models import Device, DeviceModel
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search.one import associated_with, at_meter_point, point_of
from inventory.search.related import AnyOf, Related
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64, Eui64Field, NotAnEui64
from ssi.patience import patience
from ssi.prepared import Prepared, Slot
from ssi.refusals import Refusal
from ssi.web.pages import LONGEST_PAGE, PAGE_SIZE, Page, page_from, values_of

PATIENCE_MS = 5_000
KEY = ("device_id",)
SEVERAL: Final = 2


class SearchTooBroad(Refusal):
    """Too few devices fit all these filters at once to be found quickly."""

    suggestion = "Leave a filter out, or search for the Device ID or the meter point."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class UserUnknown(Refusal):
    """No User or party is called “{name}”."""

    suggestion = "Give a User ID, such as 90-B3-D5-1F-30-01-00-00, or the party's name in full."
    field = "notified_by"


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list of devices; empty ones do not.

    `model` is words that all occur in manufacturer, model or firmware version; `notified_by` are User IDs.
    """

    device_type: DeviceType | None = None
    smi_status: SmiStatus | None = None
    model: str = ""
    notified_by: Sequence[Eui64] = ()
    mpxn: str = ""


def users_named(name: str) -> list[Eui64]:
    """Return the User ID that `name` is, or all of the party of that name; [] for "". Raises UserUnknown."""
    if not name:
        return []
    try:
        users = UserId.objects.filter(pk=Eui64.parse(name))
    except NotAnEui64:
        users = UserId.objects.filter(party__name__iexact=name)
    found = list(users.values_list("pk", flat=True))
    if not found:
        raise UserUnknown(name=name)
    return found


def every_user() -> list[tuple[Eui64, str]]:
    """Return the Users a list can be narrowed to, each with its party's name and by that; some hundreds."""
    return _EVERY_USER()


_EVERY_USER: Final = Prepared(
    lambda: UserId.objects.order_by("party__name", "eui").values_list("eui", "party__name")
)
_OF_TYPE: Final = Prepared(
    lambda: DeviceModel.objects.filter(device_type=Slot("device_type", PositiveSmallIntegerField())).values_list(
        "pk", flat=True
    )
)


def devices_page(
    filters: Filters, *, cursor: str = "", size: int = PAGE_SIZE, with_points: bool = True
) -> Page[Device]:
    """Return one page of the devices that fit, in the order of their Device IDs, with what a list shows.

    With model and User at hand, and with the meter points unless they are not asked for.
    Raises SearchTooBroad when a rare combination would take longer than people wait, and CursorUnknown.
    """
    asked, values = _asked(filters, cursor, min(size, LONGEST_PAGE))
    with _patience():
        rows = _page_query(asked)(**values)
    page = page_from(rows, key=KEY, size=asked.size, is_first=not cursor)
    Related().attach(page.rows, with_points=with_points)
    return page


@dataclass(frozen=True, slots=True)
class _Asked:
    """By what a page is narrowed: what is chosen stands in the query's text, the rest comes as values.

    Of models and Users it says whether there is one or there are SEVERAL: the devices of one stand in the
    order of the page in its index. `by_models` is None where all models fit, 0 where none does.
    """

    smi_status: SmiStatus | None
    by_models: int | None
    by_users: int
    at_point: bool
    goes_on: bool
    size: int


def _asked(filters: Filters, cursor: str, size: int) -> tuple[_Asked, dict[str, Any]]:
    """Return what a page's query is, and the values for its slots."""
    models = _models_of(filters) if filters.device_type or filters.model else None
    users = filters.notified_by
    values: dict[str, Any] = {"models": models, "users": users}
    if models:
        values["model"] = models[0]
    if users:
        values["user"] = users[0]
    if filters.mpxn:
        values["point"] = point_of(filters.mpxn)
    if cursor:
        (values["beyond"],) = values_of(cursor, key=KEY)
    narrowed = _Asked(
        smi_status=filters.smi_status,
        by_models=None if models is None else min(len(models), SEVERAL),
        by_users=min(len(users), SEVERAL),
        at_point=bool(filters.mpxn),
        goes_on=bool(cursor),
        size=size,
    )
    return narrowed, values


@lru_cache(maxsize=200)
def _page_query(asked: _Asked) -> Prepared[Device]:
    """Return the query of a page; planned each time, since a rare model's devices lie in another index."""
    return Prepared(lambda: _page_of(asked), planned_each_time=True)


def _page_of(asked: _Asked) -> QuerySet[Device]:
    devices = Device.objects.all()
    if _NextOfModels.serves(asked):
        return devices.filter(_NextOfModels(asked)).order_by(*KEY)
    if asked.at_point:
        devices = devices.filter(associated_with(Slot("point", BigIntegerField())))
    if asked.by_models == 1:
        devices = devices.filter(device_model=Slot("model", BigIntegerField()))
    elif asked.by_models is not None:
        devices = devices.filter(AnyOf(F("device_model"), Slot("models", ArrayField(BigIntegerField()))))
    if asked.smi_status:
        devices = devices.filter(smi_status=asked.smi_status)
    if asked.by_users == 1:
        devices = devices.filter(notified_by=Slot("user", Eui64Field()))
    elif asked.by_users:
        devices = devices.filter(AnyOf(F("notified_by"), Slot("users", ArrayField(Eui64Field()))))
    if asked.goes_on:
        devices = devices.filter(device_id__gt=Slot("beyond", Eui64Field()))
    return devices.order_by(*KEY)[: asked.size + 1]


class _NextOfModels(Expression):
    """Which devices of several models come next: those of each model from its index, and the first of them all.

    Makers number their devices in ranges of their own, so the devices of a type lie together: whoever walks the
    primary key for them may pass millions of others first. This reads a page's worth of each model at most.
    """

    conditional = True

    def __init__(self, asked: _Asked) -> None:
        super().__init__(output_field=BooleanField())
        self.asked = asked

    @staticmethod
    def serves(asked: _Asked) -> bool:
        """Tell whether this is the way: not where another filter, with an index of its own, leaves fewer."""
        is_common = asked.smi_status in {None, SmiStatus.COMMISSIONED}
        return asked.by_models == SEVERAL and is_common and not asked.by_users and not asked.at_point

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return the condition, with its places for the models and for where the page before ended."""
        narrowed = f" AND smi_status = {int(self.asked.smi_status)}" if self.asked.smi_status else ""
        beyond = " AND device_id > %s" if self.asked.goes_on else ""
        sql = (  # numbers of ours alone
            "inventory_device.device_id = ANY(ARRAY(SELECT next.device_id FROM unnest(%s) AS model (key)"  # noqa: S608 - ours
            " CROSS JOIN LATERAL (SELECT device_id FROM inventory_device WHERE device_model_id = model.key"
            f"{narrowed}{beyond} ORDER BY device_id LIMIT {self.asked.size + 1}) AS next"
            f" ORDER BY next.device_id LIMIT {self.asked.size + 1}))"
        )
        places = [Slot("models", ArrayField(BigIntegerField()))]
        return sql, [*places, Slot("beyond", Eui64Field())] if self.asked.goes_on else places


def matching(filters: Filters) -> QuerySet[Device]:
    """Return the devices that fit.

    Types and models become lists of Device Model keys, which the index by model serves and of which PostgreSQL
    knows how common each is: for a rare one it takes that index, for a common one it walks the primary key.
    """
    devices = at_meter_point(filters.mpxn) if filters.mpxn else Device.objects.all()
    if filters.device_type or filters.model:
        devices = devices.filter(device_model__in=_models_of(filters))
    if filters.smi_status:
        devices = devices.filter(smi_status=filters.smi_status)
    if len(filters.notified_by) == 1:
        devices = devices.filter(notified_by=filters.notified_by[0])
    elif filters.notified_by:
        devices = devices.filter(notified_by__in=filters.notified_by)
    return devices


def _models_of(filters: Filters) -> list[int]:
    """Return the keys of the Device Models that fit: a small table, where a search inside texts is cheap."""
    if filters.device_type and not filters.model:
        return _OF_TYPE(device_type=filters.device_type)
    found = DeviceModel.objects.all()
    if filters.device_type:
        found = found.filter(device_type=filters.device_type)
    for word in filters.model.split():
        found = found.filter(
            Q(manufacturer__icontains=word) | Q(model__icontains=word) | Q(firmware_version__icontains=word)
        )
    return list(found.values_list("pk", flat=True))


def _patience() -> AbstractContextManager[None]:
    """Give up after a while: each filter has its index, but not every combination of them."""
    return patience(SearchTooBroad, PATIENCE_MS, using=router.db_for_read(Device))
