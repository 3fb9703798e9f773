"""The first command on a fresh machine: once per lock, with a way around whatever is missing."""

import importlib.util
from types import SimpleNamespace

import pytest

from tests.architecture.project import ROOT


@pytest.fixture
def bootstrap(tmp_path, monkeypatch):
    """The script with a lock and a virtualenv of its own, whose tools only take notes."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "scripts" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    (tmp_path / "lock").write_text(
        "six==1.0 \\\n    --hash=sha256:aa\nuv==0.1 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\nzip==1\n"
    )
    (tmp_path / "venv").mkdir()
    notes = SimpleNamespace(script=script, did=[], uv=True, pip=True, python=True)
    monkeypatch.setattr(script, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(script, "VENV", tmp_path / "venv")
    monkeypatch.setattr(script, "STAMP", tmp_path / "venv" / "lock.sha256")
    monkeypatch.setattr(script, "works", lambda _: notes.python)
    monkeypatch.setattr(script, "make_venv", lambda _: notes.did.append("venv") or True)
    monkeypatch.setattr(script, "install_with_uv", lambda _: notes.did.append("uv") or notes.uv)
    monkeypatch.setattr(script, "install_with_pip", lambda _: notes.did.append("pip") or notes.pip)
    return notes


def test_a_lock_is_installed_once(bootstrap):
    assert bootstrap.script.main() == 0
    assert bootstrap.script.main() == 0
    assert bootstrap.did == ["uv"]


def test_a_changed_lock_is_installed_into_the_same_virtualenv(bootstrap):
    bootstrap.script.main()
    bootstrap.script.LOCK.write_text("six==2.0\n")
    assert bootstrap.script.main() == 0
    assert bootstrap.did == ["uv", "uv"]


def test_a_virtualenv_whose_python_is_gone_is_made_again(bootstrap):
    bootstrap.script.main()
    bootstrap.python = False
    bootstrap.script.main()
    assert bootstrap.did == ["uv", "venv", "uv"]


def test_pip_helps_out_where_uv_cannot(bootstrap):
    bootstrap.uv = False
    assert bootstrap.script.main() == 0
    assert bootstrap.did == ["uv", "pip"]


def test_a_failed_install_is_tried_again_next_time(bootstrap):
    bootstrap.uv = bootstrap.pip = False
    assert bootstrap.script.main() == 1
    bootstrap.uv = True
    assert bootstrap.script.main() == 0


def test_uv_itself_is_checked_against_the_lock(bootstrap):
    assert bootstrap.script.stanza_of("uv") == "uv==0.1 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"


def test_no_new_enough_python_is_said_in_a_sentence(bootstrap, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap.script.sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", "/nowhere")
    assert bootstrap.script.main() == 1
    assert "needs Python 3.11 or newer" in capsys.readouterr().out
