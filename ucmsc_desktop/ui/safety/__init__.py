"""Serious adverse events on screen: the strip with their clocks."""
