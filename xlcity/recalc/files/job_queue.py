"""Which file a process takes next: copies of one template go to one process, the largest first.

What a process has read and compiled for one copy serves the next one, so a process stays with a
template. When that has no files left, it turns to the one with the most work left for each process.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path

#: Bytes of a file whose directory is read beforehand, at most.
_MOST_BYTES = 1 << 24


class JobQueue:
    """Numbers of jobs, taken one by one.

    Parameters
    ----------
    groups
        For each job what it has in common with others.
    sizes
        For each job how much work it is.
    """

    def __init__(self, groups: Sequence[Hashable], sizes: Sequence[int]) -> None:
        self._groups, self._sizes = groups, sizes
        self._left: dict[Hashable, list[int]] = {}
        self._processes = Counter[Hashable]()
        for index in sorted(range(len(groups)), key=lambda n: (sizes[n], -n)):
            self._left.setdefault(groups[index], []).append(index)

    @classmethod
    def of_files(cls, paths: Sequence[Path]) -> JobQueue:
        """Return the queue for files; it looks at names and checksums of their parts."""
        if len(paths) < 2:
            return cls.in_order(len(paths))
        groups_and_sizes = [_group_and_size(path) for path in paths]
        return cls([group for group, _ in groups_and_sizes], [size for _, size in groups_and_sizes])

    @classmethod
    def in_order(cls, count: int) -> JobQueue:
        """Return the queue in which jobs are taken as they come."""
        return cls([None] * count, [0] * count)

    def __len__(self) -> int:
        return sum(map(len, self._left.values()))

    def take(self, last: int = -1) -> int:
        """Return the next job of a process, which did `last` before."""
        group = self._groups[last] if last >= 0 else None
        if last < 0 or group not in self._left:
            if last >= 0:
                self._processes[group] -= 1
            group = max(self._left, key=self._share)
            self._processes[group] += 1
        left = self._left[group]
        index = left.pop()
        if not left:
            del self._left[group]
        return index

    def _share(self, group: Hashable) -> float:
        work = sum(1 + self._sizes[index] for index in self._left[group])
        return work / (1 + self._processes[group])


def _group_and_size(path: Path) -> tuple[Hashable, int]:
    """Return what copies of a template have in common, and the size of a file."""
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES or not path.is_file():
            return None, size
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except Exception:
        return None, 0  # the process that reads it says what is wrong
    main = (info.CRC for info in infos if info.filename.endswith("workbook.xml"))
    return (*main, *(info.filename for info in infos)), size
