"""Files on the page: images as pictures that open large, others by name and size."""

from collections.abc import Iterable

from chat.agent.model_catalog import ModelCatalog
from chat.conversation.answering.file_fallback import IMAGES_NAME, PDF_FILES_NAME, unsupported_kinds
from chat.conversation.content.attachments import AttachedFiles, Attachment
from chat.conversation.storage import Draft
from chat.errors import ModelMissing
from chat.ui.html import HtmlElement, HtmlText, Icon, local_address
from chat.ui.local_text import LocalText


def show_attachments(attached: AttachedFiles) -> None:
    """Build what shows them, if there are any; a lost file says so."""
    if not attached:
        return
    with HtmlElement('div', 'attached'):
        for attachment, content in attached.items():
            if not content.data:
                _lost(attachment)
            elif attachment.is_image:
                _picture(attachment)
            else:
                _file(attachment)


def _picture(attachment: Attachment) -> None:
    with HtmlElement(
        'a', 'attached-image', href=_address(attachment), target='_blank', data_testid='attachment'
    ):
        HtmlElement('img', src=_address(attachment), alt=attachment.name, loading='lazy', decoding='async')


def _file(attachment: Attachment) -> None:
    link = HtmlElement('a', 'attached-file', href=_address(attachment), download=attachment.name)
    link.props['data-testid'] = 'attachment'
    with link:
        Icon('description')
        _words(attachment.name, attachment.about)


def _lost(attachment: Attachment) -> None:
    with HtmlElement('span', 'attached-file lost', data_testid='attachment'):
        Icon('broken_image')
        _words(attachment.name, 'file is missing')


def _words(name: str, about: str) -> None:
    with HtmlElement('span', 'attachment-words'):
        HtmlText('span', name, 'attachment-name')
        LocalText('span', about, 'attachment-size')


def _address(attachment: Attachment) -> str:
    return local_address(f'/files/{attachment.blob}')


def draft_for_page(draft: Draft) -> dict[str, object]:
    """Return what stands in a box as its page is told it: with what is to be said of its files."""
    return {'text': draft.text, 'attachments': [each.for_page() for each in draft.attachments]}


async def unsupported_files_warning(
    models: ModelCatalog, model: str | None, attachments: Iterable[Attachment]
) -> str:
    """Return a sentence if the model, or else the default one, is known not to read one of them; else ''."""
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
