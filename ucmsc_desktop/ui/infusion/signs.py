"""What the bedside page reads of an infusion."""

from ucmsc_desktop.record.flow_reading import (
    FLOW,
    MEASURED,
    POINT,
    REFERENCE,
    amount,
    change,
    flow_section,
    is_unusual,
    measured_at,
    open_pauses,
    product_of,
    reference_row,
    rows_by_time,
    scientific,
    short,
)
from ucmsc_desktop.trend.vitals import trend_of

__all__ = [
    "FLOW",
    "MEASURED",
    "POINT",
    "REFERENCE",
    "amount",
    "change",
    "flow_section",
    "is_unusual",
    "measured_at",
    "open_pauses",
    "product_of",
    "reference_row",
    "rows_by_time",
    "scientific",
    "short",
    "trend_of",
]
