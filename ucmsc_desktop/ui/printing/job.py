"""A print job on the UI thread: the pages that are shown, drawn one at a time so that the window stays awake.

A4 is drawn at 300 dpi. A label is drawn at the dots of its printer, one to one and in pure black and white: anything that
scales or greys it blurs the bars.
"""

from __future__ import annotations

from PySide6.QtCore import QMarginsF, QPoint, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

DPI = 300
_NEAR = 3  # dots: a page that is so little off is not scaled to fit


def printers() -> list[str]:
    """Name the printers of this computer, the usual one first."""
    usual = QPrinterInfo.defaultPrinterName()
    return sorted(QPrinterInfo.availablePrinterNames(), key=lambda name: (name != usual, name))


class Printing:
    """A print job. `dpi`: that of the label printer where the pages are labels, else of A4."""

    def __init__(self, document: QPdfDocument, printer: QPrinter, *, dpi: int = 0) -> None:
        self._document = document
        self._printer = printer
        self._is_label = bool(dpi)
        self._dpi = dpi or DPI
        self.page = 0
        self.pages = document.pageCount()
        self._set_paper()
        printer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
        printer.setFullPage(True)
        printer.setResolution(self._dpi)
        self._painter = QPainter()

    def _set_paper(self) -> None:
        if self._is_label and self.pages:
            points: QSizeF = self._document.pagePointSize(self.page)
            policy = QPageSize.SizeMatchPolicy.ExactMatch
            self._printer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "", policy))
        else:
            self._printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))

    def begin(self) -> bool:
        """Open the printer; False where it does not take the job."""
        return self.pages > 0 and self._painter.begin(self._printer)

    def put_page(self) -> bool:
        """Print the next page; False once all are through."""
        if self.page > 0:
            self._set_paper()
            self._printer.newPage()
        points = self._document.pagePointSize(self.page)
        size = QSize(round(points.width() / 72 * self._dpi), round(points.height() / 72 * self._dpi))
        image = render(self._document, self.page, size)
        if self._is_label:
            image = image.convertToFormat(QImage.Format.Format_Mono, Qt.ImageConversionFlag.ThresholdDither)
        across = self._painter.viewport().width()
        if abs(across - size.width()) <= _NEAR:
            across = size.width()
        self._painter.drawImage(QRectF(0, 0, across, across * size.height() / size.width()), image)
        self.page += 1
        return self.page < self.pages

    def end(self) -> None:
        """Give the job to the printer."""
        self._painter.end()

    def abort(self) -> None:
        """Stop without printing what is left."""
        self._printer.abort()
        self._painter.end()


def render(document: QPdfDocument, page: int, size: QSize) -> QImage:
    """Draw a page on white."""
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.drawImage(QPoint(0, 0), document.render(page, size))
    painter.end()
    return image
