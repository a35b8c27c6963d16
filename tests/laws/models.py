"""The metadata that random models say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate import View
from tests.laws import storing
from tests.laws.trip import Models
from tests.laws.vocabulary import (
    CHECKS,
    COMPUTED,
    CONVENTION,
    DEFAULTS,
    EXPRESSIONS,
    UNINDEXED,
    Words,
)

if TYPE_CHECKING:
    from tests.laws.specs import (
        ColumnSpec,
        CompositeSpec,
        DomainSpec,
        LinkSpec,
        ModelsSpec,
        PartSpec,
        TableSpec,
        ViewSpec,
    )


def models_of(spec: ModelsSpec, dialect: str) -> Models:
    """Return what `spec` says on a database."""
    stored = replace(spec, tables=tuple(storing.with_children(dialect, spec.tables)))
    return Models(lambda: metadata_of(stored, dialect), stored.schemas)


def metadata_of(spec: ModelsSpec, dialect: str) -> sa.MetaData:
    """Return new metadata that says what `spec` says, as far as it makes sense."""
    builder = _Builder(spec, Words(dialect))
    for table in spec.tables:
        builder.table(table)
    used = [column.type for table in builder.made.values() for column in table.columns]
    for composite in builder.composites.values():
        if any(type_ is composite for type_ in used):
            storing.made_with(builder.metadata, composite)
    for view in spec.views:
        builder.view(view)
    return builder.metadata


class _Builder:
    def __init__(self, spec: ModelsSpec, words: Words) -> None:
        self.spec = spec
        self.words = words
        self.metadata = sa.MetaData(naming_convention=CONVENTION if spec.convention else None)
        self.tables = {table.name: table for table in spec.tables}
        self.enums = {each.name: each for each in spec.enums}
        self.domains = {each.name: each for each in spec.domains}
        self.made: dict[str, sa.Table] = {}
        self.composites = {each.name: self.composite(each) for each in spec.composites}
        self.sequences = [
            sa.Sequence(
                each.name,
                start=each.start,
                increment=each.increment,
                cycle=each.cycle or None,
                schema=each.schema,
                metadata=self.metadata,
            )
            for each in spec.sequences
        ]

    def table(self, table: TableSpec) -> None:
        """Make a table with its columns, constraints and indexes."""
        families: dict[str, str] = {}
        self.made[table.name] = sa.Table(
            table.name,
            self.metadata,
            *self.key(table, families),
            *self.columns(table, families),
            *(item for link in table.links for item in self.link(table, link, families)),
            schema=table.schema,
            comment=table.comment,
            **storing.keywords(self.words.dialect, table),
        )
        if table.inherits is not None:
            self.made[table.name].add_is_dependent_on(self.made[table.inherits])
        for part in table.parts:
            self.part(self.made[table.name], part, families)

    # --- columns -------------------------------------------------------------------------------

    def key(self, table: TableSpec, families: dict[str, str]) -> list[Any]:
        if table.key is None:
            return []
        one = len(table.key.columns) == 1
        made: list[Any] = []
        for name, type_ in table.key.columns:
            given: list[Any] = []
            if one and type_ in {"integer", "bigint"} and table.key.style == "identity":
                given = [sa.Identity(start=3, always=True)]
            counts = one and table.key.style == "auto"
            made.append(
                sa.Column(
                    name,
                    self.words.make(type_),
                    *given,
                    autoincrement="auto" if counts else bool(given),
                    nullable=False,
                )
            )
            families[name] = self.words.family(type_)
        names = [name for name, _ in table.key.columns]
        return [*made, sa.PrimaryKeyConstraint(*names, name=table.key.name)]

    def columns(self, table: TableSpec, families: dict[str, str]) -> list[Any]:
        found = []
        for column in table.columns:
            type_, family = self.type(column.type)
            if type_ is not None:
                found.append(self.column(column, type_, family, families))
                if column.computed is None:
                    families[column.name] = family
        for made in found:
            if made.computed is not None:
                families[made.name] = "number" if isinstance(made.type, sa.Numeric) else "string"
        return found

    def column(
        self, column: ColumnSpec, type_: Any, family: str, families: dict[str, str]
    ) -> sa.Column[Any]:
        if getattr(type_, "create_constraint", False):
            type_.name = f"{family} {column.name}"[:40]
        given: list[Any] = []
        keywords: dict[str, Any] = {"nullable": column.nullable, "comment": column.comment}
        computed = self.computed(column, families)
        if computed is not None:
            return sa.Column(
                column.name, self.computed_type(column, families), computed, comment=column.comment
            )
        if column.identity is not None and column.type in {"integer", "bigint", "smallint"}:
            options = (
                {},
                {"start": 5, "increment": 5},
                {"always": True, "minvalue": 0, "start": 0},
            )
            given = [sa.Identity(**options[column.identity % 3])]
            keywords["nullable"] = False
        elif column.default is not None:
            keywords["server_default"] = self.default(column.default, column.type, family)
        return sa.Column(column.name, type_, *given, **keywords)

    def type(self, type_: str) -> tuple[Any, str]:
        """Return a new type and its family; None if it is not declared."""
        word, _, name = type_.partition(" ")
        if word in {"enum", "enum[]"} and name:
            enum = self.enums.get(name)
            if enum is None:
                return None, ""
            made = sa.Enum(*enum.values, name=enum.name, schema=enum.schema)
            return (made, "enum") if word == "enum" else (postgresql.ARRAY(made), "enums")
        if word == "composite":
            return self.composites.get(name), "composite"
        if word == "domain":
            domain = self.domains.get(name)
            return (None, "") if domain is None else (self.domain(domain), "domain")
        return self.words.make(type_), self.words.family(type_)

    def composite(self, composite: CompositeSpec) -> storing.Composite:
        columns = tuple(
            sa.Column(name, self.words.make(type_)) for name, type_ in composite.attributes
        )
        return storing.Composite(composite.name, columns)

    def domain(self, domain: DomainSpec) -> Any:
        family = self.words.family(domain.type)
        checks = CHECKS["postgresql"].get(family, ())
        check = None
        if domain.template is not None and checks:
            template = checks[domain.template % len(checks)]
            check = sa.text(template.replace("{c}", "VALUE").replace(":", r"\:"))
        default = None
        if domain.default is not None and DEFAULTS["postgresql"].get(family):
            default = {"number": sa.text("7"), "string": sa.text("'it''s'")}.get(family)
        return postgresql.DOMAIN(
            domain.name,
            self.words.make(domain.type),
            check=check,
            constraint_name=f"{domain.name}_check" if check is not None else None,
            not_null=domain.not_null or None,
            default=default,
        )

    def default(self, place: int, type_: str, family: str) -> Any:
        if family == "enum":
            values = self.enums[type_.removeprefix("enum ")].values
            return values[place % len(values)]
        if family == "number" and place == 3 and self.sequences:
            return self.sequences[0].next_value()
        found = DEFAULTS[self.words.dialect].get(family, ())
        return found[place % len(found)] if found else None

    def computed(self, column: ColumnSpec, families: dict[str, str]) -> sa.Computed | None:
        if column.computed is None:
            return None
        other, place = column.computed
        found = COMPUTED[self.words.dialect].get(families.get(other, ""), ())
        if not found:
            return None
        text = self.words.text(found[place % len(found)], other)
        return sa.Computed(text, persisted=True if self.words.dialect != "sqlite" else place > 1)

    def computed_type(self, column: ColumnSpec, families: dict[str, str]) -> Any:
        assert column.computed is not None
        return sa.Numeric() if families[column.computed[0]] == "number" else sa.String(40)

    def link(self, table: TableSpec, link: LinkSpec, families: dict[str, str]) -> list[Any]:
        target = self.tables.get(link.target)
        if target is None or not storing.can_refer(self.words.dialect, table, target):
            return []
        assert target.key is not None
        keep = "SET NULL" in (link.on_delete, link.on_update)
        columns = [
            sa.Column(
                f"{link.prefix}_{name}",
                self.words.make(type_),
                nullable=link.nullable or keep,
                autoincrement=False,
            )
            for name, type_ in target.key.columns
        ]
        own = [column.name for column in columns]
        types = (type_ for _, type_ in target.key.columns)
        families |= {n: self.words.family(t) for n, t in zip(own, types, strict=True)}
        prefix = f"{target.schema}." if target.schema else ""
        remote = [f"{prefix}{target.name}.{name}" for name, _ in target.key.columns]
        keywords: dict[str, Any] = {}
        if link.deferrable and self.words.dialect != "mysql":
            keywords = {"deferrable": True, "initially": link.deferrable}
        if not link.validated and self.words.dialect == "postgresql":
            keywords["postgresql_not_valid"] = True
        key = sa.ForeignKeyConstraint(
            own,
            remote,
            name=link.name,
            ondelete=link.on_delete,
            onupdate=link.on_update,
            match=link.match if self.words.dialect == "postgresql" else None,
            **keywords,
        )
        return [*columns, key]

    # --- constraints and indexes ---------------------------------------------------------------

    def part(self, table: sa.Table, part: PartSpec, families: dict[str, str]) -> None:
        there = {name: families[name] for name in part.columns if name in families}
        make = getattr(self, f"part_{part.kind}")
        if len(there) == len(part.columns):
            make(table, part, there)

    def part_check(self, table: sa.Table, part: PartSpec, there: dict[str, str]) -> None:
        [(name, family)] = [*there.items()][:1]
        text = self.templated(CHECKS, name, family, part.template)
        if text is None or (self.words.dialect == "mysql" and table.c[name].primary_key):
            return
        label = part.name or (f"un {part.template} {name}"[:20] if self.spec.convention else None)
        element: Any = sa.text(text)
        if "core" in part.options and family == "number":
            element = table.c[name] > part.template
        checks = [c for c in table.constraints if isinstance(c, sa.CheckConstraint)]
        said = {str(c.sqltext) for c in checks}
        labels = {c.info.get("label") for c in checks}  # `name` is what the convention made of it
        if str(element) in said or (label and label in labels):
            return
        table.append_constraint(sa.CheckConstraint(element, name=label, info={"label": label}))

    def part_unique(self, table: sa.Table, part: PartSpec, there: dict[str, str]) -> None:
        keywords: dict[str, Any] = {}
        if self.words.dialect == "postgresql":
            if "deferrable" in part.options:
                keywords = {"deferrable": True, "initially": "DEFERRED"}
            if "nulls" in part.options:
                keywords["postgresql_nulls_not_distinct"] = True
            if "include" in part.options and len(there) > 1:
                keywords["postgresql_include"] = [list(there)[-1]]
                there = dict(list(there.items())[:-1])
        if self.unindexed(there) or self.same_columns(table, tuple(there)):
            return
        if self.is_partitioned(table):
            return
        # PostgreSQL makes one constraint of this and the key, and gives the key its name.
        name = None if tuple(there) == tuple(table.primary_key.columns.keys()) else part.name
        table.append_constraint(sa.UniqueConstraint(*there, name=name, **keywords))

    def is_partitioned(self, table: sa.Table) -> bool:
        """Return whether what is unique would have to hold the partition key."""
        return storing.is_partitioned(self.words.dialect, self.tables[table.name])

    def same_columns(self, table: sa.Table, names: tuple[str, ...]) -> bool:
        """Return whether something is on the same columns already."""
        uniques = (c for c in table.constraints if isinstance(c, sa.UniqueConstraint))
        found = [tuple(each.columns.keys()) for each in uniques]
        return names in found

    def part_index(self, table: sa.Table, part: PartSpec, there: dict[str, str]) -> None:
        if self.unindexed(there):
            return
        [(name, family)] = [*there.items()][:1]
        special = self.special_index(family, part.options)
        on: list[Any] = [table.c[each] for each in there]
        if special:
            sa.Index(part.name, on[0], postgresql_using=special)
            return
        on[0] = self.indexed(on[0], family, part)
        unique = "unique" in part.options and not self.is_partitioned(table)
        keywords: dict[str, Any] = {"unique": True} if unique else {}
        keywords |= self.index_options(name, family, part)
        if "include" in part.options and len(on) > 1 and self.words.dialect == "postgresql":
            keywords["postgresql_include"] = [on.pop().name]
        sa.Index(part.name, *on, _table=table, **keywords)

    def indexed(self, column: sa.Column[Any], family: str, part: PartSpec) -> Any:
        text = self.templated(EXPRESSIONS, column.name, family, part.template)
        if "expression" in part.options and text is not None:
            return sa.text(text)
        if family == "domain":  # SQLAlchemy has no operators for it
            return column
        if "desc" in part.options:
            return column.desc()
        if "nulls" in part.options and self.words.dialect == "postgresql":
            return column.desc().nulls_last()
        return column

    def index_options(self, name: str, family: str, part: PartSpec) -> dict[str, Any]:
        dialect, options = self.words.dialect, part.options
        where = self.templated(CHECKS, name, family, part.template)
        found: dict[str, Any] = {}
        if dialect != "mysql" and "where" in options and where is not None:
            found[f"{dialect}_where"] = sa.text(where)
        if dialect == "postgresql" and "fill" in options:
            found["postgresql_with"] = {"fillfactor": 70}
        ordered = {"expression", "desc", "nulls"} & {*options}
        if dialect == "postgresql" and "pattern" in options and family == "text" and not ordered:
            found["postgresql_ops"] = {name: "text_pattern_ops"}
        return found

    def special_index(self, family: str, options: tuple[str, ...]) -> str:
        if self.words.dialect != "postgresql":
            return ""
        if family in {"jsonb", "numbers", "strings"} and "special" in options:
            return "gin"
        if family == "range" and "special" in options:
            return "gist"
        return "hash" if "hash" in options and family in {"number", "string", "text"} else ""

    def part_exclude(self, table: sa.Table, part: PartSpec, there: dict[str, str]) -> None:
        [(name, family)] = [*there.items()][:1]
        there_is = any(isinstance(c, postgresql.ExcludeConstraint) for c in table.constraints)
        if self.words.dialect != "postgresql" or there_is or family not in {"range", "number"}:
            return
        if self.is_partitioned(table):
            return
        using, operator = ("gist", "&&") if family == "range" else ("btree", "=")
        table.append_constraint(
            postgresql.ExcludeConstraint((table.c[name], operator), name=part.name, using=using)
        )

    def unindexed(self, there: dict[str, str]) -> bool:
        return bool({*there.values()} & UNINDEXED[self.words.dialect])

    def templated(self, texts: Any, name: str, family: str, place: int) -> str | None:
        found = texts[self.words.dialect].get(family, ())
        return self.words.text(found[place % len(found)], name) if found else None

    # --- views ---------------------------------------------------------------------------------

    def view(self, view: ViewSpec) -> None:
        table = self.made.get(view.table)
        if table is None:
            return
        columns = [*table.columns][: view.columns]
        if not columns:
            return
        select = sa.select(*columns)
        if view.condition:
            select = select.where(sa.type_coerce(columns[0], sa.Integer).is_not(None))
        materialized = view.materialized and self.words.dialect == "postgresql"
        comment = view.comment if self.words.dialect == "postgresql" else None
        made = View(view.name, select, self.metadata, materialized=materialized, comment=comment)
        self.made[view.name] = made.table
        if materialized and view.indexed and str(columns[0].type) not in {"JSON", "TSVECTOR"}:
            sa.Index(f"ix {view.name}", made.table.c[columns[0].name])
