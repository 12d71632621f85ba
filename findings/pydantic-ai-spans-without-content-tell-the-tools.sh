#!/usr/bin/env bash
# pydantic-ai 2.68: `InstrumentationSettings(include_content=False)` leaves prompts and answers out of the spans, but what
# tools are called, what their descriptions say and which arguments they take is in them all the same.
#
# Descriptions and defaults of tools are words of whoever runs the agent: a table of a database, a name of a customer. Who
# switches the content off so that a collector of somebody else gets none should look at `model_request_parameters` too.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pydantic-ai-slim==2.68.0 opentelemetry-sdk==1.40.0 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_ai import Agent, InstrumentationSettings
from pydantic_ai.capabilities import Instrumentation
from pydantic_ai.models.test import TestModel

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
settings = InstrumentationSettings(tracer_provider=provider, include_content=False)
agent = Agent(
    TestModel(custom_output_text='the answer'),
    capabilities=[Instrumentation(settings=settings)],
    instructions='the instructions',
)


@agent.tool_plain
def look_up(table: str = 'the default table') -> str:
    """Look up the described customer."""
    return f'the result in {table}'


agent.run_sync('the question')
print('pydantic-ai', version('pydantic-ai-slim'))
words = {}
for word in ('the question', 'the answer', 'the instructions', 'the result', 'the described customer', 'the default table'):
    spans = [span.name for span in exporter.get_finished_spans() if word in str(dict(span.attributes or {}))]
    words[word] = bool(spans)
    print(f'{word!r} stands in {spans or "no span"}')
assert not any(words[word] for word in ('the question', 'the answer', 'the result')), words
assert words['the described customer'], words
assert words['the default table'], words
PYTHON
