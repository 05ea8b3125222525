"""Files that name a device more than once: the same wish counts once, different ones count not at all."""

import pytest

from inventory.actions.corrections.findings import sentence
from inventory.models import CorrectionRow
from inventory.models.choices import EsmeVariant
from ssi.accounts.models import Person
from tests.factories.corrections import applied, meters_of
from tests.inventory.corrections.test_files import findings, variants
from tests.personas import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
A, BD, C = EsmeVariant.A, EsmeVariant.BD, EsmeVariant.C


def test_a_file_that_contradicts_itself_about_a_device_changes_it_not_at_all(gina: Person) -> None:
    us = actor_of(gina, "IS")
    assert us.user_id
    torn, twice, once = meters_of(us.user_id, 3)

    batch = applied(us, (torn.pk, BD), (twice.pk, BD), (torn.pk, C), (once.pk, C), (twice.pk, BD), (torn.pk, BD))

    torn_lines = dict.fromkeys((2, 4, 7), "contradicts_itself")
    assert findings(batch) == {3: "", 5: "", 6: "stands_twice"} | torn_lines
    assert batch.findings == {"contradicts_itself": 3, "stands_twice": 1}
    assert (batch.allowed, batch.refused, batch.done) == (2, 4, 2)
    assert variants(torn, twice, once) == [A, BD, C]
    said, way_out = sentence(CorrectionRow.objects.get(batch=batch, line=2))
    assert "different ESME Variants" in said
    assert "Find out which one is right" in way_out
