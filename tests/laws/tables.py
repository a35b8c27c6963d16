"""Random CREATE TABLE statements of SQLite, in all of its spellings."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

NAMES = ("a", "b", '"c d"', "[e f]", "`g``h`", '"i""j"', "Straße", "ключ")
PLAIN = ("a", "b", "c d", "e f", "g`h", 'i"j', "Straße", "ключ")

blank = st.sampled_from([" ", "\n    ", "\t", " /* , ( */ ", " -- ' , (\n "])
maybe_blank = st.sampled_from(["", " ", "\n", " /* ) */ "])
named = st.sampled_from(["", "", "CONSTRAINT x ", 'CONSTRAINT "y z" '])
conflict = st.sampled_from(["", "", " ON CONFLICT REPLACE", " on conflict ignore"])
types = st.sampled_from(
    ["", "INTEGER", "INT", "TEXT", "VARCHAR (20)", "DECIMAL(10, 2)", "double precision", "'str'"]
)
defaults = st.sampled_from(
    ["7", "-1", "+1.5e-3", "'it''s'", "(1 + (2))", "NULL", "CURRENT_TIMESTAMP", "x'00'", "TRUE"]
)
references = st.sampled_from(
    [
        "REFERENCES p",
        "REFERENCES p (id)",
        "references [p] (id) ON DELETE SET NULL ON UPDATE CASCADE",
        "REFERENCES p (id) MATCH FULL ON DELETE NO ACTION",
        "REFERENCES p (id) NOT DEFERRABLE",
        "REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED",
    ]
)


@st.composite
def clauses(draw: st.DrawFn) -> list[str]:
    """Constraints of a column that go with each other."""
    found = [
        draw(st.sampled_from(["", "NOT NULL", "NULL"])) and f"NOT NULL{draw(conflict)}",
        draw(st.booleans()) and f"DEFAULT {draw(defaults)}",
        draw(st.booleans()) and f"UNIQUE{draw(conflict)}",
        draw(st.booleans()) and "CHECK (a <> ')' OR a IS NULL)",
        draw(st.booleans()) and "COLLATE nocase",
        draw(st.booleans()) and draw(references),
    ]
    return draw(st.permutations([f"{draw(named)}{clause}" for clause in found if clause]))


@st.composite
def columns(draw: st.DrawFn) -> list[str]:
    """Columns, the first of which is `a`."""
    count = draw(st.integers(1, 6))
    written = []
    for name in NAMES[:count]:
        parts = [name, draw(types), *draw(clauses())]
        written.append(draw(blank).join(part for part in parts if part))
    return written


@st.composite
def generated(draw: st.DrawFn) -> list[str]:
    """Generated columns, perhaps."""
    spelling = draw(st.sampled_from(["AS", "GENERATED ALWAYS AS", "generated always as"]))
    kind = draw(st.sampled_from(["", " STORED", " virtual"]))
    return draw(st.sampled_from([[], [f"gen INTEGER {spelling} (a || ',(')" + kind]]))


@st.composite
def constraints(draw: st.DrawFn) -> list[str]:
    """Constraints of the table."""
    found = [
        "UNIQUE (a)",
        "PRIMARY KEY (a COLLATE nocase DESC)",
        "CHECK (t.a <> 'x, y' OR a IS NULL) ON CONFLICT FAIL",
        "FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE",
    ]
    chosen = draw(st.lists(st.sampled_from(found), unique=True))
    return [f"{draw(named)}{constraint}" for constraint in chosen]


@dataclass(frozen=True)
class Written:
    """A statement and what it must be read as."""

    text: str
    columns: int
    constraints: int


@st.composite
def tables(draw: st.DrawFn) -> Written:
    """A CREATE TABLE statement of a table `t`."""
    own, made, table = draw(columns()), draw(generated()), draw(constraints())
    keyed = any("PRIMARY" in constraint for constraint in table)
    options = draw(st.sampled_from(["", " WITHOUT ROWID"])) if keyed else ""
    items = [draw(maybe_blank) + item + draw(maybe_blank) for item in [*own, *made]]
    tail = draw(st.sampled_from([",", " "])).join(table)
    body = ",".join([*items, tail] if tail else items)
    name = draw(st.sampled_from(["t", '"t"', "[T]"]))
    text = f"CREATE TABLE {name}{draw(maybe_blank)}({body}){options}"
    return Written(text, len(own) + len(made), len(table))
