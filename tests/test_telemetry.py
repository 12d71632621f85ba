"""Spans of answers, as a collector gets them; without a collector there are none."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Any, Self

import httpx2
import pytest

from chat.agent.telemetry import make_telemetry
from tests.support.launching import Launch
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.timeouts import WAIT_TIMEOUT

AGENT = """
from pydantic_ai import Agent

agent = Agent(name='weather', instructions='Whisper-instructions.')

@agent.tool_plain
def look(place: str) -> str:
    '''Whisper-description.'''
    if place == 'Atlantis':
        raise ValueError('Whisper-error')
    return 'Whisper-result'
"""

WORDS = ['question', 'instructions', 'description', 'argument', 'result', 'answer', 'error']
"""Each is said as `Whisper-…`."""


class Collector:
    """Takes spans over HTTP."""

    def __init__(self, *, is_endless: bool = False) -> None:
        """`is_endless`: it says a letter a second, and its answer is not complete before the test is over."""
        collector = self
        self._over = Event()
        self._come = Condition()
        self.bodies: list[bytes] = []
        self.tokens: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == '/v1/traces'
                body = self.rfile.read(int(self.headers['content-length']))
                with collector._come:
                    collector.bodies.append(body)
                    collector.tokens.append(self.headers.get('authorization', ''))
                    collector._come.notify_all()
                self.send_response(200)
                self.flush_headers()
                with suppress(ConnectionError):
                    while is_endless and not collector._over.wait(1):
                        self.wfile.write(b'x')
                    self.end_headers()

            def log_message(self, *_: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
                """Say nothing."""

        self._server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self._server.server_port}'

    @property
    def words(self) -> list[str]:
        """Which of the words have come."""
        return [word for word in WORDS if any(f'Whisper-{word}'.encode() in body for body in self.bodies)]

    @property
    def spans(self) -> list[tuple[str, str]]:
        """The name of each span, and that of the one around it."""
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        spans: list[Any] = [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        names = {span.span_id: span.name for span in spans}
        return [(span.name, names.get(span.parent_span_id, '')) for span in spans]

    def wait_for(self, name: str) -> None:
        """Wait until a span with this name has come."""
        with self._come:
            assert self._come.wait_for(lambda: any(name == each for each, _ in self.spans), WAIT_TIMEOUT)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


def chat(
    folder: Path,
    launch: Launch,
    environment: Sequence[str],
    place: str = 'Bonn',
    collector: Collector | None = None,
    span: str = 'invoke_agent weather',
) -> Parlour:
    """Run the app with these variables for one answer with a tool call, whose span the collector hears of."""
    (folder / 'weather.py').write_text(AGENT)
    (folder / '.env').write_text('\n'.join([*environment, 'OTEL_BSP_SCHEDULE_DELAY=50']))
    call = ToolCall(name='look', arguments=f'{{"place": "{place}"}}')
    with Provider() as provider:
        provider.reply(Reply(calls=[call]), Reply(pieces=['Whisper-answer']))
        with Parlour(
            folder / 'data', '--agent', 'weather:agent', base_url=provider.url, launch=launch
        ) as app:
            app.wait_until_ready()
            httpx2.post(
                f'{app.url}/chat/', data={'prompt': 'Whisper-question'}, trust_env=False, timeout=WAIT_TIMEOUT
            )
            if collector:
                collector.wait_for(span)
            assert app.terminate() == 0, app.log
    return app


def test_an_answer_is_a_span_with_its_requests_and_tools(
    tmp_path: Path, launch: Launch, collector: Collector
) -> None:
    """What was said is not among it."""
    chat(tmp_path, launch, [f'OTEL_EXPORTER_OTLP_ENDPOINT={collector.url}'], 'Whisper-argument', collector)
    whole = 'invoke_agent weather'
    assert sorted(collector.spans) == [
        ('chat parlour-test', whole),
        ('chat parlour-test', whole),
        ('execute_tool look', whole),
        (whole, ''),
    ]
    assert collector.words == []


def test_what_an_error_says_is_not_among_it(tmp_path: Path, launch: Launch, collector: Collector) -> None:
    chat(tmp_path, launch, [f'OTEL_EXPORTER_OTLP_ENDPOINT={collector.url}'], 'Atlantis', collector)
    assert ('execute_tool look', 'invoke_agent weather') in collector.spans
    assert collector.words == []


def test_content_is_sent_if_that_is_asked_for(tmp_path: Path, launch: Launch, collector: Collector) -> None:
    variables = [f'OTEL_EXPORTER_OTLP_ENDPOINT={collector.url}', 'PARLOUR_TELEMETRY_CONTENT=1']
    chat(tmp_path, launch, variables, 'Whisper-argument', collector)
    assert collector.words == WORDS[:-1]


def test_logfire_gets_its_token(tmp_path: Path, launch: Launch, collector: Collector) -> None:
    variables = ['LOGFIRE_TOKEN=pylf_v1_eu_x', f'LOGFIRE_BASE_URL={collector.url}']
    app = chat(tmp_path, launch, variables, collector=collector)
    assert {*collector.tokens} == {'pylf_v1_eu_x'}
    assert collector.spans
    assert 'pylf_v1_eu_x' not in app.log


def test_a_collector_that_is_not_there_holds_up_nothing(tmp_path: Path, launch: Launch) -> None:
    app = chat(tmp_path, launch, ['OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9'])
    app.check()


def test_collectors_that_never_end_their_answer_hold_up_nothing(tmp_path: Path, launch: Launch) -> None:
    """The library would wait for each of them for half a minute."""
    with Collector(is_endless=True) as first, Collector(is_endless=True) as second:
        variables = [f'OTEL_EXPORTER_OTLP_ENDPOINT={first.url}', f'LOGFIRE_BASE_URL={second.url}']
        variables.append('LOGFIRE_TOKEN=pylf_v1_eu_x')
        chat(tmp_path, launch, variables, collector=first, span='chat parlour-test')


def test_without_one_nothing_is_loaded() -> None:
    assert make_telemetry({}, includes_content=False) is None


def test_without_the_packages_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, 'opentelemetry.sdk.trace', None)
    assert make_telemetry({'LOGFIRE_TOKEN': 'x'}, includes_content=False) is None
    assert 'pip install "parlour[telemetry]"' in caplog.text
