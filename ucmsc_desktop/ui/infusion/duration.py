"""Lengths of time as a person at the bedside reads them."""

from __future__ import annotations

from datetime import timedelta

from ucmsc_desktop.i18n import tr


def clock(seconds: int) -> str:
    """Show a running clock as HH:MM:SS; hours go on counting past a day."""
    hours, rest = divmod(max(0, seconds), 3600)
    return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"


def words(span: timedelta) -> str:
    """Show a span in the two largest units: 3 d 4 h, 2 h 05 min, 12 min 50 s, 40 s."""
    total = max(0, int(span.total_seconds()))
    days, rest = divmod(total, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return tr("{d} d {h} h", "{d} 天 {h} 小时", d=days, h=hours)
    if hours:
        return tr("{h} h {m:02d} min", "{h} 小时 {m:02d} 分", h=hours, m=minutes)
    if minutes:
        return tr("{m} min {s:02d} s", "{m} 分 {s:02d} 秒", m=minutes, s=seconds)
    return tr("{s} s", "{s} 秒", s=seconds)
