"""Typed readers of the environment. A wrong value stops the start with one sentence."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class WrongSetting(SystemExit):
    """A setting has a value the product cannot start with."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"Cấu hình {name} không hợp lệ: {problem}")


def text(name: str, default: str = "") -> str:
    """A string."""
    return os.environ.get(name, default)


def integer(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number between two bounds, both included."""
    raw = os.environ.get(name, "")
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise WrongSetting(name, f"«{raw}» không phải số nguyên") from None
    if not low <= value <= high:
        raise WrongSetting(name, f"{value} nằm ngoài khoảng {low}-{high}")
    return value


def boolean(name: str, *, default: bool) -> bool:
    """`1`, `true`, `yes` or `0`, `false`, `no`."""
    raw = os.environ.get(name, "").lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes"}:
        return True
    if raw in {"0", "false", "no"}:
        return False
    raise WrongSetting(name, f"«{raw}» không phải 1 hoặc 0")


def choice(name: str, default: str, *, among: tuple[str, ...]) -> str:
    """One of a few words."""
    value = os.environ.get(name, "") or default
    if value not in among:
        raise WrongSetting(name, f"«{value}» không phải một trong {', '.join(among)}")
    return value


def items(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    raw = os.environ.get(name, "")
    return [part.strip() for part in raw.split(",") if part.strip()] if raw else default


def secret(name: str, *, file: Path | None = None) -> str:
    """A secret from `NAME_FILE`, from the given file, or (for containers) from `NAME`."""
    path = os.environ.get(f"{name}_FILE")
    if path or (file and file.exists()):
        source = Path(path) if path else file
        assert source is not None  # noqa: S101 - narrowed by the condition above
        try:
            return source.read_text().strip()
        except OSError as error:
            raise WrongSetting(f"{name}_FILE", f"không đọc được {source}: {error.strerror}") from None
    return os.environ.get(name, "")


# Of several servers the one that takes writes; one that is gone without a word is given up in seconds, not minutes.
_SEVERAL_HOSTS = {
    "target_session_attrs": "read-write", "connect_timeout": "3", "tcp_user_timeout": "10000",
    "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3",
}  # fmt: skip


def database(url: str) -> dict[str, object]:
    """Django's settings of one PostgreSQL database from `postgresql://user:password@host:port/name?option=value`.

    Several servers of one database (a primary and its standbys) stand as `host:port,host:port`: each new connection goes to
    the one that takes writes, so that a fail-over needs nothing to be changed or restarted here.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise WrongSetting("DATABASE_URL", str(error)) from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise WrongSetting("DATABASE_URL", "phải bắt đầu bằng postgresql://")
    servers = [urlsplit(f"//{one}") for one in parts.netloc.rpartition("@")[2].split(",")]
    try:
        ports = [str(server.port or "") for server in servers]
    except ValueError:
        raise WrongSetting("DATABASE_URL", "cổng không phải số từ 1 đến 65535") from None
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or ",".join(unquote(server.hostname or "") for server in servers)
    if len(servers) > 1:
        options = {**_SEVERAL_HOSTS, **options}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "tinhso",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": ",".join(port or "5432" for port in ports) if len(servers) > 1 else ports[0],
        "OPTIONS": options,
    }
