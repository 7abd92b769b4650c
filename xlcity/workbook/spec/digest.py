"""What a specification is, as a digest: equal ones draw the same workbook."""

from __future__ import annotations

import os
from dataclasses import replace

from xlcity.reports import HOMES_VARIABLE
from xlcity.workbook.spec import TemplateSpec
from xlcity.xlsx.user_cache import cache_folder, digest_of


def spec_digest(spec: TemplateSpec) -> str | None:
    """Return the digest; None where nothing is kept, or reports from elsewhere may be drawn."""
    if cache_folder() is None or os.environ.get(HOMES_VARIABLE):
        return None
    # How a page is drawn is a matter of the code that is installed.
    pages = [(page.name, page.before, page.family, page.prints) for page in spec.pages]
    return digest_of((replace(spec, pages=()), pages))
