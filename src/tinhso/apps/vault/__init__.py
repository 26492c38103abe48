"""The person's vault of electronic documents (kho quản lý dữ liệu điện tử của tổ chức, cá nhân)."""
