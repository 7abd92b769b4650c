"""Windows' cmd as a double: runs a batch file, records what it starts and what it says.

Only what our starter uses is there; any other word of cmd is an error. Files are names in a set.
"""

import re
from pathlib import PureWindowsPath

#: Words of cmd that the double does not need to do anything for.
_SILENT = ("@echo", "rem", "chcp", "setlocal", "pushd", "pause")


class _EndedError(Exception):
    """The batch file, or the part of it that was called, has ended with a code."""


class Cmd:
    """A machine with Windows.

    Attributes
    ----------
    variables, files
        The environment; paths -> content of the files and folders that there are.
    calls, said
        Programs that were started with their words, and lines that were shown.
    codes
        Start of a command line -> its exit code, where that is not 0.
    effects
        Start of a command line -> what is called with its words when it succeeds.
    """

    def __init__(self, script, folder, home, **variables):
        self.lines = script.splitlines()
        assert all(line.isascii() or "echo" in line for line in self.lines)
        self.folder = folder
        self.variables = {
            "USERPROFILE": home,
            "LOCALAPPDATA": rf"{home}\AppData\Local",
        } | variables
        self.files = {folder: None}
        self.codes = {}
        self.effects = {}
        self.calls = []
        self.said = []
        self.code = 0

    def run(self):
        """Run the file as by a double-click; return its exit code."""
        self.calls = []
        self.said = []
        return self._run_from(0, ())

    def _run_from(self, number, words):
        try:
            while number < len(self.lines):
                target = self._line(self._filled(self.lines[number], words))
                number = number + 1 if target is None else self._label(target)
        except _EndedError as end:
            return end.args[0]
        return self.code

    def _label(self, name):
        return self.lines.index(f":{name}") + 1

    def _filled(self, line, words):
        line = line.replace("%~dp0", self.folder + "\\")
        line = re.sub(r"%~(\d)", lambda m: words[int(m[1]) - 1], line)
        named = {**self.variables, "ERRORLEVEL": str(self.code)}
        filled = re.sub(r"%(\w+)%", lambda m: named.get(m[1], ""), line)
        assert "%" not in filled, line
        return filled

    def _line(self, line):
        """Do what a line says; return the label that it goes to."""
        if not line.strip() or line.startswith(":"):
            return None
        if line.startswith("rem "):
            return None
        if condition := re.match(
            r'if (not )?(?:exist ("[^"]*"|\S+)|"(.*?)"=="(.*?)") (.*)', line
        ):
            negated, path, left, right, rest = condition.groups()
            holds = self._exists(path.strip('"')) if path else left == right
            return self._line(rest) if holds != bool(negated) else None
        parts = (
            re.split(r" (&&|\|\|) ", line) if not line.startswith("set ") else [line]
        )
        target = None
        done = self._command(parts[0])
        for operator, part in zip(parts[1::2], parts[2::2], strict=True):
            if (self.code == 0) == (operator == "&&"):
                done = self._command(part)
            target = done or target
        return done or target

    def _exists(self, path):
        return self._whole(path) in self.files

    def _whole(self, path):
        return str(PureWindowsPath(self.folder, path))

    def _command(self, text):
        """Do one command; return the label that it goes to."""
        text = re.sub(r" 2?>nul", "", text)
        word, _, rest = text.partition(" ")
        if word in _SILENT:
            return None
        if word == "goto":
            return rest
        if word == "exit":
            raise _EndedError(int(rest.removeprefix("/b ")))
        self.code = 0
        if word == "call":
            label, *words = rest.split(" ")
            self.code = self._run_from(self._label(label[1:]), words)
        elif word == "echo":
            assert not re.search("[&|<>]", re.sub('"[^"]*"', "", rest)), text
            self.said.append(rest)
        elif text.startswith(">"):
            path, line = re.fullmatch(r'>>?"(.*?)" echo (.*)', text).groups()
            before = self.files.get(path) if text.startswith(">>") else None
            self.files[path] = f"{before or ''}{line}\n"
        elif word == "set":
            self._set(rest)
        elif word in ("mkdir", "rmdir", "del"):
            self._change(word, text)
        else:
            self._program(text)
        return None

    def _set(self, rest):
        if stored := re.fullmatch(r'/p (\w+)=<"(.*)"', rest):
            self.variables[stored[1]] = self.files[stored[2]].strip()
        else:
            name, value = re.fullmatch(r'"(\w+)=(.*)"', rest).groups()
            self.variables[name] = value

    def _change(self, word, text):
        if self._is_refused(text):
            return
        path = re.search('"(.*)"', text)[1]
        if word == "mkdir":
            self.files[path] = None
        else:
            gone = [
                file
                for file in self.files
                if file == path or file.startswith(path + "\\")
            ]
            for file in gone:
                del self.files[file]

    def _is_refused(self, text):
        self.code = next(
            (code for start, code in self.codes.items() if text.startswith(start)), 0
        )
        return self.code != 0

    def _program(self, text):
        assert not re.search("[&<>]", re.sub('"[^"]*"', "", text)), text
        self.calls.append(text)
        # The code of a line of programs is that of the last.
        for part in text.split(" | "):
            if self._is_refused(part):
                return
        for start, effect in self.effects.items():
            if text.startswith(start):
                effect(text)
