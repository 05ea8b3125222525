"""What a person must check before thresholds are submitted: W50, far above what is expected, and W51, too low.

Both hold the quarantine threshold against what the User ID sent, in the period that the threshold counts: a day of
London's calendar, or a clock hour; the running one as far as it has come. Exceptions are compared as thresholds
without dates are. Source: domain 6.3; SEC App AA: thresholds are set with regard to forecast demand.
"""

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.utils import timezone

from ssi.uploads.findings import Found
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import Period
from ssi.uploads.search.sent import Peaks, What, peaks

FIELD: Final = "quarantine threshold"
_PERIOD: Final = {Period.DAY: "day", Period.HOUR: "hour"}


def warnings_of(upload: Upload) -> Iterator[Found]:
    """Yield W50 and W51 for the thresholds that stand in the file, in its order; four queries.

    What nothing was sent of is not compared. A DELTA's other thresholds were compared when they were set.
    """
    sent = peaks(upload.user_id_id, now=timezone.now())
    if not sent:
        return
    in_file = Threshold.objects.filter(upload=upload, is_in_file=True).order_by("line", "id")
    for threshold in in_file.iterator(chunk_size=2_000):
        found = sent.get(What(threshold.srv, threshold.message_type, threshold.period))
        if found is not None:
            yield from _of(threshold, found)


def _of(threshold: Threshold, sent: Peaks) -> Iterator[Found]:
    times, expected = settings.SSI_ADT_FORECAST_TIMES, sent.last_30
    period = _PERIOD[Period(threshold.period)]
    if expected is not None and threshold.quarantine > times * expected.messages:
        yield Found(
            "W50",
            f"{_named(threshold)}: {threshold.quarantine:,} is more than {times} times what was sent in the"
            f" busiest {period} of the last 30 days: {expected.messages:,} on {expected.when}.",
            threshold.line,
            FIELD,
        )
    if threshold.quarantine < sent.last_90.messages:
        yield Found(
            "W51",
            f"{_named(threshold)}: {threshold.quarantine:,} is less than what was sent in the busiest {period} of"
            f" the last 90 days: {sent.last_90.messages:,} on {sent.last_90.when}.",
            threshold.line,
            FIELD,
        )


def _named(threshold: Threshold) -> str:
    """Return which threshold it is, such as "4.6.1 SR a day, from 2026-12-01 to 2026-12-24"."""
    name = f"{threshold.srv} {threshold.message_type} a{'n' if threshold.period == Period.HOUR else ''}"
    name += f" {_PERIOD[Period(threshold.period)]}"
    if threshold.exception_from_date is None:
        return name
    return f"{name}, from {threshold.exception_from_date} to {threshold.exception_to_date}"
