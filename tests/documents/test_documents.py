"""Documents as text: what a model is given of each kind, with marks between pages."""

import re

import pytest

from chat.documents.__main__ import forbid_effects
from chat.documents.kinds import document_type_of
from chat.documents.pieces import MAX_TEXT_LENGTH, DocumentText
from chat.documents.reader import DocumentReader
from chat.errors import AttachmentRefused
from tests.documents.made import (
    REPORT,
    archive,
    ebook,
    mail,
    members_of,
    paragraph,
    presentation,
    word_file,
    workbook,
)
from tests.support.files import written_pdf


async def read(name: str, content: bytes, reader: DocumentReader | None = None) -> DocumentText:
    """What is in a document of this name."""
    media_type = document_type_of(name, content)
    assert media_type
    return await (reader or DocumentReader()).text_of(name, media_type, content)


async def test_word() -> None:
    """A page begins where Word has shown it; a cell is one line, whatever is in it."""
    found = await read('report.docx', REPORT)
    assert found.text == '[Page 1]\nApples were plentiful.\n\nFruit | Tons\n\n[Page 2]\nPears are late. Grüße'
    assert (found.count, found.percent) == (2, 100)


async def test_powerpoint() -> None:
    found = await read('plan.pptx', presentation())
    assert found.text == (
        '[Slide 1]\n# Plan\n\nBuy ladders\n\nNotes: Speak slowly\n\n'
        '[Slide 2]\nMay | 340 boxes\n\n| North | South\nSales | 1 | 2'
    )
    assert found.count == 2


async def test_a_chart_in_three_dimensions_loses_nothing_else() -> None:
    """Nor does one of another kind that lies below it."""
    members = members_of(presentation())
    (name,) = [name for name in members if re.fullmatch(r'ppt/charts/chart.*\.xml', name)]
    begin, pie, end = re.split(rb'<c:pieChart>|</c:pieChart>', members[name])
    kinds = (b'pie3DChart', b'doughnutChart')
    members[name] = begin + b''.join(b'<c:%b>%b</c:%b>' % (kind, pie, kind) for kind in kinds) + end
    found = await read('plan.pptx', archive({**members}))
    assert found.text.endswith(
        '[Slide 2]\nMay | 340 boxes\n\n[This chart cannot be read.]\n | North | South\nSales | 1 | 2'
    )


async def test_excel() -> None:
    """As comma-separated values, with what formulas gave last."""
    found = await read('costs.xlsx', workbook())
    assert found.text == (
        '[Sheet: Costs]\n"Item, new",Price,When\nLadder,49.5,2026-03-01\n,50\n\n[Sheet: Empty]'
    )
    assert found.count == 2


WITHOUT_PACKAGES = {
    'mail.eml': (
        mail(),
        'From: Ada <ada@example.org>\nTo: Bob <bob@example.org>\nSubject: Ernte – Grüße\n'  # noqa: RUF001
        'Attachments: list.csv\n\nThe ladders came.',
    ),
    'old.eml': (
        b'From: Ada <ada@example.jp>\nContent-Type: text/plain; charset=ISO-2022-JP\n\n'
        + 'はしごが届いた。'.encode('iso-2022-jp'),
        'From: Ada <ada@example.jp>\n\nはしごが届いた。',
    ),
    'page.html': (
        '<!DOCTYPE html><meta charset="latin-1"><title>Trees</title><p>Süß<script>run()</script>'.encode(
            'latin-1'
        ),
        'Trees\n\nSüß',
    ),
    'kites.epub': (
        ebook({'wind': '<h1>Wind</h1><p>It blows &amp; blows.', 'string': '<p>It holds.'}),
        '[Chapter 1]\n# Wind\n\nIt blows & blows.\n\n[Chapter 2]\nIt holds.',
    ),
    'a.pdf': (
        written_pdf('One', 'Two', 'Three', unreadable=[2]),
        '[Page 1]\nOne\n\n[Page 2 cannot be read]\n\n[Page 3]\nThree',
    ),
}


@pytest.mark.parametrize('name', WITHOUT_PACKAGES)
async def test_what_is_read_without_more_packages(name: str) -> None:
    content, text = WITHOUT_PACKAGES[name]
    assert (await read(name, content)).text == text


async def test_without_the_packages_the_command_that_installs_them_is_said() -> None:
    bare = DocumentReader(options=['-S'])  # no packages but those of Python itself
    assert (await read('mail.eml', mail(), bare)).text.endswith('The ladders came.')
    with pytest.raises(AttachmentRefused, match=r'pip install "parlour\[documents\]"'):
        await read('report.docx', REPORT, bare)


async def test_of_a_long_document_the_beginning_is_given_and_how_much_it_is() -> None:
    body = ''.join(paragraph('word ' * 20_000, before='<w:lastRenderedPageBreak/>') for _ in range(8))
    found = await read('long.docx', word_file(body))
    assert MAX_TEXT_LENGTH * 0.99 < len(found.text) < MAX_TEXT_LENGTH + 500
    assert (found.count, found.percent) == (9, 55)
    assert found.text.endswith('[The rest of this file is left out: these are the first 55 percent of it.]')


MADE_TO_HARM = {
    'an entity that grows': word_file(
        paragraph('&d;'),
        doctype='<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">'
        + ''.join(
            f'<!ENTITY {name} "{f"&{of};" * 2000}">' for name, of in (('b', 'a'), ('c', 'b'), ('d', 'c'))
        )
        + ']>',
    ),
    'a file of this computer': word_file(
        paragraph('&passwords;'), doctype='<!DOCTYPE w [<!ENTITY passwords SYSTEM "file:///etc/passwd">]>'
    ),
    'not an archive to its end': REPORT[: len(REPORT) // 2] + REPORT[-300:],
}


@pytest.mark.parametrize('what', MADE_TO_HARM)
async def test_what_is_made_to_harm_is_not_read(what: str) -> None:
    with pytest.raises(AttachmentRefused, match=r'report\.docx'):
        await read('report.docx', MADE_TO_HARM[what])


@pytest.mark.parametrize(
    ('event', 'arguments'),
    [('open', ('x', 'w', 0)), ('socket.connect', ()), ('subprocess.Popen', ()), ('os.system', ())],
)
def test_the_process_that_reads_has_no_effects(event: str, arguments: tuple[object, ...]) -> None:
    """Whatever a package, or what is in a document, would have it do."""
    forbid_effects('open', ('x', 'r', 0))
    forbid_effects('import', ('x',))
    with pytest.raises(PermissionError):
        forbid_effects(event, arguments)


async def test_an_archive_that_grows_too_large_is_not_unpacked() -> None:
    bomb = archive({'word/document.xml': b' ' * 30_000_000})
    assert len(bomb) < 100_000
    with pytest.raises(AttachmentRefused, match='too large once it is unpacked'):
        await read('bomb.docx', bomb, DocumentReader(memory=100 * 1024**2))


async def test_what_takes_too_much_memory_or_time_ends_with_a_sentence() -> None:
    """Here with smaller limits: the page is in memory more than once while it is read."""
    large = b'<html>' + b'word ' * 4_000_000
    with pytest.raises(AttachmentRefused, match='needs more than 512 MB of memory'):
        await read('page.html', large, DocumentReader(memory=64 * 1024**2))
    with pytest.raises(AttachmentRefused, match='takes more than 60 seconds'):
        await read('page.html', large, DocumentReader(timeout=0.05))
