"""Attachment: a file that belongs to a prompt."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is known of a file without its bytes, which are kept under their SHA-256."""

    blob: str
    """The SHA-256 of the bytes, in hexadecimal."""
    name: str
    media_type: str
    size: int
    """In bytes."""

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith('image/')
