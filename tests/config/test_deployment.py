"""What `deploy/` puts on a machine: units systemd takes, a proxy nginx takes, settings that exist, scripts that parse."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from deploy.trial.front import Front
from deploy.trial.units import UNITS, commands, environment

from tinhso.config.reference_settings import SETTINGS

_MOST_EXPOSED = 25  # tenths, as `systemd-analyze security` counts: 0 is locked in, 100 may do anything


@pytest.fixture
def units(tmp_path: Path, project_root: Path) -> Path:
    """The units as they would lie in /etc/systemd/system, of a release that lies here."""
    folder = tmp_path / "system"
    shutil.copytree(UNITS, folder)
    for file in [*folder.glob("*.service"), *folder.glob("*/*.conf")]:
        file.write_text(file.read_text().replace("/opt/tinhso/current", str(project_root)))
    web = folder / "tinhso-web@.service"
    (folder / "tinhso-web@8000.service").write_text(web.read_text())
    web.unlink()
    return folder


def analyze(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed here")
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        env={"SYSTEMD_UNIT_PATH": f"{folder}:"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_systemd_takes_the_units(units: Path) -> None:
    names = sorted(f"./{file.name}" for file in units.glob("tinhso*.*") if file.is_file())
    done = analyze(units, "verify", "--man=no", *names)
    assert (done.returncode, done.stderr) == (0, "")


def test_services_are_locked_in(units: Path) -> None:
    services = sorted(f"./{file.name}" for file in units.glob("*.service"))
    done = analyze(units, "security", "--offline=true", f"--threshold={_MOST_EXPOSED}", "--no-pager", *services)
    assert done.returncode == 0, done.stdout[-300:]


def test_units_are_given_what_they_name() -> None:
    settings = environment()
    named = {name for unit in UNITS.glob("*.service") for name in re.findall(r"\$\{(\w+)\}", unit.read_text())}
    assert named <= set(settings)
    own = {name for name in settings if name.startswith("TINHSO_")}
    assert {name.removesuffix("_FILE") for name in own - named} <= {name.removesuffix("_FILE") for name in SETTINGS}
    for unit in UNITS.glob("*.service"):
        for command in commands(unit.name, settings, instance="8000"):
            assert not any("%" in word or "${" in word for word in command), command
            assert Path(command[0]).exists(), command[0]


def test_the_target_wants_every_unit() -> None:
    wanted = (UNITS / "tinhso.target").read_text()
    started_by_timer = {timer.with_suffix(".service").name for timer in UNITS.glob("*.timer")}
    for unit in [*UNITS.glob("*.service"), *UNITS.glob("*.timer")]:
        assert unit.name in started_by_timer or unit.name.replace("@.", "@8000.") in wanted, unit.name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("tls", [True, False])
def test_nginx_takes_the_site(tmp_path: Path, *, tls: bool) -> None:
    if not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        pytest.skip("nginx is not installed here")
    front = Front(
        tmp_path / "nginx", listen=f"127.0.0.1:{_free_port()}", redirect=f"127.0.0.1:{_free_port()}", tls=tls,
        servers=["127.0.0.1:8000", "127.0.0.1:8010"], static=tmp_path,
    )  # fmt: skip
    front.prepare()
    text = front.configuration()
    assert "@" not in re.sub(r"location = /away|location @\w+", "", text), "a place nobody filled"
    # The program sets these on its own pages: what is passed on must not get them a second time.
    passed_on = re.findall(r"location [^{]+\{[^}]*proxy_pass[^}]*\}", text)
    assert passed_on
    assert not any("add_header" in block for block in passed_on)
    front.without("127.0.0.1:8000", reload=False)
    assert "127.0.0.1:8000 down;" in (tmp_path / "nginx" / "web.conf").read_text()


def test_the_board_is_the_one_its_list_says(project_root: Path) -> None:
    folder = project_root / "deploy" / "monitoring"
    code = "import board, json; print(json.dumps(board.board(), ensure_ascii=False, indent=1))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert (folder / "tinhso.json").read_text(encoding="utf-8") == done.stdout, "run deploy/monitoring/board.py"


def test_scripts_parse(project_root: Path) -> None:
    scripts = sorted((project_root / "deploy").rglob("*.sh"))
    assert len(scripts) >= 6
    for script in scripts:
        assert script.stat().st_mode & 0o100, f"{script.name} may not be run"
        subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.sweep
@pytest.mark.parametrize("trial", ["one-machine", "many-machines"])
def test_the_trial(trial: str, project_root: Path) -> None:
    """Brought up for real, broken, compared; minutes on a busy machine."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.trial", trial, "--seed", "3"],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
