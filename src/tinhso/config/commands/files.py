"""`tinhso files`: keys of the store, sealing of old content, moving to another store, retention."""

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Kho tệp: khóa, mã hóa, nơi lưu, quét mã độc."""


@command.command()
def status() -> None:
    """Cho biết khóa nào đang mở bao nhiêu nội dung, và bao nhiêu nội dung chờ mã hóa, chuyển, quét."""
    setup()
    from tinhso.apps.documents import queries

    in_use = queries.keys_in_use()
    ring = queries.ring()
    for key_id in ring.ids():
        mark = "đang dùng" if key_id == ring.active else "khóa cũ"
        click.echo(f"{key_id}  {mark:<9}  {in_use.get(key_id, 0)} nội dung")
    for key_id in sorted(in_use.keys() - set(ring.ids()) - {""}):
        click.echo(f"✗ {key_id}  KHÔNG CÓ TRONG THƯ MỤC KHÓA  {in_use[key_id]} nội dung không mở được")
    click.echo(f"Chưa mã hóa: {in_use.get('', 0)} nội dung (tinhso files encrypt)")
    click.echo(f"Nơi lưu nội dung mới: {queries.chosen_store()}")


@command.command("rotate-keys")
@click.option("--resume", is_flag=True, help="Không tạo khóa mới, chỉ bọc lại những khóa dữ liệu còn dùng khóa cũ.")
def rotate_keys(*, resume: bool) -> None:
    """Tạo khóa bảo vệ mới và bọc lại khóa dữ liệu theo lô; nội dung tệp không phải ghi lại."""
    setup()
    from tinhso.apps.documents import flows, queries
    from tinhso.kernel.clock import now

    if resume:
        key_id, count = queries.ring().active, flows.rewrap(at=now(), told=_told)
    else:
        key_id, count = flows.rotate_keys(at=now(), told=_told)
    click.echo(f"✓ {count} khóa dữ liệu dùng khóa {key_id}. Sao lưu thư mục khóa trước khi xóa khóa cũ.")


@command.command()
def encrypt() -> None:
    """Mã hóa nội dung của bản cài đặt cũ; chạy lại được bất cứ lúc nào."""
    setup()
    from tinhso.apps.documents import flows
    from tinhso.kernel.clock import now

    click.echo(f"✓ Đã mã hóa {flows.seal_plain(at=now(), told=_told)} nội dung")


@command.command()
def move() -> None:
    """Chuyển nội dung sang nơi lưu của cấu hình TINHSO_FILES_STORE; chạy lại được bất cứ lúc nào."""
    setup()
    from tinhso.apps.documents import flows
    from tinhso.kernel.clock import now

    click.echo(f"✓ Đã chuyển {flows.move_all(at=now(), told=_told)} nội dung")


@command.command()
def scan() -> None:
    """Quét mã độc mọi nội dung chưa được quét (cần cấu hình TINHSO_CLAMD)."""
    setup()
    from tinhso.apps.documents import flows
    from tinhso.kernel.clock import now

    click.echo(f"✓ Đã xem {flows.scan_waiting(at=now(), told=_told)} nội dung")


@command.command()
def retention() -> None:
    """Cho biết mỗi loại tệp giữ bao lâu, bao nhiêu tệp hết thời hạn, bao nhiêu tệp trong đó còn phải giữ."""
    setup()
    from tinhso.apps.documents import queries
    from tinhso.kernel.clock import today

    for state in queries.retention_states(on=today()):
        kind = state.kind
        period = f"{kind.years} năm" if kind.years is not None else "vĩnh viễn"
        click.echo(f"{kind.key}  {kind.name}")
        click.echo(f"  Thời hạn: {period}. Căn cứ: {kind.basis}{' (tạm áp dụng)' if kind.assumed else ''}")
        click.echo(f"  Đang giữ {state.kept}; hết thời hạn {state.over}, trong đó còn phải giữ {state.needed}")
    for disposal_id in queries.disposals_to_carry_out():
        click.echo(f"Danh mục {disposal_id} đã phê duyệt, đang tiêu hủy")


def _told(count: int) -> None:
    click.echo(f"  … {count}")
