"""GET /export/{id} and POST /import/: chats go out and come in as files, for the owner alone."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from chat.conversation.error_messages import error_message
from chat.errors import ChatError, ImportRefused
from chat.exchange.uploads import ImportUploads
from chat.server.files import UPLOAD_MEDIA_TYPE
from chat.server.security.authentication import visitor_in
from chat.sharing.access import Owner

if TYPE_CHECKING:
    from chat.exchange.export import Export

NO_STORE_HEADERS = {'Cache-Control': 'no-store'}


FindExport = Callable[[str], 'Export | None']
"""Gives the export with an id, if there is one."""


def exchange_routes(find_export: FindExport, uploads: ImportUploads) -> APIRouter:
    """Return the routes by which files of chats are downloaded and uploaded."""
    router = APIRouter()
    _add_export_route(router, find_export)
    _add_import_route(router, uploads)
    return router


def _add_export_route(router: APIRouter, find_export: FindExport) -> None:
    @router.get('/export/{export_id}')
    async def download(request: Request, export_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]  # a route
        export = find_export(export_id) if isinstance(visitor_in(request.scope), Owner) else None
        if export is None:
            return _refusal('This export has ended. Begin it again.', 404)
        try:
            file = await export.open()
        except (ChatError, OSError) as error:
            return _refusal(error_message(error), 409)
        disposition = f"attachment; filename*=UTF-8''{quote(file.name)}"
        headers = {**NO_STORE_HEADERS, 'Content-Disposition': disposition}
        return StreamingResponse(file.content, media_type=file.media_type, headers=headers)


def _add_import_route(router: APIRouter, uploads: ImportUploads) -> None:
    @router.post('/import/')
    async def upload(  # pyright: ignore[reportUnusedFunction]  # a route
        request: Request, upload_id: str, name: str = 'file'
    ) -> Response:
        if not isinstance(visitor_in(request.scope), Owner):
            return _refusal('Page not found.', 404)
        if request.headers.get('content-type') != UPLOAD_MEDIA_TYPE:
            return _refusal(f'A file is sent as {UPLOAD_MEDIA_TYPE}.', 415)
        try:
            await uploads.save(upload_id, name, request.stream())
        except ImportRefused as error:
            return _refusal(str(error), 422)
        except OSError as error:
            return _refusal(error_message(error), 507)
        return JSONResponse({}, status_code=201, headers=NO_STORE_HEADERS)


def _refusal(sentence: str, status: int) -> Response:
    return JSONResponse({'detail': sentence}, status_code=status, headers=NO_STORE_HEADERS)
