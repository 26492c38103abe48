"""Notices to people of what concerns them (thông báo): who publishes the events decides whom and in which words."""
