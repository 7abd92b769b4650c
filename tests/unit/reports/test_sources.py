"""Where single values come from: the table beside the values, read or refused line by line."""

import pytest

from tests.helpers.kept import as_text, without
from xlcity.errors import DataError
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.reports.loading import read_sources

FRAMEWORK = Framework.read("code,parent\nT,\na,T\nb,T\n")
LINES = {
    "all columns": "unit,code,basis,year,url,remark_zh,remark_en,entered_by,checked_by\n"
    "u,a,substituted,2019,http://x.org,备注,A remark,Li,Wang\nv,b,,,,,,,\n",
    "one remark": "unit,code,remark,remark_en\nu,a,Both,Own\nv,b,Both,\n",
    "wrong": "unit,code,basis\nz,a,\nu,q,\nv,b,guessed\n",
    "without codes": "unit,year\nu,2019\n",
    "a heading too many": "code,unit,colour\na,u,red\n",
}


@pytest.mark.parametrize("name", LINES)
def test_sources_beside_values(require_kept, name, tmp_path):
    (tmp_path / "data.csv").write_text("unit,a,b\nu,1,2\nv,3,4\n")
    data, _ = read_dataset(tmp_path / "data.csv", FRAMEWORK, None, None)
    assert read_sources(tmp_path, FRAMEWORK, data) == ()
    (tmp_path / "sources.csv").write_text(LINES[name], encoding="utf-8")
    try:
        told = as_text(list(read_sources(tmp_path, FRAMEWORK, data)))
    except DataError as error:
        told = as_text({"refused": list(error.problems)})
    require_kept(f"sources_{name.replace(' ', '_')}", without(told, tmp_path))
