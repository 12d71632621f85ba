"""Errors whose sentences a person reads on the page or in the terminal.

ChatError
├── ConversationBusy       an answer is under way
├── NodeLeaving            this process is about to end, and others go on
├── ConversationNotFound   no conversation has this id
├── ConversationExists     another one has taken its place
├── MessagesMissing        messages that others follow are not in the file
├── TurnMissing            a question or an answer is not there any more
├── PromptEmpty            nothing was written
├── PromptTooLong          more than one message can hold
├── AttachmentRefused      a file that cannot be attached
├── AttachmentMissing      a file that was attached is not there any more
├── UploadQuotaExceeded    a guest has uploaded much, and not sent it
├── FetchFailed            something on the web was not loaded
├── FolderRefused          something in a folder of this computer is not read or written
├── ImportRefused          a file from which no chats can be taken
├── LibraryRefused         a file from which no assistants and prompts can be taken
├── ModelMissing           the chosen model is not there
│   ├── KeyMissing         since there is no key for it
│   └── ModelLoading       or not yet
├── ServerMoved            a server redirects to another one
├── AnswerUnfinished       the provider ended the answer before it was complete
├── AnswerTooLong          the answer did not come to an end
├── LimitReached           a limit that the person has set
│   ├── AnswerLimitReached of the tokens of an answer
│   └── DayLimitReached    of those of a day
├── ToolFailed             a tool ended with an exception
├── AgentMissing           the agent of a chat does not run here
├── DecisionMade           somebody has decided about a tool call before
├── ArgumentsInvalid       a tool cannot be given these arguments
├── DepsFailed             what the tools of an agent need could not be made
├── KeyInvalid             no provider has such keys
├── KeyRemovalFailed       the keyring does not forget a key
├── ServerRefused          a server that cannot be added as it was described
├── InviteExpired          no invite has this token, or no longer
├── GuestNameRefused       a guest cannot be called so
├── UserNameRefused        a user of a team cannot be called so
├── PasscodeRefused        a passcode is wrong, or cannot be one
├── SharingFailed          the network cannot be shared on, or a link not be forgotten
├── StorageUnavailable     where everything is stored does not answer; also an OSError
└── StartFailed            Parlour cannot run here
    └── InvalidOption      a setting cannot be used
"""

from collections.abc import Mapping


class ChatError(Exception):
    """A sentence for the person at the screen: what is the matter, and what to do."""

    sentence = 'Something went wrong.'
    """What is shown when the error is raised without a sentence of its own."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class ConversationBusy(ChatError):
    """A prompt is still being answered, or the branch is changing, so that nothing else can be done."""

    sentence = 'An answer is still being written. Wait for it or stop it, then try again.'


class NodeLeaving(ChatError):
    """This process is about to end, and others go on."""

    sentence = 'This server is being restarted, and others go on. Reload the page, then try again.'


class ConversationNotFound(ChatError):
    """No conversation has this id."""

    sentence = 'Chat not found.'


class ConversationExists(ChatError):
    """A conversation cannot be restored, since there is one with its id."""

    sentence = 'A newer chat has the same id. Delete that one first, then restore this one.'


class MessagesMissing(ChatError):
    """A conversation is there, but its file lacks messages that others follow."""

    sentence = (
        'Messages of this chat are missing in its file. `python main.py chats verify` shows which file.'
    )


class TurnMissing(ChatError):
    """A question or an answer is not there any more, or not on the branch that is shown."""

    sentence = 'This message is no longer in the chat.'


class PromptEmpty(ChatError):
    """The prompt has no visible character."""

    sentence = 'There is nothing to send. Write a message first.'


class PromptTooLong(ChatError):
    """The prompt is longer than one message may be."""


class AttachmentRefused(ChatError):
    """A file cannot be attached; the sentence says why."""


class AttachmentMissing(ChatError):
    """The bytes of a file that was attached are not there any more."""


class UploadQuotaExceeded(ChatError):
    """A guest has uploaded as much as may be left unsent."""

    sentence = 'You have uploaded too many files without sending them. Send them, or wait an hour.'


class ImportRefused(ChatError):
    """A file, or a part of it, from which no chats can be taken; the sentence says why."""


class FetchFailed(ChatError):
    """Something on the web was not loaded; the sentence says why."""


class FolderRefused(ChatError):
    """A folder of this computer cannot be chosen, or something in it is not read or written."""

    sentence = 'This folder cannot be used.'


class ModelMissing(ChatError):
    """The chosen model cannot be used; the sentence says why."""


class KeyMissing(ModelMissing):
    """The chosen model needs a key, which can be entered in the page."""


class ModelLoading(ModelMissing):
    """A server has no model yet, and says that it is loading one, or is busy: asking again will help."""


class ServerMoved(ChatError):
    """A server redirects to another one; the sentence says to which."""


class AnswerUnfinished(ChatError):
    """The provider broke an answer off; the sentence says why."""


class AnswerTooLong(ChatError):
    """The answer has grown longer than any that a model gives on purpose."""

    sentence = 'The answer became too long and was cut off here.'


class LimitReached(ChatError):
    """A limit that the person has set does not let an answer go on."""


class AnswerLimitReached(LimitReached):
    """An answer has taken more tokens than the person lets one take."""


class DayLimitReached(LimitReached):
    """As many tokens were used today as the person lets be used in a day."""


class ToolFailed(ChatError):
    """A tool ended with an exception; the sentence says which."""

    def __init__(self, sentence: str, call_id: str = '') -> None:
        super().__init__(sentence)
        self.call_id = call_id
        """The id of the tool call."""


class AgentMissing(ChatError):
    """The agent of a chat does not run here."""

    def __init__(self, ref: str) -> None:
        super().__init__(agent_missing_sentence(ref))


class DepsFailed(ChatError):
    """What the tools of an agent need could not be made, or not be closed; the sentence says why."""


class DecisionMade(ChatError):
    """Somebody has decided about a tool call before, or it waits no more."""

    sentence = 'This was already decided, or is no longer waiting.'


class ArgumentsInvalid(ChatError):
    """A tool cannot be given these arguments."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(' '.join(sentences.values()))
        self.sentences = sentences
        """What is wrong, by the path of an argument, with dots; '' for all of them."""


def agent_missing_sentence(ref: str) -> str:
    """Return what to do where the agent of this name is wanted and does not run."""
    option = f' (--agent {ref})' if {':', '.'} & {*ref} else ''  # else a program has given it
    return (
        f'The agent of this chat, “{ref}”, is not running here. '
        f'Start Parlour with it{option}, or choose another agent.'
    )


class KeyInvalid(ChatError):
    """What was given as a key cannot be one."""

    sentence = "That doesn't look like an API key (no spaces allowed). Copy it again."


class KeyRemovalFailed(ChatError):
    """A key that was to be removed may still be there."""

    sentence = 'The key could not be removed from the keyring. Unlock the keyring, then try again.'


class ServerRefused(ChatError):
    """A server that cannot be added as it was described; the sentence says why."""


class InviteExpired(ChatError):
    """No valid invite has this token, or it was accepted by as many browsers as it may be."""

    sentence = 'This link has expired or was already used. Ask for a new one.'


class LibraryRefused(ChatError):
    """A file holds no assistants and prompts."""

    sentence = 'This is no file of assistants and prompts of Parlour.'


class GuestNameRefused(ChatError):
    """A guest cannot be called as they want to be."""

    sentence = 'Somebody in this chat has this name. Choose another one.'


class UserNameRefused(ChatError):
    """This is no name of a user."""

    sentence = (
        'The name of a user has 1 to 128 characters that can be seen, with single spaces, and no comma, '
        'semicolon or quotation mark.'
    )


class PasscodeRefused(ChatError):
    """A passcode is wrong, cannot be one, or is not compared for a while; the sentence says which."""


class SharingFailed(ChatError):
    """Sharing could not be started, or its end not be stored; the sentence says why."""


class StorageUnavailable(ChatError, OSError):
    """Where everything is stored does not answer; it is an `OSError` as a disk that fails is one."""

    sentence = 'What is stored cannot be reached right now. Try again.'


class StartFailed(ChatError):
    """Parlour cannot run here; the sentence says what to do."""

    exit_code = 1


class InvalidOption(StartFailed):
    """A flag, a variable or a line of `.env` has a value that cannot be used."""

    exit_code = 2
