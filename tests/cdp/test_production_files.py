"""The files a production install is made of agree with the code and with each other."""

import ast
import re

import pytest
import yaml

from tests.architecture.project import ROOT


def read_by(name: str) -> set[str]:
    """The environment variables a settings file reads: env.str("X"), kept_secret("X"), _database("X")."""
    calls = [node for node in ast.walk(ast.parse((ROOT / name).read_text())) if isinstance(node, ast.Call)]
    reading = [call for call in calls if re.fullmatch(r"env\.\w+|kept_secret|_database", ast.unparse(call.func))]
    firsts = [call.args[0] for call in reading if call.args]
    return {str(first.value) for first in firsts if isinstance(first, ast.Constant)}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def names_in_example() -> list[str]:
    return re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[\w,]+\])?==([^\s\\]+)", (ROOT / name).read_text(), re.MULTILINE))


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_example_names_every_setting_and_no_other():
    from_compose = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    example = names_in_example()
    assert set(example) == read_by("cdp/settings.py") | read_by("cdp/env.py") | from_compose
    assert len(example) == len(set(example))


def test_every_process_has_its_place(compose):
    assert set(compose["services"]) == {"postgres", "redis", "migrate", "web", "worker", "beat"}
    assert set(compose["volumes"]) == {"postgres", "home"}
    assert all("healthcheck" in compose["services"][name] for name in ("postgres", "redis", "web"))


def test_beat_runs_once(compose):
    assert compose["services"]["beat"]["deploy"]["replicas"] == 1
    rings = [name for name, service in compose["services"].items() if "beat" in service.get("command", [])]
    assert rings == ["beat"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_process_starts_after_the_tables_and_again_after_a_crash(compose, name):
    service = compose["services"][name]
    assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert service["restart"] == "unless-stopped"
    assert service["env_file"] == ".env"


def test_the_image_is_small_pinned_and_not_root():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in dockerfile
    assert "collectstatic" in dockerfile
    assert dockerfile.index("USER cdp") < dockerfile.index("CMD")
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", "var", ".venv"} <= set(ignored)


@pytest.mark.parametrize(
    ("wanted", "locked"), [("requirements.txt", "requirements.lock"), ("requirements-dev.txt", "requirements-dev.lock")]
)
def test_the_lock_holds_what_is_wanted_with_hashes_and_no_address(wanted, locked):
    lines = [line for line in (ROOT / wanted).read_text().splitlines() if line and not line.startswith(("#", "-r"))]
    assert all("==" in line for line in lines)
    lock = {canonical(name): version for name, version in pins(locked).items()}
    assert {canonical(name): version for name, version in pins(wanted).items()}.items() <= lock.items()
    text = (ROOT / locked).read_text()
    assert "://" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


def test_tests_run_on_what_production_runs_on():
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()
