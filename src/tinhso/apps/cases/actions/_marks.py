"""Labels, saved filters and ready texts (nhãn, bộ lọc đã lưu, câu soạn sẵn)."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._common import lock_case
from tinhso.apps.cases.actions._streams import of_account, of_unit
from tinhso.apps.cases.data import WorkItemNotFound
from tinhso.apps.cases.enums import LabelTone, ReadyPurpose
from tinhso.apps.cases.events import (
    CaseLabelled,
    CaseUnlabelled,
    FilterRemoved,
    FilterSaved,
    LabelRemoved,
    LabelSaved,
    ReadyTextRemoved,
    ReadyTextSaved,
)
from tinhso.apps.cases.models import Case, CaseLabel, Label, ReadyText, SavedFilter
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid

_Row = TypeVar("_Row")

MOST_FILTERS = 9  # one for each digit of the keyboard
FILTER_KEYS = ("shelf", "q", "nguoi", "nhan")


@action
def save_label(
    *, label_id: int | None = None, unit_id: int, name: str, tone: str = LabelTone.NEUTRAL, actor: Actor, at: datetime
) -> Label:
    """Đặt hoặc sửa một nhãn của đơn vị.

    Raises:
        WorkItemNotFound: no such label in this unit.
        Invalid: no name, the name of another label, an unknown colour.
    """
    require(permissions.can_manage_work(actor, unit_id))
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise Invalid("Mời đặt tên nhãn, không quá 60 chữ.")
    if tone not in LabelTone.values:
        raise Invalid("Mời chọn màu của nhãn.")
    label = Label(unit_id=unit_id)
    if label_id is not None:
        label = _one(Label.objects.select_for_update().filter(pk=label_id, unit_id=unit_id).first())
    if Label.objects.filter(unit_id=unit_id, name=name).exclude(pk=label.pk).exists():
        raise Invalid(f"Đơn vị đã có nhãn «{name}».")
    label.name, label.tone = name, tone
    label.save()
    event = LabelSaved(label_id=label.pk, unit_id=unit_id, name=name, tone=tone)
    record(event, subject=of_unit(unit_id), actor=actor, at=at)
    return label


@action
def remove_label(*, label_id: int, actor: Actor, at: datetime) -> None:
    """Xóa một nhãn, khỏi mọi hồ sơ.

    Raises:
        WorkItemNotFound: no such label.
    """
    label = _one(Label.objects.select_for_update().filter(pk=label_id).first())
    require(permissions.can_manage_work(actor, label.unit_id))
    event = LabelRemoved(label_id=label.pk, unit_id=label.unit_id, name=label.name)
    CaseLabel.objects.filter(label=label).delete()
    label.delete()
    record(event, subject=of_unit(event.unit_id), actor=actor, at=at)


@action
def put_label(*, case_id: int, label_id: int, actor: Actor, at: datetime) -> None:
    """Gắn nhãn lên hồ sơ: a label of a unit the case passes, or of one above it; put twice, it is there once.

    Raises:
        WorkItemNotFound: no such label for this case.
    """
    case = lock_case(case_id)
    require(permissions.works_on(actor, case))
    label = _one(Label.objects.filter(pk=label_id, unit_id__in=units_of(case)).first())
    if CaseLabel.objects.filter(case=case, label=label).exists():
        return
    CaseLabel.objects.create(case=case, label=label, put_by=actor.name, put_at=at)
    event = CaseLabelled(case_id=case.pk, label_id=label.pk, name=label.name)
    record(event, subject=case, actor=actor, at=at)


@action
def take_label(*, case_id: int, label_id: int, actor: Actor, at: datetime) -> None:
    """Gỡ nhãn khỏi hồ sơ; a label that is not there stays away."""
    case = lock_case(case_id)
    require(permissions.works_on(actor, case))
    put = CaseLabel.objects.select_related("label").filter(case=case, label_id=label_id).first()
    if put is None:
        return
    event = CaseUnlabelled(case_id=case.pk, label_id=label_id, name=put.label.name)
    put.delete()
    record(event, subject=case, actor=actor, at=at)


@action
def save_filter(*, name: str, query: Mapping[str, str], actor: Actor, at: datetime) -> SavedFilter:
    """Lưu bộ lọc danh sách việc under a name; the name of an own filter replaces what it kept.

    `query` has the shelf and what is typed and chosen there (`FILTER_KEYS`).

    Raises:
        Invalid: no name, nothing to keep, or nine filters already.
    """
    require(actor.kind is ActorKind.OFFICER and actor.has(permissions.CasePermission.VIEW))
    name = " ".join(name.split())
    kept = {key: str(query[key])[:120] for key in FILTER_KEYS if query.get(key)}
    if not name or len(name) > 100:
        raise Invalid("Mời đặt tên bộ lọc, không quá 100 chữ.")
    if "shelf" not in kept:
        raise Invalid("Bộ lọc phải thuộc một ngăn hồ sơ.")
    mine = SavedFilter.objects.select_for_update().filter(account_id=actor.account_id or 0)
    found = mine.filter(name=name).first()
    if found is None and mine.count() >= MOST_FILTERS:
        raise Invalid(f"Mỗi người giữ nhiều nhất {MOST_FILTERS} bộ lọc; mời xóa bớt.")
    found = found or SavedFilter(account_id=actor.account_id or 0, name=name)
    found.query = kept
    found.save()
    event = FilterSaved(filter_id=found.pk, account_id=found.account_id, name=name)
    record(event, subject=of_account(actor.account_id), actor=actor, at=at)
    return found


@action
def remove_filter(*, filter_id: int, actor: Actor, at: datetime) -> None:
    """Xóa một bộ lọc của mình.

    Raises:
        WorkItemNotFound: no such filter of this person.
    """
    require(actor.kind is ActorKind.OFFICER)
    found = _one(SavedFilter.objects.select_for_update().filter(pk=filter_id, account_id=actor.account_id or 0).first())
    event = FilterRemoved(filter_id=found.pk, account_id=found.account_id, name=found.name)
    found.delete()
    record(event, subject=of_account(actor.account_id), actor=actor, at=at)


@action
def save_ready_text(
    *, text_id: int | None = None, unit_id: int, purpose: str, title: str, text: str, procedure_code: str = "",
    actor: Actor, at: datetime,
) -> ReadyText:  # fmt: skip
    """Thêm hoặc sửa một câu soạn sẵn of a unit, for one procedure or (with no code) for all.

    Raises:
        WorkItemNotFound: no such text in this unit.
        Invalid: no title or text, an unknown purpose, or a title that is there already.
    """
    require(permissions.can_manage_work(actor, unit_id))
    title, text, procedure_code = " ".join(title.split()), text.strip(), procedure_code.strip()
    if purpose not in ReadyPurpose.values:
        raise Invalid("Mời chọn việc dùng câu này.")
    if not title or len(title) > 200 or not text or len(text) > 4000:
        raise Invalid("Mời ghi tên (không quá 200 chữ) và nội dung câu soạn sẵn.")
    ready = ReadyText(unit_id=unit_id)
    if text_id is not None:
        ready = _one(ReadyText.objects.select_for_update().filter(pk=text_id, unit_id=unit_id).first())
    key = {"unit_id": unit_id, "procedure_code": procedure_code, "purpose": purpose, "title": title}
    if ReadyText.objects.filter(**key).exclude(pk=ready.pk).exists():
        raise Invalid(f"Đã có câu «{title}» cho việc này.")
    ready.purpose, ready.title, ready.text, ready.procedure_code = purpose, title, text, procedure_code[:40]
    ready.save()
    event = ReadyTextSaved(text_id=ready.pk, unit_id=unit_id, purpose=purpose, title=title)
    record(event, subject=of_unit(unit_id), actor=actor, at=at)
    return ready


@action
def remove_ready_text(*, text_id: int, actor: Actor, at: datetime) -> None:
    """Xóa một câu soạn sẵn.

    Raises:
        WorkItemNotFound: no such text.
    """
    ready = _one(ReadyText.objects.select_for_update().filter(pk=text_id).first())
    require(permissions.can_manage_work(actor, ready.unit_id))
    event = ReadyTextRemoved(text_id=ready.pk, unit_id=ready.unit_id, purpose=ready.purpose, title=ready.title)
    ready.delete()
    record(event, subject=of_unit(event.unit_id), actor=actor, at=at)


def units_of(case: Case) -> set[int]:
    """The units whose labels a case may carry: where it has been or is resolved, and those above."""
    desks = {unit_id for unit_id in (case.unit_id, case.step_unit_id, *case.desk_unit_ids) if unit_id is not None}
    return desks | {above.id for unit_id in desks for above in directory.ancestors_of(unit_id)}


def _one(found: _Row | None) -> _Row:
    if found is None:
        raise WorkItemNotFound
    return found
