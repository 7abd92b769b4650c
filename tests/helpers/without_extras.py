"""Calls every public method in a process that has none of the optional packages.

``python -m tests.helpers.without_extras FOLDER`` writes in a folder, and prints as JSON what each
call ended with: "" or the code, sentence and hint of a problem, or the name of another exception.
"""

import doctest
import importlib
import inspect
import json
import os
import pkgutil
import sys
from importlib import metadata
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np

#: Names that the extras but for `dev` install; Matplotlib brings Pillow, and python-docx
#: and python-pptx lxml.
EXTRAS = {
    "formualizer": "fast",
    "dask": "cluster",
    "distributed": "cluster",
    "matplotlib": "figures",
    "PIL": "figures",
    "starlette": "desk",
    "uvicorn": "desk",
    "docx": "report",
    "pptx": "report",
    "lxml": "report",
}


def hide():
    """Let the optional packages be absent, as in a base installation."""
    sys.modules.update(dict.fromkeys(EXTRAS))
    installed_version = metadata.version

    def version(name):
        if name in EXTRAS:
            raise PackageNotFoundError(name)
        return installed_version(name)

    metadata.version = version


def public_members(owner):
    """Yield the names of the methods and properties of a class that people may use."""
    for name in dir(owner):
        member = inspect.getattr_static(owner, name)
        is_computed = isinstance(member, property) or hasattr(member, "attrname")
        if not name.startswith("_") and (
            is_computed or callable(getattr(owner, name, None))
        ):
            yield name


def make_objects(folder):
    """Return the objects by the name of their class, and what calls need beside."""
    import pandas as pd

    import xlcity as xc
    from xlcity.model.recipe import Recipe, Step

    framework = xc.Framework.read(
        "code,parent,weight,weight_even,direction\nCITY,,1,1,1\nPEOPLE,CITY,2,1,1\n"
        "jobs,PEOPLE,1,1,1\nincome,PEOPLE,1,1,1\nnoise,CITY,1,1,-1\n"
    )
    rng = np.random.default_rng(1)
    names = [f"City {letter}" for letter in "ABCDEFGH"]
    columns = {code: rng.uniform(10, 90, 8) for code in ("jobs", "income", "noise")}
    frame = pd.DataFrame(columns, index=names)
    years = {year: frame * (1 + (year - 2020) / 50) for year in (2020, 2021, 2022)}
    data = pd.concat(years, names=["year", "unit"])
    steps = (
        Step("normalise", "minmax"),
        Step("aggregate", "arithmetic"),
        Step("rate", "cuts", {"cuts": (25.0, 50.0, 75.0)}),
    )
    index = xc.Index(framework, data, recipe=Recipe("rated", steps, "relative"))
    path = index.to_workbook(folder / "book.xlsx", pages=("assessment", "peers"))
    return {
        "Framework": framework,
        "Data": xc.read_data(frame, framework),
        "Index": index,
        "Workbook": xc.Workbook.open(path),
        "Assessment": index.assess(20, vary=["weights=noise:20%"]),
        "path": path,
        "frame": frame,
        "folder": folder,
    }


#: Arguments of the methods that need some, from the objects of `make_objects`; more than one entry
#: where what is asked for decides what is needed.
ARGUMENTS = {
    "Framework.children": [lambda made: ("CITY",)],
    "Framework.depth": [lambda made: ("jobs",)],
    "Framework.from_frame": [lambda made: (_tree_frame(),)],
    "Framework.from_table": [lambda made: (_tree_table(),)],
    "Framework.ingredients_of": [lambda made: ("jobs",)],
    "Framework.is_indicator": [lambda made: ("jobs",)],
    "Framework.leaves_below": [lambda made: ("CITY",)],
    "Framework.path": [lambda made: ("jobs",)],
    "Framework.read": [lambda made: ("code,parent\nX,\nA,X\n",)],
    "Framework.weights_in_set": [lambda made: ("even", "CITY")],
    "Framework.with_ingredients": [lambda made: (_ingredients_table(),)],
    "Index.assess": [lambda made: (5,)],
    "Index.by_size": [lambda made: ("income",)],
    "Index.column": [lambda made: ("CITY",)],
    "Index.contributions": [lambda made: ("City A",)],
    "Index.of": [lambda made: (made["Index"].inputs,)],
    "Index.plot": [
        lambda made: ("ranking",),
        lambda made: ("contributions",),
        lambda made: ("heat-map",),
    ],
    "Index.report": [
        lambda made: (made["folder"] / "all",),
        lambda made: (made["folder"] / "tables", "en", ("tables",)),
        lambda made: (made["folder"] / "said", "en", ("sentences",)),
        lambda made: (made["folder"] / "page", "en", ("html",)),
        lambda made: (made["folder"] / "drawn", "en", ("figures",)),
        lambda made: (made["folder"] / "chapter", "en", ("chapter",)),
        lambda made: (made["folder"] / "profiles", "en", ("profiles",)),
        lambda made: (made["folder"] / "slide", "en", ("slide",)),
    ],
    "Index.to_workbook": [lambda made: (made["folder"] / "again.xlsx",)],
    "Index.trace": [lambda made: ("City A",)],
    "Workbook.audit": [lambda made: ()],
    "Workbook.check": [lambda made: (), lambda made: (["formualizer"],)],
    "Workbook.diff": [lambda made: (made["path"],)],
    "Workbook.fill": [lambda made: (made["frame"],)],
    "Workbook.open": [lambda made: (made["path"],)],
    "Workbook.recalculate": [lambda made: (), lambda made: ("formualizer",)],
    "Workbook.report": [lambda made: (made["folder"] / "of-book",)],
    "Workbook.save": [lambda made: (made["folder"] / "saved.xlsx",)],
    "Workbook.store": [lambda made: (made["Assessment"],)],
    "Workbook.trace": [lambda made: ("Ranking!C8",)],
    "Assessment.figure": [lambda made: ("rank-intervals",)],
    "Assessment.replicate": [lambda made: (0,)],
    "Assessment.replicate_tables": [lambda made: (0,)],
}
#: Given by name.
NAMED = {"report": ("folder", "language", "only")}


def _tree_frame():
    import pandas as pd

    return pd.DataFrame({"code": ["X", "A"], "parent": ["", "X"]})


def _tree_table():
    from xlcity.model.reading.tables import parse_csv

    return parse_csv("code,parent\nX,\nA,X\n", "tree.csv")


def _ingredients_table():
    from xlcity.model.reading.tables import parse_csv

    return parse_csv("of,code\njobs,jobs.posts\n", "jobs.csv")


def outcome(call):
    """Return what a call ends with: "" or code and hint of the problem."""
    from xlcity.errors import XlcityError

    try:
        call()
    except XlcityError as error:
        problem = error.problems[0]
        return f"{problem.code} {problem.message} {problem.hint}"
    except Exception as error:  # what none of them may end with
        return f"{type(error).__name__} {error}"
    return ""


def calls(made):
    """Yield (class.member #n, what calls it) of all public methods and properties."""
    for owner in ("Framework", "Data", "Index", "Workbook", "Assessment"):
        subject = made[owner]
        for name in public_members(type(subject)):
            key = f"{owner}.{name}"
            if not callable(getattr(type(subject), name, None)):
                yield key, lambda subject=subject, name=name: getattr(subject, name)
                continue
            for number, arguments in enumerate(ARGUMENTS.get(key, [lambda _: ()])):
                yield f"{key} {number}", _call(subject, name, arguments, made)


def _call(subject, name, arguments, made):
    def call():
        given = arguments(made)
        method = getattr(subject, name)
        if name in NAMED:
            return method(**dict(zip(NAMED[name], given, strict=False)))
        return method(*given)

    return call


def failed_examples():
    """Return how many examples of the functions' docstrings run, and how many of them fail."""
    from xlcity import functions

    attempted = 0
    failed = 0
    for found in pkgutil.iter_modules(functions.__path__, "xlcity.functions."):
        done = doctest.testmod(importlib.import_module(found.name))
        attempted += done.attempted
        failed += done.failed
    return attempted, failed


def main(folder):
    """Call everything, and print what came of it."""
    hide()
    os.chdir(folder)
    made = make_objects(Path(folder))
    found = {key: outcome(call) for key, call in calls(made)}
    print(json.dumps({"calls": found, "examples": failed_examples()}))


if __name__ == "__main__":
    main(sys.argv[1])
