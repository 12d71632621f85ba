"""Models are state that pages follow: what becomes known on one page is seen on all of them."""

from collections.abc import Callable

from nicegui.testing import User
from pydantic import SecretStr

from chat.agent.api_keys import ApiKeys
from chat.agent.providers import PROVIDERS

OPENAI = next(provider for provider in PROVIDERS if provider.prefix == 'openai')


async def test_a_key_that_is_saved_is_known_on_all_open_pages(
    person: User, another: Callable[[], User], keys: ApiKeys
) -> None:
    """Neither of the two has done anything, and neither is loaded anew."""
    people = person, another()
    for one in people:
        await one.open('/')
        await one.should_see('No model is connected yet.')
    await keys.save(OPENAI, SecretStr('sk-1'))
    for one in people:
        await one.should_not_see('No model is connected yet.')
        await one.should_see(OPENAI.model_names()[0].partition(':')[2])
