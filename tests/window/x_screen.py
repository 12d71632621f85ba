"""A screen of the test's own: Xvfb, and what a person does and sees at it."""

import os
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

from Xlib import XK, X, display
from Xlib.error import XError
from Xlib.ext import xtest
from Xlib.protocol import event

from tests.support.timeouts import WAIT_TIMEOUT

SIZE = (1400, 1000)
SHIFTED = {'!': '1', '"': "'", '?': '/', ':': ';', '+': '='}
"""What is typed with Shift, and the key it is on, on the keyboard of Xvfb."""


class Screen:
    """What stands on the screen, with mouse and keyboard. There is no window manager."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._display: Any = display.Display(name)
        self._root: Any = self._display.screen().root

    def window(self) -> Any | None:
        """The window of Parlour, if there is one."""
        for each in self._shown():
            with suppress(XError):
                if 'parlour' in (each.get_wm_class() or ()):
                    return each
        return None

    def popups(self) -> int:
        """How many menus are open."""
        return sum(bool(each.get_attributes().override_redirect) for each in self._shown())

    def _shown(self) -> list[Any]:
        """The windows that can be seen, of those that are still there when asked."""
        shown: list[Any] = []
        for window in self._root.query_tree().children:
            with suppress(XError):
                if window.get_attributes().map_state == X.IsViewable and window.get_geometry():
                    shown.append(window)
        return shown

    def wait_for_window(self) -> Any:
        wait_until(lambda: self.window() is not None, 'no window was shown')
        return self.window()

    @property
    def title(self) -> str:
        """What the window is called; empty if there is none."""
        window = self.window()
        name = window and window.get_full_property(self._atom('_NET_WM_NAME'), X.AnyPropertyType)
        return name.value.decode() if name else ''

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of the window."""
        geometry = self.wait_for_window().get_geometry()
        return geometry.x, geometry.y, geometry.width, geometry.height

    def put(self, x: int, y: int, width: int, height: int) -> None:
        """Move and resize the window, as a window manager would."""
        self.wait_for_window().configure(x=x, y=y, width=width, height=height)
        self._display.sync()
        wait_until(lambda: self.place == (x, y, width, height), 'the window did not move')

    def close_window(self) -> None:
        """Do what the button in the corner of a window does."""
        data = (32, [self._atom('WM_DELETE_WINDOW'), X.CurrentTime, 0, 0, 0])
        window = self.wait_for_window()
        message = event.ClientMessage(window=window, client_type=self._atom('WM_PROTOCOLS'), data=data)
        window.send_event(message)
        self._display.sync()

    def colours(self) -> int:
        """How many colours are seen on every fourth point of the screen."""
        image = self._root.get_image(0, 0, *SIZE, X.ZPixmap, 0xFFFFFFFF)
        return len({image.data[start : start + 3] for start in range(0, len(image.data), 16)})

    def click(self, x: int, y: int, *, button: int = 1) -> None:
        """Click at a point of the screen; the window gets the keyboard."""
        self._root.warp_pointer(x, y)
        self.wait_for_window().set_input_focus(X.RevertToParent, X.CurrentTime)
        self._send(X.ButtonPress, button)
        self._send(X.ButtonRelease, button)

    def type(self, text: str) -> None:
        """Type these characters; a line end is Enter."""
        for character in text:
            key = SHIFTED.get(character, character.lower())
            self.press({' ': 'space', '\n': 'Return'}.get(key, key), shift=key != character)

    def press(self, name: str, *, shift: bool = False, control: bool = False) -> None:
        """Press a key by its character or its X name, with what is to be held meanwhile."""
        held = [key for key, holds in (('Shift_L', shift), ('Control_L', control)) if holds]
        for key in [*held, name]:
            self._send(X.KeyPress, self._code(key))
        for key in [name, *reversed(held)]:
            self._send(X.KeyRelease, self._code(key))

    def clipboard(self) -> str:
        """The text that was copied last."""
        window = self._root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        kind, place = self._atom('UTF8_STRING'), self._atom('PARLOUR_TEST')
        window.convert_selection(self._atom('CLIPBOARD'), kind, place, X.CurrentTime)
        while self._display.next_event().type != X.SelectionNotify:
            pass
        copied = window.get_full_property(place, kind)
        return copied.value.decode() if copied else ''

    def close(self) -> None:
        self._display.close()

    def _code(self, key: str) -> int:
        return self._display.keysym_to_keycode(ord(key) if len(key) == 1 else XK.string_to_keysym(key))

    def _atom(self, name: str) -> int:
        return self._display.intern_atom(name)

    def _send(self, kind: int, detail: int) -> None:
        xtest.fake_input(self._display, kind, detail)
        self._display.sync()


@contextmanager
def xvfb() -> Generator[Screen]:
    """A screen on the first free number, for as long as the block lasts."""
    reading, writing = os.pipe()
    size = f'{SIZE[0]}x{SIZE[1]}x24'
    command = ['Xvfb', '-displayfd', str(writing), '-screen', '0', size, '-nolisten', 'tcp']
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:  # noqa: S603  # ours
        os.close(writing)
        with os.fdopen(reading) as said:
            number = said.readline().strip()
        screen = Screen(f':{number}')
        try:
            yield screen
        finally:
            screen.close()
            server.terminate()


def wait_until(holds: Any, otherwise: str) -> None:
    """Look again and again, for a window tells nobody what it shows.

    Raises:
        AssertionError: If it does not come to hold.
    """
    end = time.monotonic() + WAIT_TIMEOUT
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)
