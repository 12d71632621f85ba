"""Pictures that models read, made of such as they do not. Blocks; for the process of its own."""

import io
from dataclasses import dataclass
from importlib import import_module

from PIL import Image, ImageOps

from chat.documents.pieces import Unreadable

MAX_PIXELS = 60_000_000
"""Of one picture; a phone makes 12 to 50 millions. Each takes 4 bytes of memory, and more than once."""

MAX_SIDE = 4096
"""Pixels of the longer side of a picture that was converted; models look at fewer."""

MAX_PAGES = 10
"""Pages of a TIFF that become pictures: as many as a message can have files."""

JPEG_QUALITY = 90

_ORIENTATION = 0x0112
"""The number of the field of Exif that says how the camera was held."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """What became of a picture, or of the pages of one."""

    contents: tuple[bytes, ...]
    """Upright JPEG or PNG; nothing if it can stay as it is."""
    count: int
    """Pages of the whole file."""


def upright(content: bytes) -> Pictures:
    """Return a photo with its pixels turned as its camera was; nothing if that was held upright.

    Raises:
        Unreadable: If it is too large.
    """
    image = _opened(content)
    if image.getexif().get(_ORIENTATION, 1) in (0, 1):
        return Pictures((), 1)
    return Pictures((_saved(_turned(image)),), 1)


def readable(content: bytes) -> Pictures:
    """Return a HEIC, AVIF or TIFF as JPEG, or as PNG if one can see through it; of a TIFF each page.

    What else stands in the file, such as the place where a photo was taken, is left out.

    Raises:
        Unreadable: If it is too large.
    """
    import_module('pi_heif').register_heif_opener()  # it has no types
    image = _opened(content)
    count = getattr(image, 'n_frames', 1) if image.format == 'TIFF' else 1
    contents = list[bytes]()
    for page in range(min(count, MAX_PAGES)):
        image.seek(page)
        _check_size(image)
        turned = _turned(image)
        turned.thumbnail((MAX_SIDE, MAX_SIDE))
        contents.append(_saved(turned))
    return Pictures(tuple(contents), count)


def _opened(content: bytes) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow itself refuses twice as many
    try:
        image = Image.open(io.BytesIO(content))
    except Image.DecompressionBombError:
        raise Unreadable('bomb') from None
    _check_size(image)
    return image


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise Unreadable('bomb')


def _turned(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image)


def _saved(image: Image.Image) -> bytes:
    packed = io.BytesIO()
    profile = image.info.get('icc_profile')
    has_colours = image.mode in ('RGB', 'CMYK', 'YCbCr', 'LAB')
    if has_colours:
        image.convert('RGB').save(packed, 'JPEG', quality=JPEG_QUALITY, icc_profile=profile)
    else:
        plain = image if image.mode in ('1', 'L', 'LA', 'P', 'RGBA') else image.convert('L')
        plain.save(packed, 'PNG', icc_profile=profile)
    return packed.getvalue()
