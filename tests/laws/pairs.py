"""Strategies: random models of a database, and pairs of which one was made of the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from tests.laws import storing
from tests.laws import vocabulary as words
from tests.laws.specs import (
    ColumnSpec,
    CompositeSpec,
    DomainSpec,
    EnumSpec,
    KeySpec,
    LinkSpec,
    ModelsSpec,
    PartSpec,
    SequenceSpec,
    TableSpec,
    ViewSpec,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

KEYED = ("id", "owner_id", "parent_id")
"""Columns that many tables have, beside their own."""
ENUMS = ("mood", "Color", "état")
DOMAINS = ("positive", "Short code")
COMPOSITES = ("spot", "Full name")
SEQUENCES = ("numbers", "More numbers")
VIEWS = ("active", "A View", "вид")
SCHEMAS = {"postgresql": (None, None, "app", "Other %"), "sqlite": (None,), "mysql": (None,)}
ACTIONS = (None, None, "CASCADE", "SET NULL", "RESTRICT", "NO ACTION")
OPTIONS = (
    *("unique", "expression", "desc", "nulls", "where", "include", "fill", "special", "hash"),
    *("pattern", "deferrable", "core"),
)


class Drawing:
    """Draws values for one database."""

    def __init__(self, draw: st.DrawFn, dialect: str) -> None:
        self.draw = draw
        self.dialect = dialect
        self.on_postgresql = dialect == "postgresql"

    def one(self, values: Sequence[T]) -> T:
        return self.draw(st.sampled_from(values))

    def chance(self, of: int) -> bool:
        """Return True once in so many times."""
        return self.draw(st.integers(0, of - 1)) == of - 1

    def number(self, most: int) -> int:
        return self.draw(st.integers(0, most))

    def maybe(self, of: int, make: Callable[[], T]) -> T | None:
        return make() if self.chance(of) else None

    # --- values --------------------------------------------------------------------------------

    def column(self, name: str, named: Sequence[str], others: Sequence[str]) -> ColumnSpec:
        types = [*words.TYPES[self.dialect], *(f"enum {each}" for each in named)] * 2
        if self.on_postgresql:
            types += [f"enum[] {each}" for each in named] + [f"domain {each}" for each in DOMAINS]
            types += [f"composite {each}" for each in COMPOSITES]
        return ColumnSpec(
            name,
            self.one(types),
            nullable=not self.chance(3),
            default=self.maybe(3, lambda: self.number(6)),
            computed=self.maybe(8, lambda: (self.one(others), self.number(3))) if others else None,
            identity=self.maybe(8, lambda: self.number(2)) if self.on_postgresql else None,
            comment=self.maybe(6, lambda: self.one(words.COMMENTS)),
        )

    def key(self, table: str) -> KeySpec | None:
        if self.chance(8):
            return None
        count = 2 if self.chance(5) else 1
        columns = [(name, self.one(words.KEY_TYPES[self.dialect])) for name in words.KEYS[:count]]
        name = self.maybe(4, lambda: f"pk {table[:12]}")
        styles = ("auto", "auto", "plain", "identity" if self.on_postgresql else "plain")
        return KeySpec(tuple(columns), name, self.one(styles))

    def link(self, prefix: str, table: str, targets: Sequence[str]) -> LinkSpec:
        return LinkSpec(
            prefix,
            self.one(targets),
            self.maybe(2, lambda: f"fk {table[:12]} {prefix}"),
            nullable=not self.chance(3),
            on_delete=self.one(ACTIONS),
            on_update=self.one(ACTIONS),
            match=self.one((None, None, "FULL", "SIMPLE")),
            deferrable=self.one(("", "", "", "DEFERRED", "IMMEDIATE")),
            validated=not self.chance(6),
        )

    def part(self, number: int, table: str, columns: Sequence[str]) -> PartSpec:
        kind = self.one(("check", "unique", "index", "index", "exclude"))
        label = f"{kind[:2]} {table[:10]} {words.PART_NAMES[number]}"
        unnamed = kind != "index" and self.chance(2)
        on = self.draw(st.lists(st.sampled_from(columns), min_size=1, max_size=2, unique=True))
        options = self.draw(st.lists(st.sampled_from(OPTIONS), max_size=2, unique=True))
        return PartSpec(kind, None if unnamed else label, tuple(on), self.number(5), tuple(options))

    def table(self, name: str, targets: Sequence[str], enums: Sequence[str]) -> TableSpec:
        names = self.draw(
            st.lists(st.sampled_from(words.COLUMNS), min_size=1, max_size=4, unique=True)
        )
        prefixes = self.draw(st.lists(st.sampled_from(words.PREFIXES), max_size=2, unique=True))
        numbers = self.draw(st.lists(st.integers(0, 5), max_size=3, unique=True))
        return TableSpec(
            name,
            self.one(SCHEMAS[self.dialect]),
            self.maybe(4, lambda: self.one(words.COMMENTS)),
            self.key(name),
            tuple(self.column(each, enums, names[:place]) for place, each in enumerate(names)),
            tuple(self.link(each, name, targets) for each in prefixes),
            tuple(self.part(each, name, (*names, *KEYED)) for each in numbers),
            self.storage(),
        )

    def storage(self) -> str:
        """Draw the options that can be changed."""
        return self.one(storing.STORAGE[self.dialect])

    def composite(self, name: str) -> CompositeSpec:
        names = self.draw(st.lists(st.sampled_from(("x", "Y", "два")), min_size=1, unique=True))
        types = ("integer", "text", "numeric(10,2)")
        return CompositeSpec(name, tuple((each, self.one(types)) for each in names))

    def enum(self, name: str) -> EnumSpec:
        values = st.lists(st.sampled_from(words.VALUES), min_size=1, max_size=4, unique=True)
        return EnumSpec(name, tuple(self.draw(values)), self.one(SCHEMAS[self.dialect]))

    def domain(self, name: str) -> DomainSpec:
        return DomainSpec(
            name,
            self.one(("integer", "varchar(10)", "text", "numeric(10,2)")),
            self.maybe(2, lambda: self.number(5)),
            self.chance(4),
            self.maybe(4, lambda: 0),
        )

    def sequence(self, name: str) -> SequenceSpec:
        return SequenceSpec(
            name,
            self.one((None, 1, 5)),
            self.one((None, 1, 2)),
            self.chance(4),
            self.one(SCHEMAS[self.dialect]),
        )

    def view(self, name: str, tables: Sequence[str]) -> ViewSpec:
        return ViewSpec(
            name,
            self.one(tables),
            1 + self.number(2),
            self.chance(2),
            self.chance(2),
            self.chance(2),
            self.maybe(3, lambda: self.one(words.COMMENTS)),
        )

    def views(self, names: Sequence[str], tables: Sequence[str]) -> tuple[ViewSpec, ...]:
        """Draw views, each of a table or of a view before it."""
        return tuple(self.view(name, (*tables, *names[:place])) for place, name in enumerate(names))

    def some(self, names: Sequence[str], most: int) -> list[str]:
        return self.draw(st.lists(st.sampled_from(names), max_size=most, unique=True))

    def models(self) -> ModelsSpec:
        names = self.draw(
            st.lists(st.sampled_from(words.TABLES), min_size=1, max_size=3, unique=True)
        )
        enums = self.some(ENUMS, 2) if self.on_postgresql else []
        sequences = self.some(SEQUENCES, 1) if self.dialect != "sqlite" else []
        return ModelsSpec(
            tuple(self.table(name, names, enums) for name in names),
            tuple(self.enum(name) for name in enums),
            tuple(self.domain(name) for name in DOMAINS) if self.on_postgresql else (),
            tuple(self.sequence(name) for name in sequences),
            self.views(self.some(VIEWS, 2), names),
            self.chance(4),
            tuple(self.composite(name) for name in COMPOSITES) if self.on_postgresql else (),
        )

    # --- edits ---------------------------------------------------------------------------------

    def kept(self, values: Sequence[T], edit: Callable[[T], T], rare: int) -> tuple[T, ...]:
        """Return the values, of which some went and some are other ones."""
        found: list[T] = []
        for value in values:
            change = self.number(rare)
            if change == rare:
                continue
            found.append(edit(value) if change >= rare - 2 else value)
        return tuple(found)

    def edited(self, models: ModelsSpec) -> ModelsSpec:
        enums = self.kept(models.enums, self.edited_enum, 6)
        names = [table.name for table in models.tables]
        named = [each.name for each in enums]
        tables = self.kept(models.tables, lambda table: self.edited_table(table, names, named), 4)
        new = [name for name in self.some(words.TABLES, 1) if name not in names]
        tables += tuple(self.table(name, [*names, name], named) for name in new)
        sequences = self.kept(models.sequences, lambda each: self.sequence(each.name), 5)
        views = self.kept(models.views, lambda each: self.view(each.name, [*names, *new]), 5)
        domains = self.kept(models.domains, lambda each: self.domain(each.name), 6)
        convention = models.convention is not self.chance(10)
        composites = self.kept(models.composites, lambda each: self.composite(each.name), 6)
        return ModelsSpec(tables, enums, domains, sequences, views, convention, composites)

    def edited_enum(self, enum: EnumSpec) -> EnumSpec:
        other = self.enum(enum.name)
        if self.chance(3):
            return other
        new = tuple(value for value in other.values if value not in enum.values)
        place = self.number(len(enum.values))
        return replace(enum, values=(*enum.values[:place], *new, *enum.values[place:]))

    def edited_table(
        self, table: TableSpec, targets: Sequence[str], enums: Sequence[str]
    ) -> TableSpec:
        names = [column.name for column in table.columns]
        columns = self.kept(table.columns, lambda each: self.edited_column(each, enums, names), 5)
        new = [name for name in self.some(words.COLUMNS, 1) if name not in names]
        columns += tuple(self.column(name, enums, names) for name in new)
        links = self.kept(table.links, lambda each: self.link(each.prefix, table.name, targets), 4)
        parts = self.kept(table.parts, lambda each: self.edited_part(each, table.name, names), 4)
        if self.chance(3):
            parts += (self.part(5, table.name, (*names, *KEYED)),)
        parts = tuple({part.name or part: part for part in parts}.values())
        stays = table.name in storing.PARTITIONED | storing.WITHOUT_ROWID
        key = self.key(table.name) if self.chance(8) and not stays else table.key
        comment = self.maybe(2, lambda: "another") if self.chance(6) else table.comment
        storage = self.storage() if self.chance(5) else table.storage
        return TableSpec(
            table.name, table.schema, comment, key, columns, links, parts, storage=storage
        )

    def edited_column(
        self, column: ColumnSpec, enums: Sequence[str], names: Sequence[str]
    ) -> ColumnSpec:
        others = [name for name in names if name != column.name]
        other = self.column(column.name, enums, others)
        field = self.one(("type", "nullable", "default", "comment", "identity", "computed", ""))
        if not field:
            return other
        return replace(column, **{field: getattr(other, field)})

    def edited_part(self, part: PartSpec, table: str, columns: Sequence[str]) -> PartSpec:
        if self.chance(3):
            return replace(part, template=self.number(5))
        number = words.PART_NAMES.index(
            next((n for n in words.PART_NAMES if (part.name or "").endswith(n)), "one")
        )
        other = self.part(number, table, (*columns, *KEYED))
        return other if self.chance(2) else replace(part, columns=other.columns)


@st.composite
def models(draw: st.DrawFn, dialect: str) -> ModelsSpec:
    """Models of everything that a database has."""
    return Drawing(draw, dialect).models()


@st.composite
def pairs(draw: st.DrawFn, dialect: str) -> tuple[ModelsSpec, ModelsSpec]:
    """Two models: mostly the second was made of the first by edits, small or large."""
    drawing = Drawing(draw, dialect)
    first = drawing.models()
    second: Any = drawing.models() if drawing.chance(8) else drawing.edited(first)
    return first, storing.with_the_same_parents(first, second)
