"""`tinhso backup`: whole copies, the log as it is written, checks, retention."""

import json
import tempfile
from pathlib import Path

import click

from tinhso.config import backups, restoring
from tinhso.config.installation import Installation

_FOLDER = click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), envvar="TINHSO_BACKUP_DIR", required=True,
    help="Thư mục sao lưu, ở máy khác hoặc đĩa khác (TINHSO_BACKUP_DIR).",
)  # fmt: skip
_KEY = click.option(
    "--key", "key_file", type=click.Path(dir_okay=False, path_type=Path), envvar="TINHSO_BACKUP_KEY_FILE",
    required=True, help="Tệp khóa sao lưu (TINHSO_BACKUP_KEY_FILE).",
)  # fmt: skip


@click.group()
def command() -> None:
    """Sao lưu cơ sở dữ liệu kèm theo, tệp, khóa; xem thêm «tinhso restore»."""


@command.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def key(path: Path) -> None:
    """Tạo khóa sao lưu. Giữ khóa này ở nơi khác: không có nó thì không mở được bản sao lưu nào."""
    backups.new_backup_key(path)
    click.echo(f"✓ Khóa sao lưu: {path}. Cất thêm một bản ở nơi khác với bản sao lưu.")


@command.command()
@_FOLDER
@_KEY
@click.option("--keep", type=click.IntRange(1, 1_000), default=7, show_default=True, help="Giữ chừng này bản gần nhất.")
def make(folder: Path, key_file: Path, keep: int) -> None:
    """Sao lưu toàn bộ ngay bây giờ, kiểm tra từng byte, rồi bỏ các bản quá cũ."""
    from tinhso.kernel.clock import now

    installation, repository = _embedded(), backups.Repository(folder, key_file)
    base = backups.make_base(installation.cluster, installation.folder, repository, at=now())
    click.echo(f"✓ {base.name}: {base.bytes / 1e6:.0f} MB, đã kiểm tra, đã mã hóa")
    for name in backups.forget(repository, keep=keep):
        click.echo(f"  bỏ bản cũ {name}")


@command.command()
@_FOLDER
@_KEY
@click.option(
    "--synchronous", is_flag=True, help="Mỗi lần ghi chờ đến khi nơi sao lưu cũng có: không mất gì đã xác nhận."
)
def receive(folder: Path, key_file: Path, synchronous: bool) -> None:
    """Nhận nhật ký ghi của cơ sở dữ liệu và tệp mới, liên tục, cho đến khi dừng."""
    from tinhso.config.receiving import Receiver

    installation, repository = _embedded(), backups.Repository(folder, key_file)
    Receiver(installation.cluster, installation.folder, repository, tell=click.echo).run(synchronous=synchronous)


@command.command("let-go")
def let_go() -> None:
    """Thôi chờ nơi sao lưu, khi nó hỏng mà «receive --synchronous» không kịp dừng đúng cách: tỉnh ghi tiếp được ngay."""
    from tinhso.config import receiving

    installation = _embedded()
    receiving.let_go(installation.cluster, installation.folder)
    click.echo("✓ Các lần ghi không chờ nơi sao lưu nữa; nhớ cho «tinhso backup receive» chạy lại.")


@command.command("list")
@_FOLDER
@_KEY
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON.")
def show(folder: Path, key_file: Path, as_json: bool) -> None:
    """Các bản sao lưu, và nhật ký đến đâu."""
    repository = backups.Repository(folder, key_file)
    rows = [
        {
            "name": one.name,
            "began_at": one.began_at.isoformat(),
            "ended_at": one.ended_at.isoformat(),
            "bytes": one.bytes,
        }
        for one in repository.bases()
    ]
    segments = sorted(one.name for one in (folder / "wal").iterdir())
    reached = repository.reached()
    if as_json:
        whole = reached.at.isoformat() if reached else None
        click.echo(json.dumps({"bases": rows, "segments": len(segments), "reached": whole}, indent=1))
        return
    for row in rows:
        click.echo(f"{row['name']}  {row['bytes']:>15,} byte  xong {row['ended_at']}")
    click.echo(f"{len(segments)} đoạn nhật ký{f', đến {segments[-1]}' if segments else ''}")
    if reached:
        click.echo(f"nhật ký, tệp và khóa cùng đủ đến {reached.at.isoformat()}")


@command.command()
@_FOLDER
@_KEY
def verify(folder: Path, key_file: Path) -> None:
    """Mở bản sao lưu mới nhất ra một thư mục tạm và đối chiếu từng byte; mở thử mọi đoạn nhật ký."""
    installation, repository = _embedded(), backups.Repository(folder, key_file)
    if not repository.bases():
        raise click.ClickException("Chưa có bản sao lưu nào.")
    base = repository.bases()[-1]
    with tempfile.TemporaryDirectory(dir=folder) as place:
        restoring.unpack(repository, base.folder / "database.tar", Path(place) / "plain")
        backups.check_base(installation.cluster, Path(place) / "plain")
    segments = sorted((folder / "wal").iterdir())
    for segment in segments:
        with repository.opened(segment) as plain:
            while plain.read(1 << 20):
                pass
    (folder / "verified").touch()  # how long ago this was is one of the metrics
    click.echo(f"✓ {base.name} đúng từng byte; {len(segments)} đoạn nhật ký mở được")


def _embedded() -> Installation:
    installation = Installation()
    if not installation.is_embedded:
        raise click.ClickException(
            "Lệnh này sao lưu cơ sở dữ liệu kèm theo; cơ sở dữ liệu ở DATABASE_URL do công cụ của máy chủ ấy sao lưu."
        )
    return installation
