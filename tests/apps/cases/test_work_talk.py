"""Notes, the thread with the applicant, labels, filters and ready texts."""

from datetime import timedelta

import pytest

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.world import AT, citizen
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import WorkItemNotFound
from tinhso.apps.cases.enums import MessageSide
from tinhso.apps.cases.models import CaseLabel, Label, Message
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db
LATER = RECEIVED_AT + timedelta(hours=6)


def test_notes_stay_among_officers(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    actions.write_note(case_id=case.pk, text="  Đã gọi điện cho xã.  ", actor=maker.officer("specialist"), at=LATER)
    assert [note.text for note in queries.notes_of(case)] == ["Đã gọi điện cho xã."]
    for outsider in (maker.person, maker.officer("auditor"), maker.place.officer("leader", maker.place.other_commune)):
        with pytest.raises(Forbidden):
            actions.write_note(case_id=case.pk, text="x", actor=outsider, at=LATER)
    with pytest.raises(Invalid):
        actions.write_note(case_id=case.pk, text=" ", actor=maker.officer("specialist"), at=LATER)
    latest = entries_of(f"case:{case.pk}")[-1]
    assert latest.type == "case.note_written"
    assert "gọi điện" not in str(latest.payload), "the log is kept for ever; the words are not in it"


def test_a_thread_with_unread_marks_on_both_sides(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    me = maker.officer("specialist")
    actions.claim_case(case_id=case.pk, step=case.step_key, actor=me, at=LATER)
    actions.send_message(case_id=case.pk, text="Bao giờ có kết quả?", actor=maker.person, at=LATER)
    assert queries.has_unread(case, side=MessageSide.APPLICANT)
    assert queries.count_reminders(actor=me) == 1, "the bell of who has the case"
    assert actions.read_messages(case_id=case.pk, actor=maker.person, at=LATER) == 0, "one's own is not read by oneself"
    assert actions.read_messages(case_id=case.pk, actor=me, at=LATER) == 1
    assert actions.read_messages(case_id=case.pk, actor=me, at=LATER) == 0
    assert queries.count_reminders(actor=me) == 0
    actions.send_message(case_id=case.pk, text="Dự kiến thứ Sáu.", actor=me, at=LATER)
    assert queries.has_unread(case, side=MessageSide.OFFICE)
    assert actions.read_messages(case_id=case.pk, actor=maker.person, at=LATER) == 1
    told = [entry.type for entry in entries_of(f"case:{case.pk}")][-4:]
    assert told == ["case.message_sent", "case.messages_read", "case.message_sent", "case.messages_read"]
    assert [message.side for message in queries.thread_of(case)] == ["applicant", "office"]


def test_only_the_applicant_and_who_works_on_it_may_write(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    stranger = citizen("051190000020", "Trần Thị Khác")
    for outsider in (stranger, maker.officer("auditor"), maker.place.officer("clerk", maker.place.other_commune)):
        for act in (actions.send_message, actions.read_messages):
            words = {"text": "x"} if act is actions.send_message else {}
            with pytest.raises(Forbidden):
                act(case_id=case.pk, actor=outsider, at=LATER, **words)
    with pytest.raises(Invalid, match="viết gọn"):
        actions.send_message(case_id=case.pk, text="x" * 5000, actor=maker.person, at=LATER)
    assert not Message.objects.exists()
    draft = maker.draft()
    with pytest.raises(Forbidden):
        actions.send_message(case_id=draft.pk, text="x", actor=maker.person, at=LATER)


def test_labels_of_the_units_a_case_passes(maker: CaseMaker) -> None:
    case, head, me = maker.at("appraisal"), maker.officer("division_head"), maker.officer("specialist")
    label = actions.save_label(
        unit_id=maker.place.commune.id, name="Gia đình  chính sách", tone="info", actor=head, at=AT
    )
    other = maker.place.other_commune
    foreign = actions.save_label(
        unit_id=other.id, name="Nơi khác", actor=maker.place.officer("division_head", other), at=AT
    )
    for _ in range(2):
        actions.put_label(case_id=case.pk, label_id=label.pk, actor=me, at=LATER)
    assert [one.name for one in queries.labels_on(case)] == ["Gia đình chính sách"]
    assert CaseLabel.objects.count() == 1
    with pytest.raises(WorkItemNotFound):
        actions.put_label(case_id=case.pk, label_id=foreign.pk, actor=me, at=LATER)
    with pytest.raises(Forbidden):
        actions.put_label(case_id=case.pk, label_id=label.pk, actor=maker.officer("auditor"), at=LATER)
    shown = queries.worklist(actor=me, shelf=queries.Shelf.ALL, now=LATER, label=label.pk)
    assert [(item.id, [one.name for one in item.labels]) for item in shown.items] == [
        (case.pk, ["Gia đình chính sách"])
    ]
    actions.take_label(case_id=case.pk, label_id=label.pk, actor=me, at=LATER)
    actions.take_label(case_id=case.pk, label_id=label.pk, actor=me, at=LATER)
    assert queries.labels_on(case) == []
    actions.put_label(case_id=case.pk, label_id=label.pk, actor=me, at=LATER)
    actions.remove_label(label_id=label.pk, actor=head, at=LATER)
    assert queries.labels_on(case) == []
    assert set(Label.objects.values_list("pk", flat=True)) == {foreign.pk}
    for wrong in ({"name": " "}, {"name": "x", "tone": "pink"}):
        with pytest.raises(Invalid):
            actions.save_label(unit_id=maker.place.commune.id, actor=head, at=AT, **wrong)


def test_filters_are_kept_under_a_name_nine_at_most(maker: CaseMaker) -> None:
    me = maker.officer("specialist")
    for number in range(9):
        actions.save_filter(name=f"Lọc {number}", query={"shelf": "mine", "q": str(number)}, actor=me, at=AT)
    again = actions.save_filter(name="Lọc 3", query={"shelf": "late", "q": "", "x": "1"}, actor=me, at=AT)
    assert again.query == {"shelf": "late"}, "the name replaces what it kept; only known keys are kept"
    with pytest.raises(Invalid, match="9 bộ lọc"):
        actions.save_filter(name="Thứ mười", query={"shelf": "mine"}, actor=me, at=AT)
    for wrong in ({"name": "", "query": {"shelf": "mine"}}, {"name": "x", "query": {"q": "1"}}):
        with pytest.raises(Invalid):
            actions.save_filter(actor=me, at=AT, **wrong)  # type: ignore[arg-type]
    with pytest.raises(WorkItemNotFound):
        actions.remove_filter(filter_id=again.pk, actor=maker.officer("leader"), at=AT)
    actions.remove_filter(filter_id=again.pk, actor=me, at=AT)
    assert len(queries.saved_filters(actor=me)) == 8
    assert queries.saved_filters(actor=maker.officer("leader")) == []


def test_ready_texts_of_the_procedure_come_before_those_for_all(maker: CaseMaker) -> None:
    head, commune = maker.officer("division_head"), maker.place.commune.id
    case = maker.at("appraisal")
    own = actions.save_ready_text(
        unit_id=commune, purpose="supplement", title="Z riêng", text="Bản sao có chứng thực.",
        procedure_code=case.procedure_code, actor=head, at=AT,
    )  # fmt: skip
    actions.save_ready_text(unit_id=commune, purpose="supplement", title="A chung", text="Bản rõ.", actor=head, at=AT)
    actions.save_ready_text(
        unit_id=commune, purpose="supplement", title="Việc khác", text="…", procedure_code="x", actor=head, at=AT
    )
    found = queries.ready_texts(unit_ids=[case.step_unit_id or 0], procedure_code=case.procedure_code)
    assert [text.title for text in found] == ["Z riêng", "A chung"]
    with pytest.raises(Invalid, match="Đã có câu"):
        actions.save_ready_text(unit_id=commune, purpose="supplement", title="A chung", text="…", actor=head, at=AT)
    with pytest.raises(Forbidden):
        actions.remove_ready_text(text_id=own.pk, actor=maker.officer("specialist"), at=AT)
    actions.remove_ready_text(text_id=own.pk, actor=head, at=AT)
    assert [text.title for text in queries.ready_texts_of_unit(actor=head, unit_id=commune)] == ["A chung", "Việc khác"]
