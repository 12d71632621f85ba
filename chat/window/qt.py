"""Window features on Linux, where Qt shows it: title, clipboard, menu, zoom and geometry."""

import webview
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWebEngineCore import QWebEngineSettings
from PySide6.QtWidgets import QApplication, QMainWindow

from chat.window.geometry import ZOOM_RANGE, WindowGeometry
from chat.window.pywebview_patches import apply_patches, origin_of, page_in

ZOOM_STEP = 1.1
"""Factor of one step of zooming."""


def configure(window: webview.Window, url: str, geometry: WindowGeometry) -> None:
    """Prepare the program, and the window as soon as Qt has made it."""
    application = QApplication(['parlour'])  # pywebview uses an existing one
    application.setApplicationDisplayName('Parlour')
    application.setDesktopFileName('parlour')
    apply_patches(origin_of(url))

    def made() -> None:
        frame: object = window.native
        assert isinstance(frame, QMainWindow)  # noqa: S101  # it says less of its type
        center_if_off_screen(frame, geometry)
        add_browser_features(frame)
        restore_zoom(frame, geometry)
        window.events.closing += lambda: save_geometry(frame, geometry)

    window.events.before_show += made


def center_if_off_screen(frame: QMainWindow, geometry: WindowGeometry) -> None:
    """Center the window if the screen of its saved position is gone."""
    if geometry.x is None or not QApplication.screenAt(frame.frameGeometry().center()):
        frame.move(QApplication.primaryScreen().availableGeometry().center() - frame.rect().center())


def add_browser_features(frame: QMainWindow) -> None:
    """Add a context menu, the clipboard, and the title of the page."""
    page = page_in(frame)
    page.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
    page.settings().setAttribute(QWebEngineSettings.WebAttribute.JavascriptCanAccessClipboard, True)
    page.titleChanged.connect(frame.setWindowTitle)


def restore_zoom(frame: QMainWindow, geometry: WindowGeometry) -> None:
    """Restore the zoom, and add the usual keys for it."""
    page = page_in(frame)

    def zoom(factor: float) -> None:
        geometry.zoom = min(max(factor, ZOOM_RANGE[0]), ZOOM_RANGE[1])
        page.setZoomFactor(geometry.zoom)

    def on(keys: QKeySequence.StandardKey | str, factor: float) -> None:
        shortcut = QShortcut(QKeySequence(keys), frame)
        shortcut.activated.connect(lambda: zoom(page.zoomFactor() * factor if factor else 1.0))

    on(QKeySequence.StandardKey.ZoomIn, ZOOM_STEP)
    on('Ctrl+=', ZOOM_STEP)  # the same key without Shift
    on(QKeySequence.StandardKey.ZoomOut, 1 / ZOOM_STEP)
    on('Ctrl+0', 0)
    page.loadFinished.connect(lambda: zoom(geometry.zoom))


def save_geometry(frame: QMainWindow, geometry: WindowGeometry) -> None:
    """Save the geometry when the window closes."""
    geometry.maximized = frame.isMaximized()
    if not geometry.maximized:  # else it goes back to where it was before
        geometry.update(frame.x(), frame.y(), frame.width(), frame.height())
    geometry.zoom = page_in(frame).zoomFactor()
