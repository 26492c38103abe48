"""The pages a tester sees. Plain HTML, no script, usable by keyboard; every page says that it is a simulator."""

from html import escape

from tinhso.simulators.identity.faults import LABELS, Behaviour
from tinhso.simulators.identity.people import Subject
from tinhso.simulators.identity.state import Request

STYLE = """
:root{color-scheme:light dark}*{box-sizing:border-box}
body{margin:0;font:1rem/1.55 system-ui,sans-serif;background:#f4f6f8;color:#17202a}
header{background:#4a2b63;color:#fff;padding:1rem}header p{margin:.25rem 0 0}
main{max-width:44rem;margin:0 auto;padding:1rem}h1{font-size:1.4rem;margin:.5rem 0}
h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
ul{list-style:none;margin:0;padding:0;display:grid;gap:.5rem}
button,input,select{font:inherit}
button{min-height:2.75rem;padding:.5rem 1rem;border:1px solid #4a2b63;border-radius:.5rem;background:#fff;color:#3a2150}
button.person{display:block;width:100%;text-align:left}button.main{background:#4a2b63;color:#fff}
button:focus-visible,input:focus-visible,select:focus-visible,
a:focus-visible{outline:3px solid #b36b00;outline-offset:2px}
small{display:block;color:#3d4852}label{display:block;margin:.5rem 0 .25rem;font-weight:600}
input,select{width:100%;min-height:2.75rem;padding:.5rem;border:1px solid #5b6670;border-radius:.5rem}
.error{border-left:4px solid #a3161a;background:#fdeeee;padding:.5rem .75rem}
.row{display:flex;gap:.5rem;align-items:end;flex-wrap:wrap}.row>div{flex:1 1 14rem}a{color:#3a2a8c}
@media (prefers-color-scheme:dark){body{background:#14181c;color:#e8ecf0}button{background:#232a31;color:#e3d3f2}
button.main{background:#6b4590;color:#fff}small{color:#bac4cd}.error{background:#3a1719}a{color:#b9c4ff}
input,select{background:#1c2228;color:inherit}}
"""


def page(title: str, body: str) -> str:
    """A whole page around a body."""
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/identity/style.css"></head><body>'
        "<header><strong>Hệ thống giả lập định danh điện tử</strong>"
        "<p>Chỉ để trình diễn và kiểm thử. Mọi người ở đây đều là hư cấu.</p></header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def choose_page(request: Request, subjects: dict[str, Subject], *, problem: str = "", typed: str = "") -> str:
    """Chọn người để đăng nhập: the picker, with the sign-in's parameters carried in hidden fields."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(getattr(request, name))}">' for name in request.__slots__
    )
    people = "".join(_person(subject) for subject in subjects.values() if not subject.is_enterprise)
    enterprises = "".join(_person(subject) for subject in subjects.values() if subject.is_enterprise)
    error = f'<p class="error" role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    described = ' aria-invalid="true" aria-describedby="problem"' if problem else ""
    return page(
        "Chọn tài khoản để đăng nhập",
        f'{error}<form method="post" action="/identity/auth">{hidden}'
        f"<h2>Cá nhân</h2><ul>{people}</ul><h2>Doanh nghiệp</h2><ul>{enterprises}</ul></form>"
        f'<form method="post" action="/identity/auth">{hidden}<h2>Người khác</h2><div class="row"><div>'
        '<label for="typed">Số định danh cá nhân (12 chữ số)</label>'
        f'<input id="typed" name="typed" inputmode="numeric" autocomplete="off" value="{escape(typed)}"{described}>'
        "</div>"
        '<button class="main" type="submit">Đăng nhập bằng số này</button></div></form>'
        f'<form method="post" action="/identity/auth">{hidden}'
        '<p><button type="submit" name="cancel" value="1">Hủy đăng nhập</button></p></form>',
    )


def _person(subject: Subject) -> str:
    if subject.is_enterprise:
        title, detail = subject.organisation_name, f"Mã số {subject.key} · do {subject.full_name} đăng nhập"
    else:
        title, detail = subject.full_name, f"{subject.key} · mức độ {subject.level}"
    return (
        f'<li><button class="person" type="submit" name="subject" value="{escape(subject.key)}">'
        f"<strong>{escape(title)}</strong><small>{escape(detail)}</small><small>{escape(subject.notes)}</small>"
        "</button></li>"
    )


def admin_page(behaviour: Behaviour, *, saved: bool = False) -> str:
    """Cách hệ thống giả lập cư xử: slow, down, or wrong in one way."""
    options = "".join(
        f'<option value="{fault.value}"{" selected" if fault is behaviour.fault else ""}>{escape(label)}</option>'
        for fault, label in LABELS.items()
    )
    note = '<p role="status">Đã áp dụng.</p>' if saved else ""
    return page(
        "Cách hệ thống giả lập hoạt động",
        f'{note}<form method="post" action="/identity/admin"><label for="fault">Sự cố</label>'
        f'<select id="fault" name="fault">{options}</select>'
        '<label for="delay">Trả lời chậm (giây, 0 đến 60)</label>'
        f'<input id="delay" name="delay" type="number" min="0" max="60" step="0.1" value="{behaviour.delay_seconds:g}">'
        '<p><button class="main" type="submit">Áp dụng</button></p></form>',
    )


def message_page(title: str, text: str) -> str:
    """One sentence."""
    return page(title, f"<p>{escape(text)}</p>")
