"""`tinhso signers`: services that keep keys, and who signs with which."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tinhso.config.bootstrap import setup

_KINDS = ["pkcs12", "pkcs11", "smartca", "mysign", "csc1", "csc2", "plugin"]


@click.group()
def command() -> None:
    """Dịch vụ ký số và nơi ký của từng người, từng cơ quan."""


@command.command("set-service")
@click.argument("key")
@click.option("--kind", type=click.Choice(_KINDS), required=True)
@click.option("--name", required=True, help="Tên hiện cho người ký.")
@click.option("--url", default="", help="Địa chỉ gốc của dịch vụ.")
@click.option("--account", default="", help="sp_id hoặc client_id.")
@click.option(
    "--secret-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Tệp chứa mật khẩu, PIN."
)
@click.option("--option", "options", multiple=True, metavar="TÊN=GIÁ_TRỊ", help="Ví dụ module=/usr/lib/…, token=…")
def set_service(key: str, kind: str, name: str, url: str, account: str, secret_file: Path | None, options: Any) -> None:
    """Khai báo hoặc sửa một dịch vụ ký số."""
    setup()
    from tinhso.apps.signatures import actions
    from tinhso.apps.signatures.enums import ServiceKind
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    parsed = dict(one.partition("=")[::2] for one in options)
    values = {name: json.loads(value) if value.isdigit() else value for name, value in parsed.items()}
    secret = secret_file.read_text().strip() if secret_file else ""
    actions.set_service(
        key=key, kind=ServiceKind(kind), name=name, base_url=url, account=account, secret=secret, options=values,
        actor=SYSTEM, at=now(),
    )  # fmt: skip
    click.echo(f"✓ Đã khai báo {key}")


@command.command()
@click.argument("service")
@click.argument("user_id")
def certificates(service: str, user_id: str) -> None:
    """Hỏi dịch vụ về các chứng thư của một thuê bao."""
    setup()
    from cryptography import x509

    from tinhso.apps.signatures import flows

    for found in flows.list_remote_certificates(service_key=service, user_id=user_id):
        certificate = x509.load_der_x509_certificate(found.identity.certificate)
        until = f"{certificate.not_valid_after_utc:%d/%m/%Y}"
        click.echo(f"{found.credential_id}  {certificate.subject.rfc4514_string()}  (đến {until})")


@command.command()
@click.option("--person", type=int, help="Số tài khoản của người ký.")
@click.option("--agency", type=int, help="Số đơn vị của cơ quan.")
@click.option("--service", required=True)
@click.option("--user-id", default="", help="Tên thuê bao, nhãn khóa hoặc tệp khóa ở nơi ký.")
@click.option("--credential", default="", help="Chọn một chứng thư khi thuê bao có nhiều.")
@click.option(
    "--certificate",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Tệp chứng thư (PEM) của người ký; cần cho phần mềm ký trên máy.",
)
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="Dùng từ ngày (mặc định: bây giờ).")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="Dùng đến hết ngày trước ngày này.")
def choose(
    person: int | None, agency: int | None, service: str, user_id: str, credential: str, file: Path | None,
    since: datetime | None, until: datetime | None,
) -> None:  # fmt: skip
    """Ghi nơi ký của một người hoặc một cơ quan."""
    setup()
    from tinhso.apps.signatures import actions, flows, queries
    from tinhso.apps.signatures.enums import OwnerKind
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import PROVINCE_TIME, now

    if (person is None) == (agency is None):
        raise click.UsageError("Nêu đúng một trong hai: --person hoặc --agency.")
    found = queries.get_service(service)
    chosen = _registered(file) if file else None
    if found is not None and found.kind != "plugin":
        listed = flows.list_remote_certificates(service_key=service, user_id=user_id)
        chosen = next((one for one in listed if credential in ("", one.credential_id)), None)
        if chosen is None:
            raise click.ClickException("Nơi ký không có chứng thư nào của thuê bao này.")
    actions.choose_signer(
        owner_kind=OwnerKind.PERSON if person is not None else OwnerKind.AGENCY, owner_id=person or agency or 0,
        service_key=service, user_id=user_id, certificate=chosen,
        valid_from=since.replace(tzinfo=PROVINCE_TIME) if since else now(),
        valid_to=until.replace(tzinfo=PROVINCE_TIME) if until else None, actor=SYSTEM, at=now(),
    )  # fmt: skip
    click.echo("✓ Đã ghi nơi ký")


def _registered(file: Path) -> Any:
    """The certificate an officer's program signs with: what comes back is compared with it."""
    from tinhso.apps.signatures.data import RemoteCertificate
    from tinhso.apps.signatures.queries import identity_of_pem

    return RemoteCertificate("", identity_of_pem(file.read_bytes()))


@command.command()
@click.argument("choice_id", type=int)
def end(choice_id: int) -> None:
    """Thôi dùng một nơi ký từ bây giờ."""
    setup()
    from tinhso.apps.signatures import actions
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    actions.end_choice(choice_id=choice_id, actor=SYSTEM, at=now())
    click.echo("✓ Đã thôi dùng")


@command.command("list")
def list_all() -> None:
    """Liệt kê dịch vụ và nơi ký."""
    setup()
    from tinhso.apps.signatures import queries
    from tinhso.kernel.actor import SYSTEM

    for service in queries.list_services(actor=SYSTEM):
        secret = "có mật khẩu" if service.secret else "chưa có mật khẩu"
        click.echo(f"{service.key:<14} {service.kind:<8} {service.name}  {service.base_url}  ({secret})")
    for choice in queries.list_all_choices(actor=SYSTEM):
        until = f" đến {choice.valid_to:%d/%m/%Y}" if choice.valid_to else ""
        words = f"{choice.owner_kind} {choice.owner_id}: {choice.service.name}, {choice.common_name or choice.user_id}"
        click.echo(f"{choice.id:>6}  {words}, từ {choice.valid_from:%d/%m/%Y}{until}")


@command.command("papers")
def papers() -> None:
    """Văn bản đã ký đang ở mức nào, còn chờ dấu thời gian vì sao."""
    setup()
    from tinhso.apps.signatures import queries

    state = queries.papers_state()
    if not state.configured:
        click.echo(
            "Chưa khai báo nơi cấp dấu thời gian (TINHSO_TSA_URL): văn bản mới ký không được đóng dấu thời gian."
        )
    for level, count in state.levels:
        click.echo(f"{count:>8}  {level.label}")
    since = f", lâu nhất từ {state.oldest_waiting:%d/%m/%Y %H:%M} UTC" if state.oldest_waiting else ""
    click.echo(f"{state.waiting:>8}  đang chờ bước tiếp theo{since}")
    for words, count in state.failing:
        click.echo(f"{count:>8}  {words}")
