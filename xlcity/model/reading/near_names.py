"""Names that are spelled so much alike that they may mean one city: Turkey and Türkiye.

The sheets find them by formulas of their own (`workbook/sheets/calculation/near_names.py`), made
from the same tables; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable

#: What a name may have or lack, wildcards of MATCH among it.
NOISE = " \u00a0\u3000-'’`·._*?~市"
#: Accented letter -> what it is without; with NOISE no more than a formula can nest (64).
PLAIN = {
    accented: plain
    for plain, letters in {
        "a": "áâäãåÅ",
        "c": "çćčÇ",
        "e": "éèêëÉ",
        "g": "ğ",
        "i": "íîïıİ",
        "l": "łŁ",
        "n": "ñń",
        "o": "óôöõøÖØ",
        "s": "śşšŚŞŠ",
        "u": "úûüÜ",
        "z": "źżŽ",
    }.items()
    for accented in letters
}
VOWELS = "aeiouyAEIOUY"
#: Shorter names are compared as they are: Lima is not Lomé. So are those with fewer consonants.
LEAST, LEAST_CONSONANTS = 5, 3


def bare_name(name: str) -> str:
    """Return a name without accents, spaces, hyphens and 市."""
    found = name.translate(dict.fromkeys(map(ord, NOISE)))
    return found.translate({ord(accented): plain for accented, plain in PLAIN.items()})


def name_key(bare: str) -> str:
    """Return what names that are nearly alike have in common, but for case: their consonants.

    >>> name_key(bare_name("Turkey")), name_key(bare_name("Türkiye")), name_key(bare_name("Oslo"))
    ('Trk', 'Trk', 'Oslo')
    """
    consonants = bare.translate(dict.fromkeys(map(ord, VOWELS)))
    return bare if len(bare) < LEAST or len(consonants) < LEAST_CONSONANTS else consonants


def near_names(names: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return pairs of units whose names are nearly alike: the later one and the first one.

    `names` are (unit, name).
    """
    first: dict[str, str] = {}
    found = []
    for unit, name in names:
        key = name_key(bare_name(name)).casefold()
        if key and first.setdefault(key, unit) != unit:
            found.append((unit, first[key]))
    return found
