"""Thư điện tử công vụ: mailboxes of officers and units as the directory says."""
