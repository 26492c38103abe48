"""Officers and their accounts: taken on, given roles, locked (tài khoản cán bộ)."""
