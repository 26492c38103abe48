"""What the mail servers may read: views only, for a database role of their own that sees nothing else.

Dates are judged when a letter comes, so that nothing need run at midnight for an alias or a term to end.
"""

from django.db import migrations

_TODAY = "(now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"

VIEWS = {
    # Every address that still leads to a box, open or closed. For the other views.
    "mail_live": """
        SELECT address, mailbox_id, is_main FROM mailboxes_mailaddress
         WHERE mailbox_id IS NOT NULL AND (until IS NULL OR until >= TODAY)
    """,
    # Boxes that letters are put into, by their main address.
    "mail_box": """
        SELECT a.address, m.id AS box, m.quota_mb FROM mailboxes_mailbox m
          JOIN mailboxes_mailaddress a ON a.mailbox_id = m.id AND a.is_main
         WHERE m.state = 'open'
    """,
    # Boxes whose letters are kept, closed ones too: where they lie, for whoever keeps the server.
    "mail_store": """
        SELECT a.address, m.id AS box, m.quota_mb FROM mailboxes_mailbox m
          JOIN mailboxes_mailaddress a ON a.mailbox_id = m.id AND a.is_main
         WHERE m.state IN ('open', 'closed')
    """,
    # Where letters to an address go: aliases, forwarding, successors of the closed, lists.
    "mail_route": """
        SELECT l.address, b.address AS target FROM mail_live l JOIN mail_box b ON b.box = l.mailbox_id WHERE NOT l.is_main
        UNION ALL
        SELECT b.address, f.target FROM mail_box b JOIN mailboxes_forwarding f ON f.mailbox_id = b.box
         WHERE f.state = 'active'
        UNION ALL
        SELECT b.address, b.address FROM mail_box b JOIN mailboxes_forwarding f ON f.mailbox_id = b.box
         WHERE f.state = 'active' AND f.keeps_copy
        UNION ALL
        SELECT l.address, s.address FROM mailboxes_mailbox m JOIN mail_live l ON l.mailbox_id = m.id
          JOIN mail_box s ON s.box = m.successor_id
         WHERE m.state = 'closed' AND m.forward_until >= TODAY
        UNION ALL
        SELECT a.address, b.address FROM mailboxes_mailgroup g JOIN mailboxes_mailaddress a ON a.group_id = g.id
          JOIN mailboxes_groupmember gm ON gm.group_id = g.id AND gm.receives JOIN mail_box b ON b.box = gm.mailbox_id
         WHERE g.is_open
    """,
    # Addresses that were somebody's, and what a sender to them is told.
    "mail_refused": """
        SELECT a.address, m.closed_reply AS reply FROM mailboxes_mailbox m
          JOIN mailboxes_mailaddress a ON a.mailbox_id = m.id
         WHERE m.state <> 'open' AND NOT EXISTS (SELECT 1 FROM mail_route r WHERE r.address = a.address)
        UNION ALL
        SELECT a.address, '550 5.1.6 Dia chi nay khong con dung / Address no longer in use' FROM mailboxes_mailbox m
          JOIN mailboxes_mailaddress a ON a.mailbox_id = m.id AND a.until < TODAY
         WHERE m.state = 'open'
        UNION ALL
        SELECT a.address, '550 5.1.6 Danh sach nay khong con dung / List no longer in use' FROM mailboxes_mailgroup g
          JOIN mailboxes_mailaddress a ON a.group_id = g.id
         WHERE NOT g.is_open
    """,
    # Who may send as whom: as oneself, and as a shared box one opens.
    "mail_sender": """
        SELECT l.address, b.address AS login FROM mail_live l JOIN mail_box b ON b.box = l.mailbox_id
        UNION
        SELECT l.address, p.address FROM mail_box b JOIN mail_live l ON l.mailbox_id = b.box
          JOIN mailboxes_boxholder h ON h.mailbox_id = b.box AND NOT h.is_blocked
          JOIN mailboxes_mailbox m ON m.kind = 'person' AND m.staff_id = h.staff_id
          JOIN mail_box p ON p.box = m.id AND p.box <> b.box
    """,
    # App passwords that hold now.
    "mail_login": """
        SELECT l.address AS login, p.digest, b.address AS username FROM mailboxes_apppassword p
          JOIN mailboxes_boxholder h ON h.mailbox_id = p.mailbox_id AND h.staff_id = p.staff_id AND NOT h.is_blocked
          JOIN mail_box b ON b.box = p.mailbox_id JOIN mail_live l ON l.mailbox_id = b.box
         WHERE p.revoked_at IS NULL
    """,
    # Lists that not everybody may write to, and who may.
    "mail_guarded": """
        SELECT a.address FROM mailboxes_mailgroup g JOIN mailboxes_mailaddress a ON a.group_id = g.id
         WHERE g.is_open AND g.senders <> 'anyone'
    """,
    "mail_group_sender": """
        SELECT a.address, l.address AS sender FROM mailboxes_mailgroup g JOIN mailboxes_mailaddress a ON a.group_id = g.id
          JOIN mailboxes_groupmember gm ON gm.group_id = g.id AND gm.may_write
          JOIN mail_box b ON b.box = gm.mailbox_id JOIN mail_live l ON l.mailbox_id = b.box
        UNION
        SELECT a.address, l.address FROM mailboxes_mailgroup g JOIN mailboxes_mailaddress a ON a.group_id = g.id
         CROSS JOIN mail_live l JOIN mail_box b ON b.box = l.mailbox_id
         WHERE g.senders = 'officials'
    """,
    # What is answered for those away.
    "mail_reply": """
        SELECT b.address, 'absence' AS name, md5(r.script) AS id, r.script FROM mail_box b JOIN mailboxes_absencereply r ON r.mailbox_id = b.box
         WHERE r.last_day >= TODAY
    """,
}

_MAKE = ";\n".join(f"CREATE VIEW {name} AS {query.replace('TODAY', _TODAY)}" for name, query in VIEWS.items())
_DROP = ";\n".join(f"DROP VIEW IF EXISTS {name}" for name in reversed(VIEWS))


class Migration(migrations.Migration):
    dependencies = [("mailboxes", "0001_initial")]

    operations = [migrations.RunSQL(_MAKE, _DROP)]
