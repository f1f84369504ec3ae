"""Sealed files: what leaves the laptop on a stick and what a centre reads. Bytes in, bytes out; no database here."""
