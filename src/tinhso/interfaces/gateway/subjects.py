"""Whom a call is about, as content says where its number lies; only the keyed hash of it goes on."""

from tinhso.apps.exchange.data import ServiceData, found_subject, subject_mark
from tinhso.interfaces.gateway import providers
from tinhso.interfaces.gateway.calls import Call


def mark_of(key: bytes | None, service: ServiceData, call: Call, body: bytes | None) -> bytes | None:
    """What stands in the log for the person asked about; None where nothing is declared or found."""
    if key is None or not service.subjects:
        return None
    for endpoint, place in service.subjects.items():
        if not providers.is_endpoint(endpoint, call):
            continue
        number = found_subject(place, path=call.target.path, query=call.query, headers=call.headers, body=body)
        if number:
            return subject_mark(key, place.about, number)
    return None
