"""Offline bedside data capture for the trial NCT02444455.

One append-only, encrypted event log; the protocol as data in `forms/`; paper and sealed files made from the same facts.
The layers and the way one value travels through them are drawn in the README.
"""

__version__ = "0.1.0"
