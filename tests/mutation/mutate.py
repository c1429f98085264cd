#!/usr/bin/env python3
"""Mutates comparisons, boolean operators, constants and table cells of one folder of gateway/, one at a time, and says
which changes its unit tests notice. The sources are not touched: a mutant is compiled from a copy and linked before the
folder's library.

  mutate.py --build build --folder alarms [--sample 100] [--seed 1] [--minutes 30] [--at-least 85] [--json FILE]

The build directory must be a Ninja build with <folder>_test up to date. Exit 1: fewer were killed than --at-least.
"""
import argparse
import json
import pathlib
import random
import re
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What is replaced by what. Each match is one mutant.
OPERATORS = [
    (r" <= ", " < "), (r" >= ", " > "), (r"(?<![<\w]) < ", " <= "), (r"(?<= )> (?=[\w(-])", ">= "),
    (r" == ", " != "), (r" != ", " == "), (r" && ", " || "), (r" \|\| ", " && "),
    (r"(?<![\w)\]])!(?=[A-Za-z(*:])", ""), (r"\btrue\b", "false"), (r"\bfalse\b", "true"),
    (r"(?<=[\w)\]]) \+ (?=[\w(])", " - "), (r"(?<=[\w)\]]) - (?=[\w(])", " + "),
    (r"\bstd::max\b", "std::min"), (r"\bstd::min\b", "std::max"),
    (r"(?<![\w.'\"])(\d+)(?![\w.'\"])", lambda m: str(int(m.group(1)) + 1)),
    # table cells and effects
    (r"\bto\(([A-F]), k\w+\)", lambda m: f"stay({m.group(1)})"),
    (r"\bstay\(([A-F])\)", lambda m: f"to({'C' if m.group(1) != 'C' else 'B'}, kJournal)"),
    (r"\bto\(([A-F]), (k\w+)\)", lambda m: f"to({'E' if m.group(1) != 'E' else 'B'}, {m.group(2)})"),
    (r"\bno\(([A-F]), Refusal::\w+\)", lambda m: f"stay({m.group(1)})"),
    (r"\.with\(Effect::\w+\)", ""),
]
SKIPPED = re.compile(r"^\s*(//|#|template|using|namespace|static_assert|friend)|operator|fmt::format|Labels<|Label|^\s*\"")


def mutants(path):
    """(line number, the line, the mutated line) of each mutant of a file."""
    for number, line in enumerate(path.read_text().splitlines()):
        if SKIPPED.search(line):
            continue
        code = line.split("//")[0]
        quoted = [m.span() for m in re.finditer(r'"(\\.|[^"\\])*"', code)]
        for pattern, by in OPERATORS:
            for match in re.finditer(pattern, code):
                if any(start <= match.start() < end for start, end in quoted):
                    continue
                changed = code[:match.start()] + match.expand(by) if isinstance(by, str) else code[:match.start()] + by(match)
                changed += code[match.end():]
                if changed != code:
                    yield number, line, changed


class Program:
    """The commands that make <folder>_test, as Ninja has them."""

    def __init__(self, build, folder):
        self.build = build
        target = f"{folder}_test"
        lines = subprocess.run(["ninja", "-C", build, "-t", "commands", target], check=True, capture_output=True,
                               text=True).stdout.splitlines()
        self.compile = {}
        for line in lines:
            if match := re.search(rf"-c \S*?/gateway/({folder}/\S+\.cpp)$", line):
                self.compile[match.group(1)] = line
        self.link = next(line for line in reversed(lines) if f"-o tests/{target}" in line)
        self.target = target

    def compiled(self, source, text, include, out):
        """Compiles `text` in the place of a source file; `include` is searched first. False: it does not compile."""
        copy = out / source.replace("/", "_")
        copy.write_text(text)
        command = self.compile[source]
        words = shlex.split(command)
        words = words[next(i for i, word in enumerate(words) if word.endswith(("c++", "g++", "clang++"))):]  # no ccache
        obj = str(copy) + ".o"
        words[words.index("-o") + 1] = obj
        words[words.index("-c") + 1] = str(copy)
        for flag, skip in (("-MF", 2), ("-MT", 2), ("-MD", 1), ("-Werror", 1)):
            if flag in words:
                at = words.index(flag)
                del words[at:at + skip]
        words[1:1] = [f"-I{include}"]
        words.append("-w")
        done = subprocess.run(words, cwd=self.build, capture_output=True)
        return obj if done.returncode == 0 else None

    def passes(self, objects, out):
        program = str(out / "mutant")
        command = self.link.replace(f"-o tests/{self.target}", " ".join([*objects, "-o", program]))
        command = command.split("&& ")[1] if command.startswith(":") else command
        if subprocess.run(command, shell=True, cwd=self.build, capture_output=True).returncode != 0:
            return None
        try:
            done = subprocess.run([program, "--gtest_fail_fast", "--gtest_brief=1"], cwd=ROOT, capture_output=True, timeout=120)
        except subprocess.TimeoutExpired:
            return False  # it hangs: noticed
        return done.returncode == 0


def survives(program, path, number, changed):
    """True, False, or None when the mutant is no program."""
    with tempfile.TemporaryDirectory(prefix="fg-mutant-") as folder:
        out = pathlib.Path(folder)
        lines = path.read_text().splitlines()
        lines[number] = changed
        text = "\n".join(lines) + "\n"
        name = str(path.relative_to(ROOT / "gateway"))
        include = out / "include"
        (include / name).parent.mkdir(parents=True)
        if path.suffix == ".cpp":
            objects = [program.compiled(name, text, include, out)]
        else:
            (include / name).write_text(text)
            objects = [program.compiled(source, (ROOT / "gateway" / source).read_text(), include, out)
                       for source in program.compile]
        return None if None in objects else program.passes(objects, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("--folder", required=True)
    parser.add_argument("--only", default="", help="files whose name has this")
    parser.add_argument("--sample", type=int, default=0, help="so many, chosen by --seed; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0, help="judge no more after so long; 0: all")
    parser.add_argument("--at-least", type=float, default=85, help="per cent")
    parser.add_argument("--json", type=pathlib.Path)
    wanted = parser.parse_args()

    files = [path for path in sorted((ROOT / "gateway" / wanted.folder).rglob("*"))
             if path.suffix in (".cpp", ".h") and wanted.only in path.name]
    every = [(path, *mutant) for path in files for mutant in mutants(path)]
    chosen = random.Random(wanted.seed).sample(every, min(wanted.sample or len(every), len(every)))
    end = time.monotonic() + 60 * wanted.minutes if wanted.minutes else None
    program = Program(wanted.build, wanted.folder)
    with tempfile.TemporaryDirectory(prefix="fg-mutant-") as folder:
        if program.passes([], pathlib.Path(folder)) is not True:
            sys.exit(f"running {program.target} unchanged: it fails, expected it to pass before anything is mutated")
    killed, survived = 0, []
    for path, number, line, changed in chosen:
        if end and time.monotonic() > end:
            break
        outcome = survives(program, path, number, changed)
        if outcome is None:
            continue  # does not compile: says nothing
        where = f"{path.relative_to(ROOT)}:{number + 1}"
        killed += not outcome
        if outcome:
            survived.append({"where": where, "was": line.strip(), "mutant": changed.strip()})
            print(f"survived {where}\n  was    {line.strip()}\n  mutant {changed.strip()}", flush=True)
    judged = killed + len(survived)
    share = 100 * killed / judged if judged else 0
    print(f"{wanted.folder}: {len(every)} mutants, {judged} judged, {killed} killed, {len(survived)} survived: {share:.1f} %")
    if wanted.json:
        wanted.json.write_text(json.dumps({"folder": wanted.folder, "mutants": len(every), "judged": judged,
                                           "killed": killed, "survived": survived}, indent=1))
    return 0 if share >= wanted.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
