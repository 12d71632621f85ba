"""What a provider said instead of an answer, in words for the page."""

from math import ceil

import httpx2
from pydantic_ai import exceptions as x

from chat.conversation.context_window import ContextOverflow, overflow_in
from chat.error_text import message_in_body, quoted_message

CONTEXT_FULL_ADVICE = (
    'Continue without older messages, start a new chat, or pick a model with a larger context window; '
    'if the server is yours, start it with a larger one.'
)

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 60 * SECONDS_PER_MINUTE


def provider_error_message(error: Exception, advice: str) -> str | None:
    """A sentence for what the provider answered, or `None` if the error did not come from there."""
    if full := overflow_in(error):
        return context_full_message(full)
    match error:
        case x.ModelRequestRejectedError():
            return _status_message(error, advice)
        case x.ModelQuotaExceededError():
            return 'The quota or credit of this account is used up. Check the account at the provider.'
        case x.ModelRateLimitError():
            return f'Too many requests. Try again {_retry_advice(error.retry_after)}.'
        case x.ModelAPIError():
            wait = _retry_advice(error.retry_after)
            return f'{_server_error_message(error)}{_status(error)}. Try again {wait}.{_quote(error)}'
        case _:
            return None


def context_full_message(full: ContextOverflow) -> str:
    """What is said when a model holds no more."""
    if full.tokens > full.limit > 0:
        fact = f'This chat has {full.tokens:,} tokens, and the model holds {full.limit:,}.'
    elif full.limit:
        fact = f'This chat has filled the {full.limit:,} tokens that the model holds.'
    else:
        fact = 'This chat is too long for the model.'
    return f'{fact} {CONTEXT_FULL_ADVICE}'


def _status_message(error: x.ModelRequestRejectedError, advice: str) -> str:
    match error:
        case x.ModelHTTPError(status_code=403):  # pyright: ignore[reportUnnecessaryComparison]  # it may be both
            return f'The provider does not allow this (status 403).{_quote(error)}'
        case x.ModelAuthenticationError():
            return f'The API key was refused. {advice}'
        case x.ModelNotFoundError() if not _is_about_model(error):
            return f'The provider does not know this address (status 404). Check it.{_quote(error)}'
        case x.ModelNotFoundError():
            sentence = f'The provider does not know the model {error.model_name}. Pick another one.'
            return f'{sentence}{_quote(error)}'
        case _:
            return f'The provider refused the request{_status(error)}.{_quote(error)}'


def _is_about_model(error: x.ModelNotFoundError) -> bool:
    """Whether nothing but the model can be what was not found; a wrong address is answered alike."""
    words = message_in_body(error.body).lower()
    return (
        error.provider_error_code == 'model_not_found'
        or 'model' in words
        or error.model_name.lower() in words
    )


def _quote(error: x.ModelAPIError) -> str:
    """What the provider said itself; the packages of providers keep of it what stands in `error` only."""
    response = getattr(error.__cause__, 'response', None)
    if (quote := quoted_message(error.body)) or not isinstance(response, httpx2.Response):
        return quote
    try:
        return quoted_message(response.json())
    except (ValueError, httpx2.StreamError):
        return ''


def _server_error_message(error: x.ModelAPIError) -> str:
    match error:
        case x.ModelOverloadedError():
            return 'The provider is overloaded'
        case x.ModelUnavailableError():
            return 'The provider is not available'
        case _:
            return 'The provider has a problem'


def _status(error: x.ModelAPIError) -> str:
    return f' (status {error.status_code})' if isinstance(error, x.ModelHTTPError) else ''


def _retry_advice(seconds: float | None) -> str:
    """When to try again; `seconds` is what the provider asks to wait, or `None` if it does not say."""
    if not seconds:
        return 'in a moment'
    if seconds < 2 * SECONDS_PER_MINUTE:
        return f'in {ceil(seconds)} s'
    return (
        f'in {ceil(seconds / SECONDS_PER_MINUTE)} min'
        if seconds < 2 * SECONDS_PER_HOUR
        else f'in {ceil(seconds / SECONDS_PER_HOUR)} h'
    )
