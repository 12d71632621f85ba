"""The command line: an option for each setting that has one, and the commands without a server."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal, NoReturn

from dotenv import load_dotenv
from pydantic import ValidationError

from chat import __version__
from chat.errors import InvalidOption, StartFailed
from chat.json_log import JsonFormatter
from chat.key_cleaning import clean_environment
from chat.settings import Option, Settings, check_team_packages, has_password
from chat.startup_imports import quick_imports

Command = Callable[[Settings, Mapping[str, Any]], int]
"""What is done with the settings and with the arguments of a command, by name; returns the exit code."""

CHATS_ACTIONS = {
    'list': 'Print ids, times and titles, newest first.',
    'show': 'Print one chat as Markdown.',
    'export': 'Write one chat or all of them to standard output or to a file; also while Parlour is running.',
    'import': 'Import chats from files and folders, of Parlour and of other programs.',
    'verify': 'Check every file, message and attachment; exit code 1 if anything is wrong.',
    'repair': 'Recover what is intact in damaged files, and clean up; only while Parlour is not running.',
}
"""What can be done with the chats, and what that means."""

DATABASE_ACTIONS = {
    'migrate': 'Make the tables, or bring them to this version; once, before any node starts.',
    'import': 'Take a data folder over, for one user; what is there already stays as it is.',
    'export': 'Write what one user has into a data folder.',
}
"""What can be done with the database, and what that means."""

URL_REFUSED = (
    'Other users of this computer can read options: leave the password out of --database. '
    'Put it into PGPASSWORD or ~/.pgpass, or the whole address into PARLOUR_DATABASE.'
)

INTERRUPTED = 130
"""The exit code of a command that was not finished since somebody pressed Ctrl-C, as of other programs."""

EXPORT_FORMAT_NAMES = ('md', 'json', 'html', 'openai', 'pydantic-ai', 'zip')
"""Those of `exchange/export_formats.py`; importing that package takes a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """What the command line says is to be done."""

    command: Command
    settings: Settings
    arguments: Mapping[str, Any]
    """Those of the command, by name."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence, and which calls an unknown option one.

    By itself it takes what follows such an option for a command, and says that there is no such command.
    """

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]  # as it is called here and inside
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        arguments = sys.argv[1:] if args is None else list(args)
        if unknown := next(filter(self._is_unknown, takewhile(self._is_not_command, arguments)), None):
            name = unknown.partition('=')[0]
            similar = get_close_matches(name, self._options(), n=1, cutoff=0.75)
            self.error(f'Unknown option {name}' + (f' (did you mean {similar[0]}?)' if similar else ''))
        return super().parse_known_args(arguments, namespace)

    def _is_unknown(self, argument: str) -> bool:
        is_option = argument[:1] == '-' and argument.strip('-') and not argument[1:].isdigit()
        return bool(is_option) and argument.partition('=')[0] not in self._options()

    def _is_not_command(self, argument: str) -> bool:
        return not any(argument in (action.choices or ()) for action in self._actions)

    def _options(self) -> list[str]:
        return [name for action in self._actions for name in action.option_strings]

    def error(self, message: str) -> NoReturn:
        raise InvalidOption(f'{message}. See --help.')


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Parlour with the settings of this computer; return the exit code."""

    def parse_and_run() -> int:
        read = read_command_line(arguments)
        configure_log(read.settings)
        try:
            return read.command(read.settings, read.arguments)
        except KeyboardInterrupt:
            return 0 if read.command is _run else INTERRUPTED

    return exit_code_of(parse_and_run)


def exit_code_of(start: Callable[[], int]) -> int:
    """Run something until it ends; return its exit code, after a sentence if it could not start."""
    try:
        return start()
    except StartFailed as error:
        logging.getLogger(__name__).debug('Parlour cannot start', exc_info=error)  # where in their own code
        sys.stderr.write(f'parlour: {error}\n')
        return error.exit_code
    except KeyboardInterrupt:
        return 0


def read_command_line(arguments: Sequence[str] | None) -> CommandLine:
    """Return what is to be done, with the settings of options, environment and `.env` in the working folder.

    Raises:
        InvalidOption: If one of them cannot be used.
    """
    flags = vars(_parser().parse_args(arguments))
    command: Command = flags.pop('command', _run)
    arguments_of_command = {name: flags.pop(name) for name in flags.keys() - Settings.model_fields.keys()}
    if has_password(flags.get('database', '')):
        raise InvalidOption(URL_REFUSED)
    return CommandLine(command=command, settings=read_settings(flags), arguments=arguments_of_command)


def configure_log(settings: Settings) -> None:
    """Write the log to standard error."""
    handler = logging.StreamHandler()
    is_json = settings.log_format == 'json'
    handler.setFormatter(
        JsonFormatter() if is_json else logging.Formatter('%(levelname)s %(name)s: %(message)s')
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])


def read_settings(flags: Mapping[str, Any]) -> Settings:
    """Read the settings that are not among the flags from the environment and `.env` in the working folder.

    Raises:
        InvalidOption: If one of them cannot be used, or if there is no such setting.
    """
    _load(Path('.env'))  # into the environment: it may also hold the keys of providers
    clean_environment(os.environ)  # packages of providers look there themselves
    try:
        return Settings(**flags)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if not first['loc']:
            raise InvalidOption(first['msg'].removeprefix('Value error, ')) from None
        field = str(first['loc'][0])
        if first['type'] == 'extra_forbidden':
            known = ', '.join(sorted(Settings.model_fields))
            raise InvalidOption(f'There is no setting “{field}”; there are {known}.') from None
        option = {'api_key': 'PARLOUR_API_KEY', 'PARLOUR_CONTINUE': field}.get(field, _flag(field))
        raise InvalidOption(
            f'{option} cannot be used: {first["msg"].removeprefix("Value error, ")}'
        ) from None


def _run(settings: Settings, _: Mapping[str, Any]) -> int:
    with quick_imports():
        from chat.app import run  # here, since --help and a typing error can do without a second of imports

    return run(settings)


def _chats(action: str) -> Command:
    def command(settings: Settings, arguments: Mapping[str, Any]) -> int:
        from chat.cli_commands import chats  # as above

        return chats(settings.data, action, arguments)

    return command


def _database(action: str) -> Command:
    def command(settings: Settings, _: Mapping[str, Any]) -> int:
        check_team_packages()
        from chat.cli_database import database  # as above

        return database(settings, action)

    return command


def _selftest(settings: Settings, _: Mapping[str, Any]) -> int:
    from chat.cli_commands import selftest  # as above

    return selftest(settings.data)


def _parser() -> Parser:
    parser = Parser(
        prog='parlour',
        description='A private AI chat. Each option can also be set as PARLOUR_… in the environment or .env.',
        argument_default=argparse.SUPPRESS,  # what is not given must not hide the environment
        allow_abbrev=False,
    )
    for name in Settings.model_fields:
        _add_option(parser, name)
    parser.add_argument('--version', action='version', version=f'Parlour {__version__}')
    _add_commands(parser)
    return parser


def _add_option(parser: Parser, name: str) -> None:
    """Add the option of a setting, if it is to have one."""
    field = Settings.model_fields[name]
    for option in field.metadata:
        if isinstance(option, Option) and option.metavar:
            action = 'append' if option.is_repeatable else 'store'
            parser.add_argument(_flag(name), metavar=option.metavar, help=field.description, action=action)
        elif isinstance(option, Option):
            parser.add_argument(_flag(name), action='store_true', help=field.description)


def _flag(setting: str) -> str:
    return f'--{setting.replace("_", "-")}'


def _add_commands(parser: Parser) -> None:
    """Add what can be done without a server."""
    commands = parser.add_subparsers(metavar='COMMAND', title='commands, each with --help')
    chats = commands.add_parser('chats', help='List, show, export, import, verify or repair the chats.')
    actions = chats.add_subparsers(metavar='ACTION', required=True)
    for action, explanation in CHATS_ACTIONS.items():
        parser = _add_command(actions.add_parser, action, explanation, _chats(action))
        if add_arguments := _ARGUMENTS.get(action):
            add_arguments(parser)
    database = commands.add_parser('database', help='Prepare the database of a team, or move into it.')
    actions = database.add_subparsers(metavar='ACTION', required=True)
    for action, explanation in DATABASE_ACTIONS.items():
        options = ('database',) if action == 'migrate' else ('database', 'user', 'data')
        _add_command(actions.add_parser, action, explanation, _database(action), options)
    explanation = 'Test the disk in a folder of its own: does storing survive kills and a full disk?'
    _add_command(commands.add_parser, 'selftest', explanation, _selftest)


def _add_id(parser: Parser, nargs: Literal['?'] | None = None) -> None:
    explanation = 'The id, or enough of its beginning to be unique.'
    parser.add_argument('beginning', metavar='ID', help=explanation, nargs=nargs)


def _add_export(parser: Parser) -> None:
    _add_id(parser, '?')
    parser.add_argument('--all', action='store_true', help='All chats; as a zip, unless a format is given.')
    parser.add_argument('--format', choices=EXPORT_FORMAT_NAMES, help='The format; md, unless it is given.')
    parser.add_argument(
        '--all-versions',
        action='store_true',
        help='Also those that are not shown; in json and zip they always are.',
    )
    parser.add_argument('--output', metavar='FILE', type=Path, help='The file to write.')


def _add_import(parser: Parser) -> None:
    parser.add_argument('paths', metavar='PATH', nargs='+', type=Path, help='A file or a folder.')
    parser.add_argument('--dry-run', action='store_true', help='Say what would be imported; change nothing.')


_ARGUMENTS: Mapping[str, Callable[[Parser], None]] = {
    'show': _add_id,
    'export': _add_export,
    'import': _add_import,
}


def _add_command(
    add_parser: Callable[..., Parser],
    name: str,
    explanation: str,
    command: Command,
    options: Sequence[str] = ('data',),
) -> Parser:
    parser = add_parser(name, help=explanation, argument_default=argparse.SUPPRESS, allow_abbrev=False)
    for option in options:
        _add_option(parser, option)
    parser.set_defaults(command=command)
    return parser


def _load(path: Path) -> None:
    try:
        load_dotenv(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidOption(f'{path} cannot be read: {error}. Save it as UTF-8 text, or remove it.') from None
