"""Laws about who may know whom, and who may touch the clock and the network."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from tests.architecture.project import APPS, Project, Source

LAYERS = ["accounts", "integrations", "datahub", "campaigns", "cdp"]  # each may import itself and those before it
PRIVATE = {"views", "forms", "tasks"}
EDGES = {"views", "webhooks", "tasks", "commands", "api"}

PURE_BY_DESIGN = {
    "integrations/base.py",
    "integrations/zalo/policy.py",
    "integrations/zalo/standing.py",
    "integrations/google_sheets/protocol.py",
    "datahub/fields.py",
    "datahub/rows.py",
    "campaigns/states.py",
    "campaigns/steps.py",
    "campaigns/schedule.py",
    "accounts/roles.py",
}
NETWORK = {
    "socket",
    "ssl",
    "requests",
    "urllib3",
    "httpx",
    "aiohttp",
    "http.client",
    "urllib.request",
    "smtplib",
    "ftplib",
}
NETWORK_FILES = {
    "integrations/http.py",
    "sandbox/http.py",
    "cdp/loopback.py",
}  # the last: is our own port free, do we answer
# Libraries that ask the outside by themselves: each is used at one edge, on the session of integrations/http.py.
CLIENTS = {
    "gspread": {"integrations/google_sheets/sheets_api.py"},
    "google": {"integrations/google_sheets/sheets_api.py", "integrations/google_sheets/key_file.py"},
}
STATEFUL = {
    "django",
    "celery",
    "kombu",
    "gspread",
    "redis",
    "psycopg",
    "sqlite3",
    "subprocess",
    "threading",
    "random",
    "time",
}

CLOCK = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "django.utils.timezone.now",
    "django.db.models.functions.Now",
}
CLOCK_FILES = {"integrations/clock.py", "sandbox/clock.py"}
STOPWATCH = {"time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns", "time.process_time"}
STOPWATCH_FILES = {"cdp/supervisor.py", "campaigns/tick.py"}  # durations, never a moment
STOPWATCH_FOLDERS = ("cdp/bench", "cdp/management/commands/bench")


def layers(project: Project) -> Iterator[str]:
    """cdp → campaigns → datahub → integrations → accounts: nothing imports upward."""
    for source, node, module in project_imports(project, LAYERS):
        target = module.split(".")[0]
        if target in LAYERS and LAYERS.index(target) > LAYERS.index(source.app):
            yield source.at(node, f"imports upward: {module}")


def sandbox_stands_alone(project: Project) -> Iterator[str]:
    """The sandbox plays the outside world: it knows none of ours, and only the wiring knows it."""
    for source, node, module in project_imports(project, APPS):
        target = module.split(".")[0]
        if source.app == "sandbox" and target != "sandbox":
            yield source.at(node, f"the sandbox imports {module}")
        if target == "sandbox" and source.app not in ("sandbox", "cdp"):
            yield source.at(node, f"imports the sandbox: {module}")


def private_parts(project: Project) -> Iterator[str]:
    """An app's views, forms and tasks are its own."""
    for source, node, module in project_imports(project, APPS):
        target, *rest = module.split(".")
        if target != source.app and PRIVATE & set(rest):
            yield source.at(node, f"reaches into {module}")


def pure_files(project: Project) -> Iterator[str]:
    """A rule imports no Django, no clock, no network, and no project module that is not pure itself."""
    for source in project.code:
        if source.path in PURE_BY_DESIGN and not source.claims_to_be_pure:
            yield f"{source.path}:1 its docstring must start with PURE."
        if not source.claims_to_be_pure:
            continue
        yield from uses_of(source, CLOCK | STOPWATCH, "reads the clock")
        for node, dotted in source.imports:
            if is_ours(dotted) and not is_pure(project, dotted):
                yield source.at(node, f"is pure and imports {dotted}, which is not")
            if belongs_to(dotted, STATEFUL | NETWORK):
                yield source.at(node, f"is pure and imports {dotted}")


def one_clock(project: Project) -> Iterator[str]:
    """The clock is read in two files; everyone else is given `now`."""
    for source in project.code:
        if source.path not in CLOCK_FILES:
            yield from uses_of(source, CLOCK, "reads the clock")
            yield from calls_without_a_moment(source)
        if source.path not in STOPWATCH_FILES and not source.path.startswith(STOPWATCH_FOLDERS):
            yield from uses_of(source, STOPWATCH, "reads a stopwatch")


def clock_at_edges(project: Project) -> Iterator[str]:
    """Only views, webhooks, the API, tasks, commands and the wiring may ask our clock."""
    for source, node, module in project_imports(project, LAYERS):
        at_edge = source.app == "cdp" or EDGES & set(source.parts)
        if belongs_to(module, {"integrations.clock"}) and not at_edge:
            yield source.at(node, "asks the clock though it is no edge: take `now` as an argument")


def one_network(project: Project) -> Iterator[str]:
    """Sockets are opened in one file a side."""
    for source in project.code:
        for node, dotted in source.imports:
            if source.path not in NETWORK_FILES and belongs_to(dotted, NETWORK):
                yield source.at(node, f"opens the network: {dotted}")
            if any(belongs_to(dotted, {client}) and source.path not in homes for client, homes in CLIENTS.items()):
                yield source.at(node, f"asks the outside past its edge: {dotted}")


def no_signals(project: Project) -> Iterator[str]:
    """What follows from what is written down in a service, never in a signal."""
    for source in project.code:
        for node, dotted in source.imports:
            if dotted.startswith("django.") and (
                "signals" in dotted.split(".") or dotted.startswith("django.dispatch")
            ):
                yield source.at(node, f"uses signals: {dotted}")


def project_imports(project: Project, apps: Sequence[str]) -> Iterator[tuple[Source, ast.AST, str]]:
    """(file, statement, project module) for every import of one of our modules by a file of these apps."""
    for source in project.code:
        for node, dotted in source.imports if source.app in apps else []:
            if is_ours(dotted):
                yield source, node, project.module_of(dotted) or dotted


def uses_of(source: Source, names: set[str], problem: str) -> Iterator[str]:
    return (source.at(node, f"{problem}: {dotted}") for node, dotted in source.uses if dotted in names)


def calls_without_a_moment(source: Source) -> Iterator[str]:
    """`timezone.localdate()` and `.localtime()` read the clock unless they are given a moment."""
    named = {id(node): dotted for node, dotted in source.uses}
    for call in source.walk(ast.Call):
        name = named.get(id(call.func), "")
        if (
            name in ("django.utils.timezone.localdate", "django.utils.timezone.localtime")
            and not call.args
            and not call.keywords
        ):
            yield source.at(call, f"reads the clock: {name}()")


def is_ours(dotted: str) -> bool:
    return dotted.split(".")[0] in APPS


def is_pure(project: Project, dotted: str) -> bool:
    """Whether a name of ours comes from a file that is pure by its own word; an empty package file is pure too."""
    source = project.modules.get(project.module_of(dotted) or "")
    return source is not None and (
        source.claims_to_be_pure or (source.path.endswith("__init__.py") and not source.imports)
    )


def belongs_to(dotted: str, packages: Iterable[str]) -> bool:
    return any(dotted == package or dotted.startswith(f"{package}.") for package in packages)
