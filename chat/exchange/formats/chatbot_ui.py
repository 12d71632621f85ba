"""Chatbot UI, the one of before 2024: lines of messages, in four versions of one format."""

from collections.abc import Iterator

from chat.exchange.formats.documents import Document, Read, Reader, Sample, chat_of, each_value
from chat.exchange.formats.openai_messages import node_of
from chat.exchange.formats.records import Chat
from chat.exchange.formats.tree import line
from chat.exchange.formats.values import Json, fields, first_object, items, name_of, number, objects, string


class ChatbotUI(Reader):
    """The history that Chatbot UI exports."""

    id = 'chatbot-ui'
    name = 'Chatbot UI'

    def recognises(self, sample: Sample) -> bool:
        first = fields(sample.first)
        chats = items(first.get('history'))
        return bool(chats and {'folders', 'version'} & first.keys() and _is_chat(chats[0])) or (
            sample.is_list and _is_chat(first)
        )

    def read(self, document: Document) -> Iterator[Read]:
        if document.sample.is_list:
            yield from each_value(document, lambda value: _chat(fields(value), {}))
            return
        folders = {
            name_of(folder.get('id')): string(folder.get('name'))
            for folder in map(fields, document.items('folders'))
        }
        for place, value in enumerate(document.items('history'), 1):
            yield chat_of(value, lambda value: _chat(fields(value), folders), place)


def _is_chat(value: object) -> bool:
    chat = fields(value)
    message = first_object(chat.get('messages'))
    return {'id', 'name', 'messages'} <= chat.keys() and (
        not message or {'role', 'content'} <= message.keys()
    )


def _chat(value: Json, folders: dict[str, str]) -> Chat:
    model = value.get('model')
    return Chat(
        id=name_of(value.get('id')),
        title=string(value.get('name')),
        model=string(model) or string(fields(model).get('id')),
        instructions=string(value.get('prompt')),
        temperature=number(value.get('temperature')),
        folder=folders.get(name_of(value.get('folderId')), ''),
        nodes=line(
            [node_of(str(place), message) for place, message in enumerate(objects(value.get('messages')))]
        ),
    )
