"""A program of somebody's who brings an agent along: `serve`, or an app of theirs around `create_app`.

It is started with a data folder, the address of a provider, and the path to mount at, or `serve`.
"""

import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic_ai import Agent, RunContext

from chat import Settings, create_app, serve

agent = Agent(deps_type=str)


@agent.instructions
def whom_it_serves(context: RunContext[str]) -> str:
    return f'You serve {context.deps}.'


def outer_app(inner: FastAPI, path: str) -> FastAPI:
    """An app with a route of its own, and with another one below a path."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with inner.router.lifespan_context(inner):
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get('/hello')
    def hello() -> str:
        return 'Hello from the outer app'

    app.mount(path, inner)
    return app


def main() -> None:
    folder, base_url, path = sys.argv[1:]
    if path == 'serve':
        sys.exit(serve(agent, deps='Ada', data=folder, base_url=base_url, port=0, no_browser=True))
    settings = Settings.model_validate({'data': Path(folder), 'base_url': base_url})
    inner = create_app(agent, deps=lambda: 'Ada', settings=settings)
    app = outer_app(inner, path) if path != '/' else inner
    with socket.socket() as listening:
        listening.bind(('127.0.0.1', 0))
        listening.listen()  # whoever comes before the app is ready waits
        address = f'http://127.0.0.1:{listening.getsockname()[1]}{path.rstrip("/")}'
        server = uvicorn.Server(uvicorn.Config(app, log_level='warning', timeout_graceful_shutdown=1))
        sys.stdout.write(f'Parlour is ready: {address}\n')
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):  # uvicorn raises it anew once all is put away
            server.run(sockets=[listening])


if __name__ == '__main__':
    main()
