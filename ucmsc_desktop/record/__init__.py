"""The facts: events, and what follows from them, by pure functions. No I/O, no clock but the `Clock` that is handed in."""
