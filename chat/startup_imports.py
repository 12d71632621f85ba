"""Import the app sooner, and with less memory: without what only other programs use of its libraries."""

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType

OPTIONAL_PACKAGES = ('aiohttp', 'requests', 'ifaddr', 'markdown2')
"""What python-engineio imports for its clients, though Parlour has only its server; and what NiceGUI imports
for a welcome in the terminal (which starts a process), and for Markdown, which Parlour renders itself."""

OPTIONAL_MODULES = ('httpx._main', 'webview', 'email_validator', 'pydantic.v1')
"""What can be missing: the command line of httpx, NiceGUI's native window, for which we have our own, and two
that FastAPI looks for: what checks addresses in descriptions of interfaces, and the Pydantic of before."""


@contextmanager
def quick_imports() -> Generator[None]:
    """Have what is imported in the block take less time and memory, such as all that is needed to serve.

    Garbage is not collected meanwhile, nor looked for among these objects later: there is hardly any, and to
    look for it takes a fifth of a start.
    """
    gc.disable()
    for name in OPTIONAL_PACKAGES:
        _import_when_used(name)
    try:
        with without(*OPTIONAL_MODULES):
            yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def without(*names: str) -> Generator[None]:
    """Have imports of these modules fail in the block, as where they are not installed.

    They must be ones that nobody else imports meanwhile. What was imported before stays.
    """
    absent = dict.fromkeys(name for name in names if name not in sys.modules)
    sys.modules.update(absent)  # pyright: ignore[reportArgumentType, reportCallIssue]  # that is how
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def _import_when_used(name: str) -> None:
    """Have a package be imported when it is asked for anything; one that is not installed is left alone."""
    spec = None if name in sys.modules else find_spec(name)
    if spec:
        sys.modules[name] = module = module_from_spec(spec)
        module.__class__ = UnusedPackage


class UnusedPackage(ModuleType):
    """A package that is loaded when it is asked for the first of its names.

    Python's own `LazyLoader` loads it for any attribute, and so whenever `inspect` goes through all modules.
    """

    def __getattr__(self, name: str) -> object:
        if name in IMPORT_ATTRIBUTES:
            raise AttributeError(name)
        with _loading:
            if type(self) is UnusedPackage and self not in _being_loaded:
                self._load()
        if name in self.__dict__:
            return self.__dict__[name]
        raise AttributeError(f'module {self.__name__!r} has no attribute {name!r}')

    def _load(self) -> None:
        _being_loaded.append(self)
        try:
            if self.__spec__ and self.__spec__.loader:
                self.__spec__.loader.exec_module(self)
            self.__class__ = ModuleType  # pyright: ignore[reportAttributeAccessIssue]  # as modules allow
        finally:
            _being_loaded.remove(self)


IMPORT_ATTRIBUTES = ('__file__', '__path__', '__wrapped__', '__warningregistry__')
"""What `inspect` and others ask every module for; a package that has one has it before it is loaded."""

_loading = RLock()
_being_loaded = list[UnusedPackage]()
