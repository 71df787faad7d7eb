"""The user's module: imported from a package or a file, and built."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from archprof.capturing.targets import Target
from archprof.language.shipped_index import shipped_names
from archprof.model import meta
from archprof.model.constructing import names_of, refuse_unknown, settings_of
from archprof.model.frames import called, raised_at
from archprof.model.meta import Built
from archprof.problem import Mark, ProblemError, closest, nearest

LIBRARIES = ("torchvision", "timm", "transformers")

WITHOUT_WEIGHTS = {"weights": None, "weights_backbone": None, "init_weights": False}
"""Arguments of torchvision's constructors that would load weights, or take long to make them."""


class _Downloads(Exception):
    """The constructor wants weights from the network."""


def imported(target: Target, values: Mapping[str, Any]) -> Built:
    """Return the module that a target names, built with these arguments.

    The user's code runs here, its output on standard error. Raises ProblemError saying at which
    line of it what went wrong.
    """
    with _guarded(target.text), torch.random.fork_rng(devices=()):
        make = _maker(target, dict(values))
        built = meta.build(make)
        if not isinstance(built.module, nn.Module):
            raise _refused(
                target.text,
                f"it gives {_a(built.module)}, expected a torch.nn.Module",
                "name a class, a function that returns a module, or a module",
            )
        return part(target, built)


def with_weights(target: Target, values: Mapping[str, Any]) -> nn.Module:
    """Return the module that a target names, with its weights in memory, so that it can run.

    Raises ProblemError as `imported` does.
    """
    with _guarded(target.text):
        module = _maker(target, dict(values))()
    return part(target, Built(module, "weights")).module


def part(target: Target, built: Built) -> Built:
    """Return the part of a module that a target names."""
    if not target.submodule:
        return built
    try:
        return Built(built.module.get_submodule(target.submodule), built.way)
    except AttributeError:
        known = [name for name, _ in built.module.named_modules() if name]
        message = f"it has no submodule `{target.submodule}`"
        raise _refused(target.text, message, nearest(target.submodule, known)) from None


def _maker(target: Target, values: dict[str, Any]) -> Callable[[], Any]:
    """Return the function that builds the module."""
    if target.kind == "file":
        return _called(target, _from_file(target), values)
    package = _package(target)
    if target.place == "torchvision":
        return _of_torchvision(target, values)
    if target.place == "timm":
        if not package.is_model(target.name):
            message = f"timm has no model `{target.name}`"
            near = package.list_models(f"{target.name[:4]}*")
            raise _refused(target.text, message, nearest(target.name, near))
        return lambda: package.create_model(target.name, pretrained=False, **values)
    return _called(target, package, values)


def _of_torchvision(target: Target, values: dict[str, Any]) -> Callable[[], Any]:
    models = importlib.import_module("torchvision.models")
    if target.name not in models.list_models():
        message = f"torchvision has no model `{target.name}`"
        raise _refused(target.text, message, nearest(target.name, models.list_models()))
    builder = models.get_model_builder(target.name)
    wanted = set(inspect.signature(builder).parameters)
    given = {
        name: value
        for name, value in WITHOUT_WEIGHTS.items()
        if name in wanted
        or (name == "init_weights" and target.name in ("googlenet", "inception_v3"))
    }
    return lambda: builder(**(given | values))


def _called(target: Target, package: ModuleType, values: dict[str, Any]) -> Callable[[], Any]:
    """Return the function that gives the module an attribute names: a class, a function, a module,
    or a configuration of Hugging Face's.
    """
    found: Any = package
    for part in target.name.split("."):
        if not hasattr(found, part):
            known = [name for name in vars(found) if not name.startswith("_")]
            message = f"{target.place} has no `{part}`"
            raise _refused(target.text, message, nearest(part, known))
        found = getattr(found, part)
    if isinstance(found, nn.Module):
        if values:
            message = "it is a module already, which takes no arguments"
            raise _refused(target.text, message, "leave --arg out, or name its class")
        return lambda: found
    if not callable(found):
        hint = "name a class, a function that returns a module, or a module"
        raise _refused(target.text, f"`{target.name}` is {_a(found)}", hint)
    return _construct(target, found, values)


def _construct(target: Target, found: Any, values: dict[str, Any]) -> Callable[[], Any]:
    """Return the function that calls a class or a function with its arguments. Raises ProblemError
    for one that it does not take.
    """
    configuration = getattr(found, "config_class", None)
    if isinstance(found, type) and issubclass(found, nn.Module) and configuration is not None:
        refuse_unknown(target.text, settings_of(configuration), values)
        return lambda: found(configuration(**values))
    if isinstance(found, type) and hasattr(found, "model_type") and hasattr(found, "to_dict"):
        refuse_unknown(target.text, settings_of(found), values)
        automatic = importlib.import_module("transformers").AutoModel
        return lambda: automatic.from_config(found(**values))
    refuse_unknown(target.text, names_of(found), values)
    return lambda: found(**values)


def _package(target: Target) -> ModuleType:
    """Return an imported package; the working directory is looked in too."""
    here = os.getcwd()
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(target.place)
    except ModuleNotFoundError as error:
        if error.name and not target.place.startswith(error.name):
            raise  # of something that it imports
        message = f"there is no package `{error.name}`"
        near = closest(target.place, LIBRARIES)
        hint = f"pip install {error.name}, or run where it is: {here} is looked in"
        if near is not None and near != target.place:
            hint = f"did you mean `{near}:{target.name}`?"
        if target.place in shipped_names():
            hint = "a variant of a shipped family goes by its own name"
        raise _refused(target.text, message, hint) from None
    finally:
        if added and here in sys.path:
            sys.path.remove(here)


def _from_file(target: Target) -> ModuleType:
    """Return the module that a Python file is; what it imports is looked for beside it."""
    path = Path(target.place).absolute()
    if not path.is_file():
        raise _refused(target.place, "there is no such file", "")
    name = f"archprof_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _refused(target.place, "it is not a Python file", "")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # as dataclasses and pickles want it
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


@contextlib.contextmanager
def _guarded(text: str) -> Iterator[None]:
    """Run the user's code: what it prints goes to standard error, nothing is downloaded, and what
    it raises is a problem at the line that raised it.
    """
    with contextlib.redirect_stdout(sys.stderr), _offline():
        try:
            yield
        except (ProblemError, KeyboardInterrupt, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            raise failure(text, error) from error


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    """Refuse torch.hub's downloads, and ask Hugging Face's library to make none."""

    def refuse(url: str, *args: Any, **kwargs: Any) -> None:
        raise _Downloads(f"it downloads {url}")

    hub = torch.hub.download_url_to_file
    wanted = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    torch.hub.download_url_to_file = refuse
    try:
        yield
    finally:
        torch.hub.download_url_to_file = hub
        if wanted is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = wanted


def failure(text: str, error: BaseException) -> ProblemError:
    """Return what the user's code raised as a problem: at its innermost line outside of torch."""
    file, line = raised_at(error)
    mark = Mark(file or text, line)
    if isinstance(error, SyntaxError) and error.filename:
        mark = Mark(called(error.filename), error.lineno or 0, error.offset or 0)
    said = " ".join(str(error).split()) or "nothing more"
    kind = "" if isinstance(error, _Downloads) else f"{type(error).__name__}: "
    message = f"{text} cannot be built: {kind}{said}"
    return ProblemError.of(mark, "capture", message, _way_out(error, said))


def _way_out(error: BaseException, said: str) -> str:
    if isinstance(error, _Downloads):
        return "weights are not needed here: --arg pretrained=false, or --arg weights=null"
    if "relative import" in said:
        return "name it as a part of its package, from the folder above: package.module:NAME"
    if "CUDA" in said or "NVIDIA" in said or "cuda" in said:
        return "build it on the CPU, and move it to a device outside of the constructor"
    if isinstance(error, TypeError) and "argument" in said:
        return "give the constructor's arguments: --arg NAME=VALUE"
    if isinstance(error, ModuleNotFoundError):
        return f"pip install {(error.name or '').partition('.')[0]}"
    return "the constructor must run as it does in a script of its own"


def _refused(place: str, message: str, hint: str) -> ProblemError:
    return ProblemError.of(Mark(place), "capture", message, hint)


def _a(found: object) -> str:
    return f"an object of class {type(found).__name__}"
