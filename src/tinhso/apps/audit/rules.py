"""How a row of the log becomes a leaf of its seal."""

from datetime import UTC, datetime
from typing import Any

from tinhso.lib.canonical import canonical_json
from tinhso.lib.merkle import leaf_hash


def entry_leaf(
    *,
    id: int,
    stream: str,
    sequence: int,
    type: str,
    payload: dict[str, Any],
    actor_kind: str,
    actor_id: int | None,
    actor_name: str,
    at: datetime,
    recorded_at: datetime,
) -> bytes:
    """Leaf hash of one row; every stored column takes part, so that a change of any of them shows."""
    return leaf_hash(
        canonical_json(
            {
                "id": id,
                "stream": stream,
                "sequence": sequence,
                "type": type,
                "payload": payload,
                "actor_kind": actor_kind,
                "actor_id": actor_id,
                "actor_name": actor_name,
                "at": at.astimezone(UTC).isoformat(),
                "recorded_at": recorded_at.astimezone(UTC).isoformat(),
            }
        )
    )


def head_bytes(*, number: int, size: int, root: bytes, previous_head: bytes, sealed_at: datetime) -> bytes:
    """The canonical bytes of a seal's head, which the next seal's head covers (a chain of heads, not of rows)."""
    return canonical_json(
        {
            "number": number,
            "size": size,
            "root": root.hex(),
            "previous": previous_head.hex(),
            "sealed_at": sealed_at.astimezone(UTC).isoformat(),
        }
    )
