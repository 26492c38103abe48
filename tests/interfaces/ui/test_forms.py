"""A form on the page: what is drawn, what is read back, what an autosave changes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from lxml import html

from tests.lib.forms.conftest import EVERYTHING, Lookup
from tinhso.interfaces.ui.forms import bind
from tinhso.interfaces.ui.forms_changes import render_changes
from tinhso.interfaces.ui.forms_post import added_row, attach, parse_post, row_action, uploads
from tinhso.lib.forms import FieldType, parse_form, validate

FORM = parse_form(EVERYTHING)
SITUATION = {"today": "2026-11-22", "channel": "online", "lookup": Lookup()}
FILE = {"id": "7", "name": "bản vẽ.pdf", "size": 1_200_000, "media_type": "application/pdf", "sha256": "ab"}
TYPED = {
    "full_name": "<b>Phạm</b>",
    "birth_date": "1990-01-02",
    "phone": "+84912345678",
    "home": {"province_code": "51", "commune_code": "21002", "detail": "Thôn Mẫu"},
    "kind": "house",
    "floors": "bốn",
    "area": 120.5,
    "basement": True,
    "basement_note": "Hai\ntầng",
    "deposit": 1_250_000,
    "uses": ["shop"],
    "first_built": "1957",
    "drawings": [FILE],
    "members": [{"name": "A Thiu", "birth_date": "1990-01-02"}, {}],
    "truth": True,
}


def page_of(answers, *, errors=(), **options):
    bound = bind(FORM, answers, context=SITUATION, errors=errors, autosave_url="/luu/", **options)
    text = render_to_string("ui/forms/_form.html", {"bound": bound})
    assert "missing:" not in text
    return html.fromstring(f"<form>{text}</form>")


def posted(page, button="", **changes):
    """What a browser sends for a page, with some inputs changed (None: left out)."""
    data = QueryDict(mutable=True)
    for element in page.xpath("//input|//select|//textarea"):
        kind, name = element.get("type"), element.get("name")
        if kind in {"checkbox", "radio"} and element.get("checked") is None:
            continue
        if element.tag == "select":
            values = element.xpath("option[@selected]/@value") or element.xpath("option[1]/@value")
        elif element.tag == "textarea":
            values = [(element.text or "").removeprefix("\n")]
        else:
            values = [] if kind == "file" else [element.get("value") or ""]
        for value in values:
            data.appendlist(name, value)
    for name, value in changes.items():
        name = name.replace("__", ".")
        data.pop(name, None)
        if value is not None:
            data.setlist(name, value if isinstance(value, list) else [value])
    if button:
        data[button] = "1"
    return data


def check_names(page):
    """Every input has a name people hear, and what describes it is on the page."""
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for element in page.xpath("//input[not(@type='hidden')]|//select|//textarea"):
        assert page.xpath(f"//label[@for='{element.get('id')}']"), element.get("name")
    for described in page.xpath("//@aria-describedby|//@aria-labelledby"):
        assert set(described.split()) <= set(ids)
    for fieldset in page.xpath("//fieldset"):
        assert fieldset.xpath("./legend")


class TestPage:
    def test_every_input_is_named_and_described(self):
        check_names(page_of({}))
        result = validate(FORM, TYPED, context=SITUATION)
        check_names(page_of(TYPED, errors=result.errors))

    def test_what_was_typed_is_shown_as_typed(self):
        page = page_of(TYPED)
        values = {element.get("name"): element.get("value") for element in page.xpath("//input")}
        assert values["full_name"] == "<b>Phạm</b>"
        assert values["birth_date"] == "02/01/1990"
        assert values["phone"] == "0912 345 678"
        assert values["floors"] == "bốn"
        assert values["area"] == "120,5"
        assert values["deposit"] == "1.250.000"
        assert values["first_built"] == "1957"
        assert values["members.0.birth_date"] == "02/01/1990"
        assert page.xpath("//textarea[@name='basement_note']")[0].text.strip() == "Hai\ntầng"
        assert page.xpath("//input[@name='kind'][@checked]/@value") == ["house"]
        assert page.xpath("//input[@name='uses'][@checked]/@value") == ["shop"]
        assert page.xpath("//select[@name='home.commune_code']/option[@selected]/@value") == ["21002"]

    def test_strange_values_do_not_break_the_page(self):
        page = page_of({"full_name": ["x"], "home": "x", "drawings": "x", "members": "x", "spouse": 5, "basement": "x"})
        assert page.xpath("//input[@name='full_name']/@value") == [""]
        page_of({"drawings": [5, {"id": ""}], "members": [5], "uses": "shop", "kind": ["house"]})

    def test_only_what_is_asked_is_drawn(self):
        page = page_of({"kind": "other"})
        assert not page.xpath("//input[@name='floors']")
        assert page.xpath("//div[@id='field-floors-place'][@hidden]")
        assert page_of({"kind": "house"}).xpath("//input[@name='floors']")

    def test_errors_stand_beside_their_field_and_above_with_links(self):
        result = validate(FORM, {**TYPED, "members": [{"birth_date": "1990-01-02"}, "x"]}, context=SITUATION)
        page = page_of({**TYPED, "members": [{"birth_date": "1990-01-02"}, "x"]}, errors=result.errors)
        assert page.xpath("//div[@id='field-floors-error']")[0].text == "Số tầng phải là số, ví dụ 12."
        floors = page.xpath("//input[@name='floors']")[0]
        assert floors.get("aria-invalid") == "true"
        assert "field-floors-error" in floors.get("aria-describedby")
        links = page.xpath("//div[@id='error-summary']//a")
        targets = [link.get("href").removeprefix("#") for link in links]
        assert targets == [
            "field-full_name",
            "field-floors",
            "field-members-0-name",
            "field-members-1",
            "field-members-1-name",
        ]
        assert all(page.xpath(f"//*[@id='{target}']") for target in targets)
        assert links[2].text == "Thành viên 1: Hãy nhập họ tên."
        assert "Phần này không đúng dạng" in page.xpath("//fieldset[@id='field-members-1']")[0].text_content()

    def test_an_error_of_the_whole_form_has_no_link(self):
        page = page_of({}, errors=validate(FORM, [], context=SITUATION).errors[:1])
        assert "không đúng dạng" in page.xpath("//div[@id='error-summary']//li")[0].text
        assert not page.xpath("//div[@id='error-summary']//a")

    def test_enter_never_adds_or_removes_a_row(self):
        first = page_of(TYPED).xpath("(//button[@type='submit'])[1]")[0]
        assert first.get("name") is None

    def test_browsers_are_told_what_to_expect(self):
        page = page_of({})

        def attributes(name):
            return page.xpath(f"//input[@name='{name}']")[0].attrib

        assert attributes("full_name")["autocomplete"] == "name"
        assert attributes("birth_date")["autocomplete"] == "bday"
        assert attributes("personal_id")["inputmode"] == "numeric"
        assert attributes("phone")["type"] == "tel"
        assert attributes("deposit")["data-format"] == "money"
        assert attributes("area")["inputmode"] == "decimal"
        assert page_of({"kind": "house"}).xpath("//input[@name='floors']/@inputmode") == ["numeric"]
        assert attributes("drawings.upload")["accept"] == "application/pdf"
        assert "multiple" in attributes("drawings.upload")

    def test_optional_is_a_word(self):
        page = page_of({})
        label = {element.get("for"): element.text_content() for element in page.xpath("//label")}
        assert "không bắt buộc" in label["field-phone"]
        assert "không bắt buộc" not in label["field-full_name"]
        assert page.xpath("//input[@name='full_name']/@aria-required") == ["true"]

    def test_a_full_file_field_offers_no_input_and_keeps_its_name(self):
        page = page_of({"drawings": [FILE, {**FILE, "id": "8"}]})
        assert not page.xpath("//input[@name='drawings.upload']")
        assert page.xpath("//*[@id='field-drawings']")[0].text == "Bản vẽ"
        assert page.xpath("//input[@name='drawings']/@value") == ["7", "8"]

    def test_rows_up_to_the_limit(self):
        assert page_of({"members": [{}] * 2}).xpath("//button[@name='_add:members']")
        assert not page_of({"members": [{}] * 3}).xpath("//button[@name='_add:members']")

    def test_provinces_and_their_communes(self):
        page = page_of({}, province_code="51")
        assert page.xpath("//select[@name='home.province_code']/option[@selected]/@value") == ["51"]
        assert page.xpath("//select[@name='home.commune_code']/option/@value") == ["", "21001", "21002"]
        assert page_of({}).xpath("//select[@name='home.commune_code']/option")[0].text == "Hãy chọn tỉnh trước"
        bound = bind(FORM, {}, context={"today": "2026-11-22"}, province_code="51")
        assert bound.find("home").address.provinces == ()

    def test_one_section_alone(self):
        page = page_of({}, only=["household"])
        assert [element.get("id") for element in page.xpath("//section")] == ["section-household"]

    def test_many_options_become_a_list_to_open(self):
        options = [{"value": str(index), "label": f"Số {index}"} for index in range(8)]
        field = {"key": "x", "type": "choice", "label": "X", "options": options}
        form = parse_form({"title": "Đ", "sections": [{"key": "a", "title": "A", "fields": [field]}]})
        text = render_to_string("ui/forms/_form.html", {"bound": bind(form, {"x": "3"}, context=SITUATION)})
        assert html.fromstring(text).xpath("//select[@name='x']/option[@selected]/@value") == ["3"]
        assert "hx-post" not in text

    def test_every_type_has_a_template(self):
        drawn = {field.field.type for field in bind(FORM, TYPED, context=SITUATION).walk()}
        assert drawn == set(FieldType)

    def test_the_added_row_gets_the_focus(self):
        page = page_of({"members": [{}, {}]}, autofocus="members.1.name")
        assert page.xpath("//*[@autofocus]/@name") == ["members.1.name"]


class TestPost:
    def test_a_page_reads_back_as_it_was(self):
        read = parse_post(FORM, posted(page_of(TYPED)), previous=TYPED)
        assert validate(FORM, read, context=SITUATION) == validate(FORM, TYPED, context=SITUATION)
        assert page_of(read).text_content() == page_of(TYPED).text_content()

    def test_a_box_left_empty_is_an_answer_taken_back(self):
        page = page_of(TYPED)
        read = parse_post(FORM, posted(page, truth=None, uses=None, kind=None, full_name=""), previous=TYPED)
        assert "truth" not in read
        assert "kind" not in read
        assert read["uses"] == []
        assert read["full_name"] == ""

    def test_what_was_not_on_the_page_is_kept(self):
        hidden = {**TYPED, "kind": "other"}
        assert parse_post(FORM, posted(page_of(hidden)), previous=hidden)["floors"] == "bốn"
        part = parse_post(FORM, posted(page_of(TYPED, only=["applicant"])), previous=TYPED)
        assert part["members"] == TYPED["members"]
        assert part["drawings"] == [FILE]

    def test_without_marks_a_post_stands_for_the_whole_form(self):
        read = parse_post(FORM, QueryDict("full_name=M%E1%BA%ABu&members.0.name=A&truth=1"))
        assert read == {
            "full_name": "Mẫu",
            "home": {"province_code": "", "commune_code": "", "detail": ""},
            "uses": [],
            "drawings": [],
            "members": [{"name": "A"}],
            "spouse": {},
            "truth": True,
        }
        assert parse_post(FORM, QueryDict(""), previous={"full_name": "A"})["full_name"] == "A"

    def test_files_are_those_of_the_draft_or_none(self):
        page = page_of(TYPED)
        assert parse_post(FORM, posted(page, drawings=["7", "8"]), previous=TYPED)["drawings"] == [FILE]
        assert parse_post(FORM, posted(page), previous={})["drawings"] == []
        assert parse_post(FORM, posted(page, "_remove:drawings:7"), previous=TYPED)["drawings"] == []

    def test_rows_come_and_go_by_buttons(self):
        page = page_of(TYPED)
        added = posted(page, "_add:members")
        read = parse_post(FORM, added, previous=TYPED)
        assert len(read["members"]) == 3
        assert row_action(added) == "members"
        assert added_row(FORM, added, read) == "members.2.name"
        removed = posted(page, "_remove:members:0")
        assert parse_post(FORM, removed, previous=TYPED)["members"] == [{"name": "", "birth_date": ""}]
        assert added_row(FORM, removed, read) == ""
        assert row_action(posted(page)) == ""
        assert row_action(posted(page, "_refresh")) == "_refresh"

    def test_a_row_beyond_the_limit_is_not_added(self):
        page = page_of({"members": [{}] * 3})
        assert len(parse_post(FORM, posted(page, "_add:members"))["members"]) == 3

    def test_buttons_of_no_field_do_nothing(self):
        data = posted(page_of({}), "_add:none")
        assert parse_post(FORM, data) == parse_post(FORM, posted(page_of({})))
        assert added_row(FORM, data, {}) == ""

    def test_rows_are_bounded_and_closed_up(self):
        data = QueryDict(mutable=True)
        for index in range(0, 500, 2):
            data[f"members.{index}.name"] = "A"
        data["members.9999.name"] = "B"
        data["members.x.name"] = "B"
        assert parse_post(FORM, data)["members"] == [{"name": "A"}] * 100

    def test_a_computed_value_is_not_read(self):
        assert "fee" not in parse_post(FORM, posted(page_of(TYPED), fee="1"), previous=TYPED)

    def test_what_cannot_be_stored_is_taken_out(self):
        data = posted(page_of({}), full_name="M\x00ẫu" + "u" * 30_000)
        assert parse_post(FORM, data)["full_name"].startswith("Mẫu")
        assert len(parse_post(FORM, data)["full_name"]) < 30_000

    def test_uploads_by_field(self):
        good, other = SimpleUploadedFile("a.pdf", b"x"), SimpleUploadedFile("b.pdf", b"y")
        files = MultiValueDict(
            {"drawings.upload": [good, other], "drawings": [other], "full_name.upload": [other], "none.upload": [other]}
        )
        assert uploads(FORM, files) == {"drawings": [good, other]}

    def test_stored_files_join_the_answers(self):
        answers = {"drawings": [FILE], "members": [{}]}
        attach(answers, "drawings", [{**FILE, "id": "8"}])
        attach(answers, "members.0.papers", [FILE])
        attach(answers, "members.5.papers", [FILE])
        attach(answers, "spouse.papers", [FILE])
        attach(answers, "full_name.0.papers", [FILE])
        attach(answers, "drawings.papers", [FILE])
        assert [item["id"] for item in answers["drawings"]] == ["7", "8"]
        assert answers["members"] == [{"papers": [FILE]}]
        assert answers["spouse"] == {"papers": [FILE]}


def saved(answers, button="", **changes):
    """The page after an autosave, by applying its fragments, and a page loaded anew; and the fragments' ids."""
    page = page_of(answers)
    data = posted(page, button, **changes)
    read = parse_post(FORM, data, previous=answers)
    result = validate(FORM, read, context=SITUATION, partial=True)
    focus = added_row(FORM, data, read)
    bound = bind(FORM, read, context=SITUATION, errors=result.errors, autosave_url="/luu/", autofocus=focus)
    text = render_changes(bound, data)
    assert "missing:" not in text
    fragments = html.fragments_fromstring(text, no_leading_text=True)
    for fragment in fragments:
        assert fragment.attrib.pop("hx-swap-oob") == "true"
        assert not fragment.xpath(".//@hx-swap-oob")
        (old,) = page.xpath(f"//*[@id='{fragment.get('id')}']")
        fragment.tail = old.tail
        old.getparent().replace(old, fragment)
    fresh = page_of(read, errors=result.errors, autofocus=focus)
    return page, fresh, {fragment.get("id") for fragment in fragments}


def shape(page):
    """Which inputs, texts and options a page has; what was typed is the person's own."""
    return [
        (element.get("id"), element.get("name"), element.text)
        for element in page.xpath("//form//*[@id][not(@id='error-summary')]")
    ]


class TestAutosave:
    @pytest.mark.parametrize(
        ("button", "changes", "ids"),
        [
            ("", {}, set()),
            ("", {"full_name": "Y Hoa"}, set()),
            ("", {"kind": "other"}, {"field-floors-place"}),
            ("", {"basement": None}, {"field-basement_note-place"}),
            ("", {"home__province_code": "48"}, {"field-home-communes", "field-home-error"}),
            ("", {"birth_date": "31/02/1990"}, {"field-birth_date-error"}),
            ("", {"members__0__birth_date": "2/1/2020"}, {"field-members-0-school-place", "field-spouse-place"}),
            ("_add:members", {}, {"field-members-place"}),
            ("_remove:members:0", {}, {"field-members-place", "field-spouse-place"}),
            ("_remove:drawings:7", {}, {"field-drawings-place"}),
        ],
    )
    def test_the_page_after_it_is_the_page_loaded_anew(self, button, changes, ids):
        answers = {**TYPED, "floors": "4", "full_name": "Phạm Thị Mẫu"}
        page, fresh, changed = saved(answers, button, **changes)
        assert shape(page) == shape(fresh)
        assert len(shape(page)) > 60
        computed = {"field-fee-place", "field-members-0-age-place", "field-members-1-age-place", "form-marks"}
        computed |= {"field-basement_note-optional"}
        assert changed - computed == ids

    def test_a_question_that_comes_up_is_sent_whole(self):
        page, fresh, changed = saved({"kind": "other"}, kind="house")
        assert "field-floors-place" in changed
        assert page.xpath("//input[@name='floors']")
        assert shape(page) == shape(fresh)

    def test_a_gap_keeps_its_sentence_until_it_is_filled(self):
        errors = validate(FORM, {}, context=SITUATION).errors
        page = page_of({}, errors=errors)

        def after(**changes):
            data = posted(page, **changes)
            read = parse_post(FORM, data)
            found = validate(FORM, read, context=SITUATION, partial=True).errors
            text = render_changes(bind(FORM, read, context=SITUATION, errors=found), data)
            return html.fromstring(f"<div>{text}</div>")

        unfilled = after(phone="0912345678")
        assert unfilled.xpath("//div[@id='field-full_name-error']")[0].text == "Hãy nhập họ và tên."
        assert unfilled.xpath("//input[@name='_wrong']/@value") == ["full_name kind truth"]
        filled = after(full_name="A Thiu", truth="1")
        assert filled.xpath("//div[@id='field-full_name-error']")[0].text is None
        assert filled.xpath("//input[@name='_wrong']/@value") == ["kind"]

    def test_a_stored_file_is_listed_and_its_input_emptied(self):
        data = posted(page_of({}))
        bound = bind(FORM, {"drawings": [FILE]}, context=SITUATION)
        page = html.fromstring(f"<div>{render_changes(bound, data)}</div>")
        assert page.xpath("//input[@name='drawings']/@value") == ["7"]

    def test_a_section_comes_and_goes_whole(self):
        fields = [{"key": "note", "type": "text", "label": "Ghi chú"}]
        sections = [
            {"key": "one", "title": "Một", "fields": [{"key": "more", "type": "declaration", "label": "Thêm"}]},
            {"key": "two", "title": "Hai", "visible_when": "answers.more", "fields": fields},
            {"key": "three", "title": "Ba", "fields": []},
        ]
        form = parse_form({"title": "Đơn", "sections": sections})
        for before, after in (({}, {"more": True}), ({"more": True}, {})):
            shown = bind(form, before, context=SITUATION).shown
            data = QueryDict(mutable=True)
            data["_shown"] = shown
            text = render_changes(bind(form, after, context=SITUATION), data)
            page = html.fromstring(f"<div>{text}</div>")
            (section,) = page.xpath("//section")
            assert section.get("id") == "section-two"
            assert bool(section.xpath(".//input[@name='note']")) is bool(after)

    def test_an_address_counts_as_filled_by_its_commune(self):
        field = {"key": "home", "type": "address", "label": "Nơi ở", "required": True}
        form = parse_form({"title": "Đơn", "sections": [{"key": "a", "title": "A", "fields": [field]}]})
        data = QueryDict(mutable=True)
        data.update({"_shown": "home", "_wrong": "home", "home.province_code": "51", "home._offered": "51"})
        bound = bind(form, parse_post(form, data), context=SITUATION)
        assert "Hãy nhập nơi ở." in render_changes(bound, data)
        data["home.commune_code"] = "21001"
        bound = bind(form, parse_post(form, data), context=SITUATION)
        assert "Hãy nhập nơi ở." not in render_changes(bound, data)
