"""Laws about size and shape: nothing grows until it cannot be read in one sitting."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from statistics import median

from tests.architecture.project import Project, Source

FILE_CEILING, FILE_MEDIAN = 300, 120
FUNCTION_CEILING, FUNCTION_MOSTLY, MOSTLY = 50, 30, 0.9
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def small_files(project: Project) -> Iterator[str]:
    """No file over 300 lines; half of those with code in them under 120."""
    for source in project.files:
        if source.lines > FILE_CEILING:
            yield f"{source.path}:1 has {source.lines} lines; the ceiling is {FILE_CEILING}"
    sizes = [source.lines for source in project.code if source.lines]
    if sizes and median(sizes) > FILE_MEDIAN:
        yield f"the median file has {median(sizes):.0f} lines; {FILE_MEDIAN} is the most"


def small_functions(project: Project) -> Iterator[str]:
    """No function over 50 lines; nine in ten under 30."""
    sizes = []
    for source in project.files:
        for function in functions(source):
            length = (function.end_lineno or 0) - function.lineno + 1
            sizes.append(length)
            if length > FUNCTION_CEILING:
                yield source.at(function, f"{function.name} has {length} lines; the ceiling is {FUNCTION_CEILING}")
    short = sum(size <= FUNCTION_MOSTLY for size in sizes)
    if sizes and short < MOSTLY * len(sizes):
        yield f"only {short} of {len(sizes)} functions have {FUNCTION_MOSTLY} lines or fewer"


def functions(source: Source) -> list[Function]:
    return list(source.walk(*FUNCTIONS)) if source.is_python else []


def no_save_overrides(project: Project) -> Iterator[str]:
    """Saving a row does what Django says and nothing more."""
    for source in project.code:
        for owner in source.walk(ast.ClassDef):
            for name, node in overrides(owner) if is_model(source, owner) else []:
                yield source.at(node, f"{owner.name} overrides {name}()")


def is_model(source: Source, owner: ast.ClassDef) -> bool:
    """A class of a models file, or one whose base is called something like `models.Model`."""
    return "models" in source.parts or any(
        ast.unparse(base).split("[")[0].endswith(("Model", "QuerySet")) for base in owner.bases
    )


def overrides(owner: ast.ClassDef) -> list[tuple[str, ast.AST]]:
    methods = [node for node in owner.body if isinstance(node, Function)]
    return [(node.name, node) for node in methods if node.name in ("save", "delete", "asave", "adelete")]


def no_print(project: Project) -> Iterator[str]:
    """Only commands talk to a terminal."""
    for source in project.code:
        if "commands" not in source.parts:
            yield from (source.at(node, "prints") for node, dotted in source.uses if dotted == "print")
