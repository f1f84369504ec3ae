"""The schema, revision by revision. Written by hand: generated revisions drop the append-only triggers silently."""

HEAD = "0001"
