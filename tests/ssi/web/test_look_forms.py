"""Forms: the value stays, the error stands beside the field and on top, and says what to do."""

import uuid

import pytest
from django import forms
from django.template import Context, Template

from ssi.refusals import Refusal
from ssi.web.forms import FilterForm, SsiForm, SuggestedError


class OutOfStock(Refusal):
    """There is no {thing} left."""

    suggestion = "Order {thing} first."
    field = "thing"


class ClosedToday(Refusal):
    """The shop is closed today."""

    suggestion = "Come back tomorrow."


class Order(SsiForm):
    thing = forms.CharField(label="Thing", help_text="What you want.", max_length=5)
    count = forms.IntegerField(label="How many?", required=False)
    when = forms.DateField(label="Day", required=False)
    size = forms.ChoiceField(label="Size", choices=[("s", "small")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="I am sure")


def sent(**data: object) -> Order:
    return Order({"idempotency_key": str(uuid.uuid4()), "thing": "bread", "size": "s", "sure": "on", **data})


def page(form: forms.Form) -> str:
    return Template("{% error_summary form %}{{ form }}").render(Context({"form": form}))


def test_a_good_form_gives_its_key_to_the_action() -> None:
    form = sent()
    assert form.is_valid()
    assert isinstance(form.cleaned_data["idempotency_key"], uuid.UUID)


def test_each_fresh_form_has_a_key_of_its_own() -> None:
    assert Order()["idempotency_key"].value() != Order()["idempotency_key"].value()


def test_the_key_stays_while_errors_are_mended() -> None:
    key = str(uuid.uuid4())
    form = sent(idempotency_key=key, thing="")
    assert not form.is_valid()
    assert f'value="{key}"' in page(form)


@pytest.mark.parametrize("key", ["", "not a uuid"])
def test_a_lost_key_is_replaced(key: str) -> None:
    form = sent(idempotency_key=key)
    assert not form.is_valid()
    html = page(form)
    assert "send it again" in html
    again = Order(form.data)
    assert again.is_valid()


def test_a_secret_typed_into_the_wrong_field_is_not_shown_again() -> None:
    class Spilled(Refusal):
        """That is a secret."""

        hides_value = True

    form = sent(thing="31415")
    form.is_valid()
    form.refuse(Spilled.at("thing"))
    assert "31415" not in page(form)
    assert "That is a secret." in page(form)


def test_labels_hints_and_errors_belong_to_their_control() -> None:
    form = sent(thing="too long")
    form.is_valid()
    html = page(form)
    assert '<label for="id_thing">Thing</label>' in html
    assert 'aria-describedby="id_thing_helptext id_thing_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_thing_error"' in html
    assert 'value="too long"' in html
    assert '<span class="optional">(optional)</span>' in html


def test_the_summary_links_to_each_control_and_stands_once() -> None:
    form = Order({"idempotency_key": str(uuid.uuid4())})
    form.is_valid()
    html = page(form)
    assert html.count('class="error-summary"') == 1
    assert '<a href="#id_thing">Enter the thing.</a>' in html
    assert '<a href="#id_size_0">Choose the size.</a>' in html
    assert '<a href="#id_sure">Tick “I am sure” to go on.</a>' in html


def test_the_industrys_words_keep_their_capitals() -> None:
    class Ask(SsiForm):
        device_id = forms.CharField(label="Device ID")

    form = Ask({})
    assert form.errors["device_id"] == ["Enter the Device ID."]


def test_a_form_alone_shows_its_summary_itself() -> None:
    form = sent(thing="")
    form.is_valid()
    assert 'class="error-summary"' in str(form)


def test_findings_stand_in_the_order_of_the_fields() -> None:
    form = sent(thing="", when="yesterday")
    form.is_valid()
    form.refuse(ClosedToday())
    html = page(form)
    assert (
        html.index("Enter the thing.") < html.index("Day is not a date.") < html.index("The shop is closed today.")
    )


def test_a_refusal_goes_to_its_field_with_the_way_out() -> None:
    form = sent()
    form.is_valid()
    form.refuse(OutOfStock(thing="bread"))
    html = page(form)
    assert form.errors["thing"] == ["There is no bread left."]
    assert html.count("Order bread first.") == 2  # on top and beside the field


def test_a_refusal_without_a_field_of_the_form_goes_on_top() -> None:
    class Narrow(SsiForm):
        other = forms.CharField(required=False)

    form = Narrow({"idempotency_key": str(uuid.uuid4())})
    form.is_valid()
    form.refuse(OutOfStock(thing="bread"))
    assert form.non_field_errors() == ["There is no bread left."]


def test_a_suggestion_of_ones_own_is_shown() -> None:
    form = sent()
    form.is_valid()
    form.add_error("thing", SuggestedError("Wrong <b>.", "Try 100 %."))
    html = page(form)
    assert "Wrong &lt;b&gt;." in html
    assert '<span class="way-out">Try 100 %.</span>' in html


def test_djangos_own_errors_have_a_way_out_as_well() -> None:
    form = sent(size="xl")
    form.is_valid()
    assert "Choose one of those listed." in page(form)


def test_the_browser_does_not_answer_for_us() -> None:
    assert " required" not in str(Order())


class Filters(FilterForm):
    status = forms.ChoiceField(choices=[("", "Any"), ("1", "One")])
    model = forms.CharField()


def test_filters_are_optional_and_know_what_is_set() -> None:
    assert Filters({"status": "1"}).active == {"status": "1"}
    assert Filters().active == {}
    assert Filters({"status": "9"}).active == {}
