"""Names that no layer can have in torch.

They are attributes of the modules that would have it as theirs, and words of Python. torch is not
imported here; tests/graph/test_taken.py compares the tables with the installed torch.
"""

from __future__ import annotations

from keyword import iskeyword

_OF_MODULE = """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict modules mtia named_buffers named_children named_modules
    named_parameters parameters register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
    register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
    zero_grad _apply _backward_hooks _backward_pre_hooks _buffers _call_impl _compiled_call_impl
    _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks
    _forward_pre_hooks_with_kwargs _get_backward_hooks _get_backward_pre_hooks _get_name
    _is_full_backward_hook _load_from_state_dict _load_state_dict_post_hooks
    _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _modules _named_members
    _non_persistent_buffers_set _parameters _register_load_state_dict_pre_hook
    _register_state_dict_hook _replicate_for_data_parallel _save_to_state_dict _slow_forward
    _state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl
"""
MODULE = frozenset(_OF_MODULE.split())
"""Attributes of torch.nn.Module, which refuses them at every level of a path."""

_OF_GRAPH_MODULE = """
    add_submodule code delete_all_unused_submodules delete_submodule graph meta print_readable
    recompile shape_env to_folder _boxed_call _code _create_node_hooks _deepcopy_hooks
    _deepcopy_init _erase_node_hooks _graph _lineno_map _prologue_start _recompile_submodules
    _register_create_node_hook _register_deepcopy_hook _register_erase_node_hook
    _register_replace_node_hook _replace_hooks _set_replace_hook _tracer_cls _tracer_extras
    _unregister_create_node_hook _unregister_deepcopy_hook _unregister_erase_node_hook
    _unregister_replace_node_hook _wrapped_call
"""
GRAPH_MODULE = frozenset(_OF_GRAPH_MODULE.split())
"""Further attributes of torch.fx.GraphModule, which has the first part of every path."""


def taken(name: str, first: bool) -> str:
    """Return why torch cannot have a layer of this name, "" where it can.

    `first`: it is the first part of its path.
    """
    if iskeyword(name):
        return "it is a word of Python, and the module's code would read it as `self." + name + "`"
    if name.startswith("__") and name.endswith("__"):
        return "names between two underscores are Python's own"
    if name in MODULE:
        return "torch.nn.Module has an attribute of this name"
    if first and name in GRAPH_MODULE:
        return (
            "torch.fx.GraphModule, which holds the network's first names, has an attribute of this"
            " name"
        )
    return ""
