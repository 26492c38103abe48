"""`tinhso mail`: configuration of the mail servers, comparing with the directory, what waits."""

import os
import secrets
from pathlib import Path

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Thư điện tử công vụ: cấu hình máy chủ thư, đối chiếu với danh mục."""


@command.command()
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("/etc/tinhso-mail"), show_default=True
)
@click.option("--hostname", required=True, help="Tên đầy đủ của máy chủ thư, như trong bản ghi MX.")
@click.option("--database-url-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
              help="Tệp chứa địa chỉ của vai trò chỉ đọc: postgresql://tinhso_mail:…@máy:5432/tinhso")  # fmt: skip
@click.option("--certificate", required=True, help="Tệp chứng thư TLS của máy chủ thư.")
@click.option("--key", required=True, help="Tệp khóa TLS.")
@click.option("--doveadm-key-file", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="Tệp khóa của giao diện quản trị Dovecot; chưa có thì tạo.")  # fmt: skip
@click.option("--doveadm-address", default="127.0.0.1", show_default=True, help="Nơi giao diện quản trị lắng nghe.")
@click.option("--doveadm-tls", is_flag=True, help="Giao diện quản trị dùng TLS (khi Tỉnh Số ở máy khác).")
@click.option("--relayhost", default="", help="Gửi ra ngoài qua máy chuyển tiếp này, ví dụ [relay.tinh.vn]:587.")
@click.option("--oauth", is_flag=True, help="Cho đăng nhập bằng OAuth2 (XOAUTH2) cho thư trên web; xem hướng dẫn.")
@click.option("--dkim/--no-dkim", default=True, show_default=True, help="Ký DKIM qua OpenDKIM.")
def config(
    out: Path, hostname: str, database_url_file: Path, certificate: str, key: str, doveadm_key_file: Path,
    doveadm_address: str, doveadm_tls: bool, relayhost: str, oauth: bool, dkim: bool,
) -> None:  # fmt: skip
    """Ghi cấu hình Postfix, Dovecot, OpenDKIM và bản ghi DNS vào một thư mục; không khởi động, không sửa gì khác."""
    setup()
    from tinhso.apps.mailboxes import queries
    from tinhso.config.mail_servers import Plan, write

    if not doveadm_key_file.exists():
        doveadm_key_file.touch(mode=0o600)
        doveadm_key_file.write_text(secrets.token_urlsafe(32))
    plan = Plan(
        out=out, hostname=hostname, database_url=database_url_file.read_text().strip(), certificate=certificate, key=key,
        doveadm_key=doveadm_key_file.read_text().strip(), doveadm_address=doveadm_address, doveadm_tls=doveadm_tls,
        relayhost=relayhost, oauth=oauth, dkim=dkim,
    )  # fmt: skip
    for file in write(plan, queries.rules_now()):
        click.echo(str(file))
    if os.geteuid() != 0:
        click.echo("Không chạy bằng root: hãy đặt lại chủ của các tệp có mật khẩu theo hướng dẫn.")


@command.command()
def check() -> None:
    """Kiểm tra máy này có đủ phần mềm thư, nội dung thư đúng, máy chủ thư trả lời. Có lỗi thì mã thoát là 1."""
    setup()
    from django.conf import settings

    from tinhso.apps.mailboxes.content import check as problems_of
    from tinhso.apps.mailboxes.flows import server_problem
    from tinhso.config.mail_servers import programs_missing

    problems = problems_of(Path(settings.CONTENT_DIR))
    missing = programs_missing()
    if missing:
        click.echo(f"Máy này không có: {' '.join(missing)} (chỉ cần trên máy chủ thư).")
    told = server_problem()
    if told:
        problems.append(told)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)
    click.echo("Nội dung thư đúng" + ("." if not settings.MAIL_SERVER["doveadm_url"] else "; máy chủ thư trả lời."))


@command.command()
def reconcile() -> None:
    """Đối chiếu mọi hộp thư, danh sách với danh mục và máy chủ thư; sửa chỗ lệch, in từng chỗ."""
    setup()
    from tinhso.apps.mailboxes import flows
    from tinhso.apps.mailboxes.enums import DifferenceKind
    from tinhso.kernel.clock import now

    found = flows.compare(at=now())
    if found is None:
        raise click.ClickException("Chưa có content/mail/mail.yaml: tỉnh chưa dùng thư công vụ ở đây.")
    for one in found.differences:
        click.echo(f"{'đã sửa' if one['mended'] else 'CẦN XEM'}: {DifferenceKind(one['kind']).label}: {one['subject']}")
    click.echo(f"{found.boxes} hộp thư, {found.groups} danh sách, {found.count} chỗ lệch")


@command.command("remove-past-term")
def remove_past_term() -> None:
    """Lưu trữ rồi xóa ngay thư của những hộp đóng quá thời hạn giữ (mỗi đêm tự làm)."""
    setup()
    from tinhso.apps.mailboxes import flows, queries
    from tinhso.kernel.clock import now, today

    waiting = queries.boxes_to_archive(today())
    done = sum(flows.archive_and_remove(mailbox_id=mailbox_id, at=now()) for mailbox_id in waiting)
    click.echo(f"{done} trên {len(waiting)} hộp thư")
    if done < len(waiting):
        raise SystemExit(1)
