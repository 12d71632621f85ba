"""GET /files/{sha256} and POST /files/: attachments, as bytes that no browser runs.

One that is sent with `chat`, the id of a temporary chat of the owner's, is held in memory with that chat.

A file is served only to those who may see a conversation that names it. Its type is what its bytes say: an
image, a PDF, plain text, or nothing in particular. HTML and SVG are plain text here. `UploadedFiles` stores
what is sent, and reads it for what the page says of it.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse

from chat.conversation.content.attachments import (
    MAX_ATTACHMENT_BYTES,
    TEXT_MEDIA_TYPE,
    safe_name,
    validate_size,
)
from chat.conversation.content.turns import blobs_in
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.error_messages import error_message
from chat.conversation.storage import AttachmentStorage, StoredFile
from chat.conversation.temporary.temporary_chats import TemporaryChats
from chat.conversation.uploaded_files import SaveFile, UploadedFile, UploadedFiles
from chat.documents.reader import DocumentReader
from chat.errors import AttachmentRefused, ChatError, UploadQuotaExceeded
from chat.server.security.authentication import visitor_in
from chat.server.security.csp import FILE_POLICY
from chat.sharing.access import Guest, Owner
from chat.sharing.uploads import Uploads

CanViewFile: TypeAlias = Callable[[Request, str], Awaitable[bool]]
"""Whether the visitor who asks may see the file with this SHA-256."""

UPLOAD_MEDIA_TYPE = 'application/octet-stream'
"""The type of uploads. A page of another site cannot send it without a preflight request."""

DEFAULT_MEDIA_TYPE = 'application/octet-stream'

SAFE_FILE_HEADERS = {
    'Content-Security-Policy': '; '.join(FILE_POLICY),
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'private, max-age=31536000, immutable',
}
"""A browser caches a file, which never changes, and runs nothing in it."""


NO_MORE_HEADERS: Mapping[str, str] = {}


def can_view_by_conversation(registry: ConversationRegistry, uploads: Uploads) -> CanViewFile:
    """Let the owner see all files, and a guest those of their conversation and their own uploads."""

    async def may_see(request: Request, blob: str) -> bool:
        match visitor_in(request.scope):
            case Owner():
                return True
            case Guest() as guest:
                live = await registry.open(guest.conversation_id)
                return blob in uploads.blobs(guest) | blobs_in(live.turns)

    return may_see


def file_routes(
    attachments: AttachmentStorage,
    uploads: Uploads,
    can_view: CanViewFile,
    temporary: TemporaryChats,
    documents: DocumentReader,
) -> APIRouter:
    """Return the routes of attachments; no browser keeps those of temporary chats."""
    router = APIRouter()

    def save_in(chat: str) -> SaveFile:
        return partial(temporary.save_file, chat) if chat else attachments.save

    _add_upload_route(router, UploadedFiles(documents), uploads, save_in)

    @router.get('/files/{blob}')
    async def show(request: Request, blob: str) -> Response:
        may_see = await can_view(request, blob)
        if may_see and (held := temporary.stored_file(blob)):
            return _file_response(held, {'Cache-Control': 'no-store'})
        found = await attachments.get(blob) if may_see else None
        if found is None:
            return _refusal('File not found.', 404)
        return _file_response(found)

    return router


def _add_upload_route(
    router: APIRouter, files: UploadedFiles, uploads: Uploads, save_in: Callable[[str], SaveFile]
) -> None:
    @router.post('/files/')
    async def take(  # pyright: ignore[reportUnusedFunction]  # a route
        request: Request, name: str = 'file', chat: str = ''
    ) -> Response:
        if chat and not isinstance(visitor_in(request.scope), Owner):
            return _refusal('Page not found.', 404)
        if request.headers.get('content-type') != UPLOAD_MEDIA_TYPE:
            return _refusal(f'A file is sent as {UPLOAD_MEDIA_TYPE}.', 415)
        try:
            stored = await _stored(request, safe_name(name), files, uploads, save_in(chat))
        except UploadQuotaExceeded as error:
            return _refusal(str(error), 429)
        except AttachmentRefused as error:
            return _refusal(str(error), 422)
        except (ChatError, OSError) as error:
            return _refusal(error_message(error), 507)
        return JSONResponse(_for_page(stored), status_code=201)


async def _stored(
    request: Request, name: str, files: UploadedFiles, uploads: Uploads, save: SaveFile
) -> UploadedFile:
    """Read a file out of a request and store it, with the quota of who sends it."""
    visitor = visitor_in(request.scope)
    with uploads.reserve(visitor, _announced_length(request) or MAX_ATTACHMENT_BYTES) as upload:
        stored = await files.store(name, await _body(request, name), save)
        first, *more = stored.attachments
        upload.blob, upload.size = first.blob, first.size
    for each in more:
        with uploads.reserve(visitor, each.size) as upload:
            upload.blob = each.blob
    return stored


def _for_page(stored: UploadedFile) -> dict[str, Any]:
    first, *more = (each.for_page() for each in stored.attachments)
    return {**first, 'more': more, 'note': stored.note}


def _file_response(file: StoredFile, more_headers: Mapping[str, str] = NO_MORE_HEADERS) -> Response:
    media_type = file.media_type or DEFAULT_MEDIA_TYPE
    is_text = media_type == TEXT_MEDIA_TYPE
    disposition = 'inline' if is_text or media_type.startswith('image/') else 'attachment'
    headers = {**SAFE_FILE_HEADERS, 'Content-Disposition': disposition, **more_headers}
    if is_text:
        media_type = 'text/plain; charset=utf-8'
    match file.content:
        case Path() as path:
            return FileResponse(path, media_type=media_type, headers=headers)
        case pieces:
            length = {'Content-Length': str(file.size)}
            return StreamingResponse(pieces, media_type=media_type, headers=headers | length)


async def _body(request: Request, name: str) -> bytes:
    """Read the body of a request, but no more bytes than a file may have.

    Raises:
        AttachmentRefused: If it is more, or says so.
    """
    validate_size(name, _announced_length(request))
    content = bytearray()
    async for piece in request.stream():
        content += piece
        validate_size(name, len(content))
    return bytes(content)


def _announced_length(request: Request) -> int:
    length = request.headers.get('content-length', '')
    return int(length) if length.isdecimal() else 0


def _refusal(sentence: str, status: int) -> Response:
    return JSONResponse({'detail': sentence}, status_code=status, headers={'Cache-Control': 'no-store'})
