"""`tinhso demo`: a province to try everything in."""

import json
import os
import shutil
import time
from typing import Any

import click
from psycopg.conninfo import make_conninfo

from tinhso.config import embedded, supervisor
from tinhso.config.bootstrap import setup
from tinhso.config.installation import Installation, Step, mark_of, standard_steps

DEFAULT_CASES = 2_000
FIRST_CASES = 60  # made before the pages open; the rest follows while people look around


@click.group()
def command() -> None:
    """Tỉnh mẫu để dùng thử."""


@command.command()
@click.option(
    "--cases", type=click.IntRange(0, 1_000_000), default=DEFAULT_CASES, show_default=True, help="Số hồ sơ mẫu."
)
def run(cases: int) -> None:
    """Chạy tỉnh mẫu: cơ sở dữ liệu, web, tiến trình nền và các hệ thống quốc gia mô phỏng. Ctrl-C để dừng."""
    os.environ["TINHSO_DEMO"] = "1"
    from tinhso.config import env

    port = env.integer("TINHSO_PORT", 8000, low=1, high=65_532)
    for offset in range(4):  # pages, simulators, the exchange, the exchange for certificates
        supervisor.require_free(port + offset)
    installation = Installation()
    with embedded.exclusive(installation.cluster):
        steps = standard_steps()
        steps += [
            Step("khóa ký số và tài khoản mẫu", ("demo", "people"), mark_of(steps[1].mark, "1")),
            Step("những hồ sơ mẫu đầu tiên", ("demo", "load", "--up-to", str(min(cases, FIRST_CASES))), "1"),
        ]
        services = supervisor.services(port=port, simulators=True)
        keeper = supervisor.Supervisor(
            services, log_folder=installation.folder / "log", tell=click.echo,
            look_after=installation.look_after_database,
        )  # fmt: skip
        due = installation.due(steps)
        try:
            if not due:  # then nothing is in the way of loading the program while the database starts
                keeper.start()
            installation.start_database()
            if due:
                installation.prepare(due)
                keeper.start()
            keeper.wait_ready()
            _print_accounts(json.loads((installation.folder / "demo-accounts.json").read_text()))
            keeper.add(supervisor.gateway(port=port + 2, tls_port=port + 3))
            if cases > FIRST_CASES:
                keeper.add(supervisor.once("demo-cases", ["demo", "load", "--up-to", str(cases)]))
                log = installation.folder / "log" / "demo-cases.log"
                click.echo(f"Hồ sơ mẫu được tạo tiếp ở nền cho đủ {cases}; tiến độ: {log}")
            keeper.run()
        finally:
            keeper.stop()
            installation.stop_database()
    click.echo("Đã dừng. Dữ liệu được giữ; chạy lại để tiếp tục, hoặc «make demo-reset» để xóa.")


@command.command()
def reset() -> None:
    """Xóa tỉnh mẫu: cơ sở dữ liệu, tệp, khóa."""
    installation = Installation()
    if not installation.folder.exists():
        click.echo("Chưa có dữ liệu nào.")
        return
    with embedded.exclusive(installation.cluster):
        embedded.stop(installation.cluster)
        shutil.rmtree(installation.folder)
    click.echo(f"Đã xóa {installation.folder}.")


@command.command()
@click.option("--from", "first", default="", help="Mã GSO xã đầu tiên có cán bộ; không nêu thì các xã của tỉnh mẫu.")
@click.option("--to", "last", default="99999", help="Mã GSO xã cuối cùng có cán bộ.")
def people(first: str, last: str) -> None:
    """Tạo khóa ký số thử, cán bộ và tài khoản mẫu."""
    setup()
    from tinhso.config.demo.people import create_people

    create_people(between=(first, last) if first else None)


@command.command()
@click.option("--cases", type=click.IntRange(0, 1_000_000), default=DEFAULT_CASES, show_default=True)
@click.option("--up-to", type=click.IntRange(0, 1_000_000), help="Chỉ tạo số còn thiếu cho đủ chừng này hồ sơ.")
@click.option("--seed", type=int, default=48, show_default=True, help="Cùng số này thì cùng dữ liệu.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=os.cpu_count() or 1,
    show_default=True,
    help="Số tiến trình cùng làm; dữ liệu không đổi theo số này.",
)
def load(cases: int, up_to: int | None, seed: int, processes: int) -> None:
    """Tạo hồ sơ mẫu ở mọi trạng thái trong một năm qua, bằng chính các nghiệp vụ thật với đồng hồ được dời."""
    setup()
    from tinhso.config.demo.cases import load_cases, missing_cases

    if up_to is not None:
        cases = missing_cases(up_to)
    load_cases(cases, seed=seed, processes=processes)


@command.command()
@click.option("--cases", type=click.IntRange(1, 10_000_000), required=True, help="Tổng số hồ sơ phải có.")
def generate(cases: int) -> None:
    """Nhân bản hồ sơ mẫu cho đủ số, để thử với dữ liệu lớn. Bị dừng thì chạy lại để đi tiếp.

    Mỗi bản sao mang người, mã hồ sơ, số văn bản và nhật ký riêng; ràng buộc được kiểm tra khi xong (xem thêm «tinhso recount»).
    """
    setup(owner=True)
    from django.conf import settings
    from django.db import connection

    from tinhso.config.demo.copies import CannotCopy, grow

    if not settings.DEMO:
        raise click.ClickException("Chỉ chạy trên bản dùng thử (TINHSO_DEMO=1).")
    began, known = time.monotonic(), connection.get_connection_params()
    address = make_conninfo(
        **{key: known[key] for key in ("host", "port", "dbname", "user", "password") if known.get(key)}
    )
    try:
        found = grow(
            address, content=settings.CONTENT_DIR, cases=cases,
            told=lambda there: click.echo(f"      {there}/{cases} hồ sơ, {time.monotonic() - began:.0f} giây"),
        )  # fmt: skip
    except CannotCopy as error:
        raise click.ClickException(str(error)) from error
    counted = ", ".join(f"{rows} {table}" for table, rows in found.items())
    click.echo(f"✓ {counted} ({time.monotonic() - began:.0f} giây)")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON.")
def accounts(as_json: bool) -> None:
    """Địa chỉ và tài khoản mẫu: mỗi vai trò một tài khoản, và cán bộ của các cơ quan cùng giải quyết hồ sơ liên thông."""
    found = _accounts_file()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print_accounts(found)


@command.command()
@click.argument("username")
def otp(username: str) -> None:
    """Mã xác thực sáu số lúc này của một tài khoản mẫu, thay cho ứng dụng xác thực trên điện thoại."""
    setup()
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    now = list(yield_hotp_counters_from_time())
    found = _accounts_file()
    for row in [*found["accounts"], *found.get("more_accounts", [])]:
        if row["username"] == username and row["totp_secret"]:
            click.echo(format_hotp_value(hotp_value(row["totp_secret"], now[len(now) // 2])))
            return
    raise click.ClickException(f"Không có cán bộ mẫu nào tên «{username}»; xem «tinhso demo accounts».")


def _accounts_file() -> dict[str, Any]:
    path = Installation().folder / "demo-accounts.json"
    if not path.exists():
        raise click.ClickException("Chưa có tỉnh mẫu; chạy «make demo» trước.")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _print_accounts(found: dict[str, Any]) -> None:
    """One line an account: what is copied must not be broken over lines, so secrets stay in the JSON."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Tỉnh mẫu đang chạy", title_justify="left")
    rows = [*found["accounts"], *found.get("more_accounts", [])]
    for column, key in (("Tên đăng nhập", "username"), ("Vai trò", "role")):
        table.add_column(column, no_wrap=True, min_width=max(len(row[key]) for row in rows))
    table.add_column("Đơn vị", overflow="fold")
    for index, row in enumerate(rows):
        if index == len(found["accounts"]):
            table.add_section()
        table.add_row(*(row[key] for key in ("username", "role", "unit")))
    console = Console(highlight=False)
    console.print(table)
    passwords = sorted({row["password"] for row in found["accounts"] if row["password"]})
    console.print(f"Cổng dịch vụ công   {found['portal']}\nPhần làm việc       {found['workspace']}")
    console.print(f"Mật khẩu của cán bộ {' · '.join(passwords)}")
    console.print("Mã xác thực sáu số  .venv/bin/tinhso demo otp TÊN_ĐĂNG_NHẬP", markup=False)
    console.print("Tất cả dạng JSON    .venv/bin/tinhso demo accounts --json\nDừng                Ctrl-C", markup=False)
