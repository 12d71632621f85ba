"""Where fonts, styles and icons are: beside the code in an installed package, in a checkout beside it."""

from pathlib import Path

PACKAGE = Path(__file__).parent

ASSETS = next(folder for folder in (PACKAGE / 'assets', PACKAGE.parent / 'assets') if folder.is_dir())
