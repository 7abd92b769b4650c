"""One file recalculated as a batch of one."""

from xlcity.recalc.files.jobs import Job, Outcome, run_jobs


def run_job(job: Job) -> Outcome:
    """Recalculate one file and return what became of it."""
    (outcome,) = run_jobs([job])
    return outcome
