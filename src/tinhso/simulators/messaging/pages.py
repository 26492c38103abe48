"""Pages of the simulated phone and of the tester."""

from html import escape

from tinhso.simulators.messaging.state import SERVICES, Behaviour, State


def phone(state: State, user: str, number: str) -> str:
    """What one person's phone shows."""
    lines = "".join(
        f"<li><b>{'Bạn' if line.from_person else 'Tỉnh'}</b>: {escape(line.text)}</li>" for line in state.chats[user]
    )
    texts = "".join(
        f"<li><b>{escape(one.brand)}</b> → {escape(one.phone)} ({escape(one.report or 'chưa báo')}): {escape(one.text)}</li>"
        for one in reversed(state.sms.values())
        if not number or one.phone == number
    )
    templates = "".join(
        f"<li>{escape(str(body['phone']))}, mẫu {escape(str(body['template_id']))}: "
        f"{escape(', '.join(f'{k}={v}' for k, v in body['template_data'].items()))}</li>"
        for body in reversed(state.zns.values())
        if not number or str(body["phone"]) == number.removeprefix("+")
    )
    return page(
        "Điện thoại",
        f"<h2>Zalo: trò chuyện với tỉnh</h2><ul>{lines or '<li>Chưa có tin nào.</li>'}</ul>"
        f'<form method="post" action="phone"><input type="hidden" name="user" value="{escape(user)}">'
        '<label>Tin nhắn <input name="text" size="40" placeholder="mã hồ sơ, hoặc: cần giấy tờ gì khi…"></label> '
        f"<button>Gửi</button></form><h2>Tin nhắn SMS</h2><ul>{texts or '<li>Chưa có.</li>'}</ul>"
        f"<h2>ZNS</h2><ul>{templates or '<li>Chưa có.</li>'}</ul>"
        '<p><a href="admin">Trang của người kiểm thử</a></p>',
    )


def admin(state: State) -> str:
    """How services behave, and the messages they took."""
    parts = []
    for key, name in SERVICES.items():
        options = "".join(
            f'<option value="{one.value}"{" selected" if state.behaviour[key] is one else ""}>{one.name.lower()}</option>'
            for one in Behaviour
        )
        parts.append(
            f'<h2>{escape(name)}</h2><form method="post" action="admin"><input type="hidden" name="service" value="{key}">'
            f'<label>Cư xử <select name="behaviour">{options}</select></label> <button>Áp dụng</button></form>'
        )
    parts.append(f"<p>Đã đổi mã Zalo {state.renewals} lần; {len(state.pushed)} tin đẩy.</p>")
    return page("Cổng tin nhắn, Zalo, dịch vụ đẩy", "".join(parts))


def page(title: str, body: str) -> str:
    """A plain page."""
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{escape(title)} (giả lập)</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f'<link rel="stylesheet" href="/identity/style.css"></head><body><main><h1>{escape(title)} (giả lập)</h1>{body}'
        "</main></body></html>"
    )
