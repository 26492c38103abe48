"""Pages over HTTP: how long they take at full size, how many statements they ask, what they weigh on the wire."""

import re
import statistics
import time
from pathlib import Path
from typing import Any

from bench import traffic
from bench.province import Province
from bench.tables import kib, table

_ROLES = {"one_stop_officer": "one-stop officer", "specialist": "specialist", "leader": "leader"}
_LIST_COLUMNS = ("page", "p50_ms", "p95_ms", "crowd_p95_ms", "rate", "queries", "cpu_ms")
OFFICERS = ("one_stop_officer", "specialist", "leader")
_LISTS = {
    "Việc của tôi (đầu trang)": "/can-bo/",
    "Quá hạn": "/can-bo/viec/qua-han",
    "Tất cả hồ sơ đang giải quyết": "/can-bo/viec/tat-ca",
    "Tìm theo họ tên": "/can-bo/viec/tim?q=nguyen+van",
    "Tìm theo số định danh": "/can-bo/viec/tim?q={personal_id}",
    "Tìm không thấy": "/can-bo/viec/tim?q=khong+co+ai+ten+nay",
}
_PORTAL = {
    "Trang chủ": "/",
    "Tìm thủ tục": "/tim?q=giay+phep+xay+dung",
    "Trang thủ tục": "/thu-tuc/1.013225",
    "Tra cứu hồ sơ": "/tra-cuu",
    "Kiểm tra giấy tờ": "/kiem-tra",
}
_TIMED_IN_PROCESS = 15
_LINKED = re.compile(rb'(?:href|src)="(/static/[^"]+\.(?:css|js|svg|png|webp|woff2|ico))"')
_FONTS = re.compile(rb"url\([\"']?([^\"')]+\.woff2)")


def open_session(username: str) -> tuple[str, Any]:
    """A signed-in officer's session, made as the sign-in pages make it; returns its key and the actor."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest

    from tinhso.apps.accounts import queries
    from tinhso.apps.accounts.models import Account
    from tinhso.interfaces.access import sessions
    from tinhso.kernel import clock

    account = Account.objects.get(username=username)
    request = HttpRequest()
    request.session = SessionStore()
    request.session.update({
        SESSION_KEY: str(account.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: account.get_session_auth_hash(),
    })  # fmt: skip
    sessions.begin(request, at=clock.now(), has_second_factor=True)
    request.session.save()
    return str(request.session.session_key), queries.get_actor(account.pk, at=clock.now())


def measure(province: Province, *, requests: int) -> dict[str, Any]:
    """Lists and searches of officers at full size, and the weights of the portal's pages."""
    found: dict[str, Any] = {"requests": requests, "lists": [], "weights": []}
    for role in OFFICERS:
        username = busiest(role)
        if not username:
            print(f"   no {role} has a case in sight: left out", flush=True)
            continue
        key, actor = open_session(username)
        seen = _visible(actor)
        cookie = {"Cookie": f"sessionid={key}"}
        for name, path in _LISTS.items():
            address = path.format(personal_id=seen["personal_id"])
            found["lists"].append({
                "officer": role, "visible": seen["count"], "page": name, "path": path,
                **_timed(province.port, address, cookie, requests), **_in_process(address, key),
            })  # fmt: skip
        if role == OFFICERS[0]:
            found["weights"] += [weigh(province.port, "Danh sách việc", "/can-bo/", cookie)]
            code = seen["code"]
            found["weights"] += [weigh(province.port, "Trang hồ sơ", f"/can-bo/ho-so/{code}", cookie)]
    found["weights"] = [weigh(province.port, name, path, {}) for name, path in _PORTAL.items()] + found["weights"]
    found["portal"] = [
        {"page": name, **_timed(province.port, path, {}, requests), **_in_process(path, "")}
        for name, path in _PORTAL.items()
    ]
    return found


def weigh(port: int, name: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    """Bytes on the wire of a page and of all it links to: the first visit, and the next with files in the cache."""
    page, plain = _fetch(port, path, headers)
    files, pending, bytes_of_files = set[str](), {m.decode() for m in _LINKED.findall(plain)}, 0
    while pending:
        address = pending.pop()
        files.add(address)
        wire, content = _fetch(port, address, {})
        bytes_of_files += wire
        if address.endswith(".css"):
            folder = Path(address).parent
            # Fonts count whole, though a browser fetches only those whose letters occur.
            fonts = {str((folder / m.decode()).as_posix()) for m in _FONTS.findall(content) if b"data:" not in m}
            pending |= {_normal(font) for font in fonts} - files
    return {"page": name, "html": page, "files": len(files), "first": page + bytes_of_files, "next": page}


def _normal(address: str) -> str:
    parts: list[str] = []
    for part in address.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _fetch(port: int, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    packed = traffic.ask_once(
        port, traffic.render("GET", path, port=port, headers={**headers, "Accept-Encoding": "gzip, br"})
    )
    plain = traffic.ask_once(port, traffic.render("GET", path, port=port, headers=headers))
    if packed.status != 200 or plain.status != 200:
        raise traffic.TrafficError(f"{path}: {packed.status}, {plain.status}: {plain.body[:300]!r}")
    return len(packed.body), plain.body


def _timed(port: int, path: str, headers: dict[str, str], requests: int) -> dict[str, float]:
    request = traffic.render("GET", path, port=port, headers={**headers, "Accept-Encoding": "gzip, br"})
    # Once by every client, so that no web process meets the page for the first time while it is timed.
    traffic.run(port, [request] * 2 * traffic.CLIENTS, clients=traffic.CLIENTS)
    alone = traffic.run(port, [request] * requests, clients=1)
    crowd = traffic.run(port, [request] * requests, clients=traffic.CLIENTS)
    return {
        "p50_ms": round(alone.percentile_ms(0.5), 1), "p95_ms": round(alone.percentile_ms(0.95), 1),
        "crowd_p95_ms": round(crowd.percentile_ms(0.95), 1), "rate": round(crowd.rate, 1),
    }  # fmt: skip


def busiest(role: str) -> str:
    """The officer of a role who has the most cases in sight, whose pages are the slowest; empty when none has any."""
    from tinhso.apps.accounts import queries
    from tinhso.apps.accounts.models import Account, RoleAssignment
    from tinhso.kernel import clock

    at = clock.now()
    holders = sorted(set(RoleAssignment.objects.filter(role=role).values_list("account_id", flat=True)))
    seen = {pk: _count_visible(queries.get_actor(pk, at=at)) for pk in holders}
    if not any(seen.values()):
        return ""
    return str(Account.objects.get(pk=max(seen, key=lambda pk: seen[pk])).username)


def _visible(actor: Any) -> dict[str, Any]:
    from tinhso.apps.cases.models import Case
    from tinhso.apps.cases.queries import list_cases
    from tinhso.kernel import clock

    first = list_cases(actor=actor, now=clock.now(), limit=1).items[0]
    case = Case.objects.get(pk=first.id)
    return {"count": _count_visible(actor), "personal_id": case.applicant_personal_id, "code": case.code}


def _count_visible(actor: Any) -> int:
    from tinhso.apps.cases.queries._visibility import visible_to

    return visible_to(actor).count()


def _in_process(path: str, session_key: str) -> dict[str, float]:
    """Of one request, with the same application in this process: its statements, and the processor time it takes Python."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    if session_key:
        client.cookies["sessionid"] = session_key
    client.get(path, headers={"host": "localhost"})
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path, headers={"host": "localhost"})
    if response.status_code != 200:
        raise traffic.TrafficError(f"{path}: {response.status_code}")
    counted = sum(not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in captured)
    times = []
    for _ in range(_TIMED_IN_PROCESS):
        before = time.process_time()
        client.get(path, headers={"host": "localhost"})
        times.append(time.process_time() - before)
    return {"queries": counted, "cpu_ms": round(statistics.median(times) * 1000, 1)}


def tell(found: dict[str, Any], figures: dict[str, Any]) -> str:
    """This part of the report."""
    cases = f"{figures['data']['cases_case']:,} cases" if "data" in figures else "the demo's cases"
    lists = [
        (_ROLES[r["officer"]], f"{r['visible']:,}", *(r[key] for key in _LIST_COLUMNS)) for r in found["lists"]
    ]  # fmt: skip
    portal = [(r["page"], r["p50_ms"], r["p95_ms"], r["crowd_p95_ms"], r["rate"], r["cpu_ms"]) for r in found["portal"]]
    weights = [(w["page"], kib(w["html"]), w["files"], kib(w["first"]), kib(w["next"])) for w in found["weights"]]
    return (
        f"### Pages at {cases}\n\n{found['requests']} requests each, as a signed-in officer; first one client, then 8 (8)."
        " CPU: the processor time of Python for one request, median, without the database's.\n\n"
        + table(
            [
                "officer",
                "cases in sight",
                "page",
                "p50 ms",
                "p95 ms",
                "p95 ms, 8 clients",
                "pages/s, 8 clients",
                "statements",
                "CPU ms",
            ],
            lists,
        )
        + "\n\nThe portal:\n\n"
        + table(["page", "p50 ms", "p95 ms", "p95 ms, 8 clients", "pages/s, 8 clients", "CPU ms"], portal)
        + "\n\n### Weights on the wire\n\nBytes of bodies as sent to a browser that takes gzip and brotli; every font of a"
        " style sheet is counted, though a browser fetches only those it needs.\n\n"
        + table(["page", "HTML KiB", "files", "first visit KiB", "next visit KiB"], weights)
    )
