"""The demo model, streamed by a real agent."""

import re

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pydantic_ai import Agent, CancellationToken, ModelMessage, ModelResponse, RunCancelled

from chat.agent.agent import build_agent
from chat.agent.demo import demo_model

MARKDOWN = MarkdownIt().enable('table').use(dollarmath_plugin)


async def answers_to(*questions: str) -> list[str]:
    """What the demo says to one question after the other, in one conversation."""
    agent, history, answers = build_agent(), list[ModelMessage](), list[str]()
    for question in questions:
        async with agent.run_stream_events(question, model=demo_model(0), message_history=history) as events:
            async for _ in events:
                pass
        assert events.result is not None
        history = events.result.all_messages()
        answers.append(events.result.output)
    return answers


async def test_it_says_at_once_that_it_is_not_a_real_model() -> None:
    for answer in await answers_to('one', 'two', 'three'):
        assert 'not a real model' in answer[:120]


async def test_every_answer_holds_all_that_markdown_can() -> None:
    for answer in await answers_to('one', 'two', 'three', 'four'):
        kinds = [token.type for token in MARKDOWN.parse(answer)]
        inline = [child.type for token in MARKDOWN.parse(answer) for child in token.children or []]
        assert {'heading_open', 'table_open', 'fence', 'math_block'} <= set(kinds)
        assert {'math_inline', 'strong_open', 'code_inline'} <= set(inline)
        assert re.search(r'^ +[-\d]', answer, re.MULTILINE), 'no nested list'
        assert '- [x] ' in answer
        assert '- [ ] ' in answer


async def test_its_python_code_can_be_compiled() -> None:
    for answer in await answers_to('one', 'two', 'three'):
        (code,) = (token.content for token in MARKDOWN.parse(answer) if token.type == 'fence')
        compile(code, 'answer', 'exec')


async def test_it_says_how_to_connect_a_real_model() -> None:
    for answer in await answers_to('one', 'two'):
        lines = answer.splitlines()
        for way in ('OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'Ollama', '--base-url'):
            assert sum(way in line for line in lines) == 1


async def test_the_settings_are_the_first_way_to_a_real_model() -> None:
    """They need no new start; the other ways stand below them."""
    for answer in await answers_to('one', 'two'):
        _, _, ways = answer.partition('## Connect a real model')
        assert '[In the settings](/settings#keys)' in ways.partition('OPENAI_API_KEY')[0]
    assert '(/settings#keys)' in (await answers_to('one'))[0][:400]


async def test_it_knows_what_was_asked_before() -> None:
    first, second, third = await answers_to('What is rain?', 'And snow?', 'And hail?')
    assert '`What is rain?`' in first
    assert '2 questions' in second
    assert '`What is rain?`' in second
    assert '`And snow?`' in second
    assert '3 questions' in third
    assert all(f'`{question}`' in third for question in ('What is rain?', 'And snow?', 'And hail?'))
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    'question',
    [
        '`ticks` and ``` fences',
        '**bold** <b>html</b> $x$ [a](b) | cell',
        'first\n# second\n- third\r\nfourth\u2028fifth\x00',
        'word ' * 200,
        'x' * 5000,
        '{braces} {0} %s \\',
        '# ',
    ],
)
async def test_a_quoted_question_changes_nothing_around_it(question: str) -> None:
    """Whatever a question holds, the blocks of the answer are the same, and it stands there as code."""
    (plain,) = await answers_to('plain')
    (answer,) = await answers_to(question)
    kinds = [token.type for token in MARKDOWN.parse(plain)]
    assert [token.type for token in MARKDOWN.parse(answer)] == kinds
    assert abs(len(answer) - len(plain)) < 80


async def test_a_question_without_words_is_answered_too() -> None:
    (answer,) = await answers_to('\n \n')
    assert 'a message without words' in answer


async def stopped_after(pieces: int) -> None:
    token, seen = CancellationToken(), 0
    run = build_agent().run_stream_events('hello', model=demo_model(0), cancellation_token=token)
    async with run as events:
        async for _ in events:
            seen += 1
            if seen == pieces:
                token.cancel()


async def test_it_streams_word_by_word_and_stops_when_cancelled() -> None:
    with pytest.raises(RunCancelled) as cancelled:
        await stopped_after(20)
    last = cancelled.value.all_messages()[-1]
    assert isinstance(last, ModelResponse)
    assert last.state == 'interrupted'
    assert last.text
    assert 10 < len(last.text.split()) < 30


async def test_it_answers_without_streaming() -> None:
    result = await Agent().run('hello', model=demo_model(0))
    assert 'not a real model' in result.output
    assert result.response.model_name == 'demo'
