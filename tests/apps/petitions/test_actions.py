"""Every state × every act × every role, and what each act leaves behind."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.factories.files import PDF
from tests.factories.petitions import HOUR, PUBLICATION, SENT_AT, STATES, PetitionMaker, sending
from tests.factories.world import World, citizen, world
from tinhso.apps.audit.models import Entry
from tinhso.apps.petitions import actions, queries
from tinhso.apps.petitions.data import (
    AlreadyAsked,
    AttachmentInput,
    ForwardedTooOften,
    HoldsPersonalData,
    NotRateable,
    NotTheSender,
    PetitionMoved,
    PetitionNotFound,
    Publication,
    SameOfficer,
    SentTooMuch,
    TooLateToAsk,
    TooLateToRefuse,
)
from tinhso.apps.petitions.models import Petition
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError, Forbidden, Invalid

AT = SENT_AT + 5 * HOUR
ACTS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "accept": (actions.accept_petition, {"classification": "regulation"}),
    "refuse": (actions.refuse_petition, {"reason": "Không rõ."}),
    "ask": (actions.ask_information, {"question": "Ở đâu?"}),
    "forward": (actions.forward_petition, {"reason": "Không thuộc thẩm quyền."}),
    "draft": (actions.draft_answer, {"answer": "Đã xem xét."}),
    "return": (actions.return_answer, {"reason": "Viết rõ hơn."}),
    "approve": (actions.approve_answer, {}),
    "publish": (actions.publish_petition, {"publication": PUBLICATION}),
    "withhold": (actions.withhold_publication, {"reason": "Việc riêng."}),
    "take_down": (actions.take_down_publication, {"reason": "Nhầm."}),
    "give": (actions.give_information, {"text": "Quầy số 3."}),
    "rate": (actions.rate_answer, {"satisfaction": "satisfied"}),
    "lapse": (actions.lapse_petition, {}),
}
# Written from the rules of the office: in which states an act is done, and who may do it.
WHEN = {
    "accept": {"sent"}, "refuse": {"sent"}, "ask": {"sent", "handling"}, "forward": {"sent", "handling"},
    "draft": {"handling"}, "return": {"drafted"}, "approve": {"drafted"}, "publish": {"answered"},
    "withhold": {"answered"}, "take_down": {"published"}, "give": {"asked"},
    "rate": {"answered", "published", "withheld"}, "lapse": set(),
}  # fmt: skip
DESK = {"one_stop_officer", "clerk"}
WHO = {
    "accept": DESK, "refuse": DESK, "ask": DESK, "forward": DESK, "draft": {*DESK, "division_head"},
    "return": {"leader"}, "approve": {"leader"}, "publish": DESK, "withhold": DESK, "take_down": DESK,
    "give": {"owner"}, "rate": {"owner"}, "lapse": {"system"},
}  # fmt: skip
ROLES = (
    "owner", "other_citizen", "one_stop_officer", "clerk", "division_head", "leader", "auditor", "far_clerk", "anonymous",
    "system",
)  # fmt: skip


@pytest.fixture
def maker(db: None) -> PetitionMaker:
    return PetitionMaker(world())


def actor_of(who: str, maker: PetitionMaker) -> Actor:
    fixed = {"owner": maker.person, "anonymous": ANONYMOUS, "system": SYSTEM}
    if who in fixed:
        return fixed[who]
    if who == "other_citizen":
        return citizen("051190000031", "Lê Văn Người Lạ")
    place: World = maker.place
    return place.officer(who.removeprefix("far_"), place.other_commune if who.startswith("far_") else None)


def refused(act: str, petition: Petition, actor: Actor, maker: PetitionMaker) -> type[DomainError] | None:
    """What an act meets; nothing of it stays."""
    do, arguments = ACTS[act]
    if act == "forward":
        arguments = {**arguments, "unit_id": maker.place.other_commune.id}
    try:
        do(petition_id=petition.pk, actor=actor, at=AT, **arguments)
    except DomainError as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize("state", STATES)
def test_each_act_belongs_to_its_state_and_its_people(state: str, maker: PetitionMaker) -> None:
    petition = maker.at(state)
    kept = Petition.objects.filter(pk=petition.pk).values().get()
    people = {who: actor_of(who, maker) for who in ROLES}
    wrong = []
    for act in ACTS:
        for who, actor in people.items():
            point = transaction.savepoint()
            met = refused(act, petition, actor, maker)
            transaction.savepoint_rollback(point)
            strangers = PetitionNotFound if act in {"give", "rate"} else Forbidden
            moved = (
                NotRateable if act == "rate" else AlreadyAsked if act == "ask" and state in WHEN[act] else PetitionMoved
            )
            expected = strangers if who not in WHO[act] else None if state in WHEN[act] else moved
            if met is not expected:
                wrong.append(f"{who} {act} in {state}: {met} where {expected} was expected")
    assert not wrong, "\n".join(wrong)
    assert Petition.objects.filter(pk=petition.pk).values().get() == kept


@pytest.mark.parametrize("state", STATES)
def test_what_is_offered_is_what_can_be_done(state: str, maker: PetitionMaker) -> None:
    petition = maker.at(state)
    wrong = []
    for who in ("one_stop_officer", "clerk", "division_head", "leader", "far_clerk", "auditor"):
        actor = actor_of(who, maker)
        offered = {found.key for found in queries.available_acts(actor=actor, petition=petition, now=AT)}
        for act in set(ACTS) - {"give", "rate", "lapse"}:
            point = transaction.savepoint()
            possible = refused(act, petition, actor, maker) is None
            transaction.savepoint_rollback(point)
            if possible is not (act in offered):
                wrong.append(f"{who} {act} in {state}")
    assert not wrong, wrong


def test_the_times_for_refusing_and_asking_end(maker: PetitionMaker) -> None:
    petition, officer = maker.send(), maker.place.officer("clerk")
    in_time = {"petition_id": petition.pk, "actor": officer}
    with pytest.raises(TooLateToRefuse):
        actions.refuse_petition(reason="x", at=petition.refuse_due_at + timedelta(minutes=1), **in_time)
    with pytest.raises(TooLateToAsk):
        actions.ask_information(question="x", at=petition.ask_due_at + timedelta(minutes=1), **in_time)
    assert [
        a.key for a in queries.available_acts(actor=officer, petition=petition, now=petition.ask_due_at + HOUR)
    ] == [
        "accept",
        "forward",
    ]
    actions.refuse_petition(reason="Trùng", at=petition.refuse_due_at, **in_time)


def test_the_sender_is_asked_once_and_the_clock_stands_meanwhile(maker: PetitionMaker) -> None:
    petition, officer = maker.at("asked"), maker.place.officer("clerk")
    before = maker.send().answer_due_at
    assert (petition.answer_due_at, before is not None) == (None, True)
    given = actions.give_information(
        petition_id=petition.pk, text="Quầy 3", files=[AttachmentInput("a.pdf", PDF)], actor=maker.person,
        at=SENT_AT + timedelta(days=2),
    )  # fmt: skip
    assert given.status == "sent"
    assert given.answer_due_at is not None
    assert before is not None
    assert before + timedelta(days=1) < given.answer_due_at < before + timedelta(days=3)
    assert [item.stage for item in given.attachments.all()] == ["more"]
    with pytest.raises(AlreadyAsked):
        actions.ask_information(petition_id=petition.pk, question="Nữa?", actor=officer, at=SENT_AT + timedelta(days=2))


def test_passing_on_is_seen_by_both_and_has_an_end(maker: PetitionMaker) -> None:
    petition, place = maker.at("handling"), maker.place
    here, there = place.officer("clerk"), place.officer("clerk", place.other_commune)
    due = petition.answer_due_at
    later = SENT_AT + timedelta(days=1)
    common = {"petition_id": petition.pk, "reason": "Thuộc nơi khác."}
    moved = actions.forward_petition(unit_id=place.other_commune.id, actor=here, at=later, **common)
    assert (moved.status, moved.classification, moved.handling_unit_id) == ("sent", "", place.other_commune.id)
    assert moved.answer_due_at == due
    assert moved.refuse_due_at > later
    assert [queries.visible_to(actor).count() for actor in (here, there)] == [1, 1]
    assert refused("accept", petition, here, maker) is Forbidden
    actions.forward_petition(unit_id=place.commune.id, actor=there, at=later, **common)
    with pytest.raises(ForwardedTooOften):
        actions.forward_petition(unit_id=place.other_commune.id, actor=here, at=later, **common)
    for wrong in (0, place.commune.id):
        with pytest.raises(Invalid):
            actions.forward_petition(petition_id=maker.send().pk, reason="x", unit_id=wrong, actor=here, at=later)


def test_who_drafts_does_not_approve(maker: PetitionMaker) -> None:
    petition, leader = maker.at("drafted"), maker.place.officer("leader")
    Petition.objects.filter(pk=petition.pk).update(drafted_by_id=leader.account_id)
    with pytest.raises(SameOfficer):
        actions.approve_answer(petition_id=petition.pk, actor=leader, at=AT)


def test_an_answer_is_early_or_late_and_says_when_it_is_published(maker: PetitionMaker) -> None:
    early = maker.at("answered")
    assert (early.lateness, early.closed_at, early.publish_due_at) == (
        "early",
        early.answered_at,
        datetime(2026, 3, 4, 11, 30, tzinfo=PROVINCE_TIME),  # answered in the break at noon
    )
    draft = maker.at("drafted")
    assert draft.answer_due_at is not None
    late = actions.approve_answer(
        petition_id=draft.pk, actor=maker.place.officer("leader"), at=draft.answer_due_at + timedelta(minutes=2)
    )
    assert late.lateness == "late"


def test_what_betrays_the_sender_is_not_published(maker: PetitionMaker) -> None:
    petition, officer = maker.at("answered"), maker.place.officer("clerk")
    for text in ("Chị Nguyen Thi Vi Du phản ánh.", "Gọi 0900 000 007.", "Số 051190000019."):
        with pytest.raises(HoldsPersonalData) as refusal:
            actions.publish_petition(
                petition_id=petition.pk, publication=Publication("Tiêu đề", text, "Đã xong."), actor=officer, at=AT
            )
        assert [error.path for error in refusal.value.errors] == ["content"]
    actions.publish_petition(
        petition_id=petition.pk, publication=queries.suggested_publication(petition), actor=officer, at=AT
    )


def test_the_same_form_sent_twice_is_one_petition(maker: PetitionMaker) -> None:
    once = maker.send(key="one")
    assert maker.send(key="one") == once
    assert maker.send(key="one", content="Đã nghĩ lại và viết điều khác hẳn.") != once
    assert Petition.objects.count() == 2


def test_without_an_account_a_contact_is_the_key(maker: PetitionMaker) -> None:
    petition = maker.send(actor=ANONYMOUS, phone="0912 345 678", name="Bà Tư")
    actions.ask_information(petition_id=petition.pk, question="Ở đâu?", actor=maker.place.officer("clerk"), at=AT)
    give = {"petition_id": petition.pk, "text": "Ở xã.", "at": AT}
    for contact in ("", "0912345679", "ai@vidu.vn"):
        with pytest.raises(NotTheSender):
            actions.give_information(contact=contact, actor=ANONYMOUS, **give)
    with pytest.raises(PetitionNotFound):
        actions.give_information(contact="0912345678", actor=maker.place.officer("clerk"), **give)
    actions.give_information(contact="+84 912345678", actor=ANONYMOUS, **give)


def test_everything_wrong_is_told_at_once(maker: PetitionMaker) -> None:
    bad = sending(
        topic="x", title=" ", content="ngắn", unit_id=10**9, procedure_code="9.999999", phone="12", email="a@b"
    )
    with pytest.raises(Invalid) as refusal:
        actions.send_petition(sending=bad, actor=ANONYMOUS, at=SENT_AT)
    paths = [error.path for error in refusal.value.errors]
    assert paths == ["topic", "title", "content", "procedure_code", "unit", "phone", "email"]
    with pytest.raises(Invalid, match="số điện thoại hoặc thư điện tử"):
        actions.send_petition(sending=sending(), actor=ANONYMOUS, at=SENT_AT)
    with pytest.raises(Invalid, match="Không có hồ sơ nào của bạn"):
        maker.send(topic="complaint", case_code="H48.12-260302-0001")
    for actor in (maker.person, ANONYMOUS):
        with pytest.raises(Invalid, match="chọn hồ sơ"):
            maker.send(actor=actor, topic="complaint", phone="0912345678")
    with pytest.raises(Forbidden):
        maker.send(actor=maker.place.officer("clerk"))


def test_a_file_that_cannot_be_taken_stops_the_sending(maker: PetitionMaker) -> None:
    with pytest.raises(Invalid, match=r"hai\.exe"):
        actions.send_petition(
            sending=sending(), files=[AttachmentInput("hai.exe", b"MZ\x90\x00 harmful")], actor=maker.person, at=SENT_AT
        )
    with pytest.raises(Invalid, match="5 tệp"):
        actions.send_petition(
            sending=sending(), files=[AttachmentInput("a.pdf", PDF)] * 6, actor=maker.person, at=SENT_AT
        )


def test_a_day_has_room_for_so_many(maker: PetitionMaker) -> None:
    for number in range(5):
        maker.send(actor=ANONYMOUS, phone="0912345678", network_mark=f"place {number}")
    with pytest.raises(SentTooMuch):
        maker.send(actor=ANONYMOUS, phone="0912345678", network_mark="another place")
    maker.send(actor=ANONYMOUS, phone="0912345679", network_mark="another place")
    maker.send(actor=ANONYMOUS, phone="0912345678", network_mark="a", at=SENT_AT + timedelta(days=1))


def test_reminders_are_given_once_and_waiting_ends(maker: PetitionMaker) -> None:
    late, asked, unpublished = maker.at("handling"), maker.at("asked"), maker.at("answered")
    now = SENT_AT + timedelta(days=40)
    wanted = {(pk, kind.value) for pk, kind, _ in queries.to_remind(now)}
    assert wanted == {(late.pk, "answer_late"), (unpublished.pk, "publish")}
    assert queries.due_to_lapse(now) == [asked.pk]
    for pk, kind, due_at in queries.to_remind(now):
        assert actions.remind_unit(petition_id=pk, kind=kind, due_at=due_at, actor=SYSTEM, at=now)
        assert not actions.remind_unit(petition_id=pk, kind=kind, due_at=due_at, actor=SYSTEM, at=now)
    assert queries.to_remind(now) == []
    assert late.answer_due_at is not None
    soon = late.answer_due_at - timedelta(hours=5)
    assert [kind.value for _, kind, _ in queries.to_remind(soon)][:1] == ["answer_soon"]
    assert [kind.value for _, kind, _ in queries.to_remind(maker.send().refuse_due_at + HOUR)] == ["classify"]


def test_the_log_tells_the_course_and_no_word_of_the_sender(maker: PetitionMaker) -> None:
    petition = maker.at("published")
    actions.rate_answer(petition_id=petition.pk, satisfaction="satisfied", comment="Cảm ơn", actor=maker.person, at=AT)
    entries = Entry.objects.filter(stream=f"petition:{petition.pk}").order_by("sequence")
    assert [entry.type.removeprefix("petition.") for entry in entries] == [
        "sent", "accepted", "answer_drafted", "answered", "published", "rated",
    ]  # fmt: skip
    told = "".join(str(entry.payload) for entry in entries)
    assert not any(word in told for word in (petition.content, petition.sender_name, "Cảm ơn", petition.sender_phone))


def test_figures_count_each_thing_once(maker: PetitionMaker) -> None:
    for state in STATES:
        maker.at(state)
    rated = maker.at("answered")
    actions.rate_answer(petition_id=rated.pk, satisfaction="dissatisfied", actor=maker.person, at=AT)
    period = {"start": SENT_AT - HOUR, "end": SENT_AT + HOUR}
    (row,) = queries.figures(now=SENT_AT + timedelta(days=40), **period)
    assert (row.received, row.refused, row.answered, row.on_time, row.open_late) == (10, 1, 4, 4, 3)
    assert (row.rated, row.satisfied, row.about_staff, row.about_regulations, row.published) == (1, 0, 6, 0, 1)
    assert (row.on_time_share, row.satisfied_share) == (4 / 7, 0)
    assert queries.figures(now=AT, unit_ids=[maker.place.other_commune.id], **period) == []
    assert queries.figures(now=AT, start=SENT_AT + HOUR, end=SENT_AT + 2 * HOUR) == []
