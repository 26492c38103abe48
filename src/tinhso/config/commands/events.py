"""`tinhso events`: subscriptions of other systems, and sending again."""

import click

from tinhso.config.bootstrap import setup


@click.group()
def command() -> None:
    """Sự kiện gửi đến hệ thống khác: xem đăng ký, gửi lại từ một vị trí."""


@command.command("list")
def show() -> None:
    """Liệt kê các đăng ký: đến đâu, còn chờ bao nhiêu, vì sao dừng."""
    setup()
    from tinhso.apps.subscriptions.queries import list_subscriptions, position_now
    from tinhso.kernel.actor import SYSTEM

    click.echo(f"Nguồn sự kiện: vị trí {position_now()}")
    for one in list_subscriptions(actor=SYSTEM, limit=1_000):
        trouble = one.pause_reason or one.latest_error
        click.echo(
            f"{one.id}\t{one.name}\t{one.url}\t{one.status.label}\tvị trí {one.position}, chờ {one.waiting}"
            f"{f', {trouble}' if trouble else ''}"
        )


@command.command()
@click.argument("subscription", type=int)
@click.option("--from", "position", type=click.IntRange(0), required=True, help="Gửi lại mọi sự kiện sau vị trí này.")
@click.option("--now", "at_once", is_flag=True, help="Gửi ngay tại đây, không chờ tiến trình nền.")
def replay(subscription: int, position: int, *, at_once: bool) -> None:
    """Gửi lại cho một đăng ký từ một vị trí của nguồn sự kiện; đăng ký đang tạm dừng thì gửi tiếp."""
    setup()
    from tinhso.apps.subscriptions import actions, queries
    from tinhso.apps.subscriptions.enums import SubscriptionStatus
    from tinhso.apps.subscriptions.flows import deliver
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now
    from tinhso.kernel.errors import DomainError

    try:
        actions.rewind_subscription(subscription_id=subscription, position=position, actor=SYSTEM, at=now())
        found = queries.get_subscription(actor=SYSTEM, subscription_id=subscription)
        if found.status is SubscriptionStatus.PAUSED:
            actions.resume_subscription(subscription_id=subscription, actor=SYSTEM, at=now())
    except DomainError as error:
        raise click.ClickException(error.message) from error
    sent = 0
    while at_once and (taken := deliver(subscription_id=subscription, actor=SYSTEM, at=now())):
        sent += taken
    found = queries.get_subscription(actor=SYSTEM, subscription_id=subscription)
    click.echo(f"Từ vị trí {position}: đã gửi {sent}, còn chờ {found.waiting}")
    if found.latest_error:
        raise click.ClickException(found.latest_error)


@command.command()
@click.argument("username")
@click.argument("prefix")
@click.option("--from", "position", type=click.IntRange(0), help="Đưa cả những sự kiện sau vị trí này.")
def stream(username: str, prefix: str, position: int | None) -> None:
    """Đưa sự kiện vào NATS JetStream của tỉnh, chủ đề PREFIX.<loại>, theo quyền của tài khoản hệ thống USERNAME."""
    setup()
    from tinhso.apps.accounts.queries import find_account
    from tinhso.apps.subscriptions import actions
    from tinhso.apps.subscriptions.enums import Sink
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now
    from tinhso.kernel.errors import DomainError

    account = find_account(username)
    if account is None:
        raise click.ClickException(f"Không có tài khoản {username}.")
    try:
        made = actions.subscribe(
            account_id=account.id, name=f"JetStream {prefix}", url=prefix, sink=Sink.JETSTREAM, after=position,
            actor=SYSTEM, at=now(),
        )  # fmt: skip
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Đăng ký {made.id}, từ vị trí {made.position}")
