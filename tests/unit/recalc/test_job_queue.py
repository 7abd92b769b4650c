from xlcity.recalc.files.processes import sort_jobs


def test_copies_of_a_template_follow_one_another_the_largest_first(simple, tmp_path):
    paths = [simple("a.xlsx"), simple("b.xlsx", C1="=A1"), tmp_path / "c.xlsx", tmp_path / "d"]
    paths[2].write_bytes(paths[0].read_bytes()[:-40])  # damaged: what reads it says so
    paths.append(simple("e.xlsx", C1="=A1+1"))
    order = [*sort_jobs(paths)]
    copies = [number for number in order if number in (0, 1, 4)]
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert order[:3] == copies
    sizes = [paths[number].stat().st_size for number in copies]
    assert sizes == sorted(sizes, reverse=True)
    assert [*sort_jobs(paths[:1])] == [0]
