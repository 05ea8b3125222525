"""What belongs to a device, fetched once for many of them instead of joined to each row."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db.models import F, TextField
from django.db.models.lookups import Lookup as Comparison

from inventory.models import Device, DeviceModel, MeterPoint
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.prepared import Prepared, Slot

METER_POINTS: Final = ("import_meter_point_id", "secondary_import_meter_point_id", "export_meter_point_id")


class AnyOf(Comparison):
    """`column = ANY(values)`: one parameter whatever their number, where `IN` takes one for each."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # a list is bound
        """Return the comparison; `rhs` is a list of plain numbers or texts, or an array as `bigints` writes it."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*params, self.rhs]


def bigints(numbers: Iterable[int]) -> str:
    """Return numbers as PostgreSQL writes an array of them: for `AnyOf`, where there are thousands."""
    return f"{{{','.join(map(str, numbers))}}}"


class Related:
    """Gives devices their model, notifying User and meter points; keeps models and Users, which are few."""

    def __init__(self) -> None:
        self._models: dict[int, DeviceModel] = {}
        self._users: dict[Eui64, UserId] = {}

    def attach(self, devices: Sequence[Device], *, with_points: bool = True) -> Sequence[Device]:
        """Return the same devices with what belongs to them at hand; three queries at most."""
        self._learn(devices)
        for device in devices:
            cache = device._state.fields_cache
            cache["device_model"] = self._models[device.device_model_id]
            cache["notified_by"] = self._users.get(device.notified_by_id) if device.notified_by_id else None
        if with_points:
            _attach_points(devices)
        return devices

    def _learn(self, devices: Sequence[Device]) -> None:
        models = {device.device_model_id for device in devices} - self._models.keys()
        if models:
            self._models |= {model.pk: model for model in _MODELS(keys=bigints(models))}
        users = {device.notified_by_id for device in devices if device.notified_by_id} - self._users.keys()
        if users:
            found = _USERS(keys=bigints(user.as_bigint for user in users))
            self._users |= {user.eui: user for user in found}


def _attach_points(devices: Sequence[Device]) -> None:
    keys = {getattr(device, name) for device in devices for name in METER_POINTS} - {None}
    points = {point.pk: point for point in _POINTS(keys=bigints(keys))} if keys else {}
    for device in devices:
        for name in METER_POINTS:
            device._state.fields_cache[name.removesuffix("_id")] = points.get(getattr(device, name))


_KEYS: Final = Slot("keys", TextField())  # an array as `bigints` writes it
_MODELS: Final = Prepared(lambda: DeviceModel.objects.filter(AnyOf(F("id"), _KEYS)))
_USERS: Final = Prepared(lambda: UserId.objects.select_related("party").filter(AnyOf(F("eui"), _KEYS)))
_POINTS: Final = Prepared(lambda: MeterPoint.objects.filter(AnyOf(F("id"), _KEYS)))
