"""What a person at the screen may read when something cannot be done.

ChatError
├── ConversationBusy       an answer is under way
├── ConversationNotFound   no conversation has this id
├── PromptEmpty            nothing was written
├── PromptTooLong          more than one message can hold
├── AttachmentRefused      a file that cannot be attached
├── AttachmentMissing      a file that was attached is not there any more
├── ModelMissing           the chosen model is not there
└── StartFailed            Parlour cannot run here
    └── WrongOption        a setting cannot be used
"""


class ChatError(Exception):
    """A sentence for the person at the screen: what is the matter, and what to do."""

    sentence = 'Something went wrong.'
    """What is shown when the error is raised without a sentence of its own."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class ConversationBusy(ChatError):
    """A prompt came while the one before is still being answered."""

    sentence = 'An answer is still under way. Wait for it or stop it, then send again.'


class ConversationNotFound(ChatError):
    """No conversation has this id."""

    sentence = 'This conversation does not exist, or no longer.'


class PromptEmpty(ChatError):
    """The prompt has no visible character."""

    sentence = 'There is nothing to send yet. Write a message first.'


class PromptTooLong(ChatError):
    """The prompt is longer than one message may be."""


class AttachmentRefused(ChatError):
    """A file cannot be attached; the sentence says why."""


class AttachmentMissing(ChatError):
    """The bytes of a file that was attached are not there any more."""


class ModelMissing(ChatError):
    """The chosen model cannot be used; the sentence says why."""


class StartFailed(ChatError):
    """Parlour cannot run here; the sentence says what to do."""

    exit_code = 1


class WrongOption(StartFailed):
    """A flag, a variable or a line of `.env` has a value that cannot be used."""

    exit_code = 2
