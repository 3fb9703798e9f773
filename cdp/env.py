"""Where settings come from: the environment, `.env`, and secrets kept in CDP_HOME on an embedded install."""

import secrets
from pathlib import Path

import environ
from cryptography.fernet import Fernet

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()  # type: ignore[no-untyped-call]
env.read_env(BASE_DIR / ".env")

HOME = Path(env.str("CDP_HOME", default=str(BASE_DIR / "var"))).resolve()
HOME.mkdir(parents=True, exist_ok=True)


def kept_secret(name: str, *, fernet: bool = False) -> str:
    """The secret `name` from the environment, else one made once and kept in CDP_HOME, readable by its owner only.

    Several machines must share one value through the environment; `cdp.E001` says so when they do not.
    """
    if value := env.str(name, default=""):
        return str(value)
    path = HOME / name.lower()
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(Fernet.generate_key().decode() if fernet else secrets.token_urlsafe(48))
    return path.read_text()
