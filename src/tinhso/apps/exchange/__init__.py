"""The data exchange (nền tảng chia sẻ dữ liệu, LGSP): who may ask whom for what, and the log of every message."""
