"""What changes signing keys, services and requests. Everything public is named here; the files behind may move."""

from tinhso.apps.signatures.actions._anchors import add_trust_anchor
from tinhso.apps.signatures.actions._handover import hand_over, record_return_refused, refuse_to_sign, use_link
from tinhso.apps.signatures.actions._keys import (
    create_paper_key,
    create_test_authority,
    issue_key,
    record_signature,
    revoke_key,
    take_key,
)
from tinhso.apps.signatures.actions._papers import (
    claim_papers,
    keep_paper,
    record_not_strengthened,
    record_strengthened,
    retry_papers,
    want_archived,
)
from tinhso.apps.signatures.actions._pictures import set_picture
from tinhso.apps.signatures.actions._requests import (
    begin_request,
    claim_round,
    give_round_back,
    record_answer,
    record_poll,
    record_prepared,
    record_sent,
    switch_signer,
)
from tinhso.apps.signatures.actions._services import choose_signer, end_choice, set_service

__all__ = [
    "add_trust_anchor",
    "begin_request",
    "choose_signer",
    "claim_papers",
    "claim_round",
    "create_paper_key",
    "create_test_authority",
    "end_choice",
    "give_round_back",
    "hand_over",
    "issue_key",
    "keep_paper",
    "record_answer",
    "record_not_strengthened",
    "record_poll",
    "record_prepared",
    "record_return_refused",
    "record_sent",
    "record_signature",
    "record_strengthened",
    "refuse_to_sign",
    "retry_papers",
    "revoke_key",
    "set_picture",
    "set_service",
    "switch_signer",
    "take_key",
    "use_link",
    "want_archived",
]
