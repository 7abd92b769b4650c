import pytest

from xlcity.hosts.sheet_call import write_out_omitted


@pytest.mark.parametrize(
    ("formula", "filled"),
    [
        ("=ZSCORE_WINSOR(A1:A9,,-1)", '=ZSCORE_WINSOR(A1:A9,"",-1)'),
        ("=RANK_COMPETITION(-A1:A3,,,)", '=RANK_COMPETITION(-A1:A3,"","","")'),
        ("=ZSCORE_WINSOR( ,1)", '=ZSCORE_WINSOR( "",1)'),
        ("=zscore_winsor(A1, , 2)", '=zscore_winsor(A1, "", 2)'),
        ("=_xldudf_RANK_UNIFORM(B2,,1)", '=_xldudf_RANK_UNIFORM(B2,"",1)'),
        ("=IF(ZSCORE_WINSOR(A1,,2)>1,,3)", '=IF(ZSCORE_WINSOR(A1,"",2)>1,,3)'),
        ("=ZSCORE_WINSOR(IF(A1,,2),,3)", '=ZSCORE_WINSOR(IF(A1,,2),"",3)'),
        ("=ZSCORE_WINSOR((A1:A9),,{1,2,3})", '=ZSCORE_WINSOR((A1:A9),"",{1,2,3})'),
    ],
)
def test_omitted_arguments_of_our_functions_are_written_out(formula, filled):
    assert write_out_omitted(formula) == filled
    assert write_out_omitted(filled) == filled


@pytest.mark.parametrize(
    "formula",
    [
        "=ZSCORE_WINSOR()",
        "=SUM(A1,,2)",
        '=ZSCORE_WINSOR(A1,"a,,(b")',
        "='a,,(b'!A1+ZSCORE_WINSOR('it''s,,'!A1:A3,1)",
        "=RANK_UNIFORM(Table1[[#All],[x,,y]],1)",
        "=SUM(A1,)+ZSCORE_WINSOR(A1:B3,{1,2})",
        "=MY_ZSCORE_WINSOR(A1,,2)",
        "not a formula (,, ZSCORE_WINSOR",
    ],
)
def test_everything_else_stays_as_it_is(formula):
    assert write_out_omitted(formula) == formula


def test_the_engines_need_it():
    import formualizer

    from xlcity.hosts.formualizer import register_functions

    shown = {}
    for formula in (
        "=RATING_SCALE(A1:A2,,10)",
        write_out_omitted("=RATING_SCALE(A1:A2,,10)"),
    ):
        workbook = formualizer.Workbook()
        register_functions(workbook)
        workbook.add_sheet("S")
        workbook.set_value("S", 1, 1, 4.0)
        workbook.set_value("S", 2, 1, 5.0)
        workbook.set_formula("S", 1, 3, formula)
        workbook.evaluate_all()
        shown[formula] = workbook.get_value("S", 1, 3)
    # As it stands the engine reads max = 0, which is no rating scale.
    assert shown["=RATING_SCALE(A1:A2,,10)"] == {"type": "Error", "kind": "Num"}
    assert shown['=RATING_SCALE(A1:A2,"",10)'] == 4 / 5 * 10
