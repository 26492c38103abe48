"""`tinhso content`: check the content folder without a database, show what publishing would change, publish it."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import click

import tinhso.apps
from tinhso.config.bootstrap import setup
from tinhso.config.paths import CONTENT

_FOLDER = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=CONTENT,
    help="Thư mục nội dung; mặc định là content/ của bản cài này.",
)
_APPS = tuple(module.name for module in iter_modules(tinhso.apps.__path__))


@click.group()
def command() -> None:
    """Nội dung khai báo: thủ tục, danh mục, lịch, đơn vị, vai trò, mẫu văn bản."""


@command.command()
@_FOLDER
@click.option("--assumed", is_flag=True, help="Liệt kê mọi giá trị giả định, chưa có nguồn xác nhận.")
@click.option("--json", "as_json", is_flag=True, help="In JSON.")
def check(root: Path, assumed: bool, as_json: bool) -> None:
    """Kiểm tra toàn bộ nội dung, không cần cơ sở dữ liệu. Có lỗi thì mã thoát là 1."""
    setup()
    problems = [problem for part in (*_parts(root), *_checks()) for problem in part(root)]
    values = _assumed_values(root) if assumed else []
    if as_json:
        click.echo(json.dumps({"problems": problems, "assumed": values}, ensure_ascii=False, indent=2))
    else:
        for value in values:
            click.echo(f"giả định  {value['file']}: {value['path']} ({value['value']})")
        for problem in problems:
            click.echo(f"✗ {problem}")
        if assumed:
            click.echo(f"{len(values)} giá trị giả định")
        click.echo(f"✗ {len(problems)} lỗi" if problems else "✓ Nội dung hợp lệ")
    if problems:
        sys.exit(1)


def _checks() -> Iterator[Callable[[Path], list[str]]]:
    """The `check` functions of the apps' content modules, their problems as sentences."""
    for app in _APPS:
        if find_spec(f"tinhso.apps.{app}.content") is None:
            continue
        module = import_module(f"tinhso.apps.{app}.content")
        function = getattr(module, "check", None)
        if function is not None:
            yield lambda root, function=function: [str(problem) for problem in function(root)]  # type: ignore[misc]  # bound early


def _parts(root: Path) -> Iterator[Callable[[Path], list[str]]]:
    """Checks of the parts whose readers have a shape of their own."""
    if (root / "calendars").exists():
        from tinhso.apps.calendars.content import check_calendars

        yield lambda folder: check_calendars(folder / "calendars")
    if (root / "roles").exists():
        from tinhso.apps.accounts.content import check_roles
        from tinhso.kernel.permissions import registry

        _load_permissions()
        yield lambda folder: check_roles(folder / "roles", known_permissions=set(registry))
    if (root / "units").exists():
        yield _check_units
    if (root / "letters" / "letters.yaml").exists():
        yield _check_letters
    if (root / "places").exists():
        yield _check_places
    if (root / "exchange").exists():
        yield _check_lookups


def _load_permissions() -> None:
    for app in _APPS:
        if find_spec(f"tinhso.apps.{app}.permissions") is not None:
            import_module(f"tinhso.apps.{app}.permissions")


def _check_units(root: Path) -> list[str]:
    from tinhso.apps.directory.content import UnitsInvalid, read_directory

    problems = []
    for folder in sorted(path for path in (root / "units").iterdir() if path.is_dir()):
        try:
            read_directory(folder)
        except UnitsInvalid as error:
            problems += [f"units/{folder.name}/{fault.path}: {fault.message}" for fault in error.errors]
    return problems


def _check_letters(root: Path) -> list[str]:
    from tinhso.apps.documents.content import LettersError, load_letters

    try:
        load_letters(root)
    except LettersError as error:
        return [f"letters/letters.yaml: {part}" for part in str(error).split("; ")]
    return []


def _check_lookups(root: Path) -> list[str]:
    """Questions of procedures against the data sources: what is asked and what comes back must be the same on both sides."""
    from tinhso.apps.exchange.content import SourcesContentError, load_sources
    from tinhso.apps.procedures.content import ContentError, load_package, package_folders

    try:
        _, sources = load_sources(root)
    except SourcesContentError:  # told by the check of the sources themselves
        return []
    problems = []
    for folder in package_folders(root):
        try:
            _, package = load_package(folder, root=root)
        except ContentError:
            continue
        for rule in package.lookups:
            place, source = f"{package.folder}/procedure.yaml: lookups.{rule.key}", sources.get(rule.source)
            unknown = [key for key in (rule.source, rule.check) if key and key not in sources]
            problems += [f"{place}: exchange/sources.yaml không có nguồn “{key}”" for key in unknown]
            if source is None:
                continue
            given = {one.key for one in source.gives}
            problems += [f"{place}.fills: nguồn không trả lời “{n}”" for n in rule.fills.values() if n not in given]
            if set(rule.about) != set(source.asks):
                problems.append(f"{place}.about: nguồn hỏi {', '.join(source.asks)}")
    return problems


def _check_places(root: Path) -> list[str]:
    from tinhso.lib.places import PlacesError, load_editions

    try:
        load_editions(root / "places")
    except PlacesError as error:
        return [f"places/{problem}" for problem in error.problems]
    return []


def _assumed_values(root: Path) -> list[dict[str, str]]:
    from tinhso.apps.calendars.content import CalendarFileError, assumptions, load_calendars
    from tinhso.apps.procedures.content import assumed_values

    # The calendars tell more than the mark in the file: also what is announced but not confirmed yet.
    marked = (value for value in assumed_values(root) if not value.file.startswith("calendars/"))
    found = [{"file": value.file, "path": value.path, "value": value.value} for value in marked]
    if (root / "calendars").exists():
        try:
            sentences = assumptions(load_calendars(root / "calendars"))
        except CalendarFileError:  # told by the check itself
            sentences = []
        # A sentence begins with the place that it is about: file, key, rank.
        places = [sentence.split(": ") for sentence in dict.fromkeys(sentences)]
        found += [
            {"file": f"calendars/{file}", "path": ": ".join(place) or "bases", "value": value}
            for file, *place, value in places
        ]
    return found


@command.command()
@_FOLDER
def plan(root: Path) -> None:
    """Cho biết công bố sẽ thay đổi những thủ tục nào so với cơ sở dữ liệu; không ghi gì."""
    setup()
    from tinhso.apps.procedures import queries
    from tinhso.apps.procedures.content import load_catalogue, load_synonyms

    lines = queries.plan_packages(_package_values(root))
    if (root / "catalogue").exists():
        lines += queries.plan_curated(load_catalogue(root)[0])
        lines += queries.plan_synonyms(load_synonyms(root)[0])
    for line in lines:
        click.echo(f"{line.kind.label:<9} {line.code:<10} {line.name}")
    click.echo(f"{len(lines)} thay đổi" if lines else "Không có gì thay đổi")


@command.command()
@click.option("--root", type=click.Path(file_okay=False, path_type=Path), default=CONTENT, help="Thư mục nội dung.")
def schemas(root: Path) -> None:
    """Ghi lại content/schemas: khuôn mẫu JSON Schema để trình soạn thảo gợi ý và gạch lỗi."""
    setup()
    from tinhso.apps.accounts.content import schemas as of_accounts
    from tinhso.apps.archives.content import schemas as of_archives
    from tinhso.apps.calendars.content import schemas as of_calendars
    from tinhso.apps.collections.content import schemas as of_collections
    from tinhso.apps.exchange.content import schemas as of_exchange
    from tinhso.apps.mailboxes.content import schemas as of_mail
    from tinhso.apps.notifications.content import schemas as of_messages
    from tinhso.apps.payments.content import schemas as of_payments
    from tinhso.apps.payouts.content import schemas as of_payouts
    from tinhso.apps.petitions.content import schemas as of_petitions
    from tinhso.apps.procedures.content import schemas as of_procedures
    from tinhso.apps.receipts.content import schemas as of_receipts
    from tinhso.apps.reception.content import schemas as of_reception
    from tinhso.apps.vault.content import schemas as of_vault

    folder = root / "schemas"
    folder.mkdir(exist_ok=True)
    found = {**of_procedures(), **of_calendars(), **of_petitions(), **of_reception(), **of_archives(), **of_vault()}
    found |= {**of_exchange(), **of_messages(), **of_receipts(), **of_payouts(), **of_payments()}
    found |= {**of_mail(), **of_collections(), **of_accounts()}
    for name, schema in found.items():
        (folder / name).write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        click.echo(f"schemas/{name}")


@command.command()
@_FOLDER
@click.argument("code")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Ghi ra tệp; không nêu thì in ra.")
def bpmn(root: Path, code: str, output: Path | None) -> None:
    """Kết xuất quy trình nội bộ của một thủ tục thành BPMN 2.0, không cần cơ sở dữ liệu."""
    setup()
    from tinhso.apps.procedures import rules
    from tinhso.apps.procedures.content import load_package, package_folders

    folder = next((path for path in package_folders(root) if path.name == code), None)
    if folder is None:
        raise click.ClickException(f"Không có gói thủ tục {code} trong {root}.")
    graph = rules.process_graph(load_package(folder, root=root)[1], {})
    written = rules.bpmn_xml(graph)
    if output is None:
        click.echo(written.decode())
    else:
        output.write_bytes(written)
        click.echo(f"Đã ghi {output}: {len(graph.lanes)} làn, {len(graph.steps)} bước")


def _package_values(root: Path) -> list[dict[str, Any]]:
    from tinhso.apps.procedures.content import linked_folders, load_package, package_folders

    # Groups after the procedures they link.
    return [load_package(folder, root=root)[0] for folder in (*package_folders(root), *linked_folders(root))]


@command.command()
@_FOLDER
@click.option("--all", "everything", is_flag=True, help="Cả lịch làm việc và đơn vị, không chỉ thủ tục.")
def publish(root: Path, everything: bool) -> None:
    """Công bố nội dung: mỗi thay đổi là một phiên bản mới, có dòng nhật ký. Không đổi gì thì không ghi gì."""
    setup()
    steps: list[tuple[str, Callable[[Path], str]]] = []
    if everything and (root / "calendars").exists():
        steps.append(("lịch làm việc", _publish_calendars))
    if everything and (root / "units").exists():
        steps.append(("đơn vị", _publish_units))
    steps.append(("gói thủ tục", _publish_packages))
    if (root / "catalogue").exists():
        steps += [("danh mục thủ tục", _publish_catalogue), ("từ ngữ thường dùng", _publish_synonyms)]
    if everything and (root / "exchange").exists():
        steps.append(("danh bạ chia sẻ dữ liệu", _publish_exchange))
    for number, (name, step) in enumerate(steps, 1):
        started = time.monotonic()
        said = step(root)
        click.echo(f"[{number}/{len(steps)}] {name}: {said} ({time.monotonic() - started:.1f} giây)")


def _publish_calendars(root: Path) -> str:
    from tinhso.apps.calendars.actions import publish_calendar
    from tinhso.apps.calendars.content import load_calendars
    from tinhso.apps.calendars.queries import with_announced_days
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    definitions = load_calendars(root / "calendars").values()
    for definition in definitions:
        publish_calendar(definition=with_announced_days(definition), actor=SYSTEM, at=clock.now())
    return f"{len(definitions)} lịch"


def _publish_units(root: Path) -> str:
    from tinhso.apps.directory.actions import publish_directory
    from tinhso.apps.directory.content import read_directory
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    total = changed = 0
    for folder in sorted(path for path in (root / "units").iterdir() if path.is_dir()):
        content = read_directory(folder)
        report = publish_directory(content=content, actor=SYSTEM, at=clock.now())
        total += len(content.units)
        changed += report.established + report.changed + report.dissolved
    return f"{total} đơn vị, {changed} thay đổi"


def _publish_packages(root: Path) -> str:
    from tinhso.apps.procedures.actions import publish_package
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    values = _package_values(root)
    published = [publish_package(value=value, actor=SYSTEM, at=clock.now()) for value in values]
    return f"{len(values)} gói, {sum(version is not None for version in published)} phiên bản mới"


def _publish_exchange(root: Path) -> str:
    from django.conf import settings

    from tinhso.apps.directory.queries import get_province
    from tinhso.apps.exchange.actions import ensure_server_key, make_missing_keys, publish_registry
    from tinhso.apps.exchange.content import load_registry
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    value, at = load_registry(root), clock.now()
    members = publish_registry(value=value, actor=SYSTEM, at=at)
    made = make_missing_keys(actor=SYSTEM, at=at)
    if settings.DEMO and "agencies" in value:  # elsewhere the operator says under which names the server is reached
        province = get_province(at.astimezone(clock.PROVINCE_TIME).date())
        owner = f"{value['instance']}/{value['agencies']['class']}/{province.code}/gateway"
        made += ensure_server_key(owner=owner, hosts=("localhost", "127.0.0.1"), actor=SYSTEM, at=at) is not None
    return ("không đổi" if members is None else f"{members} thành viên") + (f", {made} khóa mới" if made else "")


def _publish_catalogue(root: Path) -> str:
    from tinhso.apps.procedures.actions import publish_curated
    from tinhso.apps.procedures.content import ContentError, load_catalogue
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    entries, problems = load_catalogue(root)
    if problems:
        raise ContentError(problems)
    codes = publish_curated(entries=entries, actor=SYSTEM, at=clock.now())
    return f"{len(entries)} thủ tục, {len(codes)} phiên bản mới"


def _publish_synonyms(root: Path) -> str:
    from tinhso.apps.procedures.actions import publish_synonyms
    from tinhso.apps.procedures.content import ContentError, load_synonyms
    from tinhso.apps.procedures.data import to_json
    from tinhso.apps.procedures.queries import list_synonym_sets
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    latest = next(iter(list_synonym_sets(limit=1)), None)
    if latest is not None and latest.published_by != SYSTEM.name:
        # An official's words are worth more than the file that came with the software.
        return f"giữ bộ số {latest.number} do {latest.published_by} công bố"
    synonyms, problems = load_synonyms(root)
    if problems:
        raise ContentError(problems)
    number = publish_synonyms(value=to_json(synonyms), actor=SYSTEM, at=clock.now())
    return f"{len(synonyms.entries)} nhóm, " + (f"bộ số {number}" if number else "không đổi")
