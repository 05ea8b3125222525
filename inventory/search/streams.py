"""The next devices of several streams: those of each Device Model, or of each User's of each model, merged.

An index holds the devices of a model in the order of their Device IDs, another those of a User's of a model, and
two more those of a rarer status. So whatever a list is narrowed by, what fits is some such streams, each in the
order of the page. One that fits rarely is never walked past others that do not.
"""

from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Expression

from inventory.models.choices import TYPE_2, DeviceType, SmiStatus
from ssi.eui64 import Eui64Field
from ssi.prepared import Slot

# A few devices of each stream tell up to where a page can reach at most; then the streams are read as far as that.
# Models and Device IDs are compared and ordered as one: so the primary key is no way to a model's devices, however
# common PostgreSQL believes them to be.
_NEXT: Final = """inventory_device.device_id = ANY(ARRAY(
WITH near AS MATERIALIZED (
    SELECT {stream}, next.device_id
    FROM {streams} CROSS JOIN LATERAL (
        SELECT device_id FROM inventory_device
        WHERE {fits}(device_model_id, device_id) {after}
            AND (device_model_id, device_id) <= (model_key, {largest})
        ORDER BY device_model_id, device_id LIMIT {few}
    ) AS next
), reach AS MATERIALIZED (
    SELECT coalesce((SELECT device_id FROM near ORDER BY device_id OFFSET {wanted} - 1 LIMIT 1), {largest}) AS last
)
SELECT next.device_id
FROM reach CROSS JOIN (SELECT {stream}, min(device_id) AS first FROM near GROUP BY {stream}) AS stream
CROSS JOIN LATERAL (
    SELECT device_id FROM inventory_device
    WHERE {fits}(device_model_id, device_id) >= (model_key, first)
        AND (device_model_id, device_id) <= (model_key, last)
    ORDER BY device_model_id, device_id LIMIT {wanted}
) AS next
WHERE first <= last ORDER BY next.device_id LIMIT {wanted}))"""

_OF_EACH: Final = 16
"""Such a part of a page is read of each stream first: of fewer streams than this, a page of each."""

_LARGEST: Final = f"{2**63 - 1}::bigint"
_SMALLEST: Final = f"'{-(2**63)}'::bigint"


class NextOfStreams(Expression):
    """Which devices come next: the condition that a device is one of the first `wanted` of all streams.

    Its places are `models` where `by_models`, otherwise all models count, or those of `device_type`; `users`
    where `by_users`; and `beyond` where it `goes_on`. With a status, models of Type 2 Devices, which have none,
    are left out.
    """

    conditional = True

    def __init__(
        self,
        wanted: int,
        *,
        device_type: DeviceType | None,
        smi_status: SmiStatus | None,
        by_models: bool,
        by_users: bool,
        goes_on: bool,
    ) -> None:
        super().__init__(output_field=BooleanField())
        self.wanted, self.device_type, self.smi_status = wanted, device_type, smi_status
        self.by_models, self.by_users, self.goes_on = by_models, by_users, goes_on

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return the condition, with its places."""
        sql = _NEXT.format(
            stream="model_key, user_key" if self.by_users else "model_key",
            streams=self._streams(),
            fits=self._fits(),
            after="> (model_key, %s)" if self.goes_on else f">= (model_key, {_SMALLEST})",
            largest=_LARGEST,
            wanted=self.wanted,
            few=-(-self.wanted // _OF_EACH),
        )
        return sql, self._places()

    def _streams(self) -> str:
        """Return what has a row for each stream."""
        models = "unnest(%s::bigint[])" if self.by_models else self._models_there()
        users = " CROSS JOIN unnest(%s::bigint[]) AS wanted_user (user_key)" if self.by_users else ""
        return f"{models} AS wanted_model (model_key){users}"

    def _models_there(self) -> str:
        wanted = []
        if self.device_type is not None:
            wanted.append(f"device_type = {int(self.device_type)}")
        if self.smi_status is not None:
            wanted.append(f"device_type NOT IN ({', '.join(str(int(each)) for each in sorted(TYPE_2))})")
        where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
        return f"(SELECT id FROM inventory_devicemodel{where})"  # noqa: S608 - numbers of ours alone

    def _fits(self) -> str:
        """Return the conditions on a stream's devices but for their model."""
        status = "" if self.smi_status is None else f"smi_status = {int(self.smi_status)} AND "
        return f"notified_by_id = user_key AND {status}" if self.by_users else status

    def _places(self) -> list[Slot]:
        places = [Slot("models", ArrayField(BigIntegerField()))] if self.by_models else []
        if self.by_users:
            places.append(Slot("users", ArrayField(Eui64Field())))
        if self.goes_on:
            places.append(Slot("beyond", Eui64Field()))
        return places
