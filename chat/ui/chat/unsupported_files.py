"""What a page says before files are sent to a model that is known not to read them."""

from collections.abc import Iterable

from chat.agent.catalog import ModelCatalog
from chat.conversation.attachments import Attachment
from chat.conversation.file_fallback import IMAGES_NAME, PDF_FILES_NAME, unsupported_kinds
from chat.errors import ModelMissing


async def unsupported_files_warning(
    models: ModelCatalog, model: str | None, attachments: Iterable[Attachment]
) -> str:
    """A sentence if the model, or else the default one, is known not to read one of them; else ''."""
    media_types = {attachment.media_type for attachment in attachments}
    if not media_types:
        return ''
    try:
        name = model or await models.default_model()
        kinds = unsupported_kinds(await models.profile(name), media_types)
    except ModelMissing:  # there is a sentence about that already
        return ''
    label = models.choice(name).label
    unread = (
        f"{label} can't read images. Pick another model, or send it anyway." if IMAGES_NAME in kinds else ''
    )
    partly = f'{label} gets only the text of PDF files.' if PDF_FILES_NAME in kinds else ''
    return ' '.join(filter(None, (unread, partly)))
