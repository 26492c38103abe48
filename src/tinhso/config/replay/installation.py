"""A province of its own for a replay: its folder, database, officers, and the simulated national systems beside it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from tinhso.config import embedded, paths, supervisor
from tinhso.config.installation import Installation, Step, mark_of, standard_steps
from tinhso.config.replay import scenario as scenarios


@contextmanager
def lived_in(folder: Path, name: str) -> Iterator[None]:
    """Prepare what is missing, run the database and the simulators while the block runs, and keep the folder.

    Raises:
        click.ClickException: no such scenario.
    """
    try:
        scenario = scenarios.read(paths.CONTENT, name)
    except scenarios.ScenarioError as error:
        raise click.ClickException(str(error)) from error
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # the database's own user must get through
    os.environ.pop("DATABASE_URL", None)  # never anybody's own database
    os.environ |= {"TINHSO_DATA_DIR": str(folder), "TINHSO_DEMO": "1", "TINHSO_DATABASE_POOL": "0"}
    port = int(os.environ.setdefault("TINHSO_PORT", "8000"))
    supervisor.require_free(port + 1)
    installation = Installation()
    steps = [step for step in standard_steps() if step.arguments != ("static",)]
    people = ("demo", "people", "--from", scenario.communes[0], "--to", scenario.communes[1])
    steps.append(Step("khóa ký số và cán bộ", people, mark_of(steps[1].mark, *people)))
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit("Đã dừng."))  # so that all is put away below
    with embedded.exclusive(installation.cluster):
        simulators: subprocess.Popen[bytes] | None = None
        try:
            installation.start_database()
            installation.prepare(installation.due(steps))
            simulators = _simulators(port, folder)
            click.echo(f"Dữ liệu ở {folder}")
            yield
        finally:
            if simulators is not None:
                os.killpg(simulators.pid, signal.SIGTERM)
                simulators.wait()
            installation.stop_database()


def _simulators(port: int, folder: Path) -> "subprocess.Popen[bytes]":
    command = next(one.command for one in supervisor.services(port=port, simulators=True) if one.name == "simulators")
    with (folder / "simulators.log").open("ab") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=partial(supervisor.die_with_parent, os.getpid()),  # its port is free when a killed replay goes on
        )  # fmt: skip
