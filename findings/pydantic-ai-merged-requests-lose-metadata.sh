#!/usr/bin/env bash
# pydantic-ai 2.68: what an application has noted in the metadata of a request does not reach the model (nor what looks
# at the messages on their way to it) when the request has a neighbour of its own kind.
#
# Two requests in a row (a question that was stopped before its answer, and the next one) are merged into one on
# their way. The merged request keeps the parts of both, and the metadata of neither of them.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pydantic-ai-slim==2.68.0 2>/dev/null
cat >"$folder/look.py" <<'PYTHON'
import pydantic_ai
from pydantic_ai import Agent, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

seen: list[list[object]] = []


def answer(messages: list[ModelRequest | ModelResponse], info: AgentInfo) -> ModelResponse:
    seen.append([(type(message).__name__, len(message.parts), message.metadata) for message in messages])
    return ModelResponse(parts=[TextPart('Yes.')])


def asked(text: str) -> ModelRequest:
    return ModelRequest(parts=[UserPromptPart(text)], metadata={'said_by': text})


agent = Agent(FunctionModel(answer))
reply = ModelResponse(parts=[TextPart('Yes.')])
agent.run_sync('Three?', message_history=[asked('One?'), reply, asked('Two?'), reply])
agent.run_sync('Three?', message_history=[asked('One?'), asked('Two?'), reply])
print(f'pydantic-ai {pydantic_ai.__version__}')
print('in turns:     ', seen[0])
print('two in a row: ', seen[1])
assert [metadata for _, _, metadata in seen[0][:3]] == [{'said_by': 'One?'}, None, {'said_by': 'Two?'}]
assert seen[1][0] == ('ModelRequest', 2, None)
PYTHON
"$folder/venv/bin/python" "$folder/look.py"
