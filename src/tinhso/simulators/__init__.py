"""Stand-ins for the national systems: they speak the real wire formats over HTTP, in a process of their own.

They hold fictional data in memory only and import nothing of the product but `tinhso.lib`.
"""
