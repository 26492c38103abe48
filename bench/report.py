"""The report in words and tables; the page keeps everything outside its markers."""

from pathlib import Path
from typing import Any

from bench import aims
from bench.parts import PARTS
from bench.tables import table

# What stands between the markers of each name is written here.
_REGION = "<!-- {name}: {place} -->"


def write(page: Path, figures: dict[str, Any]) -> None:
    """Put the aims and the figures between their markers of the page."""
    whole = page.read_text(encoding="utf-8")
    for name, body in (("aims", aims.tell(figures)), ("bench", text(figures))):
        begin, end = (_REGION.format(name=name, place=place) for place in ("begin", "end"))
        before, _, rest = whole.partition(begin)
        _, _, after = rest.partition(end)
        whole = f"{before}{begin}\n\n{body.strip()}\n\n{end}{after}"
    page.write_text(whole, encoding="utf-8")


def text(figures: dict[str, Any]) -> str:
    """The figures as Markdown."""
    told = [part.tell(figures[part.name], figures) for part in PARTS if part.name in figures]
    return "\n\n".join([_setting(figures), *told, _budgets(figures)]) + "\n"


def _setting(figures: dict[str, Any]) -> str:
    here, profile, watch = figures["machine"], figures["profile"], figures["watch"]
    versions = ", ".join(f"{name} {number}" for name, number in here["versions"].items())
    return (
        f"Measured {here['date']} at commit `{here['commit']}`, profile `{profile['name']}`, {figures['seconds']} s in all"
        f"{', in a province kept from an earlier run' if figures['reused'] else ''}.\n\n"
        f"Machine: {here['cores']} × {here['cpu']}, {here['memory_gib']} GiB memory, {here['system']}. Python"
        f" {here['python']}, {versions}. Load generator, web server and database share the machine; every commit waits for"
        f" the disk (`fsync` on).\n\n**How quiet it was**: other work kept {watch['others_cores']} of {here['cores']}"
        f" processors busy on average, the bench {watch['own_cores']}, the host withheld {watch['steal_cores']}; load at the"
        f" end {watch['load']}. {aims.how_quiet(figures)}"
    )


def _budgets(figures: dict[str, Any]) -> str:
    rows = [
        (part.name, part.budget_s, watch["seconds"], watch["others_cores"], watch["steal_cores"])
        for part in PARTS
        if (watch := figures["parts"].get(part.name))
    ]
    head = ("part", "budget s", "took s", "cores busy with other work", "cores withheld")
    return f"### What each part took\n\nBudgets are of the small profile on two quiet cores.\n\n{table(head, rows)}"
