"""`tinhso database`: the embedded database as a service of its own, where no supervisor of ours keeps it."""

import os
import signal
import socket
import threading

import click

from tinhso.config import embedded
from tinhso.config.installation import Installation

_LOOKED_AFTER_EVERY_S = 0.5


@click.group()
def command() -> None:
    """Cơ sở dữ liệu kèm theo, chạy như một dịch vụ riêng (systemd)."""


@command.command()
def run() -> None:
    """Chạy cơ sở dữ liệu kèm theo cho đến khi dừng; bị giết thì khởi động lại."""
    installation = Installation()
    if not installation.is_embedded:
        raise click.ClickException("DATABASE_URL trỏ đến máy chủ khác; ở đây không có gì để chạy.")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    with embedded.exclusive(installation.cluster):
        try:
            installation.start_database()
            tell_manager("READY=1")
            while not stopping.wait(_LOOKED_AFTER_EVERY_S):
                installation.look_after_database()
        finally:
            tell_manager("STOPPING=1")
            installation.stop_database()


def tell_manager(words: str) -> None:
    """Tell systemd how it stands (sd_notify); nothing where it did not start us."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(words.encode(), f"\0{address[1:]}" if address.startswith("@") else address)
