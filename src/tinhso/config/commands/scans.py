"""`tinhso scans`: the folders into which counters' scanners write; for operators."""

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Thư mục nhận tệp từ máy quét của từng quầy."""


@command.command()
@click.option("--make", metavar="MÃ", multiple=True, help="Tạo thư mục cho quầy có mã này; ghi nhiều lần được.")
@click.option("--make-all", is_flag=True, help="Tạo thư mục cho mọi quầy.")
def folders(make: tuple[str, ...], make_all: bool) -> None:
    """Liệt kê quầy, thư mục của quầy và số tệp đang chờ; tạo thư mục còn thiếu khi được yêu cầu."""
    setup()
    from tinhso.apps.cases.providers import dropfolder
    from tinhso.apps.cases.queries import scan_folders
    from tinhso.kernel.clock import today

    known = scan_folders(today())
    if strange := set(make) - {code for code, _, _ in known}:
        raise click.ClickException(f"Không có quầy nào mang mã {', '.join(sorted(strange))}.")
    for code, name, folder in known:
        if make_all or code in make:
            # The scanner's account shares the group; nobody else reads people's papers on their way in.
            folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        found = dropfolder.arrivals(code)
        state = f"{len(found.files)} tệp chờ, {found.writing} đang ghi" if found else "chưa có thư mục"
        click.echo(f"{code}  {name}\n  {folder}  ({state})")
