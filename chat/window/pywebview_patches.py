"""Patches for faults of pywebview 6.2.1 on Qt 6 (its `platforms/qt.py`).

Each patch names the fault. Remove it as soon as a release of pywebview has fixed it; newer
releases of Qt also ask for permissions by another signal, which pywebview does not know yet.
"""

import json
import webbrowser
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import webview
from platformdirs import user_downloads_path
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWebEngineCore import QWebEngineDownloadRequest, QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QMainWindow
from webview.platforms.qt import BrowserView

NOTIFY_SCRIPT = 'window.Quasar?.Notify.create({{message: {}, position: "bottom", timeout: 6000}})'
"""Shows a notification in the page."""


def apply_patches(own: str) -> None:
    """Apply all patches, for an app whose pages are all at the origin `own`."""
    patch_permissions(own)
    patch_links(own)
    patch_downloads()
    patch_menu()


def patch_permissions(own: str) -> None:
    """Fix permissions: pywebview passes a number where Qt 6 wants a policy; the error ends the process."""

    def requested(page: QWebEnginePage, url: QUrl, feature: QWebEnginePage.Feature) -> None:
        may = origin_of(url.toString()) == own and feature is QWebEnginePage.Feature.ClipboardReadWrite
        policy = QWebEnginePage.PermissionPolicy
        page.setFeaturePermission(
            url, feature, policy.PermissionGrantedByUser if may else policy.PermissionDeniedByUser
        )

    patch_method(BrowserView.WebPage, 'onFeaturePermissionRequested', requested)


def patch_links(own: str) -> None:
    """Fix links: without a target they replace the app, and any other URL is opened, even `file:`.

    It also has one page object for all opened windows: the second of two at once ends the process.
    """

    def here(page: QWebEnginePage, url: QUrl, kind: QWebEnginePage.NavigationType, is_main: bool) -> bool:
        if not is_main or origin_of(url.toString()) == own:
            return True
        open_outside(url)
        return False

    def elsewhere(page: QWebEnginePage, kind: QWebEnginePage.WebWindowType) -> QWebEnginePage:
        return ExternalPage(page)

    patch_method(BrowserView.WebPage, 'acceptNavigationRequest', here)
    patch_method(BrowserView.WebPage, 'createWindow', elsewhere)


def patch_downloads() -> None:
    """Fix downloads: pywebview takes the name from the URL, and calls a method that Qt 6 lacks."""

    def requested(frame: QMainWindow, download: QWebEngineDownloadRequest) -> None:
        folder = user_downloads_path()
        folder.mkdir(parents=True, exist_ok=True)
        download.setDownloadDirectory(str(folder))  # the name stays, with a number if it is taken
        page = page_in(frame).page()
        download.isFinishedChanged.connect(
            lambda: page.runJavaScript(NOTIFY_SCRIPT.format(json.dumps(download_message(download))))
        )
        download.accept()

    webview.settings['ALLOW_DOWNLOADS'] = True
    patch_method(BrowserView, 'on_download_requested', requested)


def patch_menu() -> None:
    """Fix the context menu: it offers the inspector, which exists only in debug mode."""

    def requested(view: QWebEngineView, event: QContextMenuEvent) -> None:
        menu = view.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())  # `exec` would block the page while the menu is open

    patch_method(BrowserView.WebView, 'contextMenuEvent', requested)


class ExternalPage(QWebEnginePage):
    """An invisible page for a link that opens a window: it passes the URL on and deletes itself."""

    def __init__(self, opener: QWebEnginePage) -> None:
        super().__init__(opener.profile(), opener)

    def acceptNavigationRequest(  # noqa: N802  # as Qt calls it, and its arguments
        self,
        url: QUrl | str,
        type: QWebEnginePage.NavigationType,  # noqa: A002
        isMainFrame: bool,  # noqa: N803
    ) -> bool:
        open_outside(QUrl(url))
        self.deleteLater()
        return False


def patch_method(owner: type, name: str, repair: Callable[..., object]) -> None:
    """Replace a method of a pywebview class; its types are too loose for more than this."""
    setattr(owner, name, repair)


def page_in(frame: QMainWindow) -> QWebEngineView:
    """Return the browser view of the window."""
    view = frame.centralWidget()
    assert isinstance(view, QWebEngineView)  # noqa: S101  # pywebview puts nothing else there
    return view


def open_outside(url: QUrl) -> None:
    """Open an external URL in the system's browser or mail program."""
    if url.scheme() in ('http', 'https', 'mailto'):
        webbrowser.open(url.toString())


def download_message(download: QWebEngineDownloadRequest) -> str:
    """Return a sentence on how a download ended."""
    if download.state() is QWebEngineDownloadRequest.DownloadState.DownloadCompleted:
        return f'Saved as {Path(download.downloadDirectory()) / download.downloadFileName()}'
    return f'{download.downloadFileName()} was not saved: {download.interruptReasonString()}'


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f'{parts.scheme}://{parts.netloc}'
