"""How inputs and fields are laid out: things in a line that wraps, and fields in two columns or one.

Both are fast on purpose: a form opens at a keystroke. The wrapping line is placed by its own widget, which remembers its
sizes; a layout of Qt's written in Python would be asked for them again and again. The columns are a grid of Qt's that is
filled anew only when a field comes or goes.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

RING = 5  # how far the focus ring reaches beyond a widget; without that room its parent cuts it off
TWO_COLUMNS = 620  # below this width, two columns would cut units off

Size = tuple[int, int]


class FlowBox(QWidget):
    """A widget with others from left to right, on as many lines as they need, and room for the focus ring."""

    def __init__(self, *, gap: int = 8, margin: int = RING) -> None:
        super().__init__()
        self._groups: list[list[QWidget]] = []
        self._sizes: list[list[Size]] | None = None
        self._heights: dict[int, int] = {}
        self._gap = gap
        self._margin = margin
        # Not Fixed: a layout would hold it to the height of one line, and answers on the second could not be reached.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, *together: QWidget) -> None:
        """Put widgets behind the others; those given together stay on one line."""
        for widget in together:
            widget.setParent(self)
            if self.isVisible():
                widget.show()  # Qt hides what is given to a parent that is in sight
        self._groups.append(list(together))
        self._sizes = None

    def widgets(self) -> list[QWidget]:
        """Give the widgets in their order."""
        return [w for group in self._groups for w in group]

    def relay(self) -> None:
        """Place everything anew, after something was shown, hidden, or given another text."""
        self._sizes = None
        self._heights.clear()
        self.updateGeometry()
        if self.width() > 0:
            self._place(self.width(), move=True)

    def sizeHint(self) -> QSize:
        groups = self._measured()
        widths = [self._group_width(g) for g in groups]
        width = sum(widths) + self._gap * max(len(widths) - 1, 0)
        height = max((h for g in groups for _w, h in g), default=0)
        return QSize(width + 2 * self._margin, height + 2 * self._margin)

    def minimumSizeHint(self) -> QSize:
        groups = self._measured()
        widest = max((min(self._group_width(g), 300) for g in groups), default=0)
        return QSize(widest + 2 * self._margin, 2 * self._margin)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = self._place(width, move=False)
        return self._heights[width]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(event.size().width(), move=True)

    def _group_width(self, group: Sequence[Size]) -> int:
        return sum(w for w, _h in group) + (self._gap - 2) * max(len(group) - 1, 0)

    def _measured(self) -> list[list[Size]]:
        if self._sizes is None:
            sizes = []
            for group in self._groups:
                found = []
                for widget in group:
                    if not widget.isHidden():
                        widget.ensurePolished()
                        found.append(_size_of(widget))
                sizes.append(found)
            self._sizes = sizes
        return [g for g in self._sizes if g]

    def _place(self, width: int, *, move: bool) -> int:
        """Place the widgets, middle on middle within a line; give the height they take."""
        self._measured()
        room = width - 2 * self._margin
        lines: list[list[tuple[QWidget, int, int, int]]] = []
        x = 0
        for group, sizes in zip(self._groups, self._sizes or (), strict=True):
            if not sizes:
                continue
            wide = self._group_width(sizes)
            if not lines or x + wide > room:
                lines.append([])
                x = 0
            shown = [w for w in group if not w.isHidden()]
            for widget, (w, h) in zip(shown, sizes, strict=True):
                fits = min(w, room) if len(shown) == 1 else w
                tall = widget.heightForWidth(fits) if fits < w and widget.hasHeightForWidth() else h
                lines[-1].append((widget, x, fits, tall))
                x += fits + self._gap - 2
            x += 2
        y = self._margin
        for line in lines:
            height = max(h for _widget, _x, _w, h in line)
            if move:
                for widget, left, w, h in line:
                    widget.setGeometry(QRect(self._margin + left, y + (height - h) // 2, w, h))
            y += height + self._gap
        return max(y - self._gap, self._margin) + self._margin


def _size_of(widget: QWidget) -> Size:
    hint = widget.sizeHint()
    least, most = widget.minimumSize(), widget.maximumSize()
    return (
        max(min(hint.width(), most.width()), least.width()),
        max(min(hint.height(), most.height()), least.height()),
    )


class Columns:
    """Fields side by side in two columns, row by row; wide ones over both; one column where it is narrow."""

    def __init__(self, *, across: int = 24, down: int = 2) -> None:
        self.grid = QGridLayout()
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(across)
        self.grid.setVerticalSpacing(down)
        self._placed: tuple[bool, tuple[tuple[QWidget, bool], ...]] | None = None

    def arrange(self, widgets: Sequence[tuple[QWidget, bool]], *, width: int) -> bool:
        """Place (widget, is wide) in this order; say whether anything moved."""
        two = width >= TWO_COLUMNS
        wanted = (two, tuple(widgets))
        if wanted == self._placed:
            return False
        for widget, _wide in self._placed[1] if self._placed is not None else ():
            # Not takeAt: the item it gives would live on beside the new one and keep its old heights for ever.
            self.grid.removeWidget(widget)
        self._placed = wanted
        row = column = 0
        for widget, wide in widgets:
            if two and wide and column:
                row, column = row + 1, 0
            self.grid.addWidget(widget, row, column, 1, 2 if wide or not two else 1)
            column += 2 if wide or not two else 1
            if column > 1:
                row, column = row + 1, 0
        for place in (0, 1):
            self.grid.setColumnStretch(place, 1)
        return True
