"""The demo province: fictional officers, citizens and cases, made through the real actions."""
