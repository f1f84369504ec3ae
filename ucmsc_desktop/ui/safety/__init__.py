"""Serious adverse events on screen: the strip with their clocks, and the question which report to print."""
