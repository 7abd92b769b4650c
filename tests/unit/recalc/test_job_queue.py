from xlcity.recalc.files.job_queue import JobQueue


def taken(queue, workers):
    """Take all jobs; each worker takes one after the other, in turns."""
    last, found = dict.fromkeys(range(workers), -1), []
    while queue:
        for worker in last:
            if queue:
                last[worker] = queue.take(last[worker])
                found.append((worker, last[worker]))
    return found


def test_a_process_stays_with_a_template_and_takes_its_largest_first():
    groups, sizes = ["a", "b", "a", "b", "a", "b"], [1, 5, 3, 7, 2, 6]
    assert taken(JobQueue(groups, sizes), 1) == [(0, n) for n in (3, 5, 1, 2, 4, 0)]
    sizes = [5, 5, 6, 7, 4, 6]
    by = {0: [], 1: []}
    for worker, job in taken(JobQueue(groups, sizes), 2):
        by[worker].append(job)
    assert by == {0: [3, 5, 1], 1: [2, 0, 4]}


def test_a_process_without_work_helps_where_most_is_left():
    groups, sizes = ["a"] * 2 + ["b"] * 4 + ["c"] * 4, [10] * 2 + [1] * 4 + [3] * 4
    by = [groups[job] for worker, job in taken(JobQueue(groups, sizes), 2) if worker == 0]
    assert by == ["a", "a", "b", "b", "b"]
    # With nothing else left, two share a template.
    assert sorted(job for _, job in taken(JobQueue(["a"] * 5, [1] * 5), 2)) == [0, 1, 2, 3, 4]


def test_files_are_told_apart_by_what_they_are_made_of(simple, tmp_path):
    paths = [simple("a.xlsx"), simple("b.xlsx", C1="=A1"), tmp_path / "c.xlsx", tmp_path / "d"]
    paths[2].write_bytes(paths[0].read_bytes()[:-40])
    queue = JobQueue.of_files([*paths, simple("e.xlsx", C1="=A1+1")])
    assert len(queue) == 5
    first = queue.take()
    assert {first, queue.take(first), queue.take(first)} == {0, 1, 4}
    assert len(JobQueue.of_files(paths[3:])) == 1


def test_without_a_queue_jobs_are_taken_as_they_come():
    queue = JobQueue.in_order(3)
    assert [queue.take(), queue.take(0), queue.take()] == [0, 1, 2]
    assert not queue
