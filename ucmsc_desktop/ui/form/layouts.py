"""Two layouts that Qt lacks: things in a line that wraps, and fields in two columns that become one where it is narrow.

Hidden widgets take no place, so skip logic needs no rebuilding: a field is shown or hidden and the rest closes up.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

TWO_COLUMNS = 620  # below this width, two columns would cut units off


class Flow(QLayout):
    """Widgets from left to right, on as many lines as they need."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        shown = [i.sizeHint() for i in self._items if not i.isEmpty()]
        width = sum(s.width() for s in shown) + self._gap * max(len(shown) - 1, 0)
        return QSize(width, max((s.height() for s in shown), default=0))

    def minimumSize(self) -> QSize:
        shown = [i.minimumSize() for i in self._items if not i.isEmpty()]
        return QSize(max((s.width() for s in shown), default=0), max((s.height() for s in shown), default=0))

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Place the items, middle on middle within a line; give the height they take."""
        y = rect.y()
        for line in self._lines(rect.width()):
            height = max(size.height() for _item, size in line)
            x = rect.x()
            for item, size in line:
                if move:
                    item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
                x += size.width() + self._gap
            y += height + self._gap
        return max(y - rect.y() - self._gap, 0)

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        room = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if size.width() > width > 0:
                size = QSize(width, item.heightForWidth(width) if item.hasHeightForWidth() else size.height())
            if lines and size.width() <= room:
                lines[-1].append((item, size))
            else:
                lines.append([(item, size)])
                room = width
            room -= size.width() + self._gap
        return lines


class Columns(QLayout):
    """Fields side by side in two columns, row by row; wide ones over both; one column where it is narrow."""

    def __init__(self, parent: QWidget | None = None, *, across: int = 28, down: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._wide: set[QWidget] = set()
        self._across = across
        self._down = down
        self._heights: dict[int, int] = {}
        self.setContentsMargins(0, 0, 0, 0)

    def add(self, widget: QWidget, *, wide: bool = False) -> None:
        """Put a field behind the others."""
        if wide:
            self._wide.add(widget)
        self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return QSize(TWO_COLUMNS, self.heightForWidth(TWO_COLUMNS))

    def minimumSize(self) -> QSize:
        return QSize(max((i.minimumSize().width() for i in self._items if not i.isEmpty()), default=0), 0)

    def _place(self, rect: QRect, *, move: bool) -> int:
        two = rect.width() >= TWO_COLUMNS
        half = (rect.width() - self._across) // 2 if two else rect.width()
        y = rect.y()
        for row in self._rows(two=two):
            width = rect.width() if row[0].widget() in self._wide else half
            height = max(
                i.heightForWidth(width) if i.hasHeightForWidth() else i.sizeHint().height() for i in row
            )
            if move:
                for place, item in enumerate(row):
                    item.setGeometry(QRect(rect.x() + place * (half + self._across), y, width, height))
            y += height + self._down
        return max(y - rect.y() - self._down, 0)

    def _rows(self, *, two: bool) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = []
        open_row = False
        for item in self._items:
            if item.isEmpty():
                continue
            wide = item.widget() in self._wide
            if two and open_row and not wide:
                rows[-1].append(item)
                open_row = False
            else:
                rows.append([item])
                open_row = two and not wide
        return rows
