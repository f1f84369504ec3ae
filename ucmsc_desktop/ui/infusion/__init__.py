"""The parts of the infusion page: the clock, the row of vital signs, the trends, the end. Qt, but for trend.py and signs.py."""
