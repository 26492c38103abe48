from datetime import date

import pytest

from tinhso.lib.forms import parse_form

EVERYTHING = {
    "version": 3,
    "title": "Đơn mẫu",
    "sections": [
        {
            "key": "applicant",
            "title": "Người đề nghị",
            "fields": [
                {
                    "key": "full_name",
                    "type": "person_name",
                    "label": "Họ và tên",
                    "required": True,
                    "prefill": "identity.full_name",
                },
                {
                    "key": "personal_id",
                    "type": "personal_id",
                    "label": "Số định danh cá nhân",
                    "prefill": "identity.personal_id",
                },
                {
                    "key": "birth_date",
                    "type": "date",
                    "label": "Ngày sinh",
                    "min": "1900-01-01",
                    "max": "today",
                    "prefill": "identity.birth_date",
                },
                {"key": "phone", "type": "phone", "label": "Số điện thoại"},
                {"key": "email", "type": "email", "label": "Thư điện tử"},
                {"key": "home", "type": "address", "label": "Nơi ở"},
                {"key": "tax_code", "type": "tax_code", "label": "Mã số thuế"},
            ],
        },
        {
            "key": "works",
            "title": "Công trình",
            "fields": [
                {
                    "key": "kind",
                    "type": "choice",
                    "label": "Loại công trình",
                    "required": True,
                    "options": [{"value": "house", "label": "Nhà ở"}, {"value": "other", "label": "Công trình khác"}],
                },
                {
                    "key": "floors",
                    "type": "number",
                    "label": "Số tầng",
                    "integer": True,
                    "min": 1,
                    "max": 50,
                    "unit": "tầng",
                    "required": True,
                    "visible_when": "answers.kind == 'house'",
                },
                {"key": "area", "type": "number", "label": "Diện tích", "min": 0, "unit": "m²"},
                {"key": "basement", "type": "declaration", "label": "Có tầng hầm"},
                {
                    "key": "basement_note",
                    "type": "text",
                    "label": "Mô tả tầng hầm",
                    "multiline": True,
                    "visible_when": "answers.basement",
                    "required_when": "answers.floors > 3",
                },
                {"key": "deposit", "type": "money", "label": "Tiền đặt trước", "max": 1_000_000_000},
                {"key": "fee", "type": "money", "label": "Lệ phí", "computed": "answers.floors * 2000"},
                {
                    "key": "uses",
                    "type": "several",
                    "label": "Mục đích",
                    "max": 2,
                    "options": [{"value": value, "label": value.upper()} for value in ("live", "shop", "farm")],
                },
                {"key": "first_built", "type": "partial_date", "label": "Năm xây", "max": "today"},
                {
                    "key": "drawings",
                    "type": "file",
                    "label": "Bản vẽ",
                    "help": "Bản vẽ có dấu",
                    "accept": ["pdf"],
                    "max_files": 2,
                },
                {"key": "plot", "type": "text", "label": "Số thửa", "pattern": "[0-9]{1,4}", "message": "Chỉ gồm số."},
            ],
        },
        {
            "key": "household",
            "title": "Hộ gia đình",
            "fields": [
                {
                    "key": "members",
                    "type": "group",
                    "label": "Thành viên",
                    "item_label": "Thành viên",
                    "repeat": {"min": 0, "max": 3},
                    "fields": [
                        {"key": "name", "type": "person_name", "label": "Họ tên", "required": True},
                        {"key": "birth_date", "type": "date", "label": "Ngày sinh", "max": "today"},
                        {
                            "key": "age",
                            "type": "number",
                            "integer": True,
                            "label": "Tuổi",
                            "computed": "years_between(item.birth_date, today)",
                        },
                        {
                            "key": "school",
                            "type": "text",
                            "label": "Trường",
                            "required": True,
                            "visible_when": "item.age < 18",
                        },
                    ],
                },
                {
                    "key": "spouse",
                    "type": "group",
                    "label": "Vợ hoặc chồng",
                    "visible_when": "answers.members.exists(m, m.age >= 18)",
                    "fields": [
                        {"key": "name", "type": "person_name", "label": "Họ tên vợ hoặc chồng"},
                        {"key": "alive", "type": "declaration", "label": "Còn sống"},
                    ],
                },
                {"key": "truth", "type": "declaration", "label": "Tôi cam đoan khai đúng", "required": True},
            ],
        },
    ],
}


class Lookup:
    """Two provinces, three communes; before the merger another commune."""

    def provinces(self, as_of):
        return [("51", "Tỉnh Quảng Ngãi"), ("48", "Thành phố Đà Nẵng")]

    def communes(self, as_of):
        old = [("21000", "Xã Cũ", "51")] if as_of < date(2025, 7, 1) else []
        return [("21001", "Xã Mẫu", "51"), ("21002", "Phường Mẫu", "51"), ("20194", "Phường Bạn", "48"), *old]


@pytest.fixture
def everything():
    return parse_form(EVERYTHING)


@pytest.fixture
def situation():
    return {"today": "2026-11-22", "channel": "online", "applicant": {"kind": "person"}, "lookup": Lookup()}


@pytest.fixture
def form_of():
    """A form of one section from the fields given."""

    def build(*fields, **section):
        parts = [{"key": "main", "title": "Phần chính", "fields": list(fields), **section}]
        return parse_form({"version": 1, "title": "Đơn", "sections": parts})

    return build
