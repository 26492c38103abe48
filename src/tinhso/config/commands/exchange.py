"""`tinhso exchange`: keys, tokens, and the message log of the data exchange."""

import sys
from datetime import timedelta
from pathlib import Path

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Nền tảng chia sẻ dữ liệu: khóa, mã truy cập, nhật ký thông điệp."""


@command.command()
def keys() -> None:
    """Tạo khóa ký cho thành viên chưa có khóa, và khóa niêm phong nhật ký."""
    setup()
    from tinhso.apps.exchange.actions import make_missing_keys
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    click.echo(f"{make_missing_keys(actor=SYSTEM, at=now())} khóa mới")


@command.command()
@click.argument("client")
@click.option("--name", required=True, help="Hệ thống nào giữ mã này.")
@click.option("--days", type=click.IntRange(1, 730), default=365, show_default=True, help="Số ngày có hiệu lực.")
def token(client: str, name: str, days: int) -> None:
    """Cấp mã truy cập cho một hệ thống nhỏ (VN/GOV/H48.01/phan-mem); mã chỉ hiện một lần."""
    setup()
    from tinhso.apps.exchange.actions import issue_client_token
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now
    from tinhso.lib.xroad import IdentifierError, parse_client

    try:
        parsed = parse_client(client)
    except IdentifierError as error:
        raise click.ClickException(str(error)) from error
    at = now()
    issued = issue_client_token(client=parsed, name=name, expires_at=at + timedelta(days=days), actor=SYSTEM, at=at)
    click.echo(f"{issued.text}\nMã số {issued.id}, hết hạn {issued.expires_at:%d/%m/%Y}")


@command.command("connection-key")
@click.argument("owner")
@click.option("--server", is_flag=True, help="Khóa của máy chủ trao đổi này, không phải của một hệ thống thông tin.")
@click.option("--host", "hosts", multiple=True, required=True, help="Tên miền hoặc địa chỉ mạng; nêu được nhiều lần.")
@click.option("--days", type=click.IntRange(1, 730), default=365, show_default=True, help="Số ngày có hiệu lực.")
def connection_key(owner: str, server: bool, hosts: tuple[str, ...], days: int) -> None:
    """Tạo khóa và chứng thư kết nối (mTLS) do cơ quan chứng thực của nền tảng cấp; in ra nơi để tệp."""
    setup()
    from tinhso.apps.exchange.actions import make_connection_key
    from tinhso.apps.exchange.enums import KeyUse
    from tinhso.apps.exchange.queries import authority_file, connection_files
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    use = KeyUse.SERVER if server else KeyUse.CLIENT
    made = make_connection_key(owner=owner, use=use, hosts=hosts, days=days, actor=SYSTEM, at=now())
    certificate, key = connection_files(made)
    click.echo(f"Chứng thư {certificate}\nKhóa riêng {key}\nTin cậy {authority_file()}")


@command.command("add-certificate")
@click.argument("owner")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--use", type=click.Choice(["client", "server", "sign"]), default="client", show_default=True)
def add_certificate(owner: str, file: Path, use: str) -> None:
    """Ghi chứng thư (PEM) mà một thành viên mang đến; khóa riêng ở lại nơi thành viên."""
    setup()
    from tinhso.apps.exchange import actions
    from tinhso.apps.exchange.enums import KeyUse
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    added = actions.add_certificate(owner=owner, use=KeyUse(use), pem=file.read_bytes(), actor=SYSTEM, at=now())
    click.echo(added)


@command.command()
@click.argument("owner")
@click.option("--use", type=click.Choice(["server", "sign"]), required=True, help="Kết nối máy chủ, hay ký thông điệp.")
def certificate(owner: str, use: str) -> None:
    """In chứng thư (PEM) đang hiệu lực của máy chủ hoặc thành viên, để trao cho tổ chức ở máy chủ khác."""
    setup()
    from tinhso.apps.exchange.enums import KeyUse
    from tinhso.apps.exchange.queries import certificates_of
    from tinhso.kernel.clock import now

    found = certificates_of(owner, use=KeyUse(use), at=now())
    if not found:
        raise click.ClickException(f"«{owner}» chưa có chứng thư nào đang hiệu lực cho việc này.")
    click.echo("".join(found), nl=False)


@command.command("revoke-certificate")
@click.argument("fingerprint")
@click.option("--reason", required=True, help="Lý do, ghi vào nhật ký.")
def revoke_certificate(fingerprint: str, reason: str) -> None:
    """Thu hồi chứng thư; cổng trao đổi không nhận nó nữa trong vòng một giây."""
    setup()
    from tinhso.apps.exchange import actions
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    actions.revoke_certificate(fingerprint=fingerprint, reason=reason, actor=SYSTEM, at=now())
    click.echo("đã thu hồi")


@command.command()
def seal() -> None:
    """Niêm phong ngay những dòng nhật ký thông điệp chưa niêm phong, và xin dấu thời gian."""
    setup()
    from tinhso.apps.exchange.actions import seal_messages
    from tinhso.apps.exchange.flows import stamp_seals
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    sealed = 0
    while count := seal_messages(actor=SYSTEM, at=now()):
        sealed += count
    click.echo(f"{sealed} dòng đã niêm phong, {stamp_seals(actor=SYSTEM, at=now())} dấu thời gian")


@command.command()
def verify() -> None:
    """Kiểm tra mọi niêm phong và chữ ký của nhật ký thông điệp."""
    setup()
    from tinhso.apps.exchange.queries import verify_messages

    report = verify_messages()
    for problem in report.problems:
        click.echo(f"✗ niêm phong {problem.seal or '-'}, dòng {problem.message_id or '-'}: {problem.message}")
    click.echo(
        f"{report.messages} dòng, {report.seals} niêm phong ({report.stamped} có dấu thời gian), "
        f"{report.unsealed} dòng chờ niêm phong"
    )
    if not report.ok:
        sys.exit(1)
    click.echo("✓ Nhật ký thông điệp nguyên vẹn")


@command.command()
@click.argument("message_id")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Thư mục ghi ra.")
@click.option("--bodies", "reason", default="", help="Kèm nội dung, nếu được giữ; nêu lý do, ghi vào nhật ký.")
def export(message_id: str, output: Path, reason: str) -> None:
    """Xuất bằng chứng của một thông điệp (X-Road-Id) thành tệp ASiC-E; deploy/verify_message.py kiểm tra được."""
    setup()
    from tinhso.apps.exchange.actions import read_bodies
    from tinhso.apps.exchange.queries import evidence_of
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now
    from tinhso.kernel.errors import DomainError

    try:
        bodies = read_bodies(message_id=message_id, reason=reason, actor=SYSTEM, at=now()) if reason else {}
        found = evidence_of(message_id=message_id, bodies=bodies, actor=SYSTEM)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    output.mkdir(parents=True, exist_ok=True)
    for name, content in found:
        (output / name).write_bytes(content)
        click.echo(str(output / name))


@command.command()
@click.argument("service")
@click.option("--client", default="", help="Hệ thống hỏi (VN/GOV/H48.01/mot-cua), để xét quyền khai thác.")
@click.option("--method", default="GET", show_default=True, help="Phương thức, khi xét quyền.")
@click.option("--path", default="/", show_default=True, help="Đường dẫn, khi xét quyền.")
def diagnose(service: str, client: str, method: str, path: str) -> None:
    """Chẩn đoán từng bước kết nối tới một dịch vụ (VN/GOV/G01/dancu/xacthuc-congdan)."""
    setup()
    from tinhso.apps.exchange.flows import diagnose_service
    from tinhso.apps.exchange.queries import service_pk
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now
    from tinhso.lib.xroad import IdentifierError, parse_client, parse_target

    try:
        found = service_pk(parse_target(service).service)
        asking = parse_client(client) if client else None
    except IdentifierError as error:
        raise click.ClickException(str(error)) from error
    if found is None:
        raise click.ClickException(f"Danh bạ không có dịch vụ «{service}».")
    steps = diagnose_service(
        service_pk=found, client=asking, method=method.upper(), path=path, actor=SYSTEM, at=now()
    )  # fmt: skip
    for step in steps:
        mark = {True: "✓", False: "✗", None: "–"}[step.ok]
        click.echo(f"{mark} {step.name} ({step.milliseconds:.0f} ms): {step.words}")
    if any(step.ok is False for step in steps):
        sys.exit(1)


@command.command("public-key")
def public_key() -> None:
    """In chứng thư của khóa niêm phong nhật ký, để người kiểm tra giữ riêng."""
    setup()
    from tinhso.apps.exchange.queries import log_public_keys
    from tinhso.kernel.clock import now

    for fingerprint, pem in log_public_keys(now()):
        click.echo(f"# {fingerprint}\n{pem}", nl=False)


@command.group()
def outbox() -> None:
    """Thông điệp gửi đi hệ thống khác: xem, gửi lại, bỏ qua, gửi lại từ một vị trí."""


@outbox.command("list")
@click.option("--status", type=click.Choice(["waiting", "sending", "dead", "delivered", "skipped"]), default="dead")
@click.option("--case", "code", default="", help="Mã hồ sơ.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
def list_messages(status: str, code: str, limit: int) -> None:
    """Liệt kê thông điệp, mới nhất trước; mặc định là những thông điệp không gửi được."""
    setup()
    from tinhso.apps.exchange.queries import list_outbox
    from tinhso.kernel.actor import SYSTEM

    found = list_outbox(actor=SYSTEM, status=status, words=code, limit=limit)
    for one in found:
        click.echo(
            f"{one.position:>8}  {one.key}  {one.summary}" + (f"\n          {one.failure}" if one.failure else "")
        )
    click.echo(f"{len(found)} thông điệp")


@outbox.command()
@click.argument("position", type=int)
def resend(position: int) -> None:
    """Gửi lại một thông điệp không gửi được."""
    setup()
    from tinhso.apps.exchange.actions import resend_message
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now
    from tinhso.kernel.errors import DomainError

    try:
        resend_message(position=position, actor=SYSTEM, at=now())
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Thông điệp {position} chờ gửi lại")


@outbox.command()
@click.argument("position", type=int)
@click.option("--reason", required=True, help="Vì sao không cần gửi nữa.")
def skip(position: int, reason: str) -> None:
    """Bỏ qua một thông điệp không gửi được; những thông điệp sau của cùng hồ sơ được gửi tiếp."""
    setup()
    from tinhso.apps.exchange.actions import skip_message
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now
    from tinhso.kernel.errors import DomainError

    try:
        skip_message(position=position, reason=reason, actor=SYSTEM, at=now())
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Đã bỏ qua thông điệp {position}")


@outbox.command()
@click.argument("destination")
@click.option("--after", type=click.IntRange(0), required=True, help="Gửi lại những gì sau vị trí này.")
@click.option("--case", "code", default="", help="Chỉ của một hồ sơ.")
def replay(destination: str, after: int, code: str) -> None:
    """Gửi lại mọi thông điệp đã gửi tới một hệ thống kể từ một vị trí, đúng thứ tự cũ."""
    setup()
    from tinhso.apps.exchange.actions import replay_messages
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    count = replay_messages(destination=destination, after=after, key=code, actor=SYSTEM, at=now())
    click.echo(f"{count} thông điệp chờ gửi lại")
