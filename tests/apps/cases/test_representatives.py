"""Cases filed for somebody else: the paper is checked at reception, and revoking it ends the representative's rights."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories.accounts import actor_of
from tests.factories.accounts import citizen as known_citizen
from tests.factories.cases import RECEIVED_AT, SUBMITTED_AT, CaseMaker
from tests.factories.world import World
from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.actions import declare_mandate, grant_mandate, revoke_mandate
from tinhso.apps.accounts.data import MandateData
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, permissions, queries
from tinhso.apps.cases.data import CaseNotFound, MandateEnded, MandateUnchecked
from tinhso.apps.cases.models import Case
from tinhso.kernel.errors import Forbidden

PAPER = "Giấy ủy quyền 12/2026, UBND xã Mộ Đức chứng thực"


@pytest.fixture
def declared(maker: CaseMaker) -> MandateData:
    """The maker's person says that she files for her mother."""
    mother = known_citizen(personal_id="051158000007", full_name="Bùi Thị Quyên")
    return declare_mandate(
        principal_subject="person", principal_id=mother.personal_id, principal_name=mother.full_name, document=PAPER,
        valid_from=date(2026, 1, 1), actor=maker.person, at=SUBMITTED_AT,
    )  # fmt: skip


def under(maker: CaseMaker, mandate: MandateData) -> CaseMaker:
    return CaseMaker(maker.place, person=replace(maker.person, mandate_id=mandate.id))


def test_reception_waits_until_the_paper_was_seen_and_confirms_it(maker: CaseMaker, declared: MandateData) -> None:
    case = under(maker, declared).submitted()
    counter = maker.officer("one_stop_officer")
    with pytest.raises(MandateUnchecked, match="văn bản ủy quyền"):
        actions.receive_case(case_id=case.pk, actor=counter, at=RECEIVED_AT)
    case.refresh_from_db()
    assert (case.status, case.steps.count()) == ("submitted", 0)

    actions.receive_case(case_id=case.pk, mandate_seen=True, actor=counter, at=RECEIVED_AT)
    assert accounts.get_mandate(declared.id).verified
    confirmed = entries_of(f"mandate:{declared.id}")[-1]
    assert (confirmed.type, confirmed.actor_name) == ("mandate.confirmed", counter.name)

    # Another case under the same paper needs no second look.
    second = under(maker, declared).submitted()
    assert actions.receive_case(case_id=second.pk, actor=counter, at=RECEIVED_AT).received_at == RECEIVED_AT


def test_a_mandate_made_on_the_portal_needs_no_paper(maker: CaseMaker) -> None:
    mother = known_citizen(personal_id="051158000007", full_name="Bùi Thị Quyên")
    granted = grant_mandate(
        representative_personal_id=maker.person.personal_id, representative_name=maker.person.name, document=PAPER,
        valid_from=date(2026, 1, 1), actor=actor_of(mother), at=SUBMITTED_AT,
    )  # fmt: skip
    assert under(maker, granted).received().status == "processing"


def test_what_was_declared_and_revoked_before_reception_is_not_received(
    maker: CaseMaker, declared: MandateData
) -> None:
    case = under(maker, declared).submitted()
    revoke_mandate(mandate_id=declared.id, reason="Đổi ý", actor=maker.person, at=RECEIVED_AT)
    with pytest.raises(MandateEnded):
        actions.receive_case(
            case_id=case.pk, mandate_seen=True, actor=maker.officer("one_stop_officer"), at=RECEIVED_AT
        )
    assert not accounts.get_mandate(declared.id).verified


def test_a_revoked_mandate_ends_sight_and_acts(maker: CaseMaker, declared: MandateData, place: World) -> None:
    for_mother = under(maker, declared)
    own = maker.submitted()
    draft = for_mother.draft()
    case = for_mother.submitted()
    actions.receive_case(case_id=case.pk, mandate_seen=True, actor=maker.officer("one_stop_officer"), at=RECEIVED_AT)
    seen = queries.visible_to(maker.person)
    assert set(seen) == {own, draft, case}
    assert permissions.can_view(maker.person, Case.objects.get(pk=case.pk))

    revoke_mandate(mandate_id=declared.id, reason="Đổi ý", actor=maker.person, at=RECEIVED_AT + timedelta(hours=1))
    assert set(queries.visible_to(maker.person)) == {own}
    assert [item.id for item in queries.my_cases(actor=maker.person, now=RECEIVED_AT).items] == [own.pk]
    assert not permissions.can_view(maker.person, Case.objects.get(pk=case.pk))
    with pytest.raises(CaseNotFound):
        queries.get_case(actor=maker.person, code=case.code or "")
    with pytest.raises(Forbidden):
        actions.withdraw_case(case_id=case.pk, reason="Rút", actor=maker.person, at=RECEIVED_AT + timedelta(hours=2))
    with pytest.raises(Forbidden):
        actions.submit_draft(case_id=draft.pk, actor=for_mother.person, at=RECEIVED_AT + timedelta(hours=2))
    # The officers go on: the case is the mother's, and was filed while the mandate held.
    assert queries.get_case(actor=place.officer("leader"), code=case.code or "") == case


def test_the_principal_keeps_what_the_representative_loses(maker: CaseMaker) -> None:
    """Her case stays hers before and after the mandate ends; a draft is its writer's alone."""
    account = known_citizen(personal_id="051158000007", full_name="Bùi Thị Quyên")
    mother = actor_of(account)
    granted = grant_mandate(
        representative_personal_id=maker.person.personal_id, representative_name=maker.person.name, document=PAPER,
        valid_from=date(2026, 1, 1), actor=mother, at=SUBMITTED_AT,
    )  # fmt: skip
    for_mother = under(maker, granted)
    own, draft, case = maker.submitted(), for_mother.draft(), for_mother.received()
    assert set(queries.visible_to(mother)) == {case}
    assert set(queries.visible_to(maker.person)) == {own, draft, case}
    revoke_mandate(mandate_id=granted.id, reason="Đổi ý", actor=mother, at=RECEIVED_AT + timedelta(hours=1))
    assert set(queries.visible_to(mother)) == {case}
    assert set(queries.visible_to(maker.person)) == {own}
    fresh = queries.get_case(actor=mother, code=case.code or "")
    assert permissions.can_view(mother, fresh)
    assert not permissions.can_edit_draft(mother, Case.objects.get(pk=draft.pk))
    assert [item.id for item in queries.my_cases(actor=mother, now=RECEIVED_AT).items] == [case.pk]
    later = RECEIVED_AT + timedelta(hours=2)
    actions.send_message(case_id=case.pk, text="Tôi tự theo dõi.", actor=mother, at=later)
    with pytest.raises(Forbidden):
        actions.send_message(case_id=case.pk, text="x", actor=maker.person, at=later)
    assert actions.withdraw_case(case_id=case.pk, reason="Thôi", actor=mother, at=later).status == "withdrawn"
    stranger = actor_of(known_citizen(personal_id="051158000008", full_name="Người Khác"))
    assert not queries.visible_to(stranger).exists()
