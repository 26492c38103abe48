"""The vault and the case: results and components enter, the next case reuses them, what ends reaches open cases."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import vaults
from tests.factories.cases import EXTRACT, RECEIVED_AT, SUBMITTED_AT, CaseMaker
from tests.factories.vaults import KEY, end, file_of
from tests.factories.vaults import certificate as kept
from tests.factories.world import World, citizen
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.data import DocumentInput, SourceNotOpen, SourceUnsettled
from tinhso.apps.cases.enums import Presence, Reuse
from tinhso.apps.cases.models import Case, CaseDocument, Result, SourceAlert
from tinhso.apps.vault.data import DocumentNotFitting, DocumentNotFound, DocumentNotUsable, VaultOutOfReach
from tinhso.apps.vault.enums import Standing
from tinhso.apps.vault.models import Document
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden, Invalid
from tinhso.kernel.jobs import run_waiting

HOUR = timedelta(hours=1)
TODAY = date(2026, 3, 2)


@pytest.fixture
def maker(place: World) -> CaseMaker:
    return vaults.in_her_own_name(place)


SOURCE = Path(__file__).resolve().parents[3] / "src" / "tinhso"


def reused(maker: CaseMaker, document: Document, key: str = KEY) -> Case:
    """A case in which a document of the vault stands for a component, received and being appraised."""
    draft = maker.draft()
    actions.reuse_in_draft(case_id=draft.pk, key=key, uuid=str(document.uuid), actor=maker.person, at=SUBMITTED_AT)
    case = actions.submit_draft(case_id=draft.pk, actor=maker.person, at=SUBMITTED_AT)
    actions.receive_case(case_id=case.pk, actor=maker.officer("one_stop_officer"), at=RECEIVED_AT)
    maker.forward(case, "division_head", at=RECEIVED_AT + HOUR)
    return Case.objects.get(pk=case.pk)


def told(case: Case, kind: str) -> list[dict[str, Any]]:
    return [e.payload for e in Entry.objects.filter(stream=f"case:{case.pk}", type=kind).order_by("sequence")]


def resolved(place: World, maker: CaseMaker) -> Result:
    case = maker.at("resolved")
    return Result.objects.get(case=case)


# --- into the vault


def test_a_signed_result_becomes_its_persons_document(maker: CaseMaker) -> None:
    result = resolved(maker.place, maker)
    flows.keep_result(result_id=result.pk, file_id=result.file_id, at=RECEIVED_AT)
    flows.keep_result(result_id=result.pk, file_id=result.file_id, at=RECEIVED_AT)
    document = Document.objects.get()
    assert (document.holder.kind, document.holder.identifier) == ("person", result.case.applicant["personal_id"])
    assert (document.number, document.type_code, document.file_id) == (result.number, "QNG.BTXH.000001", result.file_id)
    assert document.issuer == "Ủy ban nhân dân phường Cẩm Thành"
    assert (document.sha256, document.check_code) == (result.file.sha256, result.check_code)
    assert document.report["checked"] is True


def test_the_jobs_of_a_case_fill_the_vault(maker: CaseMaker) -> None:
    given = [*[DocumentInput(key=key, presence="paper") for key in maker.scenario.documents if key != "disability_certificate"],
             DocumentInput(key="disability_certificate", presence="uploaded", file_id=file_of("dis"))]  # fmt: skip
    case = maker.received(documents=given)
    run_waiting()
    document = Document.objects.get()
    assert (document.origin, document.type_code) == ("component", "QNG.BTXH.000002")
    assert document.case_code == case.code
    assert document.issued_on == TODAY
    run_waiting()
    flows.keep_components(case_id=case.pk, at=RECEIVED_AT)
    assert Document.objects.count() == 1


def test_what_is_not_received_and_what_is_a_form_stays_out(maker: CaseMaker) -> None:
    case = maker.submitted(
        documents=[*[DocumentInput(key=key, presence="paper") for key in maker.scenario.documents],
                   DocumentInput(key="disability_certificate", presence="uploaded", file_id=file_of("dis"))],
    )  # fmt: skip
    assert flows.keep_components(case_id=case.pk, at=RECEIVED_AT) == 0
    assert Document.objects.count() == 0


def test_a_correction_takes_the_place_of_what_it_corrects(maker: CaseMaker) -> None:
    result = resolved(maker.place, maker)
    flows.keep_result(result_id=result.pk, file_id=result.file_id, at=RECEIVED_AT)
    at = RECEIVED_AT + timedelta(days=1)
    fields = maker.proposal()["fields"]
    draft = actions.correct_result(
        case_id=result.case_id, reason="Sai số tiền", text="", fields=fields, actor=maker.officer("specialist"), at=at
    )
    actions.approve_correction(case_id=result.case_id, actor=maker.officer("leader"), at=at)
    mended = actions.record_result_signed(result_id=draft.pk, file_id=file_of("mended"), actor=SYSTEM, at=at)
    flows.keep_result(result_id=mended.pk, file_id=mended.file_id, at=at)
    old, new = Document.objects.order_by("pk")
    assert (old.standing, old.replaced_by_id, new.standing) == ("replaced", new.pk, "held")


def test_a_revoked_result_is_revoked_in_the_vault(maker: CaseMaker) -> None:
    result = resolved(maker.place, maker)
    flows.keep_result(result_id=result.pk, file_id=result.file_id, at=RECEIVED_AT)
    actions.end_kept_result(result_id=result.pk, reason="Quyết định 5: cấp sai", actor=SYSTEM, at=RECEIVED_AT)
    assert Document.objects.get().standing == Standing.REVOKED


def test_an_applicant_without_any_number_has_no_vault(maker: CaseMaker) -> None:
    assert queries.owner_of({"kind": "organisation", "full_name": "Hội"}) is None
    assert queries.owner_of({"kind": "organisation", "full_name": "A", "tax_code": "4300123456"}).kind == "organisation"


# --- out of it again


def test_what_is_reused_is_the_very_bytes_and_its_flags_are_set_by_the_act(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    case = reused(maker, document)
    component = case.documents.get(key=KEY, presence=Presence.VAULT)
    assert (component.file_id, component.vault_document_id, component.reused) == (
        document.file_id, document.pk, Reuse.RESULT,
    )  # fmt: skip
    assert component.digitised_at is None
    (event,) = told(case, "case.component_reused")
    assert (event["vault_document_id"], event["file_id"], event["reuse"]) == (document.pk, document.file_id, "result")


def test_chosen_twice_it_stands_there_once(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    draft = maker.draft()
    for _ in range(2):
        actions.reuse_in_draft(case_id=draft.pk, key=KEY, uuid=str(document.uuid), actor=maker.person, at=SUBMITTED_AT)
    assert draft.documents.filter(presence=Presence.VAULT).count() == 1


def test_what_does_not_fit_is_refused(maker: CaseMaker) -> None:
    own, draft = maker.scenario.applicant["personal_id"], maker.draft()
    common: dict[str, Any] = {"case_id": draft.pk, "key": KEY, "actor": maker.person, "at": SUBMITTED_AT}
    with pytest.raises(DocumentNotFitting):
        actions.reuse_in_draft(uuid=str(kept(own, mark="x", type_code="KQ.G17.000311").uuid), **common)
    with pytest.raises(DocumentNotUsable):
        actions.reuse_in_draft(uuid=str(kept(own, mark="e", valid_to=date(2026, 3, 1)).uuid), **common)
    with pytest.raises(DocumentNotFound):
        actions.reuse_in_draft(uuid=str(kept("051190000020", mark="f").uuid), **common)
    with pytest.raises(Invalid):
        actions.reuse_in_draft(uuid="x", **common)
    assert not CaseDocument.objects.filter(presence=Presence.VAULT).exists()


def test_only_the_holder_reuses(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    draft = maker.draft()
    stranger = citizen("051190000020", "Trần Văn Ví Dụ")
    for who in (stranger, maker.officer("one_stop_officer")):
        with pytest.raises(Forbidden):
            actions.reuse_in_draft(case_id=draft.pk, key=KEY, uuid=str(document.uuid), actor=who, at=SUBMITTED_AT)
    low = Actor(**{**{s: getattr(maker.person, s) for s in Actor.__slots__}, "assurance": 1})
    with pytest.raises(VaultOutOfReach):
        actions.reuse_in_draft(case_id=draft.pk, key=KEY, uuid=str(document.uuid), actor=low, at=SUBMITTED_AT)


def test_what_ended_while_the_draft_lay_open_is_not_filed(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    draft = maker.draft()
    actions.reuse_in_draft(case_id=draft.pk, key=KEY, uuid=str(document.uuid), actor=maker.person, at=SUBMITTED_AT)
    end(document=document, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=SUBMITTED_AT)
    with pytest.raises(Invalid) as refused:
        actions.submit_draft(case_id=draft.pk, actor=maker.person, at=SUBMITTED_AT)
    assert [e.path for e in refused.value.errors] == [f"documents.{KEY}"]


def test_offers_are_the_holders_own_in_a_fixed_number_of_queries(maker: CaseMaker) -> None:
    for mark in "abc":
        kept(maker.scenario.applicant["personal_id"], mark=mark)
    draft = maker.draft()
    needed = queries.get_package(draft).documents
    with CaptureQueriesContext(connection) as asked:
        offers = queries.vault_offers(actor=maker.person, case=draft, documents=needed, on=TODAY)
    assert len(asked) == 1
    assert {key: len(found) for key, found in offers.items()} == {KEY: 3}
    stranger = citizen("051190000020", "Trần Văn Ví Dụ")
    assert queries.vault_offers(actor=stranger, case=draft, documents=needed, on=TODAY) == {}


def test_the_counter_reuses_for_the_person_before_it(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    given = [DocumentInput(key=key, presence="paper") for key in maker.scenario.documents]
    given.append(DocumentInput(key=KEY, presence=Presence.VAULT, vault=str(document.uuid)))
    case = actions.take_at_counter(
        procedure_code=maker.code, unit_id=maker.place.commune.id, intake_unit_id=_desk(maker),
        applicant=dict(maker.scenario.applicant), answers=dict(maker.scenario.answers), documents=given,
        idempotency_key="counter-1", actor=maker.officer("one_stop_officer"), at=RECEIVED_AT,
    )  # fmt: skip
    assert case.documents.get(presence=Presence.VAULT).file_id == document.file_id


def _desk(maker: CaseMaker) -> int:
    return Case.objects.get(pk=maker.submitted().pk).intake_unit_id or 0


# --- officers


def test_an_officer_sees_a_vault_only_through_a_case_at_his_desk(maker: CaseMaker) -> None:
    person = maker.scenario.applicant["personal_id"]
    document = kept(person, mark="a")
    kept(person, mark="private", type_code="KQ.G17.000311")
    case = maker.at("appraisal")
    holder_id, found = queries.consult_vault(actor=maker.officer("specialist"), case=case, on=TODAY)
    assert (holder_id, [d.id for d in found]) == (document.holder_id, [document.pk])
    far = maker.place.officer("specialist", maker.place.other_commune)
    for who in (far, maker.officer("clerk"), maker.officer("auditor"), citizen("051190000020", "Trần Văn Ví Dụ")):
        with pytest.raises(Forbidden):
            queries.consult_vault(actor=who, case=case, on=TODAY)


# --- what ends reaches open cases


def test_a_revoked_document_reaches_every_open_case_that_uses_it(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    case = reused(maker, document)
    closed = CaseMaker(maker.place, code=EXTRACT, person=maker.person).at("draft")
    end(document=document, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=RECEIVED_AT + 2 * HOUR)
    assert flows.flag_sources(document_id=document.pk, at=RECEIVED_AT + 2 * HOUR) == 1
    assert flows.flag_sources(document_id=document.pk, at=RECEIVED_AT + 2 * HOUR) == 0
    alert = SourceAlert.objects.get()
    assert (alert.case_id, alert.how, alert.replacement_id) == (case.pk, "revoked", None)
    (event,) = told(case, "case.source_ended")
    assert event["reason"] == "Cấp sai"
    assert event["account_ids"]
    assert case.messages.get().side == "office"
    assert not told(closed, "case.source_ended")


def test_the_same_bytes_handed_in_as_a_file_count_as_use(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    case = maker.submitted(
        documents=[*[DocumentInput(key=key, presence="paper") for key in maker.scenario.documents],
                   DocumentInput(key=KEY, presence="uploaded", file_id=document.file_id)],
    )  # fmt: skip
    end(document=document, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=RECEIVED_AT)
    assert flows.flag_sources(document_id=document.pk, at=RECEIVED_AT) == 1
    assert SourceAlert.objects.get().case_id == case.pk


def test_nothing_is_signed_until_somebody_has_said_what_follows(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    case, at = reused(maker, document), RECEIVED_AT + 2 * HOUR
    end(document=document, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=at)
    flows.flag_sources(document_id=document.pk, at=at)
    maker.propose(case, at=at)
    maker.forward(case, "division_head", at=at)
    with pytest.raises(SourceUnsettled):
        maker.approve(case, at=at)
    alert, head = SourceAlert.objects.get(), maker.officer("division_head")
    with pytest.raises(Invalid):
        actions.settle_source(alert_id=alert.pk, settlement="confirmed", note=" ", actor=head, at=at)
    with pytest.raises(SourceNotOpen):
        actions.settle_source(alert_id=alert.pk, settlement="replaced", note="", actor=head, at=at)
    actions.settle_source(alert_id=alert.pk, settlement="confirmed", note="Chỉ sai tên đệm", actor=head, at=at)
    with pytest.raises(SourceNotOpen):
        actions.settle_source(alert_id=alert.pk, settlement="confirmed", note="Lần nữa", actor=head, at=at)
    maker.approve(case, at=at)
    assert told(case, "case.source_settled")[0]["settlement"] == "confirmed"


def test_the_mended_document_takes_its_place_in_the_case(maker: CaseMaker) -> None:
    person = maker.scenario.applicant["personal_id"]
    document = kept(person, mark="a")
    case, at = reused(maker, document), RECEIVED_AT + 2 * HOUR
    mended = kept(person, mark="b", replaces=document.source_key, at=at)
    flows.flag_sources(document_id=document.pk, at=at)
    alert = SourceAlert.objects.get()
    assert alert.replacement_id == mended.pk
    actions.settle_source(alert_id=alert.pk, settlement="replaced", note="", actor=maker.officer("specialist"), at=at)
    component = case.documents.get(presence=Presence.VAULT)
    assert (component.file_id, component.vault_document_id) == (mended.file_id, mended.pk)
    assert len(told(case, "case.component_reused")) == 2


@pytest.mark.parametrize("who", ["auditor", "clerk@far", "citizen"])
def test_who_does_not_work_on_the_case_settles_nothing(maker: CaseMaker, who: str) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    reused(maker, document)
    end(document=document, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=RECEIVED_AT)
    flows.flag_sources(document_id=document.pk, at=RECEIVED_AT)
    actor = {
        "auditor": maker.officer("auditor"), "citizen": maker.person,
        "clerk@far": maker.place.officer("clerk", maker.place.other_commune),
    }[who]  # fmt: skip
    with pytest.raises(Forbidden):
        actions.settle_source(
            alert_id=SourceAlert.objects.get().pk, settlement="confirmed", note="x", actor=actor, at=RECEIVED_AT
        )


def waiting(maker: CaseMaker) -> Case:
    """A case in whose appraisal the certificate was asked for."""
    case = maker.received()
    maker.forward(case, "division_head", at=RECEIVED_AT + HOUR)
    specialist = maker.officer("specialist")
    actions.request_supplement(
        case_id=case.pk, items=["Giấy xác nhận khuyết tật"], reason="Chưa có trong hồ sơ", documents=[KEY],
        actor=specialist, at=RECEIVED_AT + 2 * HOUR,
    )  # fmt: skip
    return Case.objects.get(pk=case.pk)


def test_a_supplement_is_answered_from_the_vault_and_counts_as_reused(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    case = waiting(maker)
    (asked,) = queries.asked_papers(case, on=TODAY, actor=maker.person)
    assert (asked.key, [offer.id for offer in asked.offers]) == (KEY, [document.pk])
    given = [DocumentInput(key=KEY, presence=Presence.VAULT, vault=str(document.uuid))]
    at = RECEIVED_AT + 3 * HOUR
    actions.answer_supplement(case_id=case.pk, answers={}, documents=given, note="", actor=maker.person, at=at)
    row = CaseDocument.objects.get(case=case, key=KEY, presence=Presence.VAULT)
    assert (row.file_id, row.reused, row.digitised_at) == (document.file_id, Reuse.RESULT, None)
    assert len(told(case, "case.component_reused")) == 1
    assert case.supplements.get().answered_at == at


def test_a_supplement_takes_no_ended_document_and_nobody_elses(maker: CaseMaker) -> None:
    ended = kept(maker.scenario.applicant["personal_id"], mark="a")
    end(document=ended, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=RECEIVED_AT)
    stranger = kept("051190000027", mark="b")
    case = waiting(maker)
    for document, refusal in ((ended, DocumentNotUsable), (stranger, DocumentNotFound)):
        given = [DocumentInput(key=KEY, presence=Presence.VAULT, vault=str(document.uuid))]
        with pytest.raises(refusal):
            actions.answer_supplement(
                case_id=case.pk, answers={}, documents=given, note="", actor=maker.person, at=RECEIVED_AT + 3 * HOUR
            )
    assert case.supplements.get().answered_at is None


# --- the flags of QĐ 766


def flags(case: Case) -> set[tuple[str, str, bool, bool]]:
    return {
        (d.presence, d.reused, d.digitised_at is not None, d.vault_document_id is not None)
        for d in case.documents.all()
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ways=st.lists(st.sampled_from(["paper", "shown", "uploaded", "vault"]), min_size=1, max_size=4),
    counter=st.booleans(),
)
def test_a_flag_stands_where_its_act_was_done_and_nowhere_else(
    maker: CaseMaker, ways: list[str], counter: bool
) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark=f"flags{next(_turn)}")
    given = [DocumentInput(key=key, presence="paper") for key in maker.scenario.documents]
    given += [
        DocumentInput(
            key=KEY, presence=way, file_id=document.file_id if way == "uploaded" else None,
            vault=str(document.uuid) if way == "vault" else "",
        )
        for way in ways
    ]  # fmt: skip
    case = _filed(maker, given, counter=counter)
    for row in case.documents.all():
        assert (row.vault_document_id is not None) == (row.presence == "vault")
        assert (row.reused != "") == (row.presence == "vault")
        assert row.digitised_at is None  # a file an officer attaches is not digitised: only the scan act says so
    assert len(told(case, "case.component_reused")) == ways.count("vault")
    assert told(case, "case.component_digitised") == []


_turn = iter(range(1, 10_000))


def _filed(maker: CaseMaker, given: list[DocumentInput], *, counter: bool) -> Case:
    if not counter:
        return maker.submitted(documents=given)
    return actions.take_at_counter(
        procedure_code=maker.code, unit_id=maker.place.commune.id, intake_unit_id=_desk(maker),
        applicant=dict(maker.scenario.applicant), answers=dict(maker.scenario.answers), documents=given,
        idempotency_key=f"flags-{next(_turn)}", actor=maker.officer("one_stop_officer"), at=RECEIVED_AT,
    )  # fmt: skip


def test_a_connected_system_cannot_claim_that_it_reused(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    grant = Grant("case.submit", frozenset({maker.place.commune.id}))
    machine = Actor(kind=ActorKind.MACHINE, account_id=maker.person.account_id, grants=(grant,))
    given = [DocumentInput(key=KEY, presence="vault", vault=str(document.uuid))]
    with pytest.raises(VaultOutOfReach):
        maker.submitted(documents=given, actor=machine)


def test_the_whole_course_of_a_case_sets_no_flag_by_itself(maker: CaseMaker) -> None:
    case = maker.received(documents=[DocumentInput(key=KEY, presence="uploaded", file_id=file_of("own"))])
    maker._later(case, "delivered")
    run_waiting()
    assert {flag[1:] for flag in flags(case)} == {("", False, False)}
    assert Document.objects.count() > 0
    assert not told(case, "case.component_reused") + told(case, "case.component_digitised")


def test_only_one_module_writes_the_flags() -> None:
    writing = re.compile(r"(\bdigitised_at\s*[=,][^=]|\breused\s*[=,][^=]|\bvault_document(_id)?\s*[=,][^=])")
    writers = set()
    for file in SOURCE.rglob("*.py"):
        name = file.relative_to(SOURCE).as_posix()
        if (
            "/migrations/" in name
            or "/models/" in name
            or re.search("/(queries|events)/", name)
            or name.startswith(("interfaces/", "lib/national/", "apps/reconciliation/rules/"))  # they tell the nation
        ):
            continue
        if writing.search(file.read_text(encoding="utf-8")):
            writers.add(name)
    assert writers == {"apps/cases/actions/_vault.py"}
    scans = (SOURCE / "apps/cases/actions/_scans.py").read_text(encoding="utf-8")
    callers = {f.name for f in SOURCE.rglob("*.py") if "flag_digitised(" in f.read_text(encoding="utf-8")}
    assert callers == {"_vault.py", "_scans.py"}
    assert scans.count("flag_digitised(") == 1
    assert "flag_digitised(document" in scans[scans.index("def record_scan_attached") : scans.index("def _component")]
    for template in (SOURCE / "interfaces").rglob("*.html"):
        assert not re.search(r'name="(digitised|reused|from_vault)', template.read_text(encoding="utf-8"))


def test_the_table_itself_refuses_a_false_flag(maker: CaseMaker) -> None:
    case = maker.submitted(documents=[DocumentInput(key=KEY, presence="paper")])
    for wrong in ({"presence": "vault"}, {"reused": "result"}, {"digitised_at": RECEIVED_AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            case.documents.update(**wrong)


def test_the_steering_figures_count_the_acts_whatever_their_number(maker: CaseMaker) -> None:
    document = kept(maker.scenario.applicant["personal_id"], mark="a")
    reused(maker, document)
    maker.received(documents=[DocumentInput(key=KEY, presence="paper")])
    span: dict[str, Any] = {"since": SUBMITTED_AT, "until": RECEIVED_AT + timedelta(days=1)}
    with CaptureQueriesContext(connection) as asked:
        figures = queries.flag_figures(actor=maker.officer("leader"), **span)
    assert len(asked) <= 2  # the units the officer sees, the figures
    assert (figures.cases, figures.reused, figures.reused_results, figures.from_vault, figures.digitised) == (
        2,
        1,
        1,
        1,
        0,
    )
    far = maker.place.officer("leader", maker.place.other_commune)
    assert queries.flag_figures(actor=far, **span).components == 0
