"""Runs a project's own clone: ``python -m guest.clones --file .molar/clones/mine.py``."""

import importlib.util
from pathlib import Path

from .base import Clone
from .cli import parser, read_config, serve


def load(path: Path) -> type[Clone]:
    """The one Clone subclass defined in the file; exits with a sentence when there is none."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Clone) and value is not Clone
    ]
    if len(found) != 1:
        raise SystemExit(f"{path} must define one subclass of Clone, found {len(found)}")
    return found[0]


def main() -> None:
    """Read the arguments, load the class, serve it."""
    arguments_parser = parser("__main__")
    arguments_parser.add_argument("--file", type=Path, required=True)
    arguments = arguments_parser.parse_args()
    clone = load(arguments.file)(seed=arguments.seed, config=read_config(arguments.config))
    serve(clone, host=arguments.host, port=arguments.port)


if __name__ == "__main__":
    main()
