"""Every state that a power cut could leave at any moment of a history, reopened and compared."""

import shutil
from pathlib import Path

from chat.store.data_folder import open_store
from chat.store.selftest.expected_state import (
    DONE_LINE,
    State,
    States,
    Step,
    reopen_and_read,
    state_after,
    step_in,
)
from chat.store.selftest.workload import Workload
from tests.store.power_cuts.disk_model import DiskModel, Files, RecordingDisk


async def recorded(folder: Path, disk: RecordingDisk, *, rewrite_below: float, seed: int, steps: int) -> None:
    """Work in a folder; the disk remembers what was done and acknowledged."""
    data_folder = await open_store(folder, rewrite_below=rewrite_below, disk=disk)
    await Workload(data_folder.conversations, seed=seed, report=disk.tell).run_steps(steps)
    await data_folder.close()


class Simulation:
    """Every state that a cut could leave at any moment of a history, reopened and compared."""

    def __init__(self, folder: Path, disk: RecordingDisk, rewrite_below: float) -> None:
        self.bad: list[str] = []
        self._folder = folder
        self._disk = disk
        self._rewrite_below = rewrite_below
        self._found: dict[frozenset[tuple[Path, bytes]], States | None] = {}
        self._acknowledged: States = {}
        self._under_way: Step | None = None

    @property
    def states(self) -> int:
        return len(self._found)

    async def run(self, *, until_bad: bool = False) -> None:
        model = DiskModel()
        for name, arguments in self._disk.events:
            if name == 'tell':
                self._hear(*arguments)
                continue
            model.do(name, arguments)
            for files in model.after_a_cut():
                await self._check(files)
            if until_bad and self.bad:
                return

    def _hear(self, line: str) -> None:
        if line != DONE_LINE:
            self._under_way = step_in(line)
        elif self._under_way is not None:
            self._acknowledged, self._under_way = state_after(self._acknowledged, self._under_way), None

    async def _check(self, files: Files) -> None:
        key = frozenset(files.items())
        if key not in self._found:
            self._found[key] = await self._reopened(files)
        found = self._found[key]
        if found is None or not self._is_allowed(found):
            self.bad.append(f'{found} instead of {self._acknowledged}, under way: {self._under_way}')

    def _is_allowed(self, found: States) -> bool:
        allowed = [self._acknowledged]
        if self._under_way:
            allowed.append(state_after(self._acknowledged, self._under_way))
        return all(
            any(is_kept(found.get(key), states.get(key)) for states in allowed)
            for key in {*found, *(key for states in allowed for key in states)}
        )

    async def _reopened(self, files: Files) -> States | None:
        shutil.rmtree(self._folder)
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        found = await reopen_and_read(self._folder, rewrite_below=self._rewrite_below, disk=RecordingDisk())
        again = await reopen_and_read(self._folder, rewrite_below=self._rewrite_below, disk=RecordingDisk())
        return found if found == again else None


def is_kept(found: State | None, stored: State | None) -> bool:
    """Whether all that was stored is there; of a checkpoint, any beginning of what it said."""
    if found is None or stored is None or found.title != stored.title:
        return found == stored
    said = found.messages[len(stored.messages) :]
    names = [name.split(':')[0] for name in stored.unfinished]
    return found.messages[: len(stored.messages)] == stored.messages and (
        not said or [name.split(':')[0] for name in said] == names
    )
