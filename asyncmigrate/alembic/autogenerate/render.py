"""`alembic.autogenerate.render`: how operations are written.

Plug-ins register functions of their own with `renderers`; those for Alembic's own operations are
here under Alembic's names, for plug-ins that change a little of what these give.
"""

from __future__ import annotations

import textwrap
import warnings
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SAWarning

from asyncmigrate.alembic.operations import ops
from asyncmigrate.alembic.util.langhelpers import Dispatcher
from asyncmigrate.alembic.words import absent
from asyncmigrate.render.layout import flat
from asyncmigrate.render.script import Spelling, body
from asyncmigrate.schema.call import Call

if TYPE_CHECKING:
    from asyncmigrate.alembic.autogenerate.api import AutogenContext

renderers = Dispatcher()
"""The functions of `(autogen_context, operation)` that give an operation's text."""


def spelling_of(autogen_context: AutogenContext) -> Spelling:
    """Return how the project wants its scripts written."""
    opts = autogen_context.opts
    return Spelling(
        render_item=opts.get("render_item"),
        user_module_prefix=opts.get("user_module_prefix"),
        dialect=autogen_context.dialect,
        without_ours=True,
    )


def _directed(autogen_context: AutogenContext, op: Any) -> str:
    directive, arguments, keywords = op.call()
    call = Call(directive, arguments, keywords)
    return body([call], spelling_of(autogen_context), autogen_context.imports)


def _register(*kinds: type[Any]) -> Any:
    for kind in kinds:
        renderers.dispatch_for(kind)(_directed)
    return _directed


@renderers.dispatch_for(ops.CreateTableOp)
def _add_table(autogen_context: AutogenContext, op: Any) -> str:
    """Return the text of a new table; a plug-in's own operation says how the table is."""
    is_theirs = type(op) is not ops.CreateTableOp
    with warnings.catch_warnings():
        # The columns say what the key is, and so does the constraint that stands beside them.
        warnings.simplefilter("ignore", SAWarning)
        made = ops.CreateTableOp.from_table(op.to_table()) if is_theirs else op
    return _directed(autogen_context, made)


_drop_table = _register(ops.DropTableOp)
_add_index = _register(ops.CreateIndexOp)
_drop_index = _register(ops.DropIndexOp)
_add_unique_constraint = _register(ops.CreateUniqueConstraintOp)
_add_fk_constraint = _register(ops.CreateForeignKeyOp)
_add_pk_constraint = _register(ops.CreatePrimaryKeyOp)
_add_check_constraint = _register(ops.CreateCheckConstraintOp)
_drop_constraint = _register(ops.DropConstraintOp)
_add_column = _register(ops.AddColumnOp)
_drop_column = _register(ops.DropColumnOp)
_render_create_table_comment = _register(ops.CreateTableCommentOp)
_render_drop_table_comment = _register(ops.DropTableCommentOp)
_execute_sql = _register(ops.ExecuteSQLOp)


@renderers.dispatch_for(ops.AlterColumnOp)
def _alter_column(autogen_context: AutogenContext, op: Any) -> str:
    """Return the text of an alteration, without what dialects add: plug-ins do that themselves."""
    directive, arguments, keywords = op.call()
    plain = {name: value for name, value in keywords.items() if name not in op.kw}
    call = Call(directive, arguments, plain)
    return body([call], spelling_of(autogen_context), autogen_context.imports)


def render_op(autogen_context: AutogenContext, op: Any) -> list[str]:
    """Return the lines of an operation."""
    if isinstance(op, ops.OpContainer):
        return [line for each in op.ops for line in render_op(autogen_context, each)]
    made = renderers.dispatch(op, home=autogen_context.home)(autogen_context, op)
    return [made] if isinstance(made, str) else list(made)


def render_op_text(autogen_context: AutogenContext, op: Any) -> str:
    """Return the text of an operation."""
    return "\n".join(render_op(autogen_context, op))


def _render_cmd_body(op_container: Any, autogen_context: AutogenContext) -> str:
    return render_op_text(autogen_context, op_container) or "pass"


def _value(value: Any, autogen_context: AutogenContext) -> str:
    return flat(autogen_context.writer().write(value))


def _repr_type(type_: Any, autogen_context: AutogenContext, **_: Any) -> str:
    return _value(type_, autogen_context)


_render_column = _render_constraint = _render_computed = _render_identity = _repr_type


def _render_server_default(default: Any, autogen_context: AutogenContext, **_: Any) -> str | None:
    if default is None:
        return None
    return _value(getattr(default, "arg", default), autogen_context)


_render_potential_expr = _repr_type


def _render_gen_name(autogen_context: AutogenContext, name: Any) -> Any:
    return name


def _sqlalchemy_autogenerate_prefix(autogen_context: AutogenContext) -> str:
    return "sa."


def _alembic_autogenerate_prefix(autogen_context: AutogenContext) -> str:
    return "batch_op." if autogen_context._has_batch else "op."


def _user_autogenerate_prefix(autogen_context: AutogenContext, target: Any) -> str:
    prefix = autogen_context.opts.get("user_module_prefix")
    return f"{target.__class__.__module__}." if prefix is None else str(prefix)


def _ident(name: Any) -> Any:
    return None if name is None else str(name)


def _indent(text: str) -> str:
    return textwrap.indent(text, "    ").strip()


def __getattr__(name: str) -> Any:
    raise absent("alembic.autogenerate.render", name)
