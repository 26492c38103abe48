"""`tinhso unit`: which unit was this on that day, and loading a folder of units."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinhso.config.bootstrap import setup
from tinhso.config.paths import CONTENT

if TYPE_CHECKING:
    from tinhso.apps.directory.data import UnitData, UnitOnDate

_WHOLE_DAY = click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"])


@click.group()
def command() -> None:
    """Đơn vị hành chính, cơ quan, phòng ban: tra theo ngày và nạp từ content/units."""


@command.command()
@click.argument("code")
@click.option("--on", "on", type=_WHOLE_DAY, help="Ngày cần biết, ví dụ 2024-03-12; bỏ trống là hôm nay.")
@click.option(
    "--scheme", type=click.Choice(["org", "gso"]), help="Bộ mã; bỏ trống: toàn chữ số là mã đơn vị hành chính."
)
@click.option("--json", "as_json", is_flag=True, help="In JSON.")
def show(code: str, on: datetime | None, scheme: str | None, as_json: bool) -> None:
    """Cho biết CODE là đơn vị nào trong ngày đó, thuộc đâu, và nay là đơn vị nào."""
    setup()
    from tinhso.apps.directory.queries import unit_on
    from tinhso.kernel.clock import today

    found = unit_on(code, on.date() if on else today(), scheme=scheme, today=today())
    if as_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
        return
    unit = found.unit
    click.echo(f"Ngày {found.on:%d/%m/%Y}, mã {code.upper()} là {found.name}")
    for label, value in _facts(unit):
        click.echo(f"  {label}: {value}")
    if found.parents:
        click.echo(f"  Thuộc: {', '.join(parent.name_on(found.on) for parent in found.parents)}")
    for successor in found.successors:
        click.echo(
            f"  Nay: {successor.unit.name} ({_codes(successor.unit)}), từ {successor.since:%d/%m/%Y},"
            f" {successor.extent.label.lower()}"
        )
    if unit.valid_to is not None and not found.successors:
        click.echo("  Nay: không có đơn vị kế thừa")


@command.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=CONTENT / "units")
def load(folder: Path) -> None:
    """Nạp một thư mục đơn vị (mặc định: mọi thư mục trong content/units). Nạp lại mà không đổi gì thì không ghi gì."""
    setup()
    from tinhso.apps.directory.actions import publish_directory
    from tinhso.apps.directory.content import read_directory
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    folders = [folder] if (folder / "province.yaml").exists() else sorted(p for p in folder.iterdir() if p.is_dir())
    for one in folders:
        content = read_directory(one)
        report = publish_directory(content=content, actor=SYSTEM, at=now())
        if report.is_empty:
            click.echo(f"{content.key}: không có gì thay đổi ({len(content.units)} đơn vị)")
        else:
            click.echo(
                f"{content.key}: lập mới {report.established}, thay đổi {report.changed}, kết thúc {report.dissolved}"
            )


def _facts(unit: "UnitData") -> list[tuple[str, str]]:
    period = f"{_day(unit.valid_from, 'trước khi có dữ liệu')} đến {_day(unit.valid_to, 'nay')}"
    facts = [("Loại", f"{unit.kind.label}, {unit.level.label.lower()}"), ("Mã", _codes(unit)), ("Hiệu lực", period)]
    if unit.assumed:
        facts.append(("Chưa xác nhận", ", ".join(unit.assumed)))
    return facts


def _codes(unit: "UnitData") -> str:
    return ", ".join(code for code in (unit.code, unit.gso_code) if code) or "chưa có mã"


def _day(day: date | None, otherwise: str) -> str:
    return f"{day:%d/%m/%Y}" if day else otherwise


def _as_json(found: "UnitOnDate") -> dict[str, Any]:
    def brief(unit: "UnitData") -> dict[str, Any]:
        return {
            "path": unit.path,
            "name": unit.name,
            "kind": unit.kind.value,
            "level": unit.level.value,
            "code": unit.code,
            "gso_code": unit.gso_code,
            "valid_from": unit.valid_from.isoformat() if unit.valid_from else None,
            "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
            "assumed": list(unit.assumed),
        }

    return {
        "on": found.on.isoformat(),
        **brief(found.unit),
        "name": found.name,
        "parents": [brief(parent) for parent in found.parents],
        "successors": [
            {**brief(s.unit), "extent": s.extent.value, "since": s.since.isoformat()} for s in found.successors
        ],
    }
