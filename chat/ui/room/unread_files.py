"""What a page says before files are sent to a model that is known not to read them."""

from collections.abc import Iterable

from chat.agent.models import ModelChoices
from chat.conversation.attachment import Attachment
from chat.conversation.readable import unread_kinds
from chat.errors import ModelMissing


async def warning(models: ModelChoices, model: str | None, attachments: Iterable[Attachment]) -> str:
    """A sentence if the model, or else the default one, is known not to read one of them; else ''."""
    media_types = {attachment.media_type for attachment in attachments}
    if not media_types:
        return ''
    try:
        name = model or await models.default()
        kinds = unread_kinds(await models.profile(name), media_types)
    except ModelMissing:  # there is a sentence about that already
        return ''
    if not kinds:
        return ''
    label = models.choice(name).label
    return f'{label} cannot read {" and ".join(kinds)}. Pick another model, or send it anyway.'
