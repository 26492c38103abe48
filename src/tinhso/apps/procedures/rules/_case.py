"""Which limit, papers and fees a case has: from the package and the facts of the case, nothing else.

The context of every expression is what a case knows: `answers`, `applicant` (full_name, personal_id, kind), `today`
(ISO date) and `channel`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from tinhso.apps.procedures.data import (
    FeeLine,
    FeeNotComputable,
    FeeReduction,
    FeeRule,
    LimitRule,
    LookupRule,
    NoLimitApplies,
    Package,
    RequiredDocument,
)
from tinhso.lib.amounts import dong
from tinhso.lib.forms.cel import Context, ExpressionError, compile_expression

_WHOLE = 100  # per cent


def holds(condition: str, context: Context) -> bool:
    """Whether a CEL condition holds; an empty one always does, one about an answer not given yet does not."""
    return not condition or compile_expression(condition).holds(context)


def condition_holds(condition: str, context: Mapping[str, Any]) -> bool:
    """Whether a condition of a package holds for what a case knows (điều kiện)."""
    return holds(condition, Context(context))


def text_of(expression: str, context: Mapping[str, Any]) -> str:
    """A text of a package for what a case knows; empty where the case does not know enough to say it."""
    try:
        found = compile_expression(expression).evaluate(Context(context)) if expression else ""
    except ExpressionError:
        return ""
    return found if isinstance(found, str) else ""


def choose_limit(package: Package, context: Mapping[str, Any]) -> LimitRule:
    """The limit of a case (thời hạn giải quyết): the first rule whose condition holds.

    Raises:
        NoLimitApplies: no rule fits the answers.
    """
    values = Context(context)
    for rule in package.limits:
        if holds(rule.when, values):
            return rule
    raise NoLimitApplies


def applicable_documents(package: Package, context: Mapping[str, Any]) -> tuple[RequiredDocument, ...]:
    """The components of the file a case must or may have (thành phần hồ sơ), in the package's order."""
    values = Context(context)
    return tuple(document for document in package.documents if holds(document.when, values))


def applicable_lookups(package: Package, context: Mapping[str, Any]) -> tuple[LookupRule, ...]:
    """The questions to data sources that a case may put (hỏi nguồn dữ liệu), in the package's order."""
    values = Context(context)
    return tuple(rule for rule in package.lookups if holds(rule.when, values))


def compute_fees(
    package: Package, context: Mapping[str, Any], *, evidence: Collection[str] | None = None
) -> list[FeeLine]:
    """The fees and charges of a case (phí, lệ phí) in đồng; a rule whose condition does not hold gives no line.

    `evidence` names the components that are in the file; None while nobody knows yet: then a reduction that needs a
    paper is not counted, and the words say what paper would bring it. Of several reductions the largest is taken.

    Raises:
        FeeNotComputable: an amount cannot be computed from the answers, or is not a whole number of đồng from 0.
    """
    values, today = Context(context), str(context.get("today", ""))
    lines = []
    for rule in package.fees:
        if not _is_valid(rule, today) or not holds(rule.when, values):
            continue
        try:
            amount = compile_expression(rule.amount_vnd).evaluate(values)
        except ExpressionError as error:
            raise FeeNotComputable from error
        # CEL numbers of JSON answers may be doubles; a whole one is a number of đồng, a fraction is an error.
        if isinstance(amount, float) and amount.is_integer():
            amount = int(amount)
        if isinstance(amount, bool) or not isinstance(amount, int) or amount < 0:
            raise FeeNotComputable
        reduced, words, guessed = _reduced(package, rule, amount, values, today=today, evidence=evidence)
        lines.append(
            FeeLine(
                rule.name, reduced, rule.basis, rule.assumed or guessed, key=rule.key, kind=rule.kind, collected=rule.collected,
                words=words,
            )
        )  # fmt: skip
    return lines


def _reduced(
    package: Package, rule: FeeRule, amount: int, values: Context, *, today: str, evidence: Collection[str] | None
) -> tuple[int, str, bool]:
    """The amount after the best reduction, in words how it came about, and whether that reduction is assumed."""
    possible = [one for one in rule.reductions if _is_valid(one, today) and holds(one.when, values)]
    proved = [one for one in possible if not one.evidence or one.evidence in (evidence or ())]
    best = max(proved, key=lambda one: one.percent, default=None)
    sentences = []
    if best is not None and amount:
        share = "miễn" if best.percent == _WHOLE else f"giảm {best.percent}%"
        basis = f" ({best.basis.label()})" if best.basis else ""
        sentences.append(f"Mức {dong(amount)}, {share}: {best.name}{basis}.")
        amount = amount * (_WHOLE - best.percent) // _WHOLE
    better = [one for one in possible if one not in proved and (best is None or one.percent > best.percent)]
    for one in better:
        paper = next((document.name for document in package.documents if document.key == one.evidence), one.evidence)
        share = "Được miễn" if one.percent == _WHOLE else f"Được giảm {one.percent}%"
        sentences.append(f"{share} ({one.name}) khi có: {paper}.")
    return amount, " ".join(sentences), best is not None and best.assumed


def _is_valid(value: FeeRule | FeeReduction, today: str) -> bool:
    """Whether a dated rule holds on a day (ISO text, which sorts as days do)."""
    return (value.valid_from is None or value.valid_from.isoformat() <= today) and (
        value.valid_to is None or today <= value.valid_to.isoformat()
    )
