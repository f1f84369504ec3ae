"""Benchmarks: the budgets of the program, measured as ratios within one run. `make bench`; never part of the tests."""
