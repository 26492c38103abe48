"""`tinhso archive`: build packages of a list, check packages, show lists; for operators."""

import sys
from pathlib import Path

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Gói lưu trữ: lập gói của một danh mục, kiểm tra gói, liệt kê danh mục."""


@command.command()
@click.argument("list_id", type=int)
def build(list_id: int) -> None:
    """Lập ngay các gói còn thiếu của một danh mục đã duyệt hoặc đã tiếp nhận."""
    setup()
    from tinhso.apps.archives import flows, queries
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    queries.get_list(actor=SYSTEM, list_id=list_id)
    packed = flows.pack_list(list_id=list_id, at=now()) if _is_approved(list_id) else 0
    kept = flows.keep_list(list_id=list_id, at=now())
    row = queries.get_list(actor=SYSTEM, list_id=list_id).row
    click.echo(f"Đã làm {packed} gói nộp lưu, {kept} gói lưu trữ; {row.failed} hồ sơ chưa đóng gói được")
    sys.exit(1 if row.failed else 0)


def _is_approved(list_id: int) -> bool:
    from tinhso.apps.archives import queries
    from tinhso.kernel.actor import SYSTEM

    return queries.get_list(actor=SYSTEM, list_id=list_id).row.status == "approved"


@command.command()
@click.argument("what", metavar="TỆP|MÃ_HỒ_SƠ")
def validate(what: str) -> None:
    """Kiểm tra một gói: một tệp ZIP trên đĩa, hoặc mọi gói đã lưu của một mã hồ sơ. Mã thoát 0 khi gói đúng."""
    if Path(what).is_file():
        with Path(what).open("rb") as stream:
            sys.exit(0 if _told(what, stream) else 1)
    setup()
    from tinhso.apps.archives.data import ArchivalFileNotFound
    from tinhso.apps.archives.queries import find_package
    from tinhso.apps.documents.queries import open_file

    try:
        found = find_package(what)
    except ArchivalFileNotFound as error:
        raise click.ClickException(error.message) from error
    fine = True
    for kind in ("sip", "aip"):
        file_id = found[kind]
        if file_id is None:
            continue
        with open_file(file_id) as stream:
            fine = _told(f"{what} {kind.upper()}", stream) and fine
    sys.exit(0 if fine else 1)


def _told(name: str, stream: object) -> bool:
    from tinhso.lib.eark import check_package

    report = check_package(stream)  # type: ignore[arg-type]  # a binary stream
    click.echo(
        f"{'✓' if report.ok else '✗'} {name}: {report.kind or 'không rõ loại'}, {report.files} tệp, {report.data_bytes} byte"
    )
    for problem in report.problems:
        click.echo(f"  {problem}")
    return report.ok


@command.command("list")
def list_all() -> None:
    """Liệt kê các danh mục nộp lưu và tiến độ."""
    setup()
    from tinhso.apps.archives.queries import list_lists
    from tinhso.kernel.actor import SYSTEM

    for row in list_lists(actor=SYSTEM, limit=200)[0]:
        click.echo(
            f"{row.id:>5}  {row.status_label:<26} {row.packed}/{row.files} đã đóng gói, {row.kept} đã lưu trữ  {row.title}"
        )
