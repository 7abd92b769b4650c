#!/bin/sh
# Recalculate and check the workbooks of a folder: nightly.sh FOLDER. Lines have the time before them.
# Two nights never overlap: while one is at work, the next one says so and leaves (exit 0).
cd "${1:?name the folder of the workbooks}" || exit 2
say() { echo "$(date '+%Y-%m-%dT%H:%M:%S%z') $*"; }
exec 9> .nightly.lock
flock -n 9 || { say "The last run is still at work here; this one leaves."; exit 0; }
say "Recalculating $(pwd)"
{
  xlcity recalc ./*.xlsx --outdir done --jobs 0 --report run.json --changed-only
  echo "exit $?" > .nightly.code
  xlcity check done/*.xlsx --json > check.json || echo "exit 1" >> .nightly.code
} 2>&1 | while IFS= read -r line; do say "$line"; done
code=$(sed -n 's/^exit //p' .nightly.code | sort -n | tail -1)
rm -f .nightly.code
say "Done, exit code ${code}. See run.json and check.json."
exit "$code"
