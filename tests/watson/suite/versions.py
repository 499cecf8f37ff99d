"""Watson's releases, each in a virtual environment under target/watson, installed by pip."""

import fcntl
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "watson"
# What each release needs besides itself on Python 3.11.
PINS = {
    "1.5.2": ["td-watson==1.5.2", "arrow==0.10.0", "click<8"],
    "1.6.0": ["td-watson==1.6.0", "arrow==0.10.0", "click<8"],
    "1.7.0": ["td-watson==1.7.0", "arrow==0.10.0", "click<8"],
    "1.8.0": ["td-watson==1.8.0", "arrow==0.14.7", "click<8"],
    "1.9.0": ["td-watson==1.9.0", "click<8"],
    "1.10.0": ["td-watson==1.10.0", "arrow<1", "click<8"],
    "2.0.1": ["td-watson==2.0.1", "click<8"],
    "2.1.0": ["td-watson==2.1.0"],
    "next-3.1.1": ["watson-next==3.1.1"],
}
# Watson 1.5 and 1.6 have no `watson add`.
WITHOUT_ADD = {"1.5.2", "1.6.0"}
# Watson 1.5's `rename` does not mark the renamed frames as changed, so they are not pushed.
WITHOUT_RENAME = {"1.5.2"}
# watson-next ignores a pulled frame that the device has already, so it never gets other devices' edits.
WITHOUT_OVERWRITE = {"next-3.1.1"}


class NotInstalled(Exception):
    """A release that this machine cannot run, and why."""


@dataclass(frozen=True)
class Version:
    """An installed release."""

    name: str
    python: Path

    @property
    def has_add(self):
        return self.name not in WITHOUT_ADD

    @property
    def pushes_renames(self):
        return self.name not in WITHOUT_RENAME

    @property
    def overwrites(self):
        """Whether a pulled frame replaces the device's own version."""
        return self.name not in WITHOUT_OVERWRITE


def install(name):
    """Installs a release unless it is installed already."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = FOLDER / name
    version = Version(name, folder / "bin" / "python")
    # Other test processes install the same releases.
    with open(FOLDER / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not works(version):
            run("python3", "-m", "venv", "--clear", folder)
            run(version.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINS[name])
            if not works(version):
                raise NotInstalled(f"Watson {name} was installed but does not start")
    return version


def works(version):
    if not version.python.exists():
        return False
    command = [version.python, "-m", "watson", "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    found = re.search(r"version (\S+)", ran.stdout)
    return found is not None and found.group(1) == version.name.removeprefix("next-")


def run(*command):
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode != 0:
        last = (ran.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NotInstalled(f"{Path(command[0]).name} failed: {last}")
