"""Writes the Grafana board beside it (`python3 deploy/monitoring/board.py`): a list of panels, not a file nobody can read."""

import json
from pathlib import Path
from typing import Any

_ROWS: tuple[tuple[str, tuple[tuple[str, str, str, str], ...]], ...] = (
    ("Người dùng thấy gì", (
        ("Yêu cầu mỗi giây, theo mã trả lời", "reqps", "sum by (status) (rate(tinhso_http_requests_total[5m]))", "{{status}}"),
        ("Thời gian trả lời, 95 %", "s",
         "histogram_quantile(0.95, sum by (le) (rate(tinhso_http_request_seconds_bucket[5m])))", "95 %"),
        ("Mười trang tốn thời gian nhất (giây mỗi giây)", "s",
         "topk(10, sum by (route) (rate(tinhso_http_request_seconds_sum[15m])))", "{{route}}"),
        ("Đang trả lời", "short", "sum by (instance) (tinhso_http_under_way)", "{{instance}}"),
    )),
    ("Việc nền", (
        ("Việc chờ", "short", "max by (task) (tinhso_jobs_waiting) > 0", "{{task}}"),
        ("Việc đang chạy, hẹn sau", "short", "sum(tinhso_jobs_under_way) or sum(tinhso_jobs_scheduled)", "việc"),
        ("Chờ lâu nhất", "s", "max by (task) (tinhso_jobs_oldest_seconds)", "{{task}}"),
        ("Việc hỏng", "short", "max by (task) (tinhso_jobs_failed)", "{{task}}"),
        ("Tiến trình nền sống", "short", "max(tinhso_workers_alive)", "tiến trình"),
        ("Lần báo sống gần nhất", "s", "max(tinhso_workers_latest_beat_seconds)", "giây trước"),
    )),
    ("Cơ sở dữ liệu", (
        ("Kết nối", "short", "max by (state) (tinhso_database_connections)", "{{state}}"),
        ("Bể kết nối: giữ, rảnh, chờ", "short",
         "sum(tinhso_database_pool_connections) or sum(tinhso_database_pool_idle) or sum(tinhso_database_pool_waiting)", ""),
        ("Kích thước", "bytes", "max(tinhso_database_bytes)", "dữ liệu"),
        ("Nơi nhận nhật ký ghi", "short", "max(tinhso_database_receivers)", "máy"),
        ("Nhật ký giữ cho khe", "bytes", "max(tinhso_database_slot_bytes)", "giữ lại"),
        ("Đọc trạng thái mất", "s", "max by (instance) (tinhso_state_seconds)", "{{instance}}"),
    )),
    ("Trao đổi dữ liệu", (
        ("Thông điệp mỗi giây", "reqps", "sum by (outcome) (rate(tinhso_gateway_messages_total[5m]))", "{{outcome}}"),
        ("Thời gian một lượt, 95 %", "s",
         "histogram_quantile(0.95, sum by (le) (rate(tinhso_gateway_message_seconds_bucket[5m])))", "95 %"),
        ("Gửi đi còn chờ", "short", "max by (destination) (tinhso_outbox_waiting)", "{{destination}}"),
        ("Không gửi được", "short", "max by (destination) (tinhso_outbox_dead)", "{{destination}}"),
        ("Gửi đi: chờ lâu nhất", "s", "max by (destination) (tinhso_outbox_oldest_seconds)", "{{destination}}"),
        ("Đăng ký: đang nhận, tạm dừng", "short",
         "max(tinhso_subscriptions_active) or max(tinhso_subscriptions_paused)", "đăng ký"),
        ("Sự kiện chậm", "short", "max(tinhso_subscriptions_behind)", "sự kiện"),
        ("Tin báo còn chờ", "short", "max by (channel) (tinhso_deliveries_waiting)", "{{channel}}"),
    )),
    ("Bằng chứng và thời hạn", (
        ("Chưa niêm phong", "s", "max by (log) (tinhso_unsealed_seconds)", "{{log}}"),
        ("Niêm phong", "short", "max by (log) (tinhso_seals)", "{{log}}"),
        ("Ngày còn lại của chứng thư", "d", "min by (use) (tinhso_certificate_days) or min(tinhso_tls_days)", "{{use}}"),
        ("Số biên lai còn lại", "short", "min by (series) (tinhso_receipt_numbers_left)", "{{series}}"),
        ("Tuổi bản sao lưu", "s", "min(tinhso_backup_age_seconds)", "bản toàn bộ"),
        ("Nhật ký ghi đến nơi sao lưu", "s", "min(tinhso_backup_log_age_seconds)", "giây trước"),
        ("Nhật ký, tệp, khóa cùng đủ ở nơi sao lưu", "s", "min(tinhso_backup_whole_age_seconds)", "giây trước"),
        ("Mở thử bản sao lưu", "s", "min(tinhso_backup_verified_age_seconds)", "giây trước"),
        ("Đĩa còn trống", "bytes", "min by (instance, folder) (tinhso_disk_free_bytes)", "{{instance}} {{folder}}"),
    )),
)  # fmt: skip
_WIDTH, _HEIGHT, _A_ROW = 6, 7, 4


def board() -> dict[str, Any]:
    """The board as Grafana imports it; the data source is asked for at import."""
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in _ROWS:
        panels.append(
            {"type": "row", "title": title, "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}, "id": len(panels) + 1}
        )
        y += 1
        for number, (name, unit, expression, legend) in enumerate(row):
            place = {
                "x": number % _A_ROW * _WIDTH, "y": y + number // _A_ROW * _HEIGHT, "w": _WIDTH, "h": _HEIGHT,
            }  # fmt: skip
            panels.append(_panel(len(panels) + 1, name, unit, expression, legend, place))
        y += -(-len(row) // _A_ROW) * _HEIGHT
    return {
        "__inputs": [{"name": "DS", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus"}],
        "uid": "tinhso", "title": "Tỉnh Số", "timezone": "Asia/Ho_Chi_Minh", "schemaVersion": 39, "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"}, "tags": ["tinhso"], "panels": panels,
    }  # fmt: skip


def _panel(number: int, name: str, unit: str, expression: str, legend: str, place: dict[str, int]) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${DS}"}
    return {
        "id": number, "type": "timeseries", "title": name, "gridPos": place, "datasource": source,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "datasource": source, "expr": expression, "legendFormat": legend or "__auto"}],
    }  # fmt: skip


if __name__ == "__main__":
    file = Path(__file__).with_name("tinhso.json")
    file.write_text(json.dumps(board(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
