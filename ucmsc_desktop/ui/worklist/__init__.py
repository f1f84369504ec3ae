"""The pieces of the work list's page: the table and its painting, the filters, the hand-over."""
