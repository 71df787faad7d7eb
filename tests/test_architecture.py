"""The rooms and their doors: imports point one way, static commands load no heavy library, text
is typed and clean.
"""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import archprof

PACKAGE = Path(archprof.__file__).parent
ROOT = Path(__file__).parent.parent

# Each room may import itself and the rooms before it. The graph knows nothing of the spec language,
# nothing below the model of torch.
ORDER = [
    "record",
    "column",
    "column_functions",
    "column_groups",
    "invisible",
    "units",
    "problem",
    "limits",
    "allowance",
    "git",
    "processes",
    "machine",
    "worker",
    "vocabulary",
    "foreign_ops",
    "foreign",
    "autograd",
    "ops",
    "graph",
    "training",
    "language",
    "capturing",
    "analysis",
    "model",
    "targets",
    "sweeping",
    "show",
    "draw",
    "cli",
    "commands",
    "notebook",
    "loaded",
    "loaded_sweep",
    "loaded_search",
    "api",
    "pytest_plugin",
    "model_explorer",
]

# Of another folder in `commands`, a folder imports only these.
NEIGHBOURS = {
    ("check", "measure"),  # latency budgets are measured
    ("compare", "measure"),  # with --device
    ("compare", "diff"),  # which layers are renamed, both say alike
    ("compare", "page"),  # --format html is a page
    ("export", "measure"),  # times of layers are those of a run file
    ("diff", "page"),  # --format html is a page
    ("diff", "capture"),  # a module at another revision is captured by a process of its own
    ("edit", "check"),  # `new --from` leaves out what `check` finds unused
    ("fit", "page"),  # --format html is a page
    ("fit", "measure"),  # peaks are those that are kept, which needs torch
    ("fit", "plot"),  # they are those of a roofline
    ("lecture", "edit"),  # verdicts are recorded by changes of a text
    ("lecture", "plot"),  # experiments on gradients are drawn as its pictures
    ("lecture", "verify"),  # torch and fvcore confirm claims
    ("measure", "page"),  # --format html is a page
    ("page", "compare"),  # networks side by side are compared by its stages and its tables
    ("page", "plot"),  # times of layers, scatter and roadmap are those of its pictures
    ("page", "summary"),  # its table stands below
    ("sweep", "page"),  # --format html is a page
    ("summary", "page"),  # --format html is a page
    ("plot", "compare"),  # stages side by side are those of its table
    ("plot", "measure"),  # times are those of a run file, peaks those that are kept
    ("plot", "summary"),  # the roadmap's steps are those of its table
    ("quiz", "lecture"),  # answers are read as figures are
    ("sweep", "measure"),  # variants are measured as networks are
}

# The named files that may import each third-party library.
LIBRARIES = {
    "yaml": {
        "language/source.py",
        "language/yaml_parser.py",
        "language/events.py",
        "language/syntax.py",
        "language/scalars.py",
        "language/comments.py",
        "commands/edit/formatting.py",
        "commands/edit/editing.py",
    },
    "torch": {
        "model/*",
        "commands/measure/running/*",
        "commands/measure/on_device/*",
        "commands/measure/layers/*",
        "commands/measure/device/*",
        "commands/measure/planning/manifest.py",
        "commands/verify/*_witness.py",
        "commands/verify/resized_geometry.py",
        "commands/verify/skeleton.py",
        "commands/verify/skeleton_functions.py",
        "commands/check/run_times.py",
        "commands/plot/effective_field.py",
        "commands/plot/device_peaks.py",
        "commands/lecture/running/curves.py",
        "commands/lecture/running/dependence.py",
        "commands/lecture/running/dropping.py",
        "commands/lecture/running/summing.py",
        "commands/lecture/running/updates.py",
        "commands/lecture/running/norms.py",
        "commands/lecture/running/arguments.py",
        "commands/lecture/running/experiments.py",
    },
    "fvcore": {"commands/verify/fvcore_witness.py"},
    "onnx": {
        "capturing/onnx/library.py",
        "capturing/onnx/values.py",
    },  # others are handed the module
    "onnxruntime": set(),  # imported by name, by `commands/measure/running/onnx_runtime.py`
    "pypdf": {"commands/lecture/drafting/pdf_pages.py"},
    "pptx": {"commands/lecture/drafting/pptx_pages.py"},
    "resvg_py": {"commands/plot/raster.py"},
    "pynvml": {"commands/measure/on_device/sensors.py"},
    "platformdirs": {"commands/measure/device/kept_peaks.py", "commands/measure/history/store.py"},
    "pydantic": {"*/contract.py", "*/*_contract.py"},
    "rich": {
        "show/table.py",
        "show/terminal.py",
        "commands/verify/command.py",
        "commands/lecture/command.py",
        "commands/measure/planning/progress.py",
        "commands/sweep/progress.py",
        "commands/measure/device/command.py",
    },
    "pyarrow": {
        "sweeping/storing/*",
        "sweeping/searching/*",
        "sweeping/sweep.py",
        "commands/sweep/*",
    },
    "scipy": {"sweeping/sampling/*", "sweeping/latency/*"},
    "optuna": {"sweeping/searching/*"},
    "distributed": {"sweeping/engines/dask_engine.py"},
    "dask": {"sweeping/engines/dask_engine.py"},
    "tabulate": {"show/table.py", "show/html.py"},
    "typer": {"cli/typer_program.py", "commands/measure/command.py"},
    "pytest": {"pytest_plugin.py"},
    "model_explorer": {"model_explorer/main.py"},
    "safetensors": set(),
}


@cache
def imports(path: Path) -> set[str]:
    """Every module a file imports, at the top or inside a function; what only type checkers see
    is left out.
    """
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Name)
            and node.test.id == "TYPE_CHECKING"
        ):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(
                {node.module}
                if node.module != "archprof"
                else {f"archprof.{alias.name}" for alias in node.names}
            )
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms_imported(path: Path) -> set[str]:
    parts = [module.split(".") for module in imports(path)]
    return {p[1] for p in parts if p[0] == "archprof" and len(p) > 1} - {"__version__"}


def test_imports_point_one_way() -> None:
    front_doors = ("__init__", "__main__")  # which import when called
    assert not [
        f"{path} imports {other}"
        for path in FILES
        if room(path) not in front_doors
        for other in rooms_imported(path)
        if ORDER.index(other) > ORDER.index(room(path))
    ]


def test_folders_of_commands_stand_apart() -> None:
    """And an exception that nothing uses any more is taken out of the list."""
    used = {
        (path.relative_to(PACKAGE / "commands").parts[0], module.split(".")[2])
        for path in (PACKAGE / "commands").rglob("*.py")
        for module in imports(path)
        if module.startswith("archprof.commands.")
    }
    assert {pair for pair in used if pair[0] != pair[1]} == NEIGHBOURS


def test_what_runs_torch_knows_nothing_of_how_it_is_shown() -> None:
    assert not [
        f"{path} imports {module}"
        for path in FILES
        if "torch" in {module.split(".")[0] for module in imports(path)}
        and not path.stem.endswith("command")
        for module in imports(path)
        if module.startswith("archprof.show")
    ]


# Tests that are about no single room.
APART = {"ci", "data", "differential", "fuzz", "generated", "networks"}


def test_folders_of_tests_mirror_the_package() -> None:
    rooms = {path.relative_to(PACKAGE).parent for path in FILES} - {Path(".")}
    tests = {
        path.relative_to(ROOT / "tests").parent for path in (ROOT / "tests").rglob("test_*.py")
    }
    assert {folder for folder in tests if folder.parts and folder.parts[0] not in APART} <= rooms
    # the first has no module of its own; a reader's parts are tested through it
    assert rooms - tests <= {Path("commands"), Path("language/reader")}


def test_libraries_stay_in_their_files() -> None:
    assert not [
        f"{path} imports {library}"
        for path in FILES
        for library in LIBRARIES.keys() & {module.split(".")[0] for module in imports(path)}
        if not any(path.relative_to(PACKAGE).match(pattern) for pattern in LIBRARIES[library])
    ]


def test_two_files_start_programs() -> None:
    """One starts git, so that nothing of a repository is run, the other pandoc, which is given what
    archprof wrote; `sys.executable` and shells are started by nobody.
    """
    starters = {"subprocess", "pty", "popen2", "commands"}
    assert {str(path.relative_to(PACKAGE)) for path in FILES if imports(path) & starters} == {
        "git.py",
        "show/pandoc.py",
    }
    called = {
        (str(path.relative_to(PACKAGE)), node.attr)
        for path in FILES
        if imports(path) & {"os", "asyncio"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("os", "asyncio")
    }
    assert not {name for _, name in called} & {
        "system",
        "popen",
        "posix_spawn",
        "fork",
        "forkpty",
        "startfile",
        "create_subprocess_exec",
        "create_subprocess_shell",
        *(
            f"{kind}{how}"
            for kind in ("exec", "spawn")
            for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")
        ),
    }


def test_every_module_says_what_it_is_for() -> None:
    assert not [path for path in FILES if not path.read_text(encoding="utf-8").startswith('"""')]


HEAVY = ("torch", "numpy", "fvcore", "matplotlib", "pydantic", "jsonschema", "tabulate")


STATIC = [
    ["summary", "resnet50"],
    ["summary", "googlenet", "--format", "json"],
    ["diff", "resnet18", "resnet34", "--format", "md"],
    ["fit", "resnet50", "--memory", "24GiB", "--train", "--peaks", "312T", "--devices", "8"],
    ["page", "resnet50"],
    ["compare", "resnet18", "resnet34", "--format", "html"],
    ["explain", "alexnet", "conv1"],
    ["list", "alexnet"],
    ["check", str(ROOT / "specs" / "alexnet.yaml")],
    ["fmt", "--check", str(ROOT / "specs" / "alexnet.yaml")],
    ["conventions"],
    ["schema"],
    ["--help"],
    ["schema", "lecture"],
    ["schema", "space"],
    ["export", "resnet50"],
    ["plot", "resnet50"],
    ["plot", "resnet50", "--kind", "field"],
    ["plot", "resnet50", "--kind", "timeline", "--train", "--memory", "24GiB"],
    ["export", "vit_b_16", "--to", "model-explorer"],
    ["lecture", "EECS498", "--static"],
    ["quiz", "alexnet", "--format", "csv"],
    ["quiz", "alexnet", "--questions", "6", "--for", "moodle"],
    ["grade", str(ROOT / "specs" / "lectures" / "answered.csv")],
]


@pytest.mark.parametrize("arguments", STATIC, ids=lambda a: a[0])
def test_static_commands_load_nothing_heavy(arguments: list[str]) -> None:
    program = f"""
import sys
from archprof.cli.main import _run
sys.argv = ["archprof", *{arguments!r}]
status = _run()
loaded = [name for name in {HEAVY!r} if name in sys.modules]
print("LOADED", loaded, file=sys.stderr)
sys.exit(1 if loaded or status else 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_schema_with_the_specs_is_the_programs_own() -> None:
    """Editors read specs/schema.json; `archprof schema -o specs/schema.json` writes it again."""
    import json

    from archprof.language.schema import spec_schema

    assert json.loads((ROOT / "specs" / "schema.json").read_text(encoding="utf-8")) == spec_schema()


def test_ruff_is_content() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "."],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
