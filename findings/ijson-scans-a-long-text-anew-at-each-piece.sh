#!/usr/bin/env bash
# ijson 3.6.0: with its fast backend (yajl2_c), reading a document takes time that grows with the square of the longest
# text in it, divided by the size of the pieces in which it is read: what yajl has of a text that is not over yet it
# scans from the text's beginning when the next piece comes. An export of chats with one picture in base64 therefore
# takes long if it is read in small pieces, and a moment if it is read in large ones; the default of ijson is 64 KiB.
#
# Who reads such files makes the pieces grow while no value ends.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ijson==3.6.0 2>/dev/null
cd "$folder"
cat >look.py <<'PYTHON'
import io
import json
import sys
from time import process_time

import ijson

PIECES = 1024, 16 * 1024, 64 * 1024, 1024 * 1024
LENGTHS = 1_000_000, 2_000_000, 4_000_000


def seconds(document: bytes, piece: int) -> float:
    """CPU seconds in which the texts of a list are read."""
    begun = process_time()
    texts = list(ijson.items(io.BytesIO(document), 'item', buf_size=piece))
    taken = process_time() - begun
    assert texts == json.loads(document)
    return taken


print(f'Python {sys.version.split()[0]}, ijson {ijson.__version__}, backend {ijson.backend}')
assert ijson.backend == 'yajl2_c'
taken = {}
for length in LENGTHS:
    one, many = json.dumps(['x' * length]).encode(), json.dumps(['x' * 1000] * (length // 1000)).encode()
    for piece in PIECES:
        taken[length, piece] = seconds(one, piece)
    row = ', '.join(f'{piece // 1024} KiB: {taken[length, piece] * 1000:.0f} ms' for piece in PIECES)
    print(f'one text of {length:,} characters, by pieces of {row}')
    taken[length, 'many'] = seconds(many, PIECES[0])
    print(f'as much in texts of 1,000, by pieces of 1 KiB: {taken[length, "many"] * 1000:.0f} ms')
# Four times the text takes far more than four times as long, and small pieces far longer than large ones.
assert taken[LENGTHS[2], 1024] > 8 * taken[LENGTHS[0], 1024]
assert taken[LENGTHS[2], 1024] > 10 * taken[LENGTHS[2], 64 * 1024]
assert taken[LENGTHS[2], 1024] > 10 * taken[LENGTHS[2], 'many']
PYTHON
"$folder/venv/bin/python" look.py
