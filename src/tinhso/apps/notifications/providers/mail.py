"""E-mail by SMTP, many over one connection. The number of a letter stays the same when it is sent again."""

import smtplib
from collections.abc import Iterator, Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from tinhso.apps.notifications.data import Outcome, Outgoing

_PERMANENT = 500


def is_open() -> bool:
    """Whether letters can go out."""
    return bool(settings.MESSAGING["email"])


def send_all(messages: Sequence[Outgoing]) -> Iterator[tuple[Outgoing, Outcome]]:
    """Send letters one after another; what became of each. A server that is down puts all of them off."""
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        yield from ((one, Outcome(taken=False, error=f"máy chủ thư: {_words(error)}")) for one in messages)
        return
    try:
        for one in messages:
            yield one, _send(connection, one)
    finally:
        connection.close()


def _send(connection: object, message: Outgoing) -> Outcome:
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    number = f"<{message.key}@{host}>"
    headers = {"Message-ID": number, "Auto-Submitted": "auto-generated"}
    text = message.text
    if message.unsubscribe:
        headers |= {
            "List-Unsubscribe": f"<{message.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        text += f"\n\nKhông muốn nhận loại thư này nữa: {message.unsubscribe}"
    letter = EmailMessage(
        subject=message.title, body=text, to=[message.address], headers=headers,
        connection=connection,  # type: ignore[arg-type]  # an open backend
    )  # fmt: skip
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return Outcome(taken=False, provider="smtp", error=f"{code} {_words(said)}", final=code >= _PERMANENT)
    except smtplib.SMTPResponseException as error:
        final = error.smtp_code >= _PERMANENT
        return Outcome(taken=False, provider="smtp", error=f"{error.smtp_code} {_words(error.smtp_error)}", final=final)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(taken=False, provider="smtp", error=_words(error))
    return Outcome(taken=True, provider="smtp", provider_id=number[:100])


def _words(said: object) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split())[:160]
