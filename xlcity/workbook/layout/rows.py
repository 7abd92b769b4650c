"""Rows and columns that are the same in every template, and the order of its sheets."""

from __future__ import annotations

#: Names of the contract: the tree on `Framework`, and the ids of the cities on `Index`.
TREE_NAME = "xl_framework"
UNITS_NAME = "out_units"
#: The form of templates. It changes whenever they are drawn otherwise: a book of another form has
#: other sheets and formulas, and is not opened.
TEMPLATE_FORMAT = "6"
#: Input sheets: header rows 3-7, row 8 empty, code row 9, units from row 10.
IN_CODE = 9
IN_FIRST = 10
#: Height of the empty rows above the codes and below the inputs. "Sort" takes all rows up to the
#: next empty one, and takes the first for a header where its cells are static text alone.
GAP_HEIGHT = 6
#: Calculation sheets: statistics in rows 3-14, code row 15, units from row 16.
CODE = 15
FIRST = 16
#: The sheet on which the index is computed, and its columns about a city: id, name, population,
#: row on `Data`; where populations are scored apart, number of its own and of whose statistics.
INDEX = "Index"
POPULATION_COLUMN = 3
DATA_ROW_COLUMN = 4
NUMBER_COLUMN = 5
POOL_COLUMN = 6
#: The sheet of what is found out beside the path of a score; its columns before the letters.
MESSAGES = "Messages"
DATA_COUNT_COLUMN = 2
SHIPPED_ROW_COLUMN = 3

ROW_NAME = 3
ROW_WEIGHT = 4
ROW_FIXED_LOW = 5
ROW_FIXED_HIGH = 6
ROW_N = 7
ROW_MEAN = 8
ROW_SD = 9
ROW_MIN = 10
ROW_MAX = 11
ROW_LOW = 12
ROW_HIGH = 13
ROW_RANGE = 14
#: Above normalised values: what equal ones score.
ROW_TIE = ROW_FIXED_HIGH
#: Statistics of numbers: row -> function of a workbook.
OF_NUMBERS = {
    ROW_MEAN: "AVERAGE",
    ROW_SD: "_xlfn.STDEV.P",
    ROW_MIN: "MIN",
    ROW_MAX: "MAX",
}

#: Columns of `Framework` that every template has; those of methods stand behind the direction.
FRAMEWORK_WIDTHS = {
    "code": 21,
    "parent": 19,
    "level": 8,
    "display": 36,
    "weight": 10,
    "children_sum": 11,
    "effective": 11,
    "direction": 10,
    "valid_low": 11,
    "valid_high": 11,
    "no_data": 11,
    "name_zh": 22,
    "name_en": 32,
    "uom_zh": 16,
    "uom": 20,
    "definition_zh": 44,
    "definition": 52,
    "notes": 30,
    "report_weight": 11,
    "changed": 10,
}
FRAMEWORK_COLUMNS = tuple(FRAMEWORK_WIDTHS)
#: What the best value of an indicator is called, behind its unit, where any framework says so.
BEST_WIDTHS = {"best_zh": 14, "best_en": 18}
#: The tree stands on top, its labels one row above its header; parameters stand below it.
FRAMEWORK_HEADER = 4
FRAMEWORK_FIRST = 5

#: Columns of `Cities` before the attributes.
CITY_COLUMNS = ("id", "population", "name_zh", "name_en", "alias_1", "alias_2")

#: Rows between the tree and the table of ingredients below it.
INGREDIENT_GAP = 3

#: Fewest and most lines of `Intake`; between them it has half as many again as cities.
INTAKE_FEWEST = 60
INTAKE_ROWS = 150
#: Above the status letters: plausible range, the city with an unusual value, what is odd about the
#: column, whether values vanished, whether all are equal or without scores, the weight by which
#: its values are recorded.
ROW_BOUND_LOW = 4
ROW_BOUND_HIGH = 5
ROW_UNUSUAL = 6
ROW_COLUMN_STATE = 7
ROW_VANISHED = 8
ROW_EQUAL = 9
ROW_UNSCORED = 10
ROW_RECORD = CODE - 1
#: Above the weights of the record, how many numbers and gaps each column had.
ROW_RECORD_NUMBERS = ROW_RECORD - 2
ROW_RECORD_GAPS = ROW_RECORD - 1
#: Columns of `Messages` about each city, behind the status letters; "" is an empty one. What a name
#: on `Data` may mean stands at the place of its row there. What was
#: recorded of the values is static: ids, their sums, how many numbers and gaps they had, what their
#: lines on `Links` and `Items` come to.
CITY_FACTS = (
    "outside",
    "entry",
    "begins",
    "ends",
    "kind",
    "worst",
    "code",
    "text",
    "bare",
    "place",
    "advice",
    "",
    "record unit",
    "record sum",
    "record numbers",
    "record gaps",
    "",
    "valueless",
    "untotalled",
    "recorded",
    "vanished",
    "",
    "record links",
    "record items",
)
#: Lines for exceptions on `Sources`: at least, and beyond those that a report has.
EXCEPTION_ROWS = 8
EXCEPTION_SPARE = 8
#: Row of the number of invented values beside a block of inputs, above the counts of its rows.
INVENTED_ROW = 2
#: Empty lines of `Items`.
ITEM_SPARE = 35
