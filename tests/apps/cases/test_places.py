"""Addresses anywhere in the nation: own province first and by the directory, the rest by the reference list."""

from datetime import date
from typing import Any

import pytest
from django.template.loader import render_to_string

from tests.factories.directory import small_directory, whole_directory
from tinhso.apps.cases.queries import PLACES, form_context
from tinhso.interfaces.ui.forms import BoundField, bind
from tinhso.lib import forms

TODAY, BEFORE = date(2026, 11, 22), date(2024, 12, 31)
FORM = forms.parse_form({
    "version": 1, "title": "Thử",
    "sections": [{"key": "one", "title": "Nơi ở", "fields": [
        {"key": "home", "type": "address", "label": "Nơi ở hiện nay", "required": True},
    ]}],
})  # fmt: skip
CA_MAU = {"province_code": "96", "commune_code": "32002", "detail": "Ấp Mẫu"}

pytestmark = pytest.mark.django_db


def bound(answers: dict[str, Any], *, autosave_url: str = "") -> BoundField:
    context = form_context(applicant={}, channel="online", today=TODAY)
    form = bind(FORM, answers, context=context, province_code="51", autosave_url=autosave_url)
    found = form.find("home")
    assert found is not None
    assert found.address is not None
    return found


def test_every_province_is_offered_our_own_first() -> None:
    small_directory()
    provinces = PLACES.provinces(TODAY)
    assert [name for _, name in provinces[:3]] == ["Tỉnh Quảng Ngãi", "Tỉnh An Giang", "Tỉnh Bắc Ninh"]
    assert len(provinces) == len({code for code, _ in provinces}) == 34


def test_our_communes_are_those_of_the_directory() -> None:
    small_directory()
    ours = [name for _, name, owner in PLACES.communes(TODAY) if owner == "51"]
    assert ours == ["Phường Cẩm Thành", "Phường Kon Tum"]
    assert sum(owner != "51" for _, _, owner in PLACES.communes(TODAY)) == 3321 - 96


def test_before_the_list_begins_only_our_former_units_are_known() -> None:
    whole_directory()
    assert [name for _, name in PLACES.provinces(BEFORE)] == ["Tỉnh Quảng Ngãi"]
    communes = PLACES.communes(BEFORE)
    assert communes
    assert {owner for _, _, owner in communes} == {"51"}


def test_an_address_elsewhere_is_taken_and_written_out() -> None:
    small_directory()
    context = form_context(applicant={}, channel="online", today=TODAY)
    outcome = forms.validate(FORM, {"home": CA_MAU}, context=context)
    assert outcome.errors == ()
    (section,) = forms.summary(FORM, outcome.answers, context=context)
    assert section.rows[0].value == "Ấp Mẫu, Phường An Xuyên, Tỉnh Cà Mau"


def test_a_commune_of_another_province_is_refused() -> None:
    small_directory()
    context = form_context(applicant={}, channel="online", today=TODAY)
    outcome = forms.validate(FORM, {"home": {**CA_MAU, "province_code": "51"}}, context=context)
    assert [error.path for error in outcome.errors] == ["home"]


def test_a_page_lists_the_communes_of_one_province_only() -> None:
    small_directory()
    empty = bound({})
    assert empty.address is not None
    assert [option.label for option in empty.address.communes] == ["Phường Cẩm Thành", "Phường Kon Tum"]
    chosen = bound({"home": CA_MAU})
    assert chosen.address is not None
    assert 0 < len(chosen.address.communes) < 130
    assert [option.value for option in chosen.address.communes if option.checked] == ["32002"]


def test_another_province_is_asked_for_by_a_button_where_nothing_else_can() -> None:
    small_directory()
    for url, hidden in (("/luu", True), ("", False)):
        html = render_to_string("ui/forms/_address.html", {"field": bound({}, autosave_url=url)})
        assert html.count('name="_refresh"') == 1
        assert ("<noscript>" in html) is hidden
        assert len(html) < 20_000
