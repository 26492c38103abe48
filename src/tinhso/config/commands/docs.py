"""`tinhso docs`: the reference pages that are written by the code itself."""

import sys
from pathlib import Path

import click

from tinhso.config.bootstrap import setup
from tinhso.config.paths import CONTENT, ROOT

_FOLDER = ROOT / "docs" / "reference"


@click.group()
def command() -> None:
    """Tài liệu tham chiếu sinh từ mã nguồn."""


@command.command()
@click.option("--check", is_flag=True, help="Chỉ so sánh; mã thoát là 1 khi có trang đã cũ.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=_FOLDER,
    help="Thư mục nhận các trang; mặc định là docs/reference/.",
)
def build(check: bool, folder: Path) -> None:
    """Viết lại các trang tham chiếu: sự kiện, quyền, thao tác, cấu hình."""
    setup()
    from tinhso.config import reference

    reference.load_everything()
    stale = []
    for name, text in reference.pages(CONTENT).items():
        file = folder / name
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    for name in stale:
        click.echo(f"{'cũ' if check else 'đã viết'}: {name}")
    if not stale:
        click.echo("✓ Các trang tham chiếu đều mới")
    if check and stale:
        sys.exit(1)
