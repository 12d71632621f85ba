"""What a person does with files, the clipboard and input methods, as a page gets it from the system."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Literal

from playwright.async_api import Locator, Page

_TRANSFER = """({files, text, html}) => {
    const transfer = new DataTransfer();
    for (const [name, type, data] of files) {
        const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], name, {type}));
    }
    if (text) transfer.setData("text/plain", text);
    if (html) transfer.setData("text/html", html);
    return transfer;
}"""


async def paste(
    target: Locator, text: str = '', files: Mapping[str, bytes] | None = None, html: str = ''
) -> None:
    """Paste a text and files; a text that the page does not take goes where the cursor is.

    At once: `insertText` of a browser takes seconds for a thousand lines.
    """
    transfer = await _transfer(target, text, files or {}, html)
    await target.evaluate(
        """(box, [transfer, text]) => {
            const options = {clipboardData: transfer, bubbles: true, cancelable: true};
            const event = new ClipboardEvent("paste", options);
            if (!box.dispatchEvent(event) || !text) return;
            box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
            box.dispatchEvent(new InputEvent("input", {inputType: "insertFromPaste", bubbles: true}));
        }""",
        [transfer, text],
    )


async def drop(target: Locator, text: str = '', files: Mapping[str, bytes] | None = None) -> bool:
    """Drag a text and files over something and let them go; whether the page has kept the browser out."""
    transfer = await _transfer(target, text, files or {})
    return bool(
        await target.evaluate(
            """(element, transfer) => ["dragenter", "dragover", "drop"].map((type) => {
                const event = new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true});
                return !element.dispatchEvent(event);
            })[2]""",
            transfer,
        )
    )


async def input_method(
    page: Page, command: Literal['imeSetComposition', 'insertText'], **words: str | int
) -> None:
    """Act as an input method: show letters that are not final yet, or put final ones in their place."""
    session = await page.context.new_cdp_session(page)
    await session.send(f'Input.{command}', {**words})  # pyright: ignore[reportUnknownMemberType]
    await session.detach()


async def _transfer(target: Locator, text: str, files: Mapping[str, bytes], html: str = '') -> object:
    listed = [(name, '', b64encode(content).decode()) for name, content in files.items()]
    return await target.page.evaluate_handle(_TRANSFER, {'files': listed, 'text': text, 'html': html})
