"""What is kept when a case is over: submission to the archive, packages, their use (lưu trữ hồ sơ)."""
