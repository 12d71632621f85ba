"""The geometry and zoom of the window, saved between runs."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

ZOOM_RANGE = (0.5, 3.0)
"""The smallest and the largest factor."""


@dataclass(slots=True, kw_only=True)
class WindowGeometry:
    """Updated as the window is moved, and written when it is closed; all but `zoom` in pixels."""

    x: int | None = None
    """From the left edge of the screen to the frame of the window; `None` for the middle."""
    y: int | None = None
    width: int = 1200
    height: int = 820
    """Without the frame."""
    maximized: bool = False
    zoom: float = 1.0

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the saved geometry; the default if there is none or it is invalid."""
        try:
            geometry = cls(**json.loads(path.read_text('utf-8')))
            geometry.validate()
        except (OSError, ValueError, TypeError):
            return cls()
        return geometry

    def validate(self) -> None:
        """Check that a window can have this geometry.

        Raises:
            ValueError: If they are not.
            TypeError: If they are no numbers.
        """
        if not (1 <= self.width <= 20_000 and 1 <= self.height <= 20_000):
            raise ValueError('no such window')
        self.zoom = min(max(float(self.zoom), ZOOM_RANGE[0]), ZOOM_RANGE[1])

    def update(self, x: int, y: int, width: int, height: int) -> None:
        """Store the current position of the window."""
        self.x, self.y, self.width, self.height = x, y, width, height

    def write(self, path: Path) -> None:
        """Save it for the next run; a failure to do so must not keep the window open."""
        with contextlib.suppress(OSError):
            path.touch(mode=0o600)
            path.write_text(json.dumps(asdict(self)), 'utf-8')

    def as_arguments(self) -> dict[str, Any]:
        """Return the arguments for `webview.create_window`."""
        return {
            'x': self.x,
            'y': self.y,
            'width': self.width,
            'height': self.height,
            'maximized': self.maximized,
        }
