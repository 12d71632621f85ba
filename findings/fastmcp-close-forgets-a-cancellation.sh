#!/usr/bin/env bash
# fastmcp 4.2.3: a task that is cancelled while it closes a client, or leaves its block, goes on as if nothing had
# been asked of it: a shutdown that cancels the task once then waits for it for ever.
#
# `Client._stop_session` waits for the task of the session with `contextlib.suppress(asyncio.CancelledError)` around
# it. That is meant for the cancellation of the session's task, and also catches that of the task which waits. A
# client that is closed in a task of its own, behind `asyncio.shield`, loses no cancellation.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'fastmcp-slim[client]==4.2.3' mcp==2.3.0 2>/dev/null
cd "$folder"
cat >server.py <<'PYTHON'
import json
import sys

for line in sys.stdin:
    message = json.loads(line)
    if message.get('method') == 'initialize':
        result = {
            'protocolVersion': message['params']['protocolVersion'],
            'capabilities': {},
            'serverInfo': {'name': 'small', 'version': '1'},
        }
        print(json.dumps({'jsonrpc': '2.0', 'id': message['id'], 'result': result}), flush=True)
PYTHON
cat >look.py <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

from fastmcp.client import Client
from fastmcp.client.transports import StdioTransport


async def close_directly(client: Client) -> None:
    await client.close()


async def close_shielded(client: Client) -> None:
    closing = asyncio.ensure_future(client.close())
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await asyncio.wait({closing})
        raise


async def is_forgotten(close) -> bool:
    """Whether a task that was cancelled while it closed its client does not end as cancelled."""
    client = Client(StdioTransport(sys.executable, ['server.py'], keep_alive=False), mode='legacy')
    await client.__aenter__()
    closing = asyncio.create_task(close(client))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # by now it waits for the session to end
    assert closing.cancel()
    await asyncio.wait({closing})
    return not closing.cancelled()


async def main() -> None:
    directly, shielded = await is_forgotten(close_directly), await is_forgotten(close_shielded)
    print(f'Python {sys.version.split()[0]}, fastmcp-slim {version("fastmcp-slim")}')
    print(f'await client.close():             the cancellation is {"forgotten" if directly else "kept"}')
    print(f'in a task of its own, shielded:   the cancellation is {"forgotten" if shielded else "kept"}')
    assert directly
    assert not shielded


asyncio.run(main())
PYTHON
"$folder/venv/bin/python" look.py
