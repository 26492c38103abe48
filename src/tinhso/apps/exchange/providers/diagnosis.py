"""The way to a provider's software, one step after the other: name, port, TLS, certificate, an answer. Bounded in time."""

import socket
import ssl
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from tinhso.apps.exchange.data import DiagnosisStep

NAME, PORT, TLS, CERTIFICATE, ANSWER = (
    "Tìm tên máy",
    "Nối tới cổng",
    "Bắt tay TLS",
    "Chứng thư máy chủ",
    "Dịch vụ trả lời",
)
_STEP_SECONDS = 3.0


def steps_to(
    address: str, *, authority: Path | None, shown: tuple[Path, Path] | None, at: datetime,
    seconds: float = _STEP_SECONDS, believed: str = "",
) -> Iterator[DiagnosisStep]:  # fmt: skip
    """Each step as it is done; after one that fails the rest is told as not tried. At most `seconds` for each.

    `believed`: the only certificates (PEM) to believe, as towards another exchange server.
    """
    parts = urlsplit(address)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    names = [NAME, PORT, *((TLS, CERTIFICATE) if is_tls else ()), ANSWER]
    context = _context(authority, shown, believed) if is_tls else None
    done = []
    with ExitStack() as stack:
        for step in _steps(stack, host, port, f"{parts.path}" or "/", context, at, seconds):
            done.append(step.name)
            yield step
    yield from (
        DiagnosisStep(name, None, "Chưa thử, vì bước trước không qua.", 0.0) for name in names if name not in done
    )


def _steps(
    stack: ExitStack, host: str, port: int, path: str, context: ssl.SSLContext | None, at: datetime, seconds: float
) -> Iterator[DiagnosisStep]:
    began = time.perf_counter()
    found = _resolved(host, port, seconds)
    if isinstance(found, str):
        yield _step(NAME, False, found, began)
        return
    yield _step(NAME, True, f"{host} là {', '.join(found[:3])}.", began)
    began = time.perf_counter()
    try:
        connection = stack.enter_context(socket.create_connection((host, port), timeout=seconds))
    except TimeoutError:
        yield _step(PORT, False, f"Cổng {port} không trả lời sau {seconds:g} giây: có thể bị tường lửa chặn.", began)
        return
    except ConnectionRefusedError:
        yield _step(PORT, False, f"Cổng {port} từ chối kết nối: không có phần mềm nào chạy ở đó.", began)
        return
    except OSError as error:
        yield _step(PORT, False, f"Không nối được tới cổng {port}: {_reason(error)}.", began)
        return
    yield _step(PORT, True, f"Đã nối tới {host} cổng {port}.", began)
    if context is not None:
        secured = yield from _tls(stack, connection, host, port, context, at, seconds)
        if secured is None:
            return
        connection = secured
    began = time.perf_counter()
    ok, words = _asked(connection, host, path, seconds)
    yield _step(ANSWER, ok, words, began)


def _context(authority: Path | None, shown: tuple[Path, Path] | None, believed: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if believed:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=believed)
    elif authority is not None:
        context.load_verify_locations(authority)
    if shown is not None:
        context.load_cert_chain(*shown)
    return context


def _tls(
    stack: ExitStack,
    connection: socket.socket,
    host: str,
    port: int,
    context: ssl.SSLContext,
    at: datetime,
    seconds: float,
) -> Generator[DiagnosisStep, None, ssl.SSLSocket | None]:
    began = time.perf_counter()
    try:
        secured = stack.enter_context(context.wrap_socket(connection, server_hostname=host))
    except ssl.SSLCertVerificationError as error:
        yield _step(TLS, False, "Máy chủ có nói TLS, nhưng chứng thư không được tin cậy.", began)
        began = time.perf_counter()
        whose = _whose(_certificate(host, port, seconds), at)
        yield _step(CERTIFICATE, False, f"{_why(error, host)} {whose}", began)
        return None
    except TimeoutError:
        yield _step(TLS, False, f"Máy chủ không bắt tay sau {seconds:g} giây.", began)
        return None
    except (ssl.SSLError, OSError) as error:
        yield _step(TLS, False, f"Máy chủ không nói TLS ở cổng này: {_reason(error)}.", began)
        return None
    yield _step(TLS, True, f"{secured.version()}, {(secured.cipher() or ('',))[0]}.", began)
    began = time.perf_counter()
    yield _step(CERTIFICATE, True, _whose(secured.getpeercert(binary_form=True), at), began)
    return secured


def _resolved(host: str, port: int, seconds: float) -> list[str] | str:
    """Addresses of a host, or why there are none. The system's resolver takes no time limit: it is waited for beside."""
    told: list[list[str] | str] = []

    def resolve() -> None:
        try:
            told.append(sorted({str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}))
        except (OSError, UnicodeError) as error:
            told.append(f"Không tìm thấy máy «{host}»: {_reason(error)}.")

    beside = threading.Thread(target=resolve, daemon=True)
    beside.start()
    beside.join(seconds)
    return told[0] if told else f"Máy chủ tên miền không trả lời sau {seconds:g} giây."


def _asked(connection: socket.socket, host: str, path: str, seconds: float) -> tuple[bool, str]:
    """Ask for the head of the base address: any HTTP answer shows that the software lives."""
    connection.settimeout(seconds)
    try:
        connection.sendall(
            f"HEAD {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("ascii", "replace")
        )
        first = connection.recv(4_096).split(b"\r\n", 1)[0].decode("latin-1")
    except TimeoutError:
        return False, f"Đã nối được nhưng phần mềm không trả lời sau {seconds:g} giây."
    except OSError as error:
        return False, f"Kết nối bị cắt khi đang hỏi: {_reason(error)}."
    words = first.split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        return False, "Máy chủ trả lời, nhưng không phải HTTP."
    status = int(words[1])
    if status >= 500:
        return False, f"Phần mềm trả lời lỗi {status}."
    return True, f"Phần mềm trả lời (mã {status})."


def _certificate(host: str, port: int, seconds: float) -> bytes | None:
    """What the server shows, without believing it; only to tell whose it is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=seconds) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            return secured.getpeercert(binary_form=True)
    except OSError:
        return None


def _whose(raw: bytes | None, at: datetime) -> str:
    if not raw:
        return "Không đọc được chứng thư."
    try:
        found = x509.load_der_x509_certificate(raw)
    except ValueError:
        return "Không đọc được chứng thư."
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    issuers = found.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    left = (found.not_valid_after_utc - at.astimezone(UTC)).days
    told = f"còn {left} ngày" if left >= 0 else "đã hết hạn"
    subject = _text(names[0].value) if names else "(không ghi tên)"
    issuer = _text(issuers[0].value) if issuers else "(không rõ)"
    return f"Cấp cho {subject}, bởi {issuer}, hiệu lực đến {found.not_valid_after_utc:%d/%m/%Y} ({told})."


def _why(error: ssl.SSLCertVerificationError, host: str) -> str:
    if error.verify_code == 10:
        return "Chứng thư đã hết hạn."
    if error.verify_code in {62, 64}:
        return f"Chứng thư không phải của «{host}»."
    return "Nơi cấp chứng thư không thuộc danh sách tin cậy."


def _step(name: str, ok: bool, words: str, began: float) -> DiagnosisStep:
    return DiagnosisStep(name, ok, words, (time.perf_counter() - began) * 1_000)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error) or type(error).__name__)[
        :120
    ]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
