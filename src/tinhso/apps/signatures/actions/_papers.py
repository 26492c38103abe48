"""Signed papers on their way from B-B to B-LTA: taken up, claimed for a step, told what came of it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q

from tinhso.apps.audit.actions import record
from tinhso.apps.signatures import permissions
from tinhso.apps.signatures.data import KeptPaperData
from tinhso.apps.signatures.enums import PaperLevel
from tinhso.apps.signatures.events import PaperStrengthened, StampsRetried
from tinhso.apps.signatures.models import KeptPaper, PaperVersion
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind


@action
def keep_paper(*, subject: str, file_id: int, sha256: str, actor: Actor, at: datetime) -> None:
    """Đưa văn bản vừa ký vào hàng chờ đóng dấu thời gian. Told twice, it happens once."""
    require(actor.kind is ActorKind.SYSTEM)
    paper, made = KeptPaper.objects.get_or_create(
        subject=subject, defaults={"file_id": file_id, "wanted": PaperLevel.EVIDENCED, "kept_at": at, "due_at": at}
    )
    if made:
        PaperVersion.objects.create(
            paper=paper, number=0, level=PaperLevel.SIGNED, file_id=file_id, sha256=sha256, made_at=at
        )


@action
def want_archived(*, subject: str, actor: Actor, at: datetime) -> bool:
    """Yêu cầu dấu thời gian lưu trữ cho một văn bản (hồ sơ đã kết thúc). False: the paper is not among the kept ones."""
    require(actor.kind is ActorKind.SYSTEM)
    paper = KeptPaper.objects.select_for_update().filter(subject=subject).first()
    if paper is None:
        return False
    if paper.wanted < PaperLevel.ARCHIVED:
        paper.wanted = PaperLevel.ARCHIVED
        paper.due_at = paper.due_at or at
        paper.save(update_fields=["wanted", "due_at"])
    return True


@action
def claim_papers(*, actor: Actor, at: datetime) -> list[KeptPaperData]:
    """Nhận các văn bản đến lượt, as many as may be worked on at once; a claim lapses when whoever made it died."""
    require(actor.kind is ActorKind.SYSTEM)
    limits = settings.TIME_STAMPS
    with connection.cursor() as cursor:  # two workers counting at once would take twice as many
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["signatures:claim_papers"])
    free = limits["at_once"] - KeptPaper.objects.filter(claimed_until__gt=at).count()
    if free <= 0:
        return []
    open_ones = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    due = KeptPaper.objects.select_for_update(skip_locked=True).filter(open_ones, due_at__lte=at)
    found = list(due.order_by("due_at", "id")[:free])
    for paper in found:
        paper.claimed_until = at + timedelta(seconds=2 * limits["seconds"] + 60)
    KeptPaper.objects.bulk_update(found, ["claimed_until"])
    return [
        KeptPaperData(one.pk, one.subject, one.file_id, PaperLevel(one.level), PaperLevel(one.wanted)) for one in found
    ]


@action
def record_strengthened(
    *, paper_id: int, before: PaperLevel, level: PaperLevel, file_id: int, digest_before: str, digest_after: str,
    renew_at: datetime | None, actor: Actor, at: datetime,
) -> bool:  # fmt: skip
    """Ghi nhận bản có thêm dấu thời gian hoặc bằng chứng. False: another worker was first, and its file stands."""
    require(actor.kind is ActorKind.SYSTEM)
    paper = KeptPaper.objects.select_for_update().get(pk=paper_id)
    last = paper.versions.order_by("-number").first()
    if last is None or last.sha256 != digest_before or paper.level != before:
        return False
    PaperVersion.objects.create(
        paper=paper, number=last.number + 1, level=level, file_id=file_id, sha256=digest_after, made_at=at
    )
    paper.level, paper.file_id, paper.tries, paper.failure, paper.claimed_until = level, file_id, 0, "", None
    paper.due_at = at if level < paper.wanted else renew_at if level == PaperLevel.ARCHIVED else None
    paper.save()
    event = PaperStrengthened(
        subject=paper.subject, level=level, file_id=file_id, digest_before=digest_before, digest_after=digest_after
    )
    record(event, subject=f"kept_paper:{paper.pk}", actor=actor, at=at)
    return True


@action
def record_not_strengthened(*, paper_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Ghi lý do một bước chưa làm được; tried again sooner at first, and after the last try once an hour for ever."""
    require(actor.kind is ActorKind.SYSTEM)
    limits = settings.TIME_STAMPS
    paper = KeptPaper.objects.select_for_update().get(pk=paper_id)
    paper.tries = min(paper.tries + 1, 1_000)
    quick = paper.tries < limits["tries"]
    wait = limits["wait_seconds"] * 4 ** (paper.tries - 1) if quick else limits["pause_seconds"]
    paper.failure, paper.claimed_until = reason[:300], None
    paper.due_at = at + timedelta(seconds=wait)
    paper.save(update_fields=["tries", "failure", "claimed_until", "due_at"])


@action
def retry_papers(*, actor: Actor, at: datetime) -> int:
    """Thử lại ngay các bước chưa làm được của văn bản đã ký; returns how many. What somebody works on is left alone."""
    require(permissions.can_manage_keys(actor))
    open_ones = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    failed = KeptPaper.objects.filter(open_ones, due_at__isnull=False).exclude(failure="")
    count = failed.update(due_at=at, tries=0)
    record(StampsRetried(papers=count), subject="kept_papers", actor=actor, at=at)
    return count
