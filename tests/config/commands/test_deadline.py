"""`tinhso deadline explain`: an outside shape, and sentences for whatever is typed wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tinhso.config.commands import deadline

RECEIVED = ("--received", "2026-02-13T16:10")
DAYS = ("--limit", "7 working_day")


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(deadline.command, ["explain", *arguments])


def test_json_has_the_due_instant_and_every_step() -> None:
    answer = json.loads(explain(*DAYS, *RECEIVED, "--unit", "H48", "--json").stdout)
    assert answer.keys() == {"due_at", "steps"}
    assert answer["due_at"] == "2026-03-03T16:10:00+07:00"
    assert all(step.keys() == {"from", "to", "rule", "basis"} for step in answer["steps"])
    assert answer["steps"][0]["from"] == "2026-02-13T16:10:00+07:00"
    assert answer["steps"][-1]["to"] == answer["due_at"]
    assert any("Tết Nguyên đán" in step["rule"] and "Điều 112" in step["basis"] for step in answer["steps"])


def test_text_for_people() -> None:
    lines = explain(*DAYS, *RECEIVED).stdout.splitlines()
    assert lines[:3] == [
        "Thời hạn:  7 ngày làm việc",
        "Tiếp nhận: 16:10 thứ Sáu 13/02/2026",
        "Hẹn trả:   16:10 thứ Ba 03/03/2026",
    ]
    assert lines[4].startswith(" 1. Tiếp nhận trong giờ làm việc")
    assert "    Căn cứ: Nghị định 118/2025/NĐ-CP, Điều 17" in lines


@pytest.mark.parametrize(
    "received", ["2026-02-13T16:10+07:00", "2026-02-13T09:10Z", "2026-02-13 16:10", "20260213T1610"]
)
def test_ways_to_write_an_instant(received: str) -> None:
    assert '"2026-03-03T16:10:00+07:00"' in explain(*DAYS, "--received", received, "--json").stdout


def test_pauses() -> None:
    limit = ("--limit", "3 working_day", "--received", "2026-03-02T09:00")
    one = explain(*limit, "--json", "--pause", "2026-03-03T10:00..2026-03-05T10:00")
    assert json.loads(one.stdout)["due_at"] == "2026-03-09T09:00:00+07:00"
    two = explain(
        *limit,
        "--json",
        "--pause",
        "2026-03-03T10:00..2026-03-03T11:00",
        "--pause",
        "2026-03-03T15:00..2026-03-03T16:00",
    )
    assert json.loads(two.stdout)["due_at"] == "2026-03-05T11:00:00+07:00"
    still_open = explain(*limit, "--pause", "2026-03-03T10:00..")
    assert "Hẹn trả:   chưa có, đang tạm dừng" in still_open.stdout
    assert json.loads(explain(*limit, "--json", "--pause", "2026-03-03T10:00..").stdout)["due_at"] is None


def test_last_hour() -> None:
    answer = explain("--limit", "1 working_day", "--received", "2026-03-02T16:30", "--last-hour-tomorrow", "--json")
    assert json.loads(answer.stdout)["due_at"] == "2026-03-03T17:00:00+07:00"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (RECEIVED, "Thiếu thời hạn: thêm --limit"),
        (DAYS, "Thiếu lúc tiếp nhận: thêm --received"),
        (("--limit", "7 days", *RECEIVED), "Không hiểu thời hạn “7 days”"),
        (("--limit", "0 working_day", *RECEIVED), "lớn hơn 0"),
        ((*DAYS, "--received", "hôm nay"), "Không hiểu thời điểm “hôm nay”"),
        ((*DAYS, "--received", "2026-02-13"), "hãy viết ngày và giờ như 2026-02-13T16:10"),
        ((*DAYS, "--received", "2026-02-30T10:00"), "Không hiểu thời điểm “2026-02-30T10:00”"),
        ((*DAYS, "--received", "2035-01-01T10:00"), "chỉ có dữ liệu từ 01/01/2018 đến 31/12/2027"),
        ((*DAYS, *RECEIVED, "--unit", "K01"), "Không có lịch làm việc cho đơn vị “K01”; mã đơn vị phải bắt đầu bằng: H48"),
        ((*DAYS, *RECEIVED, "--pause", "2026-03-01"), "Không hiểu khoảng tạm dừng “2026-03-01”"),
        ((*DAYS, *RECEIVED, "--pause", "2026-03-01T10:00..mai"), "Không hiểu thời điểm “mai”"),
        ((*DAYS, *RECEIVED, "--pause", "2026-02-13T10:00..2026-02-13T11:00"), "bắt đầu trước khi tiếp nhận"),
        ((*DAYS, *RECEIVED, "--pause", "2026-02-24T10:00..2026-02-23T10:00"), "trước khi bắt đầu"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_and_exit_code_2(arguments: tuple[str, ...], sentence: str) -> None:
    result = explain(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_units_choose_their_calendar(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calendars = tmp_path / "calendars"
    calendars.mkdir()
    source = deadline.CONTENT / "calendars"
    (calendars / "vn-public-days.yaml").write_text((source / "vn-public-days.yaml").read_text())
    province = (source / "quang-ngai.yaml").read_text()
    (calendars / "quang-ngai.yaml").write_text(province)
    early = province.replace("key: quang-ngai", "key: early").replace("units: [H48]", "units: [H48.12]")
    (calendars / "early.yaml").write_text(early.replace("13:30-17:00", "13:00-16:30"))
    monkeypatch.setattr(deadline, "CONTENT", tmp_path)
    day = ("--limit", "same_day", "--received", "2026-03-02T09:00", "--json")
    assert "2026-03-02T17:00" in explain(*day, "--unit", "h48.1").stdout
    assert "2026-03-02T16:30" in explain(*day, "--unit", "H48.12.3").stdout
    assert explain(*day).stderr == "Có 2 lịch làm việc: thêm --unit với mã đơn vị giải quyết.\n"
    (calendars / "early.yaml").write_text("key: early")
    assert explain(*day).exit_code == 2


def test_needs_neither_django_nor_a_database() -> None:
    program = (
        "import sys; from tinhso.config.cli import cli;"
        f"cli(['deadline', 'explain', *{[*DAYS, *RECEIVED, '--json']!r}], standalone_mode=False);"
        "assert 'django' not in sys.modules, 'django'"
    )
    environment = {
        key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["due_at"] == "2026-03-03T16:10:00+07:00"
