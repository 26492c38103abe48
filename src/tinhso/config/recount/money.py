"""Money: what came in, what the book says and what the receipts say are one sum; notices told once; no job left over."""

from typing import Any, NamedTuple

import psycopg

from tinhso.config.recount.findings import Tally


class _Check(NamedTuple):
    """What is counted by one statement; another gives a row, where and values for the words, for each thing wrong."""

    kind: str
    counted: str
    total: str
    wrong: str
    words: str


_CHECKS = (
    _Check(
        "bút toán lệch", "bút toán", "SELECT count(*) FROM payments_ledgerentry",
        "SELECT e.key, coalesce(sum(p.amount_vnd), 0), count(p.id) FROM payments_ledgerentry e"
        " LEFT JOIN payments_ledgerposting p ON p.entry_id = e.id GROUP BY e.id HAVING coalesce(sum(p.amount_vnd), 0) <> 0"
        " OR count(p.id) < 2",
        "các vế cộng lại {0} đồng, {1} vế",
    ),
    _Check(
        "khoản thu không khớp sổ", "khoản phải nộp", "SELECT count(*) FROM payments_paymentorder",
        "SELECT o.case_code, o.paid_vnd, coalesce(m.sum, 0), coalesce(l.sum, 0) FROM payments_paymentorder o"
        " LEFT JOIN (SELECT order_id, sum(amount_vnd) FROM payments_payment WHERE state = 'matched' GROUP BY 1) m"
        " ON m.order_id = o.id"
        " LEFT JOIN (SELECT p.order_id, sum(p.amount_vnd) FROM payments_ledgerposting p JOIN payments_ledgerentry e"
        " ON e.id = p.entry_id WHERE e.kind IN ('payment', 'correction', 'match') AND p.amount_vnd > 0"
        " AND p.account NOT LIKE 'receivable:%' AND p.account NOT LIKE 'excess:%' GROUP BY 1) l ON l.order_id = o.id"
        " WHERE NOT EXISTS (SELECT 1 FROM audit_entry c WHERE c.stream = 'paymentorder:' || o.id"
        " AND c.type IN ('payment.corrected', 'payment.matched'))"
        " AND (o.paid_vnd <> coalesce(m.sum, 0) OR o.paid_vnd <> coalesce(l.sum, 0))",
        "khoản thu ghi {0}, tiền về {1}, sổ {2}",
    ),
    _Check(
        "khoản phải nộp sai số", "khoản phải nộp (số còn nợ)", "SELECT count(*) FROM payments_paymentorder",
        "SELECT o.case_code, o.amount_vnd - least(o.paid_vnd, o.amount_vnd), coalesce(sum(p.amount_vnd), 0)"
        " FROM payments_paymentorder o LEFT JOIN payments_ledgerposting p ON p.order_id = o.id"
        " AND p.account = 'receivable:' || o.unit_id WHERE o.status IN ('due', 'partly_paid', 'paid') GROUP BY o.id"
        " HAVING o.amount_vnd - least(o.paid_vnd, o.amount_vnd) <> coalesce(sum(p.amount_vnd), 0)",
        "còn nợ {0}, sổ ghi {1}",
    ),
    _Check(
        "tiền không vào nhật ký một lần", "khoản tiền về", "SELECT count(*) FROM payments_payment",
        "SELECT p.id, count(e.id) FROM payments_payment p LEFT JOIN audit_entry e ON e.type = 'payment.taken'"
        " AND (e.payload ->> 'payment_id')::bigint = p.id GROUP BY 1 HAVING count(e.id) <> 1",
        "nhật ký ghi {0} lần",
    ),
    _Check(
        "xác nhận nộp không một lần", "khoản đã nộp đủ",
        "SELECT count(*) FROM payments_paymentorder WHERE paid_at IS NOT NULL",
        "SELECT o.case_code, count(e.id) FROM payments_paymentorder o LEFT JOIN audit_entry e"
        " ON e.type = 'payment.confirmed' AND e.stream = 'paymentorder:' || o.id WHERE o.paid_at IS NOT NULL GROUP BY o.id"
        " HAVING count(e.id) <> 1",
        "nhật ký ghi {0} lần",
    ),
    _Check(
        "biên lai không khớp", "biên lai", "SELECT count(*) FROM receipts_receipt",
        "SELECT coalesce(o.case_code, r.payment_key), count(r.id), coalesce(sum(r.amount_vnd), 0), o.amount_vnd"
        " FROM payments_paymentorder o FULL JOIN receipts_receipt r ON r.payment_key = 'order:' || o.id"
        " WHERE (r.id IS NULL OR r.replaces_id IS NULL) AND (o.paid_at IS NOT NULL OR r.id IS NOT NULL)"
        " GROUP BY o.id, o.case_code, r.payment_key HAVING o.id IS NULL OR count(r.id) > 1"
        " OR (count(r.id) = 1 AND sum(r.amount_vnd) <> o.amount_vnd)"
        # A unit gives receipts on paper until its first one here.
        " OR (count(r.id) = 0 AND o.paid_at > (SELECT min(f.begun_at) FROM receipts_receipt f WHERE f.unit_id = o.unit_id))",
        "{0} biên lai, {1} đồng; khoản thu {2} đồng",
    ),
    _Check(
        "biên lai chưa lập xong", "biên lai đã lập", "SELECT count(*) FROM receipts_receipt WHERE status <> 'draft'",
        "SELECT r.case_code, r.id FROM receipts_receipt r WHERE r.status = 'draft'", "biên lai {0}",
    ),
    _Check(
        "ca thu tiền lệch", "ca thu tiền", "SELECT count(*) FROM payments_cashshift",
        "SELECT s.officer_name, s.id, sum(p.amount_vnd) FROM payments_cashshift s JOIN payments_ledgerposting p"
        " ON p.account = 'cash:' || s.id WHERE s.status <> 'open' GROUP BY s.id HAVING sum(p.amount_vnd) <> 0",
        "ca {0} đã chốt còn {1} đồng",
    ),
    _Check(
        "thông báo không có việc", "thông báo", "SELECT count(*) FROM notifications_notice",
        "SELECT n.source, n.code FROM notifications_notice n LEFT JOIN audit_entry e"
        " ON n.source LIKE 'entry:%' AND e.id = substr(n.source, 7)::bigint WHERE n.source LIKE 'entry:%' AND e.id IS NULL",
        "hồ sơ {0}",
    ),
    _Check(
        "thông báo không đúng một lần", "người được thông báo",
        "SELECT coalesce(sum(jsonb_array_length(payload -> 'account_ids')), 0) FROM audit_entry"
        " WHERE type = 'notice.sent' AND stream LIKE 'notice:entry:%'",
        "SELECT coalesce(t.source, n.source), coalesce(t.told, 0), coalesce(n.rows, 0) FROM"
        " (SELECT substr(stream, 8) AS source, sum(jsonb_array_length(payload -> 'account_ids')) AS told FROM audit_entry"
        "  WHERE type = 'notice.sent' AND stream LIKE 'notice:entry:%' GROUP BY 1) t FULL JOIN"
        " (SELECT source, count(*) AS rows FROM notifications_notice WHERE source LIKE 'entry:%' GROUP BY 1) n USING (source)"
        " WHERE coalesce(t.told, 0) <> coalesce(n.rows, 0)",
        "nhật ký ghi {0} người, bảng có {1}",
    ),
    _Check(
        "người nộp không được báo", "kết quả phải báo",
        "SELECT count(*) FROM audit_entry WHERE type IN ('case.resolved', 'case.supplement_requested', 'case.intake_refused')",
        "SELECT c.code, e.id FROM audit_entry e JOIN cases_case c ON e.stream = 'case:' || c.id"
        " LEFT JOIN notifications_notice n ON n.source = 'entry:' || e.id AND n.account_id = c.account_id"
        " WHERE e.type IN ('case.resolved', 'case.supplement_requested', 'case.intake_refused')"
        " AND c.account_id IS NOT NULL AND c.parent_id IS NULL AND n.id IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND (j.args ->> 'entry_id')::bigint = e.id"
        " AND j.args ->> 'handler' LIKE '%.tell_%')",
        "sự kiện {0} không có thông báo",
    ),
    _Check(
        "việc nền hỏng", "việc nền còn trong hàng chờ",
        "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')",
        "SELECT id, task_name, args::text FROM procrastinate_jobs WHERE status = 'failed'", "{0} {1}",
    ),
)  # fmt: skip


def check(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """Orders, payments, book, receipts, shifts, notices, jobs."""
    for one in _CHECKS:
        found = connection.execute(one.total.encode()).fetchone()
        tally.count(one.counted, int(found[0]) if found else 0)
        for where, *values in connection.execute(one.wrong.encode()):
            tally.wrong(one.kind, where, one.words.format(*values))
