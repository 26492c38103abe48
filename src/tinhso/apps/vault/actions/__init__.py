"""Changing vaults. What enters one and how it ends follows from acts on cases; a person shares and takes home."""

from tinhso.apps.vault.actions._exports import ask_export, finish_export, note_export, remove_export, take_export
from tinhso.apps.vault.actions._keeping import (
    end_document,
    keep_document,
    remind_of_expiry,
    renew_document,
    tell_of_last_day,
)
from tinhso.apps.vault.actions._sharing import open_share, revoke_share, share_document

__all__ = [
    "ask_export",
    "end_document",
    "finish_export",
    "keep_document",
    "note_export",
    "open_share",
    "remind_of_expiry",
    "remove_export",
    "renew_document",
    "revoke_share",
    "share_document",
    "take_export",
    "tell_of_last_day",
]
