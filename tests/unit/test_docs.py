"""The documents hold: links lead somewhere, commands exist, the tutorial works as written."""

from __future__ import annotations

import csv
import difflib
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import xlcity
from tools.site import reproduction
from tools.site.menu import menu_of
from xlcity.audit.tables.reproduction import Reproduction, reproduce_report
from xlcity.cli import first_words, main
from xlcity.cli.parser import parser_of
from xlcity.errors import UsageError
from xlcity.reports import load_report, report_ids
from xlcity.workbook.labels import Labels
from xlcity.workbook.spec.from_report import template_spec

#: The committed workbooks are Chinese.
CHINESE_TABS = True

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "xlcity/reports").rglob("*.md"),
        *(ROOT / "workbooks").glob("*.md"),
    ]
)
TUTORIAL = ROOT / "docs" / "tutorials"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE_NAMED = re.compile(r"`([\w./-]+\.(?:py|toml|csv|md|cff))`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def named(pages: list[Path]) -> list[object]:
    return [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in pages]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    bare = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in bare}


def console_lines(page: Path) -> Iterator[list[str]]:
    """Yield the lines of each console block."""
    for language, body in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "console":
            yield body.splitlines()


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of each `xlcity` command that a page shows after a prompt."""
    for lines in console_lines(page):
        for line in lines:
            if line.startswith("$ xlcity"):
                yield shlex.split(line[2:])[1:]


@pytest.mark.parametrize("page", named(PAGES))
def test_relative_links_lead_to_files_and_headings(page: Path) -> None:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for target in _LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    assert broken == []


def test_files_that_pages_for_developers_name_exist() -> None:
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    if not files:
        pytest.skip("not a git checkout")
    pages = ("SECURITY.md", "CONTRIBUTING.md", "docs/explanation/architecture.md")
    known = {f"/{file}" for file in files if (ROOT / file).exists()}
    # A file of the user, and the two that a recipe makes.
    made = {"xlcity.toml", "page.md", "page.zh.md"}
    missing = {
        (page, name)
        for page in pages
        for name in _FILE_NAMED.findall((ROOT / page).read_text(encoding="utf-8"))
        if name not in made and not any(file.endswith(f"/{name}") for file in known)
    }
    assert missing == set()


def test_every_page_has_its_twin_in_the_other_language() -> None:
    for page in PAGES:
        if page.name.endswith(".zh.md"):
            other = page.with_name(page.name.replace(".zh.md", ".md"))
            assert other.is_file(), page
            assert f"]({other.name})" in page.read_text(encoding="utf-8"), page
            assert f"]({page.name})" in other.read_text(encoding="utf-8"), other


#: Pages with tables of several columns that tests or readers compare row by row.
WIDE_TABLES = {
    "SECURITY.md",
    "CONTRIBUTING.md",
    "docs/explanation/other-tools.md",
    "docs/explanation/other-tools.zh.md",
    "docs/explanation/printed-examples.md",
    "docs/explanation/printed-examples.zh.md",
    "docs/how-to/check-a-workbook.md",
    "docs/how-to/recalculate-at-night.md",
    "docs/how-to/recalculate-at-night.zh.md",
    "docs/reference/audit-rules.md",
    "docs/reference/audit-rules.zh.md",
    "docs/reference/audit-spec.md",
    "docs/reference/error-codes.md",
    "docs/reference/recipe.md",
    "docs/reference/recipe.zh.md",
    "docs/reference/workbook.md",
}


def is_wide(line: str) -> bool:
    """Whether a line is too long to be read in an editor or in a comparison."""
    return len(line) > 200


@pytest.mark.parametrize(
    "page", named([page for page in PAGES if page.name != "CHANGELOG.md"])
)
def test_no_line_of_prose_is_over_200_characters(page: Path) -> None:
    lines = _FENCE.sub("", page.read_text(encoding="utf-8")).splitlines()
    wide = [line for line in lines if is_wide(line)]
    if page.relative_to(ROOT).as_posix() in WIDE_TABLES:
        assert any(line.startswith("|") for line in wide), "leave it out of the list"
        wide = [line for line in wide if not line.startswith("|")]
    assert wide == []


def test_there_are_at_most_48_pairs_of_pages() -> None:
    pairs = [page for page in PAGES if page.name.endswith(".zh.md")]
    assert len([page for page in pairs if ROOT / "docs" in page.parents]) <= 48


@pytest.fixture(scope="module")
def reproduced() -> list[Reproduction]:
    """What the reports reproduce today; the pages of both languages show it."""
    return [reproduce_report(report_id) for report_id in report_ids()]


@pytest.mark.parametrize(
    "words", reproduction.LANGUAGES, ids=lambda words: words.ending
)
def test_the_page_shows_what_the_reports_reproduce_today(
    words: reproduction.Words, reproduced: list[Reproduction]
) -> None:
    page = reproduction.page_of(words).read_text(encoding="utf-8")
    assert len(reproduced) == 5
    assert reproduction.with_tables(page, reproduced, words) == page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_menu_is_by_reader_in_at_most_three_levels(language: str) -> None:
    menu = menu_of(ROOT, language)
    readers = [title for part in menu for title in part]
    pages = [page for part in menu for pages in part.values() for page in pages]
    first_pages = [pages[0] for part in menu for pages in part.values()]
    assert len(readers) == 7
    assert len([page for page in first_pages if "/people/" in page]) == 4
    assert [page for page in pages if not (ROOT / page).is_file()] == []


@pytest.mark.parametrize("index", ["index.md", "index.zh.md"])
def test_every_page_can_be_reached_from_the_entry(index: str) -> None:
    def linked(page: Path) -> set[Path]:
        targets = _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
        paths = {
            (page.parent / target.partition("#")[0]).resolve() for target in targets
        }
        return {path for path in paths if path.suffix == ".md" and path.is_file()}

    chinese = index.endswith(".zh.md")
    found = set()
    waiting = {ROOT / "docs" / index}
    while waiting:
        page = waiting.pop()
        found.add(page)
        waiting |= linked(page) - found
    wanted = {
        page
        for page in (ROOT / "docs").rglob("*.md")
        if page.name.endswith(".zh.md") is chinese
    }
    assert wanted - found == set()


@pytest.mark.parametrize("page", named(PAGES))
def test_every_verb_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    spans = re.findall(r"`xlcity ([a-z]+)", _FENCE.sub("", text))
    spans += [words[0] for words in commands(page)]
    assert set(spans) <= set(first_words())


@pytest.mark.parametrize("page", named([page for page in PAGES if any(commands(page))]))
def test_every_command_line_that_is_shown_is_understood(page: Path) -> None:
    for verb, *words in commands(page):
        try:
            parser_of(verb).parse_args(words)
        except (UsageError, SystemExit) as error:
            pytest.fail(f"xlcity {verb} {shlex.join(words)}: {error}")


@pytest.mark.parametrize("person", ["assistant", "reviewer", "editor", "operator"])
def test_each_person_has_ten_steps_with_commands_that_are_understood(
    person: str,
) -> None:
    found = []
    for ending in (".md", ".zh.md"):
        text = (ROOT / "docs" / "people" / f"{person}{ending}").read_text(
            encoding="utf-8"
        )
        steps = re.findall(r"^\d+\. (.+(?:\n +.+)*)$", text, re.MULTILINE)
        assert len(steps) == 10
        shown = [shlex.split(span) for span in re.findall(r"`xlcity ([^`]+)`", text)]
        for verb, *words in shown:
            # A verb alone, and `audit tables`, name what is done; the others are whole commands.
            if words and words != ["tables"]:
                parser_of(verb).parse_args(words)
        found.append([verb for verb, *_ in shown])
        links = [
            re.sub(r"(\.zh)?\.md(#.*)?", "", link)
            for link in _LINK.findall("".join(steps))
        ]
        found.append(links)
    assert found[:2] == found[2:]


@pytest.mark.parametrize("language", ["", ".zh"])
def test_the_command_reference_has_every_verb_and_option(language: str) -> None:
    text = (ROOT / "docs" / "reference" / f"command-line{language}.md").read_text(
        encoding="utf-8"
    )
    first, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    sections = {part.split()[0]: part for part in parts}
    for_every_verb = parts[1].partition("\n")[2]
    shared = set(re.findall(r"^- `(--\w+)", for_every_verb, re.MULTILINE))
    assert shared == {"--json", "--timeout", "--functions", "--encoding"}
    assert "--help" in first
    for verb in first_words():
        described = set(re.findall(r"(?<![\w-])--?\w[\w-]*", sections[verb]))
        described |= {"--help", *shared}
        for action in parser_of(verb)._actions:
            names = set(action.option_strings)
            assert not names or names & described, f"{verb} {action.option_strings}"


def own_names(report_id: str, kind: str) -> set[str]:
    """Return the sheets or checks that a report has of its own."""
    labels = template_spec(load_report(report_id)).labels
    return {key.partition(".")[2] for key, _, _ in labels if key.startswith(f"{kind}.")}


@pytest.mark.parametrize("language", ["", ".zh"])
def test_the_workbook_reference_has_every_sheet_and_check(language: str) -> None:
    page = (ROOT / "docs" / "reference" / f"workbook{language}.md").read_text(
        encoding="utf-8"
    )
    first_cells = set(
        re.findall(r"^(?:\| |- )`([\w-]+)`(?: \| |: |：)\S", page, re.MULTILINE)
    )
    words = Labels.load().texts
    for kind in ("contents", "remedy"):
        names = {key.partition(".")[2] for key in words if key.startswith(f"{kind}.")}
        assert len(names) > 10
        names |= {
            name for report_id in report_ids() for name in own_names(report_id, kind)
        }
        assert names - first_cells == set()


def shows(line: str, text: str) -> bool:
    """Tell whether a line of a page is a line of output; "…" stands for any words of it.

    Pages write it for counts that grow with the template; every other number must be right.
    """
    parts = map(re.escape, line.strip().split("…"))
    return re.fullmatch(".+".join(parts), text.strip()) is not None


#: The tutorials in words: their page, the folder that they copy, and how many commands they show.
TUTORIALS = [("first-template", "data", 7), ("human-development-index", "data/hdi", 4)]


@pytest.mark.parametrize(
    ("page", "least"), [(page, least) for page, _, least in TUTORIALS]
)
def test_both_tutorials_show_the_same_steps(page: str, least: int) -> None:
    shown, other = (
        [
            [word for word in words if word not in ("zh", "en")]
            for words in commands(TUTORIAL / f"{page}{ending}")
        ]
        for ending in (".md", ".zh.md")
    )
    assert len(shown) >= least
    assert shown == other


#: The first one makes, fills and checks a template of 106 cities.
SLOW_TUTORIALS = [
    pytest.param(page, data, marks=pytest.mark.slow if data == "data" else ())
    for page, data, _ in TUTORIALS
]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("page", "data"), SLOW_TUTORIALS)
def test_the_tutorials_work_as_they_are_written(
    page: str,
    data: str,
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Run their commands one after the other; every line shown must come out, in this order."""
    for table in (TUTORIAL / data).glob("*.*"):
        shutil.copy(table, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XLCITY_LANG", language)
    code = 0
    said = []
    ending = ".zh.md" if language == "zh" else ".md"
    for lines in console_lines(TUTORIAL / f"{page}{ending}"):
        for line in lines:
            if line.startswith("$ "):
                words = shlex.split(line[2:])
                if words[0] == "xlcity":
                    code = main(words[1:])
                    out, err = capsys.readouterr()
                    said = (out + err).splitlines()
                elif words[0] in ("cat", "head"):
                    content = Path(words[-1]).read_text(encoding="utf-8-sig")
                    said = content.splitlines()
                else:
                    said = [str(code)] if words == ["echo", "$?"] else []
                continue
            if line == "…":
                continue
            at = next((at for at, text in enumerate(said) if shows(line, text)), None)
            near = difflib.get_close_matches(line, said, 1)
            assert at is not None, f"shown: {line}\nnearest: {near}"
            said = said[at + 1 :]


def test_the_human_development_index_is_the_printed_one() -> None:
    folder = TUTORIAL / "data" / "hdi"
    found = xlcity.Index(
        folder / "framework.csv", folder / "data.csv", recipe=folder / "recipe.toml"
    )
    with (folder / "published.csv").open(encoding="utf-8") as file:
        printed = list(csv.DictReader(file))
    assert len(printed) == 191
    scores = found.scores["HDI"]
    ranks = found.ranks["HDI"]
    assert [f"{scores[row['unit']]:.3f}" for row in printed] == [
        row["HDI"] for row in printed
    ]
    assert [ranks[row["unit"]] for row in printed] == [
        int(row["rank"]) for row in printed
    ]


def test_the_practice_tables_hold_what_the_template_ships_with() -> None:
    """Mended and with the late value, they are the derived inputs, but for the unrated city."""
    from xlcity.model.reading.data import overlay_cells, read_dataset

    report = load_report("image2025")
    units = report.dataset.units
    framework = report.framework
    dataset, notes = read_dataset(TUTORIAL / "data/survey-mended.csv", framework, units)
    _, late = read_dataset(TUTORIAL / "data/late.csv", framework, units)
    filled = overlay_cells(dataset, late.cells)
    different = (filled.values != report.dataset.values).nonzero()
    assert [
        (units[row].id, filled.codes[column])
        for row, column in zip(*different, strict=True)
    ] == [("nanning", "IMG_INF_MAIN_RATE")]
    assert len(notes.cells) == 106 * 6 - 1
