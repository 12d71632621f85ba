"""What can be typed after `python main.py`."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from dotenv import load_dotenv
from pydantic import ValidationError

from chat import __version__
from chat.errors import StartFailed, WrongOption
from chat.settings import Settings


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        raise WrongOption(f'{message}. See --help.')


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Parlour with the settings of this computer; return the exit code."""
    try:
        settings = settings_from(arguments)
        logging.basicConfig(level=settings.log_level.upper(), format='%(levelname)s %(name)s: %(message)s')
        from chat.app import run  # here, since --help and a typing error can do without a second of imports

        return run(settings)
    except StartFailed as error:
        sys.stderr.write(f'parlour: {error}\n')
        return error.exit_code
    except KeyboardInterrupt:
        return 0


def settings_from(arguments: Sequence[str] | None) -> Settings:
    """The settings of flags, environment and `.env` in the working folder.

    Raises:
        WrongOption: If one of them cannot be used.
    """
    flags = vars(_parser().parse_args(arguments))
    load_dotenv(Path('.env'))  # into the environment: it may also hold the keys of providers
    try:
        return Settings(**flags)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        option = str(first['loc'][0]).replace('_', '-')
        raise WrongOption(
            f'--{option} cannot be used: {first["msg"].removeprefix("Value error, ")}'
        ) from None


def _parser() -> Parser:
    parser = Parser(
        prog='parlour',
        description='A private AI chat. Each option can also be set as PARLOUR_… in the environment or .env.',
        argument_default=argparse.SUPPRESS,  # what is not given must not hide the environment
        allow_abbrev=False,
    )
    add = parser.add_argument
    add('--host', metavar='ADDRESS', help='where to listen (127.0.0.1)')
    add('--port', metavar='N', help='8080, or the next free one if it is taken; 0 for any free port')
    add('--no-browser', action='store_true', help='do not open a browser')
    add('--data', metavar='DIR', help='where everything is kept')
    add('--model', metavar='NAME', help='provider:model as pydantic-ai names it, or demo')
    add('--base-url', metavar='URL', help='an OpenAI-compatible server (Ollama, vLLM, llama.cpp, LM Studio)')
    add('--log-level', metavar='LEVEL', help='debug, info, warning (default) or error')
    add('--version', action='version', version=f'Parlour {__version__}')
    return parser
