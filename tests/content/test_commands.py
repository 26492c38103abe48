"""`tinhso content` and `tinhso catalogue`: what an official or operator sees."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.factories.procedures import national_value, official, package_value, publish_package
from tinhso.apps.procedures import actions, queries
from tinhso.apps.procedures.models import ProcedureVersion, SearchEntry
from tinhso.config.commands import catalogue, content
from tinhso.kernel import clock


def content_root(folder: Path, **procedure: object) -> Path:
    """A content folder with one package."""
    value = package_value(**procedure)
    package = folder / value["folder"]
    package.mkdir(parents=True)
    for part in ("procedure", "form", "workflow", "fees"):
        (package / f"{part}.yaml").write_text(yaml.safe_dump(value[part], allow_unicode=True))
    for path, text in value["letters"].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def run(command: object, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])  # type: ignore[arg-type]


def test_check_passes_on_sound_content_without_a_database(tmp_path: Path) -> None:
    result = run(content.command, "check", "--root", content_root(tmp_path))
    assert (result.exit_code, result.output) == (0, "✓ Nội dung hợp lệ\n")


def test_check_lists_every_problem_and_fails(tmp_path: Path) -> None:
    root = content_root(tmp_path, level="district", colour="red")
    result = run(content.command, "check", "--root", root)
    assert result.exit_code == 1
    assert "procedure.yaml: level:" in result.output
    assert "procedure.yaml: colour:" in result.output
    assert "✗ 2 lỗi" in result.output
    told = json.loads(run(content.command, "check", "--root", root, "--json").output)
    assert len(told["problems"]) == 2


def test_check_lists_assumed_values(tmp_path: Path) -> None:
    result = run(content.command, "check", "--root", content_root(tmp_path), "--assumed")
    assert "fees.yaml: fees[pages]" in result.output
    assert result.output.endswith("giá trị giả định\n✓ Nội dung hợp lệ\n")


@pytest.mark.django_db
def test_plan_shows_and_publish_does_and_then_nothing_is_left(tmp_path: Path) -> None:
    root = content_root(tmp_path)
    assert "Mới       9.000001   Thủ tục cấp giấy mẫu" in run(content.command, "plan", "--root", root).output
    assert not ProcedureVersion.objects.exists()
    published = run(content.command, "publish", "--root", root)
    assert published.exit_code == 0, published.output
    assert "[1/1] gói thủ tục: 1 gói, 1 phiên bản mới" in published.output
    assert run(content.command, "plan", "--root", root).output == "Không có gì thay đổi\n"
    assert "1 gói, 0 phiên bản mới" in run(content.command, "publish", "--root", root).output


@pytest.mark.django_db
def test_publishing_the_files_keeps_the_words_an_official_taught(tmp_path: Path) -> None:
    root = content_root(tmp_path)
    (root / "catalogue").mkdir()
    (root / "catalogue" / "legal-documents.yaml").write_text("documents: [{document: 1/2026/QH15}]")
    words = root / "catalogue" / "synonyms.yaml"
    words.write_text("entries: [{say: [giấy hồng], mean: giấy mẫu}]")
    assert "1 nhóm, bộ số 1" in run(content.command, "publish", "--root", root).output
    actions.publish_synonyms(
        value={"entries": [{"say": ["giấy tím"], "mean": "giấy mẫu"}]},
        actor=official("procedure.manage"),
        at=clock.now(),
    )
    words.write_text("entries: [{say: [giấy xanh], mean: giấy mẫu}]")
    assert "giữ bộ số 2 do Cán bộ mẫu công bố" in run(content.command, "publish", "--root", root).output
    assert [row.number for row in queries.list_synonym_sets()] == [2, 1]


def national_file(folder: Path, *codes: str) -> Path:
    path = folder / "quoc-gia.jsonl"
    path.write_text("\n".join(json.dumps(national_value(code)) for code in codes))
    return path


@pytest.mark.django_db
def test_import_waits_for_approval(tmp_path: Path) -> None:
    path = national_file(tmp_path, "9.200001", "9.200002", "hỏng")
    result = run(catalogue.command, "import", path)
    assert "2 mới" in result.output
    assert "1 không nhập được" in result.output
    assert "chờ duyệt" in result.output
    assert not ProcedureVersion.objects.exists()
    number = result.output.rsplit(maxsplit=1)[-1]
    assert "Chờ duyệt" in run(catalogue.command, "imports").output
    assert run(catalogue.command, "approve", number).output == "Đã công bố 2 phiên bản\n"
    again = run(catalogue.command, "import", path, "--publish")
    assert "Không có gì thay đổi, không ghi gì." in again.output


@pytest.mark.django_db
def test_import_and_publish_at_once_from_a_day(tmp_path: Path) -> None:
    path = national_file(tmp_path, "9.200001")
    result = run(catalogue.command, "import", path, "--publish", "--effective-from", "2026-01-15")
    assert "Đã công bố 1 phiên bản, hiệu lực từ 15/01/2026" in result.output
    assert SearchEntry.objects.get().effective_from.isoformat() == "2026-01-15"
    report = json.loads(run(catalogue.command, "import", path, "--json").output)
    assert (report["unchanged"], report["new"]) == (1, 0)


@pytest.mark.django_db
def test_search_and_abolish_from_the_command_line() -> None:
    publish_package()
    found = run(catalogue.command, "search", "giay", "mau")
    assert "● 9.000001   Cấp giấy mẫu (Lĩnh vực mẫu)" in found.output
    today = clock.today()
    done = run(catalogue.command, "abolish", "9.000001", "--from", today.isoformat(), "--reason", "Quyết định 1/QĐ")
    assert done.output == f"Thủ tục 9.000001 hết hiệu lực từ ngày {today:%d/%m/%Y}\n"
    assert "0 thủ tục" in run(catalogue.command, "search", "giay mau").output


@pytest.mark.django_db
def test_a_file_that_is_none_gives_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b")
    result = run(catalogue.command, "import", path)
    assert str(result.exception) == "Tệp x.csv phải có đuôi .jsonl hoặc .jsonl.xz."


def test_a_process_is_written_as_bpmn_without_a_database(tmp_path: Path) -> None:
    root, target = content_root(tmp_path), tmp_path / "process.bpmn"
    printed = run(content.command, "bpmn", "9.000001", "--root", root)
    assert "<bpmn:definitions" in printed.output
    written = run(content.command, "bpmn", "9.000001", "--root", root, "--output", target)
    assert "3 làn, 4 bước" in written.output
    assert target.read_text() == printed.output.removesuffix("\n")
    assert "Không có gói thủ tục 1.2 " in run(content.command, "bpmn", "1.2", "--root", root).output
