"""What layers name: ops with their settings, and blocks with their arguments."""

from __future__ import annotations

from collections.abc import Mapping

from archprof.foreign import SETTINGS, meant_settings, op_hint, setting_hint
from archprof.language.document import Block, Template
from archprof.language.expression import Expression, choices, cut
from archprof.language.pieces import Pieces
from archprof.language.shipped_folder import file_with_block
from archprof.language.value import Value
from archprof.language.words import COMMON, ONLY
from archprof.ops import OPS
from archprof.ops.base import Op
from archprof.problem import nearest


class Targets:
    """Reads what layers name.

    `blocks` are those that the file may use: its own, not read yet, or those of files that it uses.
    `unread` is true where a used file is faulty, so that blocks are missing.
    """

    def __init__(self, pieces: Pieces):
        self.pieces = pieces
        self.blocks: Mapping[str, Value | Block] = {}
        self.unread = False

    # --- ops ---

    def op(self, value: Value, called: str) -> tuple[Template, dict[str, Template]]:
        """Return the op of a layer and its settings, checked as far as they are constant."""
        data = value.data
        target = self._op_name(data["op"])
        words = (*ONLY["op"], *COMMON)
        settings = {
            key: self.pieces.template(item) for key, item in data.items() if key not in words
        }
        if isinstance(target.data, Expression):
            self._check_chosen(target.data, settings, value)
        op = OPS.get(target.data) if isinstance(target.data, str) else None
        if op is None:
            return target, settings
        for name, template in settings.items():
            self._check_setting(target.data, op, name, template, value)
        named = {*settings, *meant_settings(settings, op.settings)}
        for name, declared in op.settings.items():
            if declared.required and name not in named:
                self.pieces.complain(
                    data["op"].mark,
                    "missing",
                    f"op `{target.data}` of {called} needs `{name}`, {declared.kind.expected}",
                )
        return target, settings

    def _op_name(self, value: Value) -> Template:
        if not self.pieces.text(value, "`op`"):
            return Template(None, value.mark, True)
        target = self.pieces.template(value)
        name = target.data
        if target.constant and name not in OPS:
            hint = op_hint(name, OPS)
            if name in self.blocks:
                hint = f"`{name}` is a block: write {{block: {name}}}"
            self.pieces.complain(value.mark, "unknown-op", f"there is no op `{name}`", hint)
        return target

    def _check_chosen(
        self, choosing: Expression, settings: Mapping[str, Template], layer: Value
    ) -> None:
        """Complain of settings that no op has which the expression can choose.

        Where it has not all of them written out, that is for whoever knows the values.
        """
        written = choices(choosing)
        if written is None or not written <= OPS.keys():
            return
        known = {name for op in written for name in OPS[op].settings}
        for name in settings:
            if name not in known:
                message = f"no op that `{cut(choosing.text)}` can choose has a setting `{name}`"
                hint = SETTINGS.hint(name, (*known, *ONLY["op"], *COMMON), "settings")
                self.pieces.complain(layer.places()[name], "unknown-key", message, hint)

    def _check_setting(
        self, kind: str, op: type[Op], name: str, template: Template, layer: Value
    ) -> None:
        if name not in op.settings:
            if "$" in name:
                hint = "an expression with a comma needs quotes inside { }"
            else:
                hint = setting_hint(kind, name, (*op.settings, *ONLY["op"], *COMMON))
            message = f"op `{kind}` has no setting `{name}`"
            self.pieces.complain(layer.places()[name], "unknown-key", message, hint)
        elif template.constant:
            for fault in op.faults({name: template.data}):
                if fault.name == name:
                    message = f"op `{kind}`: {fault.message}"
                    self.pieces.complain(template.mark, "setting", message, fault.hint)

    # --- blocks ---

    def block(self, value: Value) -> Template:
        """Return the name of the block that a layer uses."""
        if not self.pieces.text(value, "`block`"):
            return Template(None, value.mark, True)
        target = self.pieces.template(value)
        name = target.data
        if target.constant and name not in self.blocks and not self.unread:
            hint = nearest(name, self.blocks, "blocks")
            if shared := file_with_block(name):
                hint = f"add `use: {shared}`, which has it"
            if name in OPS:
                hint = f"`{name}` is an op: write {{op: {name}}}"
            self.pieces.complain(value.mark, "unknown-block", f"there is no block `{name}`", hint)
        return target

    def check_arguments(
        self, target: Template, given: Value | None, first: Value | None, called: str
    ) -> None:
        """Compare the names in `with` and `first` with the block's parameters."""
        if not target.constant or not isinstance(target.data, str):
            return
        block = self.blocks.get(target.data)
        if block is None or (given is not None and not isinstance(given.data, (dict, type(None)))):
            return
        params = _parameters(block)
        for part in (given, first):
            for name, mark in (part.places() if part else {}).items():
                if name not in params:
                    self.pieces.complain(
                        mark,
                        "unknown-key",
                        f"block `{target.data}` has no parameter `{name}`",
                        SETTINGS.hint(name, params, "parameters"),
                    )
        present = (given.data or {}) if given else {}
        missing = [
            name for name, default in params.items() if default is None and name not in present
        ]
        if missing:
            self.pieces.complain(
                target.mark,
                "missing",
                f"block `{target.data}` of {called} needs {', '.join(f'`{n}`' for n in missing)}",
                f"with: {{{', '.join(f'{name}: …' for name in missing)}}}",
            )


def _parameters(block: Value | Block) -> Mapping[str, object]:
    """Return the parameters of a block, None for one without a default."""
    if isinstance(block, Block):
        return block.params
    params = block.data.get("params") if isinstance(block.data, dict) else None
    if params is None or not isinstance(params.data, dict):
        return {}
    return {name: default.data for name, default in params.data.items()}
