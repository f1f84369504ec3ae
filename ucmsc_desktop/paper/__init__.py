"""Paper: the case report form, blank and filled, and the casebook of a participant, as PDF.

One form model, one page layout: nothing here knows a single form. From the bottom up: `fonts` (coverage, line breaking,
subsets), `archive` and `pdf` (the file, written page by page), `parts` (ink), `sheet` (page, head, foot), `tables`,
`answers` (one drawing per item type), `conditions` (skip rules in words), `columns` (wide tables), `trail` (corrections,
flags, conflicts), `signatures`, `blank`, `filled`, `instructions`; `crf` and `casebook` are what others call.

Why an own writer of about 300 lines instead of reportlab's canvas: the canvas keeps every page in memory until the end,
splits Chinese text into subsets of 256 characters and knows no PDF/A. Reportlab reads and subsets the fonts here; the
file around them is ours, a page is forgotten once written, every character has its own code and copies exactly, and the
same state with the same head gives the same bytes.
"""
