"""The form page: a widget for every item type, sections, tables of rows, drafts, check and sign."""
