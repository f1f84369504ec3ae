"""The plan: forms, items, code lists, checks and schedule, read from forms/ into frozen models. Pure; no I/O but load.py."""
