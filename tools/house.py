"""How open the code of the package is: counts that may not rise.

``python -m tools.house`` prints the counts of each package, ``--check`` compares them with
``tools/house.csv`` and fails where one rose, ``--record`` writes those that fell, ``--list TEXT``
names each place in files whose path has this text. Tokens are those of code: no comments, no
docstrings, no imports; an f-string is one token in every version of Python. Steps are calls,
operators, comparisons, conditions, loops, subscripts and constants: what code does, whichever
way it is laid out.
"""

import argparse
import ast
import csv
import io
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "tools" / "house.csv"

#: Most branches of a function: conditions, loops, handlers, comprehension clauses, and / or.
MOST_BRANCHES = 10
MOST_LINE_TOKENS = 25
MOST_POSITIONAL = 4

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Lambda)
DOCUMENTED = (ast.Module, ast.ClassDef, *FUNCTIONS)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
BRANCHES = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.comprehension,
    ast.Assert,
    ast.match_case,
)
STEPS = (
    ast.Call,
    ast.BinOp,
    ast.Compare,
    ast.BoolOp,
    ast.UnaryOp,
    ast.Subscript,
    ast.IfExp,
    ast.comprehension,
    ast.If,
    ast.For,
    ast.While,
    ast.match_case,
    ast.Constant,
)
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
FSTRING_START = getattr(tokenize, "FSTRING_START", None)
FSTRING_END = getattr(tokenize, "FSTRING_END", None)

#: What is counted, by the name in `house.csv`. A count per package; none may rise.
PACKED_LINE = "line of over 25 tokens"
TWO_IN_ONE = "a, b = x, y"
BY_POSITION = "call with over 4 positional arguments"
MANY_BRANCHES = "function with over 10 branches"
TWO_CLAUSES = "comprehension of two clauses"
NESTED_COMPREHENSION = "comprehension in another, or with :="
NESTED_CONDITIONAL = "nested conditional expression"
DECIDING_LAMBDA = "lambda that decides"
DECIDING_TEXT = "f-string that decides"
UNFORMATTED = "fmt: skip"


@dataclass(frozen=True)
class Fault:
    """One place where the open form is another one."""

    kind: str
    line: int


@dataclass
class Facts:
    """What is counted of one module, or of a package."""

    faults: list[Fault] = field(default_factory=list)
    tokens: int = 0
    lines: int = 0
    steps: int = 0

    def add(self, other: "Facts") -> None:
        """Add the counts of another module."""
        self.faults += other.faults
        self.tokens += other.tokens
        self.lines += other.lines
        self.steps += other.steps

    def counts(self) -> Counter[str]:
        """Return the number of places of each kind."""
        return Counter(fault.kind for fault in self.faults)


def read_module(text: str) -> Facts:
    """Return the facts of a module."""
    tree = ast.parse(text)
    facts = Facts()
    _count_tokens(text, _lines_beside_code(tree), facts)
    beside = set(_nodes_beside_code(tree))
    for node in ast.walk(tree):
        if isinstance(node, STEPS) and node not in beside:
            facts.steps += 1
        kind = _fault_of(node)
        if kind:
            facts.faults.append(Fault(kind, getattr(node, "lineno", 0)))
    return facts


def _nodes_beside_code(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes that do nothing: docstrings, annotations, texts inside f-strings."""
    for node in ast.walk(tree):
        if _has_docstring(node):
            yield from ast.walk(node.body[0])  # type: ignore[attr-defined]
        for name in ("annotation", "returns"):
            annotation = getattr(node, name, None)
            if annotation is not None:
                yield from ast.walk(annotation)
        if isinstance(node, ast.JoinedStr):
            yield from (part for part in node.values if isinstance(part, ast.Constant))


def _has_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, DOCUMENTED)
        and ast.get_docstring(node, clean=False) is not None
    )


def _lines_beside_code(tree: ast.Module) -> set[int]:
    """Return the lines of imports and docstrings."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        statement: ast.stmt | None = None
        if isinstance(node, ast.Import | ast.ImportFrom):
            statement = node
        elif _has_docstring(node):
            statement = node.body[0]  # type: ignore[attr-defined]
        if statement is not None:
            lines.update(range(statement.lineno, (statement.end_lineno or 0) + 1))
    return lines


def _count_tokens(text: str, skipped: set[int], facts: Facts) -> None:
    """Count tokens and lines of code, lines of too many tokens and unformatted ones."""
    tokens_of_line: Counter[int] = Counter()
    code_lines: set[int] = set()
    fstring_depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and UNFORMATTED in token.string:
            facts.faults.append(Fault(UNFORMATTED, token.start[0]))
        if token.type in LAYOUT or token.start[0] in skipped:
            continue
        code_lines.update(range(token.start[0], token.end[0] + 1))
        if token.type == FSTRING_END:
            fstring_depth -= 1
            continue
        if fstring_depth == 0:
            tokens_of_line[token.start[0]] += 1
        if token.type == FSTRING_START:
            fstring_depth += 1
    facts.tokens = tokens_of_line.total()
    facts.lines = len(code_lines)
    for line, count in tokens_of_line.items():
        if count > MOST_LINE_TOKENS:
            facts.faults.append(Fault(PACKED_LINE, line))


def _fault_of(node: ast.AST) -> str:
    """Return what is packed in a node; empty where nothing is."""
    match node:
        case ast.IfExp():
            return NESTED_CONDITIONAL if _is_inside(node, (ast.IfExp,)) else ""
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return _comprehension_fault(node)
        case ast.Lambda():
            decides = _contains(node.body, (ast.IfExp, ast.BoolOp, *COMPREHENSIONS))
            return DECIDING_LAMBDA if decides else ""
        case ast.FormattedValue():
            decides = _contains(node.value, (ast.IfExp, *COMPREHENSIONS))
            return DECIDING_TEXT if decides else ""
        case ast.Assign(targets=[ast.Tuple(), *_], value=ast.Tuple()):
            return "" if _is_swap(node) else TWO_IN_ONE
        case ast.Call() if len(node.args) > MOST_POSITIONAL:
            is_starred = any(isinstance(arg, ast.Starred) for arg in node.args)
            return "" if is_starred else BY_POSITION
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return MANY_BRANCHES if _branches(node) > MOST_BRANCHES else ""
    return ""


def _comprehension_fault(
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
) -> str:
    conditions = sum(len(clause.ifs) for clause in node.generators)
    if len(node.generators) > 1 or conditions > 1:
        return TWO_CLAUSES
    if _is_inside(node, (*COMPREHENSIONS, ast.NamedExpr)):
        return NESTED_COMPREHENSION
    return ""


def _contains(node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
    return any(isinstance(part, kinds) for part in ast.walk(node))


def _is_inside(node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
    parts = (part for part in ast.walk(node) if part is not node)
    return any(isinstance(part, kinds) for part in parts)


def _is_swap(node: ast.Assign) -> bool:
    """Tell whether values need what their targets held before: a, b = b, a + b."""
    return bool(_names(node.targets[0]) & _names(node.value))


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _branches(function: Function) -> int:
    count = 1
    for node in _own_nodes(function):
        if isinstance(node, BRANCHES):
            count += 1
        if isinstance(node, ast.comprehension):
            count += len(node.ifs)
        elif isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
    return count


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions and classes inside it."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, SCOPES):
            stack.extend(ast.iter_child_nodes(node))


def survey() -> dict[Path, Facts]:
    """Return the facts of each module of the package."""
    paths = sorted((ROOT / "xlcity").rglob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    with ProcessPoolExecutor() as pool:
        facts = list(pool.map(read_module, texts, chunksize=16))
    return dict(zip(paths, facts, strict=True))


def by_package(modules: dict[Path, Facts]) -> dict[str, Facts]:
    """Return the facts of each package."""
    packages: defaultdict[str, Facts] = defaultdict(Facts)
    for path, facts in modules.items():
        parts = path.relative_to(ROOT / "xlcity").parts
        packages[parts[0] if len(parts) > 1 else "."].add(facts)
    return dict(packages)


#: Number of places by package and kind.
Counts = dict[tuple[str, str], int]


def read_record() -> Counts:
    """Return the recorded counts by package and kind."""
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["package"], row["kind"]): int(row["count"]) for row in rows}


def counts_of(packages: dict[str, Facts]) -> Counts:
    """Return today's counts by package and kind."""
    counts: Counts = {}
    for package, facts in packages.items():
        for kind, count in facts.counts().items():
            counts[package, kind] = count
    return counts


def risen(now: Counts, allowed: Counts) -> list[str]:
    """Return a sentence for each count that rose."""
    sentences = []
    for (package, kind), count in sorted(now.items()):
        before = allowed.get((package, kind), 0)
        if count > before:
            sentences.append(f"{package}: {kind}: {count}, at most {before} allowed")
    return sentences


def record(now: Counts, allowed: Counts) -> None:
    """Write the counts that fell; those that rose stay as they were."""
    with RECORD.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["package", "kind", "count"])
        for (package, kind), before in sorted(allowed.items()):
            count = min(before, now.get((package, kind), 0))
            if count:
                writer.writerow([package, kind, count])


def print_table(packages: dict[str, Facts]) -> None:
    """Print sizes and the number of packed places of each package."""
    print(
        f"{'package':12}{'steps':>8}{'tokens':>9}{'lines':>8}{'tok/line':>10}{'packed':>8}"
    )
    for name, facts in sorted(packages.items()):
        density = facts.tokens / max(1, facts.lines)
        print(
            f"{name:12}{facts.steps:8}{facts.tokens:9}{facts.lines:8}"
            f"{density:10.2f}{len(facts.faults):8}"
        )


def list_faults(modules: dict[Path, Facts], wanted: str) -> None:
    """Print each packed place in files whose path has a text."""
    for path, facts in modules.items():
        name = path.relative_to(ROOT).as_posix()
        if wanted not in name:
            continue
        for fault in sorted(facts.faults, key=lambda fault: fault.line):
            print(f"{name}:{fault.line}: {fault.kind}")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools.house")
    parser.add_argument("--check", action="store_true", help="fail where a count rose")
    parser.add_argument("--record", action="store_true", help="write what fell")
    parser.add_argument("--list", metavar="TEXT", help="name each place in these files")
    args = parser.parse_args()
    modules = survey()
    packages = by_package(modules)
    if args.list:
        list_faults(modules, args.list)
        return 0
    if args.record:
        record(counts_of(packages), read_record())
        return 0
    if not args.check:
        print_table(packages)
        return 0
    sentences = risen(counts_of(packages), read_record())
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    if sentences:
        print("python -m tools.house --list PACKAGE names the places", file=sys.stderr)
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
