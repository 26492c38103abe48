"""`tinhso catalogue`: the national catalogue of procedures: read, compare, approve, publish."""

import json
import time
from datetime import date, datetime
from pathlib import Path

import click

from tinhso.apps.procedures.data import ImportReport, to_json
from tinhso.config.bootstrap import setup

_DAY = click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"])
_EVERY = 1000


@click.group()
def command() -> None:
    """Danh mục thủ tục hành chính: nhập từ quốc gia, duyệt, công bố, bãi bỏ, tìm."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--publish", is_flag=True, help="Duyệt và công bố ngay; nếu không, lần nhập chờ duyệt.")
@click.option("--effective-from", "since", type=_DAY, help="Ngày các phiên bản có hiệu lực; mặc định là hôm nay.")
@click.option("--json", "as_json", is_flag=True, help="In báo cáo dạng JSON.")
def import_file(file: Path, publish: bool, since: datetime | None, as_json: bool) -> None:
    """Nhập FILE (.jsonl hoặc .jsonl.xz, định dạng Cơ sở dữ liệu quốc gia về TTHC).

    Nhập lại mà không đổi gì thì không ghi gì.
    """
    setup()
    from tinhso.apps.procedures.actions import approve_import, import_catalogue, publish_import
    from tinhso.apps.procedures.content import file_digest, read_national, read_national_file
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    started = time.monotonic()
    tell = (lambda _text: None) if as_json else click.echo
    records = []
    digest = file_digest(file)
    for record in read_national_file(file):
        records.append(read_national(record))
        if len(records) % _EVERY == 0:
            tell(f"  đã đọc {len(records)} thủ tục")
    tell(f"Đã đọc {len(records)} thủ tục sau {time.monotonic() - started:.1f} giây; đang so với bản công bố")
    day = since.date() if since else clock.today()
    report = import_catalogue(
        records=records, file_name=file.name, file_digest=digest, effective_from=day, actor=SYSTEM, at=clock.now()
    )
    if as_json:
        click.echo(json.dumps(to_json(report), ensure_ascii=False, indent=2))
    else:
        _print_report(report)
    if report.import_id is None:
        tell("Không có gì thay đổi, không ghi gì.")
        return
    if not publish:
        tell(f"Lần nhập số {report.import_id} chờ duyệt: tinhso catalogue approve {report.import_id}")
        return
    tell(f"Đang công bố {report.new + report.changed} thủ tục mới và thay đổi")
    approve_import(import_id=report.import_id, actor=SYSTEM, at=clock.now())
    count = publish_import(import_id=report.import_id, actor=SYSTEM, at=clock.now())
    tell(f"Đã công bố {count} phiên bản, hiệu lực từ {day:%d/%m/%Y}; tổng cộng {time.monotonic() - started:.1f} giây")


def _print_report(report: ImportReport) -> None:
    click.echo(
        f"{report.total} thủ tục: {report.new} mới, {report.changed} thay đổi, {report.unchanged} không đổi,"
        f" {report.kept} giữ bản của tỉnh, {report.rejected} không nhập được; {report.missing} không còn trong tệp"
    )
    for problem in report.problems:
        click.echo(f"  {problem.count:>5}  {problem.label} (ví dụ {', '.join(problem.examples[:3])})")


@command.command()
@click.argument("import_id", type=int)
@click.option("--take", multiple=True, metavar="MÃ", help="Thủ tục đang giữ bản của tỉnh mà nay dùng bản quốc gia.")
def approve(import_id: int, take: tuple[str, ...]) -> None:
    """Duyệt và công bố một lần nhập đang chờ."""
    setup()
    from tinhso.apps.procedures.actions import approve_import, publish_import
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    approve_import(import_id=import_id, actor=SYSTEM, at=clock.now())
    count = publish_import(import_id=import_id, take=take, actor=SYSTEM, at=clock.now())
    click.echo(f"Đã công bố {count} phiên bản")


@command.command()
def imports() -> None:
    """Liệt kê các lần nhập gần đây."""
    setup()
    from tinhso.apps.procedures.enums import ImportStatus
    from tinhso.apps.procedures.queries import list_imports
    from tinhso.kernel.actor import SYSTEM

    for one in list_imports(actor=SYSTEM):
        label = ImportStatus(one.status).label
        click.echo(f"{one.id:>4}  {one.staged_at:%d/%m/%Y %H:%M}  {label}  {one.file_name}")


@command.command()
@click.argument("code")
@click.option("--from", "since", type=_DAY, required=True, help="Ngày đầu tiên không còn hiệu lực.")
@click.option("--reason", required=True, help="Quyết định bãi bỏ hoặc lý do.")
def abolish(code: str, since: datetime, reason: str) -> None:
    """Bãi bỏ thủ tục CODE từ một ngày; hồ sơ đã tiếp nhận vẫn giải quyết tiếp."""
    setup()
    from tinhso.apps.procedures.actions import abolish_procedure
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    abolish_procedure(code=code, effective_from=since.date(), reason=reason, actor=SYSTEM, at=clock.now())
    click.echo(f"Thủ tục {code} hết hiệu lực từ ngày {since:%d/%m/%Y}")


@command.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--on", type=_DAY, help="Ngày cần biết; mặc định là hôm nay.")
def search(words: tuple[str, ...], limit: int, on: datetime | None) -> None:
    """Tìm thủ tục bằng từ ngữ thường ngày, có dấu hay không dấu."""
    setup()
    from tinhso.apps.procedures.queries import search_procedures
    from tinhso.kernel import clock

    day: date = on.date() if on else clock.today()
    started = time.monotonic()
    page = search_procedures(" ".join(words), on=day, limit=limit)
    for item in page.items:
        mark = "●" if item.runs_here else " "
        click.echo(f"{mark} {item.code:<10} {item.title} ({item.field})")
    click.echo(f"{len(page.items)} thủ tục, {(time.monotonic() - started) * 1000:.0f} ms")
