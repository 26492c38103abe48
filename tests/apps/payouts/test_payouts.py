"""Pay-outs: lists in words, runs that stop and go on, three people a batch, every đồng in the book."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.cases import CaseMaker
from tests.factories.forks import dies_here
from tests.factories.payouts import AT, MONTH, Office, office, payee_list, results
from tests.factories.world import CONTENT, world
from tinhso.apps.payments import queries as payments
from tinhso.apps.payouts import actions, content, flows, queries, rules
from tinhso.apps.payouts.actions import _runs
from tinhso.apps.payouts.data import FileLine, NotBySamePayer, PayoutInvalid, PayoutMoved
from tinhso.apps.payouts.models import Payee, PayLine, PayRun
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.errors import Forbidden

ROLES = ("one_stop_officer", "specialist", "division_head", "leader", "clerk", "unit_admin", "auditor")


@pytest.fixture
def desk(db: None) -> Office:
    return office()


def balances(desk: Office) -> tuple[int, int, int, int]:
    unit_id = desk.place.commune.id
    accounts = (
        f"allowance:study_support:{unit_id}",
        f"payout-due:{unit_id}",
        f"bank:payout:{unit_id}",
        f"vault:{unit_id}",
    )
    allowance, owed, bank, vault = (payments.balance_of(account) for account in accounts)
    assert allowance + owed + bank + vault == 0
    return allowance, owed, bank, vault


def test_content_is_right() -> None:
    assert content.check(CONTENT) == []


def test_wrong_lines_are_told_in_words_and_nothing_is_taken(desk: Office) -> None:
    text = (
        payee_list(3)
        + "\nTrần Văn A;123;500000;Agribank;42100000\n;051085000018;-5;Ngân hàng Lạ;12\nA;051085000018;1;;99999"
    )
    text += "\n" + payee_list(1).splitlines()[1]
    with pytest.raises(PayoutInvalid) as refused:
        actions.import_payees(
            unit_id=desk.place.commune.id, programme="study_support", text=text, since=MONTH, actor=desk.prepares, at=AT
        )
    told = [error.message for error in refused.value.errors]
    assert [sentence.split(":")[0] for sentence in told] == ["Dòng 5", "Dòng 6", "Dòng 7", "Dòng 8"]
    assert "chưa có họ tên" in told[1]
    assert "không biết ngân hàng “Ngân hàng Lạ”" in told[1]
    assert "cả ngân hàng và số tài khoản" in told[2]
    assert "trùng số định danh với dòng 2" in told[3]
    assert not Payee.objects.exists()


def test_killed_or_stopped_between_portions_every_payee_has_one_line(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_runs, "PORTION", 2)
    dies_here("build_run:between", lambda: desk.run(5))
    run = PayRun.objects.get()
    assert PayLine.objects.filter(run=run).count() == 2
    actions.pause_run(run_id=run.pk, actor=desk.prepares, at=AT)
    flows.build_run(run_id=run.pk, at=AT)
    assert PayLine.objects.filter(run=run).count() == 2, "paused: nothing is written"
    with pytest.raises(PayoutMoved):
        actions.submit_batch(run_id=run.pk, actor=desk.prepares, at=AT)
    actions.resume_run(run_id=run.pk, actor=desk.prepares, at=AT)
    for _ in range(2):
        flows.build_left_over(at=AT)
    assert sorted(PayLine.objects.values_list("payee_id", flat=True)) == sorted(
        Payee.objects.values_list("pk", flat=True)
    )
    again = actions.open_run(
        unit_id=desk.place.commune.id, programme="study_support", month=MONTH, actor=desk.prepares, at=AT
    )
    assert (again.pk, queries.get_run(actor=desk.prepares, run_id=run.pk).status) == (run.pk, "ready")


def test_month_is_paid_returned_corrected_and_paid_again_to_the_dong(desk: Office) -> None:
    run = desk.run(4, without_account=1)
    total = sum(PayLine.objects.values_list("amount_vnd", flat=True))
    first = desk.approved(run)
    assert rules.file_is_whole(first.content, separator=";")
    assert not rules.file_is_whole(first.content.replace("500000", "900000"), separator=";")
    assert balances(desk) == (total, -total, 0, 0)
    answer = results(first, returned=frozenset({1}))
    assert actions.take_results(batch_id=first.pk, text=answer, actor=desk.checks, at=AT) == 3
    assert actions.take_results(batch_id=first.pk, text=answer, actor=desk.checks, at=AT) == 0
    assert len(queries.differences_of(run)) == 2
    back = PayLine.objects.get(status="returned")
    actions.correct_account(
        payee_id=back.payee_id, bank="VCB", account_number="0071 000 123", account_name="", actor=desk.prepares, at=AT
    )
    second = desk.approved(run)
    assert (second.number, second.count) == (2, 1)
    assert "970436;0071000123" in second.content
    actions.take_results(batch_id=second.pk, text=results(second), actor=desk.checks, at=AT)
    cash = PayLine.objects.get(status="cash")
    actions.hand_over_cash(line_id=cash.pk, receiver=cash.full_name, actor=desk.checks, at=AT)
    with pytest.raises(PayoutMoved):
        actions.hand_over_cash(line_id=cash.pk, receiver=cash.full_name, actor=desk.checks, at=AT)
    assert balances(desk) == (total, 0, -(total - cash.amount_vnd), -cash.amount_vnd)
    assert queries.differences_of(run) == []


def test_returned_money_may_be_handed_over_in_cash(desk: Office) -> None:
    batch = desk.approved(desk.run(1))
    actions.take_results(batch_id=batch.pk, text=results(batch, returned=frozenset({0})), actor=desk.checks, at=AT)
    line = PayLine.objects.get()
    with pytest.raises(PayoutInvalid):
        actions.pay_in_cash(line_id=line.pk, reason="", actor=desk.checks, at=AT)
    actions.pay_in_cash(line_id=line.pk, reason="Không mở được tài khoản", actor=desk.checks, at=AT)
    with pytest.raises(PayoutInvalid):
        actions.hand_over_cash(line_id=line.pk, receiver=" ", actor=desk.checks, at=AT)
    actions.hand_over_cash(line_id=line.pk, receiver="Con gái nhận thay", actor=desk.checks, at=AT)
    assert balances(desk)[1] == 0


def test_results_that_do_not_fit_are_refused_whole(desk: Office) -> None:
    batch = desk.approved(desk.run(2))
    right = results(batch)
    wrong = [
        right.replace(";500000;", ";500001;"),
        right + "\n9-9-9;500000;00;;FT",
        right + "\n" + right.splitlines()[1],
        right.replace("00;;FT0", "99;;"),
        "a;b",
    ]
    for text in wrong:
        with pytest.raises(PayoutInvalid):
            actions.take_results(batch_id=batch.pk, text=text, actor=desk.checks, at=AT)
    actions.take_results(batch_id=batch.pk, text=right, actor=desk.checks, at=AT)
    with pytest.raises(PayoutInvalid):
        actions.take_results(batch_id=batch.pk, text=results(batch, returned=frozenset({0})), actor=desk.checks, at=AT)


def test_refused_batch_gives_its_lines_back(desk: Office) -> None:
    run = desk.run(2)
    batch = actions.submit_batch(run_id=run.pk, actor=desk.prepares, at=AT)
    with pytest.raises(PayoutMoved):
        actions.approve_batch(batch_id=batch.pk, actor=desk.approves, at=AT)
    with pytest.raises(PayoutInvalid):
        actions.refuse_batch(batch_id=batch.pk, reason="", actor=desk.checks, at=AT)
    actions.refuse_batch(batch_id=batch.pk, reason="Thiếu một người", actor=desk.checks, at=AT)
    assert balances(desk) == (0, 0, 0, 0)
    assert desk.approved(run).count == 2


def test_each_act_has_its_role_and_three_people_make_a_batch(desk: Office) -> None:
    run = desk.run(1)
    people: dict[str, Actor] = {role: desk.place.officer(role) for role in ROLES} | {"accountant": desk.checks}
    elsewhere = {role: desk.place.officer(role, desk.place.other_commune) for role in ("specialist", "leader")}
    for role, person in {**people, "elsewhere": elsewhere["specialist"]}.items():
        if role != "specialist":
            with pytest.raises(Forbidden):
                actions.submit_batch(run_id=run.pk, actor=person, at=AT)
    batch = actions.submit_batch(run_id=run.pk, actor=desk.prepares, at=AT)
    for role, person in people.items():
        if role != "accountant":
            with pytest.raises(Forbidden):
                actions.check_batch(batch_id=batch.pk, actor=person, at=AT)
    type(batch).objects.filter(pk=batch.pk).update(submitted_by_id=desk.checks.account_id)
    with pytest.raises(NotBySamePayer):
        actions.check_batch(batch_id=batch.pk, actor=desk.checks, at=AT)
    type(batch).objects.filter(pk=batch.pk).update(submitted_by_id=desk.approves.account_id)
    actions.check_batch(batch_id=batch.pk, actor=desk.checks, at=AT)
    for role, person in {**people, "elsewhere": elsewhere["leader"]}.items():
        if role != "leader":
            with pytest.raises(Forbidden):
                actions.approve_batch(batch_id=batch.pk, actor=person, at=AT)
    with pytest.raises(NotBySamePayer):
        actions.approve_batch(batch_id=batch.pk, actor=desk.approves, at=AT)


def test_person_is_put_on_the_list_by_the_result_of_a_case(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "programme": "monthly_allowance", "unit_id": desk.place.commune.id, "kind": "grant", "case_code": "H48-1",
        "full_name": "Trần Văn Minh Họa", "personal_id": "051085000018", "account_number": "0123456789",
        "account_holder": "Trần Văn Minh Họa", "bank": "Ngân hàng Mẫu", "amount_vnd": "750000", "from_month": "03/2026",
    }  # fmt: skip
    monkeypatch.setattr(queries, "case_says", lambda *_: said)
    for _ in range(2):
        made = actions.enrol_from_case(case_id=7, result_id=1, actor=SYSTEM, at=AT)
    assert made is not None
    assert (made.amount_vnd, f"{made.since:%m/%Y}", made.account_number) == (750_000, "03/2026", "")
    assert made.note == "Cần xem lại tài khoản: Ngân hàng Mẫu 0123456789"
    said |= {"kind": "change", "amount_vnd": "1.000.000", "bank": "VCB"}
    changed = actions.enrol_from_case(case_id=8, result_id=2, actor=SYSTEM, at=AT)
    assert changed is not None
    assert (changed.pk, changed.amount_vnd, changed.bank_bin, changed.note) == (made.pk, 1_000_000, "970436", "")
    said |= {"kind": "stop"}
    stopped = actions.enrol_from_case(case_id=9, result_id=3, actor=SYSTEM, at=AT)
    assert stopped is not None
    assert stopped.status == "stopped"
    run = actions.open_run(
        unit_id=desk.place.commune.id, programme="monthly_allowance", month=MONTH, actor=desk.prepares, at=AT
    )
    flows.build_run(run_id=run.pk, at=AT)
    assert not PayLine.objects.exists()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(1, 10**9), st.text('ABC;"\n,đ ', max_size=8)), max_size=12))
def test_file_to_the_bank_carries_its_own_sum(rows: list[tuple[int, str]]) -> None:
    lines = [FileLine(f"1-1-{n}", "970405", "421000", name, amount, "Chi trả") for n, (amount, name) in enumerate(rows)]
    text = rules.bank_file(lines, columns=content.COLUMNS, separator=";")
    assert text.rstrip().splitlines()[-1].split(";")[1:3] == [str(len(rows)), str(sum(amount for amount, _ in rows))]
    assert rules.file_is_whole(text, separator=";")
    assert not rules.file_is_whole("1" + text, separator=";")


def test_what_a_real_result_says_of_a_payee(db: None) -> None:
    case = CaseMaker(world(departments=())).at("resolved")
    said = queries.case_says(case.pk, case.results.get().pk)
    assert said is not None
    assert (said["programme"], said["kind"], said["personal_id"]) == (
        "monthly_allowance",
        "grant",
        case.answers["personal_id"],
    )
    assert said["account_number"] == case.answers["account_number"]
    assert queries.case_says(case.pk, 0) is None
