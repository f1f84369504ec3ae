"""The labels as configuration: sizes, the printer's dots, and how they lie on a sheet. All of it is [P]; see study.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LabelKind = Literal["participant", "tube", "aliquot"]
Layout = Literal["roll", "sheet"]
KINDS: tuple[LabelKind, ...] = ("participant", "tube", "aliquot")


class _Plan(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelSize(_Plan):
    """Units: millimetres."""

    width_mm: Decimal = Field(ge=20, le=110)
    height_mm: Decimal = Field(ge=11, le=110)


_SIZES: Mapping[LabelKind, LabelSize] = {
    "participant": LabelSize(width_mm=Decimal(50), height_mm=Decimal(30)),
    "tube": LabelSize(width_mm=Decimal(50), height_mm=Decimal(30)),
    "aliquot": LabelSize(width_mm=Decimal(33), height_mm=Decimal(13)),
}


class LabelSheet(_Plan):
    """A sheet of A4 with rows and columns of labels. Units: millimetres."""

    columns: int = Field(ge=1, le=10)
    rows: int = Field(ge=1, le=40)
    left_mm: Decimal = Field(ge=0)
    top_mm: Decimal = Field(ge=0)
    gap_x_mm: Decimal = Field(default=Decimal(0), ge=0)
    gap_y_mm: Decimal = Field(default=Decimal(0), ge=0)


class LabelPlan(_Plan):
    """What is printed where. `dpi`: the dots of the printer, in which every cell and bar is a whole number."""

    dpi: int = Field(default=203, ge=150, le=1200)
    layout: Layout = "roll"  # one label a page for a label printer, or a sheet of A4
    cell_mm: Decimal = Field(default=Decimal("0.5"), ge=Decimal("0.25"), le=1)
    bar_mm: Decimal = Field(default=Decimal("0.25"), ge=Decimal("0.125"), le=Decimal("0.5"))
    aliquots: int = Field(default=4, ge=1, le=6)  # labels of aliquots printed with each tube
    sizes: Mapping[LabelKind, LabelSize] = _SIZES
    sheet: LabelSheet = LabelSheet(
        columns=3,
        rows=9,
        left_mm=Decimal(22),
        top_mm=Decimal("10.5"),
        gap_x_mm=Decimal(8),
        gap_y_mm=Decimal(1),
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse a plan without a size for a kind, or a sheet that runs over the edge of A4."""
        missing = [k for k in KINDS if k not in self.sizes]
        if missing:
            raise ValueError(f"no size for {', '.join(missing)}")
        wide = max(s.width_mm for s in self.sizes.values())
        high = max(s.height_mm for s in self.sizes.values())
        sheet = self.sheet
        across = sheet.left_mm + sheet.columns * wide + (sheet.columns - 1) * sheet.gap_x_mm
        down = sheet.top_mm + sheet.rows * high + (sheet.rows - 1) * sheet.gap_y_mm
        if across > 210 or down > 297:
            raise ValueError(f"the sheet of labels is {across} × {down} mm and A4 is 210 × 297")
        return self
