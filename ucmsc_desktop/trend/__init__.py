"""Trends: what was measured over time, as strokes that the window paints and the paper prints. Pure."""
