"""Telemetry: a span for each answer, with its requests and tools, sent to Logfire or another collector.

Nothing of it is imported, and nothing is sent, unless the environment names one.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

from pydantic_ai.capabilities import AbstractCapability

from chat import __version__

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

log = logging.getLogger(__name__)

ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT'
TRACES_ENDPOINT = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
LOGFIRE_TOKEN = 'LOGFIRE_TOKEN'  # noqa: S105  # its name
LOGFIRE_URL = 'LOGFIRE_BASE_URL'

LOGFIRE_ENDPOINTS = {'eu': 'https://logfire-eu.pydantic.dev', 'us': 'https://logfire-us.pydantic.dev'}
"""By the region that stands in a token, `pylf_v1_eu_…`."""

TOOL_DEFINITIONS = 'gen_ai.tool.definitions'

EXPORT_TIMEOUT = 30.0
"""Seconds for sending some spans, in a thread that nothing waits for."""

CLOSE_TIMEOUT = 1.0
"""Seconds in which the last ones are sent when the app ends, which waits no longer."""

MISSING_PACKAGES = (
    'needs more packages, so nothing is sent. Install them with: pip install "parlour[telemetry]"'
)


@dataclass(eq=False)
class Telemetry:
    """What sends spans, and what each run is given so that it has some."""

    capability: AbstractCapability[Any]
    _provider: 'TracerProvider'

    async def close(self) -> None:
        """Send what has not been sent, for a moment."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()

        def shut_down() -> None:
            self._provider.shutdown()
            if not loop.is_closed():
                loop.call_soon_threadsafe(ended.set)

        Thread(target=shut_down, name='telemetry', daemon=True).start()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await ended.wait()
        except TimeoutError:
            log.info('The last spans were not sent in time')


async def start_telemetry(
    environment: Mapping[str, str], stack: AsyncExitStack, *, includes_content: bool
) -> list[AbstractCapability[Any]]:
    """Return what each run is given; nothing if nobody is to be told. The stack ends it."""
    telemetry = await asyncio.to_thread(make_telemetry, environment, includes_content=includes_content)
    if telemetry is None:
        return []
    stack.push_async_callback(telemetry.close)
    return [telemetry.capability]


def make_telemetry(environment: Mapping[str, str], *, includes_content: bool) -> Telemetry | None:
    """Return what sends spans to the collectors that the environment names; `None` if it names none.

    Without `includes_content` no prompt, answer, argument, result or sentence of an error is sent. Blocks.
    """
    reason = next((name for name in (LOGFIRE_TOKEN, ENDPOINT, TRACES_ENDPOINT) if environment.get(name)), '')
    if not reason:
        return None
    try:
        return _telemetry(environment, includes_content=includes_content)
    except ImportError:
        log.warning('%s is set, but telemetry %s', reason, MISSING_PACKAGES)
        return None


def _telemetry(environment: Mapping[str, str], *, includes_content: bool) -> Telemetry:
    from opentelemetry.metrics import NoOpMeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from pydantic_ai.capabilities import Instrumentation
    from pydantic_ai.models.instrumented import InstrumentationSettings

    resource = Resource.create({'service.name': 'parlour', 'service.version': __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    for exporter in _exporters(environment):
        provider.add_span_processor(
            BatchSpanProcessor(exporter if includes_content else _without_words(exporter))
        )
    settings = InstrumentationSettings(
        tracer_provider=provider,
        meter_provider=NoOpMeterProvider(),
        include_content=includes_content,
        include_binary_content=False,
        include_model_request_parameters=False,
    )
    return Telemetry(Instrumentation(settings), provider)


def _exporters(environment: Mapping[str, str]) -> list['SpanExporter']:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporters: list[SpanExporter] = []
    if token := environment.get(LOGFIRE_TOKEN):
        base = environment.get(LOGFIRE_URL) or LOGFIRE_ENDPOINTS['eu' if '_eu_' in token else 'us']
        exporters.append(
            OTLPSpanExporter(
                endpoint=f'{base.rstrip("/")}/v1/traces',
                headers={'Authorization': token},
                timeout=EXPORT_TIMEOUT,
            )
        )
    if environment.get(ENDPOINT) or environment.get(TRACES_ENDPOINT):  # which the exporter reads itself
        exporters.append(OTLPSpanExporter(timeout=EXPORT_TIMEOUT))
    return exporters


def _without_words(exporter: 'SpanExporter') -> 'SpanExporter':
    """Return an exporter that leaves out descriptions of tools, and what errors say."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import Status

    class WithoutWords(SpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return exporter.export([without_words(span) for span in spans])

        def shutdown(self) -> None:
            exporter.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return exporter.force_flush(timeout_millis)

    def without_words(span: ReadableSpan) -> ReadableSpan:
        attributes = span.attributes or {}
        return ReadableSpan(
            name=span.name,
            context=span.context,
            parent=span.parent,
            resource=span.resource,
            attributes={name: value for name, value in attributes.items() if name != TOOL_DEFINITIONS},
            kind=span.kind,
            status=Status(span.status.status_code),
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )

    return WithoutWords()
