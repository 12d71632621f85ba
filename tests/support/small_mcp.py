"""A small MCP server over stdin and stdout, of nothing but Python: starts at once, misbehaves on demand.

As a program: `python small_mcp.py [mute|exits|noisy|slow-restart|lists-once]`. Each start adds a line to the
file in `STARTS`, and each end that its input has brought about one to that in `ENDS`.
"""

import json
import os
import sys
from typing import Any

PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

FORM = {
    'type': 'object',
    'properties': {
        'name': {'type': 'string', 'title': 'Your name', 'minLength': 1},
        'age': {'type': 'integer', 'minimum': 0},
    },
    'required': ['name'],
}

TEXT_INPUT = {'type': 'object', 'properties': {'text': {'type': 'string'}}}

DESCRIPTIONS = {
    'echo': 'Say a text again.',
    'picture': 'Give a picture with a caption.',
    'numbers': 'Give a structured result.',
    'fail': 'Fail, as a tool may.',
    'refuse': 'Be refused by the protocol.',
    'die': 'End the server.',
    'hang': 'Never answer.',
    'ask': 'Ask a person for a name.',
    'visit': 'Ask a person to open an address.',
    'environ': 'Tell a variable of the environment.',
    'grow': 'Have one more tool.',
    'chat': 'Log and write to the error output.',
    'pid': 'Tell the number of the process.',
    'large': 'Give a result of so many bytes.',
    'unbidden': 'Ask a person although no tool needs it, and answer at once.',
}


class SmallServer:
    """Reads a message a line, and answers; a call that hangs is just never answered."""

    def __init__(self, *, lists_once: bool = False) -> None:
        self._lists_once = lists_once
        """Whether it never answers who asks for its tools again."""
        self._grown = False
        self._asked: dict[str, int | str] = {}
        """The ids of calls, by those of the questions that they wait for."""

    def serve(self) -> None:
        for line in sys.stdin:
            message = json.loads(line)
            method = message.get('method')
            if method is None:
                self._take_answer(message)
            elif method == 'initialize':
                self._reply(message, self._introduction(message['params']))
            elif method == 'tools/list':
                self._list(message)
            elif method == 'tools/call':
                self._call(message['id'], message['params']['name'], message['params'].get('arguments') or {})
            elif method == 'notifications/cancelled':
                self._write_error(f'cancelled {message["params"]["requestId"]}')
            elif method == 'ping':
                self._reply(message, {})

    def _list(self, message: dict[str, Any]) -> None:
        if not (self._lists_once and self._grown):
            self._reply(message, {'tools': self._tools()})

    def _introduction(self, params: dict[str, Any]) -> dict[str, Any]:
        return {
            'protocolVersion': params['protocolVersion'],
            'capabilities': {'tools': {'listChanged': True}, 'logging': {}},
            'serverInfo': {'name': 'small', 'version': '1'},
        }

    def _tools(self) -> list[dict[str, Any]]:
        names = [*DESCRIPTIONS, *(['grown'] if self._grown else [])]
        tools: list[dict[str, Any]] = [
            {'name': name, 'description': DESCRIPTIONS.get(name, 'A new one.'), 'inputSchema': TEXT_INPUT}
            for name in names
        ]
        needs_task = {'name': 'slow', 'inputSchema': TEXT_INPUT, 'execution': {'taskSupport': 'required'}}
        return [*tools, needs_task]

    def _call(self, call: int | str, name: str, arguments: dict[str, Any]) -> None:
        text = arguments.get('text', '')
        match name:
            case 'die':
                os._exit(3)
            case 'hang':
                self._write_error(f'hanging {call}')
            case 'ask':
                self._ask(call, {'mode': 'form', 'message': 'Who are you?', 'requestedSchema': FORM})
            case 'visit':
                url = {'mode': 'url', 'url': 'http://127.0.0.1:9/sign?in=1', 'elicitationId': 'e1'}
                self._ask(call, {**url, 'message': 'Sign in there.'})
            case 'unbidden':
                self._ask('nobody', {'mode': 'form', 'message': 'Anybody?', 'requestedSchema': FORM})
                self._answer(call, 'asked')
            case 'refuse':
                self._send({'id': call, 'error': {'code': -32602, 'message': 'No such argument.'}})
            case 'fail':
                self._answer(call, f'It failed. {text}', is_error=True)
            case _:
                self._answer_well(call, name, text)

    def _answer_well(self, call: int | str, name: str, text: str) -> None:
        match name:
            case 'picture':
                picture = {'type': 'image', 'data': PIXEL, 'mimeType': 'image/png'}
                self._send({'id': call, 'result': {'content': [{'type': 'text', 'text': 'A dot:'}, picture]}})
            case 'numbers':
                numbers = {'ones': [1, 1], 'two': 2}
                content = [{'type': 'text', 'text': json.dumps(numbers)}]
                self._send({'id': call, 'result': {'content': content, 'structuredContent': numbers}})
            case 'environ':
                self._answer(call, os.environ.get(text, ''))
            case 'grow':
                self._grown = True
                self._send({'method': 'notifications/tools/list_changed'})
                self._answer(call, 'grown')
            case 'chat':
                self._send(
                    {'method': 'notifications/message', 'params': {'level': 'info', 'data': f'log {text}'}}
                )
                self._write_error(f'error {text}')
                self._answer(call, 'said')
            case 'pid':
                self._answer(call, f'{os.getpid()}')
            case 'large':
                self._answer(call, 'x' * int(text))
            case _:
                self._answer(call, f'{text}!')

    def _ask(self, call: int | str, params: dict[str, Any]) -> None:
        question = f'q{len(self._asked)}'
        self._asked[question] = call
        self._send({'id': question, 'method': 'elicitation/create', 'params': params})

    def _take_answer(self, message: dict[str, Any]) -> None:
        self._answer(self._asked[message['id']], json.dumps(message.get('result') or message.get('error')))

    def _answer(self, call: int | str, text: str, *, is_error: bool = False) -> None:
        if call != 'nobody':
            content = [{'type': 'text', 'text': text}]
            self._send({'id': call, 'result': {'content': content, 'isError': is_error}})

    def _reply(self, message: dict[str, Any], result: dict[str, Any]) -> None:
        self._send({'id': message['id'], 'result': result})

    def _send(self, message: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps({'jsonrpc': '2.0', **message}) + '\n')
        sys.stdout.flush()

    def _write_error(self, text: str) -> None:
        sys.stderr.write(f'{text}\n')
        sys.stderr.flush()


def _add_line(variable: str, line: str) -> None:
    """Write to the file that a variable of the environment names, if any."""
    with open(os.environ.get(variable, os.devnull), 'a', encoding='utf-8') as file:  # noqa: PTH123  # `pathlib` takes as long as all the rest
        file.write(f'{line}\n')


def _starts() -> int:
    with open(os.environ.get('STARTS', os.devnull), encoding='utf-8') as file:  # noqa: PTH123  # as above
        return len(file.readlines())


def main(mood: str) -> None:
    _add_line('STARTS', 'started')
    if mood == 'exits' or (mood == 'slow-restart' and _starts() in {2, 3}):
        sys.stderr.write('no licence\n')
        sys.exit(1)
    if mood == 'mute':
        for _ in sys.stdin:
            pass
        return
    if mood == 'noisy':
        sys.stdout.write('Starting the server …\n')
        sys.stderr.write('with token abcdef-secret\n')
    SmallServer(lists_once=mood == 'lists-once').serve()
    _add_line('ENDS', 'ended')


if __name__ == '__main__':
    main(sys.argv[1] if len(sys.argv) > 1 else '')
