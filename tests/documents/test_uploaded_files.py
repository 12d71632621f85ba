"""What becomes of a file that a person attaches: stored as it is, or made readable."""

import io

import pytest
from PIL import Image

from chat.conversation.content.attachments import Attachment
from chat.conversation.uploaded_files import UploadedFile, UploadedFiles
from chat.documents.reader import DocumentReader
from chat.errors import AttachmentRefused
from tests.documents.made import HEIC, REPORT, ebook, mail, photo, scan, workbook
from tests.support.files import written_pdf
from tests.support.memory_storage import MemoryAttachments

OLD_OFFICE = b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'


class Desk:
    """Where files are attached."""

    def __init__(self, reader: DocumentReader | None = None) -> None:
        self._storage = MemoryAttachments({})
        self._files = UploadedFiles(reader or DocumentReader())

    async def attach(self, name: str, content: bytes) -> UploadedFile:
        return await self._files.store(name, content, self._storage.save)

    async def about(self, name: str, content: bytes) -> str:
        [attachment] = (await self.attach(name, content)).attachments
        assert (attachment.name, await self.stored(attachment)) == (name, content)
        return attachment.about

    async def stored(self, attachment: Attachment) -> bytes:
        [content] = (await self._storage.read([attachment])).values()
        return content.data

    async def picture(self, attachment: Attachment) -> Image.Image:
        return Image.open(io.BytesIO(await self.stored(attachment)))


async def test_a_document_stays_as_it_is_and_its_kind_and_length_are_said() -> None:
    desk = Desk()
    assert await desk.about('report.docx', REPORT) == 'Word, 2 pages, about 20 tokens'
    assert await desk.about('costs.xlsx', workbook()) == 'Excel, 2 sheets, about 20 tokens'
    assert await desk.about('kites.epub', ebook({'a': 'It blows.'})) == 'Ebook, 1 chapter, about 6 tokens'
    assert await desk.about('mail.eml', mail()) == 'Email, about 31 tokens'
    assert await desk.about('list.csv', b'a;b\n' * 1000) == '4 KB, about 1,000 tokens'
    assert await desk.about('a.pdf', written_pdf('Hello')) == 'PDF, 1 page, about 4 tokens'


async def test_what_is_attached_again_is_read_again() -> None:
    """Packages may have been installed since."""
    options = ['-S']  # no packages but those of Python itself
    desk = Desk(DocumentReader(options=options))
    with pytest.raises(AttachmentRefused, match='needs more packages'):
        await desk.attach('report.docx', REPORT)
    options.clear()
    assert await desk.about('report.docx', REPORT) == 'Word, 2 pages, about 20 tokens'


async def test_of_a_long_document_is_said_how_much_the_model_gets() -> None:
    page = '<!doctype html>' + 'word ' * 160_000
    about = 'Web page, the model gets the first 50%: about 100,000 tokens'
    assert await Desk().about('long.html', page.encode()) == about


async def test_a_pdf_that_has_no_text_can_be_attached_since_models_may_see_its_pages() -> None:
    assert await Desk().about('scan.pdf', b'%PDF-1.4\nnothing else') == 'PDF, 21 B'


@pytest.mark.parametrize(
    ('name', 'content', 'sentence'),
    [
        ('a.docx', REPORT[:200] + REPORT[300:], r"a\.docx can't be read: it is damaged"),
        ('a.epub', ebook({}), r'a\.epub has no text'),
        ('a.doc', OLD_OFFICE + 'WordDocument'.encode('utf-16-le'), r'Save it as \.docx first'),
        ('a.docx', OLD_OFFICE + 'EncryptedPackage'.encode('utf-16-le'), 'protected by a password'),
        ('a.zip', b'PK\x03\x04', r"a\.zip can't be attached\. Attach images"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_a_sentence(
    name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(AttachmentRefused, match=sentence):
        await Desk().attach(name, content)


@pytest.mark.parametrize(
    ('name', 'content'), [('IMG_1.heic', HEIC), ('IMG_1.avif', photo('AVIF', size=(64, 32)))]
)
async def test_a_picture_of_a_telephone_becomes_one_that_models_read(name: str, content: bytes) -> None:
    desk = Desk()
    [attachment] = (await desk.attach(name, content)).attachments
    assert (attachment.name, attachment.media_type) == ('IMG_1.jpg', 'image/jpeg')
    assert (await desk.picture(attachment)).size == (64, 32)


async def test_a_photo_of_a_turned_camera_is_turned_and_another_stays_as_it_is() -> None:
    desk, turned = Desk(), photo('JPEG', orientation=6)
    [attachment] = (await desk.attach('a.jpg', turned)).attachments
    picture = await desk.picture(attachment)
    assert (picture.size, picture.getexif().get(0x0112, 1)) == ((20, 40), 1)
    await desk.about('b.jpg', photo('JPEG'))
    bare = Desk(DocumentReader(options=['-S']))
    await bare.about('c.jpg', turned)  # nothing is there that could turn it


async def test_of_a_scan_each_page_becomes_a_picture() -> None:
    desk = Desk()
    found = await desk.attach('fax.tif', scan(12))
    assert [each.name for each in found.attachments[:2]] == ['fax, page 1.png', 'fax, page 2.png']
    assert [(await desk.picture(each)).width for each in found.attachments] == [*range(20, 30)]
    assert found.note == 'fax.tif has 12 pages. The first 10 were attached.'
    [single] = (await desk.attach('fax.tif', scan(1))).attachments
    assert single.name == 'fax.png'


async def test_a_picture_with_more_pixels_than_a_camera_makes_is_not_unpacked() -> None:
    huge = Image.new('1', (10_000, 10_000))
    packed = io.BytesIO()
    huge.save(packed, 'TIFF', compression='group4')
    with pytest.raises(AttachmentRefused, match=r'huge\.tif is too large once it is unpacked'):
        await Desk().attach('huge.tif', packed.getvalue())
