"""Builds the look-up kernel into one shared library, with the C compiler that the PyPI package `ziglang` brings."""

import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

GEOMETRY = Path(__file__).parent / "src" / "cyclorama" / "geometry"
SOURCES = ("kernel.c", "kernel_sum.c", "kernel_tables.c")
LIBRARY = {"win32": "_kernel.dll", "darwin": "_kernel.dylib"}.get(sys.platform, "_kernel.so")
FLAGS = ("-O3", "-fPIC", "-fno-math-errno", "-fno-trapping-math", "-fno-sanitize=all", "-Wall", "-Wextra")
GLIBC = "2.17"
MACOS = "11.0"


class BuildKernel(BuildHookInterface):
    """Compiles the library next to the module that loads it, for editable installs and for wheels."""

    def initialize(self, version: str, build_data: dict) -> None:
        if self.target_name != "wheel":
            return
        build(GEOMETRY / LIBRARY)
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform_tag()}"
        build_data["artifacts"].append(f"src/cyclorama/geometry/{LIBRARY}")


def build(library: Path) -> None:
    """Compile and link the library for this machine."""
    with tempfile.TemporaryDirectory() as folder:
        objects = [_compile(source, level, Path(folder)) for level in _levels() for source in SOURCES]
        if _is_x86():
            objects.append(_compile("kernel_cpu.c", None, Path(folder)))
        linked, beside = Path(folder) / LIBRARY, library.with_suffix(".new")
        _zig("-shared", "-s", "-o", linked, *objects)
        beside.write_bytes(linked.read_bytes())
        beside.replace(library)  # at once: a running process keeps the file that it loaded


def _compile(source: str, level: int | None, folder: Path) -> Path:
    """One object file; its functions end in _v<level>, or in _v0 where there is one level only."""
    compiled = folder / f"{source}{level}.o"
    processor = [f"-mcpu=x86_64_v{level}"] if level else []
    _zig("-c", *FLAGS, *processor, f"-DEXPORT(name)=name##_v{level or 0}", "-o", compiled, GEOMETRY / source)
    return compiled


def _zig(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "ziglang", "cc", "-target", _target(), *map(str, arguments)], check=True)


def _is_x86() -> bool:
    return platform.machine().lower() in ("x86_64", "amd64")


def _levels() -> tuple[int | None, ...]:
    return (2, 3) if _is_x86() else (None,)


def _target() -> str:
    processor = "x86_64" if _is_x86() else "aarch64"
    if platform.machine().lower() not in ("x86_64", "amd64", "aarch64", "arm64"):
        raise RuntimeError(f"got a {platform.machine()} processor, wanted x86-64 or 64-bit ARM: use such a machine")
    if sys.platform == "win32":
        return f"{processor}-windows-gnu"
    if sys.platform == "darwin":
        return f"{processor}-macos.{MACOS}"
    return f"{processor}-linux-musl" if "musllinux" in _platform_tag() else f"{processor}-linux-gnu.{GLIBC}"


def _platform_tag() -> str:
    """The oldest system that the library runs on, as wheels name it."""
    wanted = {"linux": ("manylinux_2_17_", "musllinux_"), "darwin": ("macosx_11_0_",)}.get(sys.platform, ("win",))
    return next(tag.platform for tag in sys_tags() if tag.platform.startswith(wanted))


if __name__ == "__main__":
    build(GEOMETRY / LIBRARY)
