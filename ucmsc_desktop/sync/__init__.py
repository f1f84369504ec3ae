"""Sealed files: how a stretch of the log travels to the centre and the answer back. No SQL, no Qt."""
