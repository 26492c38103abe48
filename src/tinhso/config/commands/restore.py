"""`tinhso restore`: an installation brought back from its backups, checked before anybody uses it."""

import os
from datetime import datetime
from pathlib import Path

import click

from tinhso.config import backups, embedded, restoring
from tinhso.config.installation import Installation


@click.command()
@click.option(
    "--from", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), envvar="TINHSO_BACKUP_DIR",
    required=True, help="Thư mục sao lưu (TINHSO_BACKUP_DIR).",
)  # fmt: skip
@click.option(
    "--key", "key_file", type=click.Path(dir_okay=False, path_type=Path), envvar="TINHSO_BACKUP_KEY_FILE",
    required=True, help="Tệp khóa sao lưu (TINHSO_BACKUP_KEY_FILE).",
)  # fmt: skip
@click.option("--at", "moment", help="Đưa về đúng thời điểm này (ISO 8601, có múi giờ); không nêu: mới nhất có thể.")
@click.option("--name", default="", help="Bản sao lưu bắt đầu từ đây; không nêu: bản gần nhất trước thời điểm ấy.")
def command(folder: Path, key_file: Path, moment: str | None, name: str) -> None:
    """Khôi phục vào thư mục dữ liệu mới (TINHSO_DATA_DIR), rồi kiểm tra nhật ký, niêm phong và từng tệp."""
    until = _instant(moment)
    installation = Installation()
    found = restoring.restore(backups.Repository(folder, key_file), installation.folder, until=until, name=name)
    click.echo(
        f"✓ Từ bản {found.base.name}: giải nén {found.unpacked_s:.1f} giây, phục hồi {found.recovered_s:.1f} giây"
    )
    click.echo(f"  thay đổi cuối cùng: {found.latest_at or 'không rõ'}; {found.files} nội dung tệp")
    if found.missing:
        click.echo(
            f"! {len(found.missing)} tệp của những thay đổi cuối chưa kịp tới bản sao lưu:"
            " đã lùi về lúc nhật ký và tệp cùng đủ; các thay đổi sau lúc ấy không còn"
        )
    try:
        _check()
    finally:
        embedded.stop(installation.cluster)
        if found.server is not None:
            found.server.wait()


def _check() -> None:
    """Everything that can be proved of what came back.

    Raises:
        ClickException: a seal is broken, or a file is missing or changed.
    """
    os.environ.pop("DATABASE_URL", None)
    from tinhso.config.bootstrap import setup

    setup()
    from tinhso.apps.audit.queries import verify_log
    from tinhso.apps.documents.queries import check_contents
    from tinhso.apps.exchange.queries import verify_messages

    log, messages = verify_log(), verify_messages()
    seen, broken = check_contents()
    click.echo(
        f"  nhật ký {log.entries} dòng, {log.seals} niêm phong; thông điệp {messages.messages}; {seen} tệp mở được"
    )
    problems = [f"nhật ký: {one.message}" for one in log.problems]
    problems += [f"thông điệp: {one}" for one in messages.problems]
    problems += [f"tệp {one}" for one in broken]
    for problem in problems[:20]:
        click.echo(f"✗ {problem}")
    if problems:
        raise click.ClickException(f"{len(problems)} điều không khớp sau khi khôi phục.")
    click.echo("✓ Niêm phong nguyên vẹn, mọi tệp đúng dấu băm")


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None
    if found.tzinfo is None:
        raise click.BadParameter("thiếu múi giờ, ví dụ 2026-11-23T08:30:00+07:00", param_hint="--at")
    return found
