"""Labels in Chinese and English, shown through cells so that one language cell switches all."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

FIRST_ROW = 5
#: Column of the titles of charts.
TITLES = 6
LANGUAGES = ("zh", "en", "both")


@dataclass(frozen=True)
class Labels:
    """Keys with their two texts, in the order in which they stand on the `Labels` sheet."""

    texts: Mapping[str, tuple[str, str]]

    @classmethod
    def load(cls, extra: Iterable[tuple[str, str, str]] = ()) -> Labels:
        """Read the package's labels and add those of a template (key, zh, en)."""
        source = files("xlcity.workbook").joinpath("labels.toml").read_text(encoding="utf-8")
        texts = {key: (pair[0], pair[1]) for key, pair in tomllib.loads(source).items()}
        texts.update({key: (zh, en) for key, zh, en in extra})
        return cls(texts)

    def row(self, key: str) -> int:
        """Return the row of a key on the `Labels` sheet."""
        try:
            return FIRST_ROW + self._rows[key]
        except KeyError:
            raise KeyError(f"no label {key!r} in labels.toml") from None

    @property
    def _rows(self) -> Mapping[str, int]:
        cached = self.__dict__.get("_row_cache")
        if cached is None:
            cached = {key: position for position, key in enumerate(self.texts)}
            object.__setattr__(self, "_row_cache", cached)
        return cached

    def ref(self, key: str) -> str:
        """Return the reference to a label's text in the chosen language."""
        return f"Labels!$D${self.row(key)}"

    def variants(self, key: str, language: str) -> tuple[str, ...]:
        """Return the texts a cell may show: either language, or both at once in such a book."""
        zh, en = self.texts[key]
        return (f"{zh} {en}",) if language == "both" else (zh, en)
