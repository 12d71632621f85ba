"""What is asked and answered in a conversation, and what a page shows of it."""

from chat.conversation.live_conversation import LiveConversation
from tests.support.scripted import ScriptedModels, saying, wait_until_answered


async def asked(live: LiveConversation, models: ScriptedModels, *exchanges: tuple[str, str]) -> None:
    """Ask questions, and have them answered so."""
    for prompt, answer in exchanges:
        models.script = saying(answer)
        live.send(prompt)
        await wait_until_answered(live)


def shown(live: LiveConversation) -> list[tuple[str, str]]:
    """The questions and answers that a page shows."""
    return [(turn.question, turn.text) for turn in live.turns]
