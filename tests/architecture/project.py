"""The source tree as the laws see it: files, what they import, and which dotted names they use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

N = TypeVar("N", bound=ast.AST)
ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("cdp", "campaigns", "datahub", "integrations", "accounts", "sandbox")
OTHERS = ("tests", "scripts", "templates")
KINDS = (".py", ".html", ".js", ".gs", ".css")
SKIPPED = ("/migrations/", "/vendor/", "/node_modules/", ".min.")


@dataclass(frozen=True)
class Source:
    """One file."""

    path: str
    text: str

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    @property
    def is_template(self) -> bool:
        return self.path.endswith(".html")

    @property
    def app(self) -> str:
        return self.path.split("/")[0]

    @property
    def parts(self) -> list[str]:
        return self.path.removesuffix(".py").split("/")

    @property
    def module(self) -> str:
        return ".".join(self.parts).removesuffix(".__init__")

    @property
    def lines(self) -> int:
        return self.text.count("\n") + (not self.text.endswith("\n") and self.text != "")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def claims_to_be_pure(self) -> bool:
        return (ast.get_docstring(self.tree) or "").startswith("PURE.")

    def at(self, node: ast.AST, problem: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)} {problem}"

    def walk(self, *kinds: type[N]) -> Iterator[N]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))

    @cached_property
    def imports(self) -> list[tuple[ast.AST, str]]:
        """(statement, whole dotted name) of everything imported, wherever it stands."""
        return [(node, f"{self.origin(node)}{alias.name}") for node, alias in self.import_names]

    @property
    def import_names(self) -> Iterator[tuple[ast.Import | ast.ImportFrom, ast.alias]]:
        statements = (node for node in self.walk(ast.stmt) if isinstance(node, ast.Import | ast.ImportFrom))
        return ((node, alias) for node in statements for alias in node.names)

    @property
    def bound(self) -> dict[str, str]:
        """What each imported name stands for here: `import a.b` binds `a`, `from a import b as c` binds `c` to `a.b`."""
        names = {}
        for node, alias in self.import_names:
            whole = f"{self.origin(node)}{alias.name}"
            top = alias.name.split(".")[0]
            plain = isinstance(node, ast.Import) and alias.asname is None
            names[alias.asname or top] = top if plain else whole
        return names

    def origin(self, node: ast.Import | ast.ImportFrom) -> str:
        """What stands before an imported name: nothing for `import x`, `a.b.` for `from a.b import x`."""
        if isinstance(node, ast.Import):
            return ""
        here = self.parts[: len(self.parts) - node.level] if node.level else []
        return ".".join([*here, *([node.module] if node.module else [])]) + "."

    @cached_property
    def uses(self) -> list[tuple[ast.AST, str]]:
        """Every name and attribute of the file as the dotted name its imports give it."""
        known = self.bound
        named = ((node, _dotted(node, known)) for node in self.walk(ast.Name, ast.Attribute))
        return [(node, dotted) for node, dotted in named if dotted is not None]


def _dotted(node: ast.AST, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return known.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, known)
        return before and f"{before}.{node.attr}"
    return None


@dataclass(frozen=True)
class Project:
    """All files."""

    files: list[Source] = field(repr=False)

    @classmethod
    def of(cls, files: dict[str, str]) -> Project:
        return cls([Source(path, text) for path, text in files.items()])

    @classmethod
    def here(cls) -> Project:
        paths = [path for folder in (*APPS, *OTHERS) for path in sorted((ROOT / folder).rglob("*"))]
        names = {path.relative_to(ROOT).as_posix(): path for path in paths if path.suffix in KINDS}
        return cls.of(
            {name: path.read_text() for name, path in names.items() if not any(skip in name for skip in SKIPPED)}
        )

    @property
    def code(self) -> list[Source]:
        """The Python of the apps, without tests and scripts."""
        return [source for source in self.files if source.is_python and source.app in APPS]

    @property
    def templates(self) -> list[Source]:
        return [source for source in self.files if source.is_template]

    @cached_property
    def modules(self) -> dict[str, Source]:
        return {source.module: source for source in self.code}

    def module_of(self, dotted: str) -> str | None:
        """The project's module that a dotted name lives in, or None for a name from elsewhere."""
        while dotted:
            if dotted in self.modules:
                return dotted
            dotted = dotted.rpartition(".")[0]
        return None
