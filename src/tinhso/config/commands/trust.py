"""`tinhso trust`: the roots that the check of signatures believes."""

from datetime import datetime
from pathlib import Path

import click

from tinhso.config.bootstrap import setup

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Chứng thư gốc được tin cậy khi kiểm tra chữ ký số."""


@command.command("list")
def list_all() -> None:
    """Liệt kê chứng thư gốc đang được tin cậy."""
    setup()
    from tinhso.apps.signatures.queries import list_trust_anchors

    for anchor in list_trust_anchors():
        since, until = anchor.trusted_from or anchor.valid_from, anchor.trusted_to or anchor.valid_to
        click.echo(f"{anchor.fingerprint[:16]}  {since:%d/%m/%Y} – {until:%d/%m/%Y}  {anchor.name}")
        for address in anchor.crl:
            click.echo(f"{'':18}danh sách thu hồi: {address}")


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="Tên gọi; bỏ trống thì lấy tên trong chứng thư.")
@click.option("--from", "since", type=_DAY, help="Tin cậy từ ngày (YYYY-MM-DD).")
@click.option("--to", "until", type=_DAY, help="Tin cậy đến hết ngày (YYYY-MM-DD).")
@click.option("--crl", multiple=True, help="Địa chỉ danh sách thu hồi; dùng được nhiều lần.")
def add(file: Path, name: str, since: datetime | None, until: datetime | None, crl: tuple[str, ...]) -> None:
    """Thêm một chứng thư gốc (PEM). Mời so vân tay SHA-256 với công bố của nơi cấp trước khi thêm."""
    setup()
    from tinhso.apps.signatures.actions import add_trust_anchor
    from tinhso.apps.signatures.data import TrustAnchorRefused
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    try:
        added = add_trust_anchor(
            pem=file.read_bytes(), name=name, trusted_from=since.date() if since else None,
            trusted_to=until.date() if until else None, crl=crl, actor=SYSTEM, at=now(),
        )  # fmt: skip
    except TrustAnchorRefused as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(f"✓ {added.name}\n  SHA-256 {added.fingerprint}")


@command.command("refresh")
def refresh() -> None:
    """Tải lại các danh sách thu hồi (việc nền làm mỗi bốn giờ)."""
    setup()
    from tinhso.apps.signatures.flows import refresh_revocation_lists
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    missed = refresh_revocation_lists(actor=SYSTEM, at=now())
    for address in missed:
        click.echo(f"✗ {address}")
    click.echo("✓ Xong" if not missed else "Các địa chỉ trên chưa tải được; danh sách cũ vẫn được giữ.")
