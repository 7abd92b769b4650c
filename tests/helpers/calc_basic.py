"""Prints the Basic modules of a document as LibreOffice reads them; run by a Python with `uno`.

Reads one JSON document from stdin: `soffice`, `profile` (a folder of its own) and `file`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.helpers.calc_script import connect, properties


def main():
    """Read the modules, which are not run."""
    task = json.load(sys.stdin)
    pipe = f"xlcity{os.getpid()}"
    place = Path(task["profile"]).as_uri()
    process = subprocess.Popen(
        [
            task["soffice"],
            f"-env:UserInstallation={place}",
            "--headless",
            "--norestore",
            f"--accept=pipe,name={pipe};urp",
        ]
    )
    desktop, _, _ = connect(pipe, process)
    hidden = properties(Hidden=True, MacroExecutionMode=0)
    document = desktop.loadComponentFromURL(
        Path(task["file"]).as_uri(), "_blank", 0, hidden
    )
    found = {}
    for library in document.BasicLibraries.ElementNames:
        document.BasicLibraries.loadLibrary(library)
        modules = document.BasicLibraries.getByName(library)
        found |= {name: modules.getByName(name) for name in modules.ElementNames}
    print(json.dumps(found))
    document.close(True)
    desktop.terminate()
    process.wait(30)


main()
