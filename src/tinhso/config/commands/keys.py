"""`tinhso keys`: the test authority, issued keys, and the check of a file."""

import sys
from pathlib import Path

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Chứng thư, khóa ký số và kiểm tra chữ ký số."""


@command.command("create-authority")
def create_authority() -> None:
    """Tạo CA thử nghiệm cho bản cài đặt này (một lần)."""
    setup()
    from tinhso.apps.signatures.actions import create_test_authority
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    made = create_test_authority(actor=SYSTEM, at=now())
    click.echo("✓ Đã tạo CA thử nghiệm" if made else "CA thử nghiệm đã có từ trước")


@command.command("rotate-paper-key")
def rotate_paper_key() -> None:
    """Tạo khóa mới ký mã QR trên giấy; giấy đã cấp vẫn kiểm tra được bằng khóa cũ."""
    setup()
    from tinhso.apps.signatures.actions import create_paper_key
    from tinhso.apps.signatures.queries import list_paper_keys
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    create_paper_key(actor=SYSTEM, at=now())
    for key in list_paper_keys():
        click.echo(f"{key.id}  từ {key.since:%d/%m/%Y}" + (f" đến {key.until:%d/%m/%Y}" if key.until else ", đang ký"))


@command.command("list")
def list_all() -> None:
    """Liệt kê chứng thư đã cấp."""
    setup()
    from tinhso.apps.signatures.queries import list_keys
    from tinhso.kernel.actor import SYSTEM

    for key in list_keys(actor=SYSTEM):
        state = f"thu hồi {key.revoked_at:%d/%m/%Y}" if key.revoked_at else f"đến {key.valid_to:%d/%m/%Y}"
        click.echo(f"{key.id:>6}  {key.owner_kind:<7} {key.owner_id:>6}  {key.common_name}  ({state})")


@command.command()
@click.argument("key_id", type=int)
@click.option("--reason", required=True, help="Lý do thu hồi.")
def revoke(key_id: int, reason: str) -> None:
    """Thu hồi một chứng thư; văn bản ký bằng chứng thư đó không còn được chấp nhận."""
    setup()
    from tinhso.apps.signatures.actions import revoke_key
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    revoke_key(key_id=key_id, reason=reason, actor=SYSTEM, at=now())
    click.echo("✓ Đã thu hồi")


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Kiểm tra chữ ký số của một tệp PDF. Mã thoát 0 khi hợp lệ, 1 khi không."""
    setup()
    from tinhso.apps.signatures.queries import verify_upload
    from tinhso.kernel.clock import now

    verdict = verify_upload(file.read_bytes(), at=now())
    click.echo(f"{'✓' if verdict.ok else '✗'} {verdict.headline}")
    for sentence in verdict.sentences:
        click.echo(f"  {sentence}")
    click.echo(f"  SHA-256 {verdict.sha256}")
    sys.exit(0 if verdict.ok else 1)
