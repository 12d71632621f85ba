"""What one writes first: the whole text is set again for each piece. `naive_app.py PORT BASE_URL`."""

import sys

from nicegui import ui
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


def root() -> None:
    provider = OpenAIProvider(base_url=sys.argv[2], api_key='none')
    agent = Agent(OpenAIChatModel('parlour-test', provider=provider))
    answer = ui.markdown().props('data-testid=answer')

    async def send() -> None:
        prompt, box.value = box.value or '', ''
        async with agent.run_stream(prompt) as result:
            async for text in result.stream_text():
                answer.set_content(text)

    box = ui.input().props('data-testid=composer').on('keydown.enter', send)


ui.run(  # pyright: ignore[reportUnknownMemberType]
    root, host='127.0.0.1', port=int(sys.argv[1]), reload=False, show=False, show_welcome_message=False
)
