"""Cases (hồ sơ thủ tục hành chính): from draft to delivered result, under a legal clock read from the log."""
