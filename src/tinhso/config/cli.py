"""The `tinhso` command. Each file in `commands/` is one subcommand; it is imported only when asked for."""

import pkgutil
import sys
from importlib import import_module

import click

from tinhso.config import commands, failures
from tinhso.kernel.errors import DomainError


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)  # noqa: S101 - a wrong module is a programming error
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="tinhso")
def cli() -> None:
    """Tỉnh Số: vận hành chính quyền số của tỉnh."""


def main() -> None:
    """Run the command line; an error of the domain, the disk or the database is one sentence and exit code 2."""
    try:
        cli()
    except DomainError as error:
        click.echo(error.message, err=True)
        sys.exit(2)
    except Exception as error:
        told = failures.sentence_of(error)
        if told is None:
            raise
        click.echo(told, err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
