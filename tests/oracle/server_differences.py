"""Where our SQL for SQL Server and Oracle, and what only servers have, differs from Alembic's."""

from __future__ import annotations

from tests.oracle.difference import Difference

MSSQL = frozenset({"mssql"})
ORACLE = frozenset({"oracle"})
NOT_RUN = MSSQL | ORACLE
BOTH_MYSQL = frozenset({"mysql", "mariadb"})
MARIADB = frozenset({"mariadb"})
EVERYWHERE = NOT_RUN | BOTH_MYSQL | {"postgresql", "sqlite"}
NO_STAND_IN = "what needs a look into the catalog is refused in text, not guessed"
SURE = "a default is looked up and dropped, whether the script knew of it or not"
BLOCK = "every constraint of the kind is dropped, not the last one only, and quotes are safe"
NO_IDENTITY = "Oracle cannot make an identity of a column"
LOST = "what the script does not say would be lost: refused"
COMMENT = "works whether there was a comment before or not"

SERVER_DIFFERENCES = [
    *(
        Difference(NOT_RUN, directive, "if_not_exists=True", NO_STAND_IN)
        for directive in ("create_table", "add_column", "create_index")
    ),
    *(
        Difference(ORACLE, directive, "if_exists=True", NO_STAND_IN)
        for directive in ("drop_table", "drop_column", "drop_constraint")
    ),
    Difference(NOT_RUN, "drop_index", "if_exists=True", NO_STAND_IN),
    Difference(NOT_RUN, "add_column", "inline_references", "Alembic leaves the REFERENCES out"),
    Difference(NOT_RUN, "add_column", "inline_primary_key", "Alembic leaves PRIMARY KEY out"),
    Difference(NOT_RUN, "add_column", '"n > 0"', "Alembic leaves the CHECK out"),
    Difference(MSSQL, "add_column", "it's new", "Alembic knows no default schema in text"),
    Difference(MSSQL, "create_table", "it's where to write", "the same"),
    Difference(MSSQL, "table_comment", ", None)", "the same"),
    Difference(MSSQL, "table_comment", "drop_table_comment", "the same"),
    Difference(MSSQL, "rename_table", "", "the new name is text, so that it may be any"),
    Difference(MSSQL, "alter_column", '"Years"', "the same"),
    Difference(MSSQL, "alter_column", 'server_default="7"', SURE),
    Difference(MSSQL, "alter_column", "CURRENT_TIMESTAMP", SURE),
    Difference(MSSQL, "alter_column", '"age", server_default=None', BLOCK),
    Difference(MSSQL, "alter_column", " comment=", COMMENT),
    Difference(ORACLE, "alter_column", "it's whole years", "the comment is for the schema's table"),
    Difference(ORACLE, "generated", 'sa.Identity(), existing_server_default="7"', NO_IDENTITY),
    Difference(ORACLE, "generated", '"7", existing_server_default=sa.Id', "the default comes, too"),
    Difference(ORACLE, "table_comment", ", None)", "Oracle takes '' and no NULL"),
    Difference(ORACLE, "generated", '"7", existing_server_default=sa.Id', "the default comes, too"),
    Difference(MSSQL, "autocommit", "VACUUM", "BEGIN is a batch of its own"),
    Difference(NOT_RUN, "execute", ":missing", "a forgotten value is an error, not NULL"),
    Difference(NOT_RUN, "literals", r'b"\x00', "bytes as bytes"),
    Difference(NOT_RUN, "literals", '{"key"', "JSON has a literal"),
    Difference(NOT_RUN, "literals", "float(", "inf is no SQL"),
    Difference(NOT_RUN, "bulk_insert", "sa.JSON", "JSON, bytes and defaults have literals"),
    Difference(NOT_RUN, "autocommit", "op.autocommit()", "Alembic has it on the context only"),
    Difference(MSSQL, "bulk_insert", "sa.table", "SET IDENTITY_INSERT where there is an IDENTITY"),
    Difference(MSSQL, "identity_insert", "sa.Table(", "the same"),
    Difference(MSSQL, "identity_insert", "op.create_table(", "not around rows without the key"),
    Difference(EVERYWHERE, "identity_insert", '"shop"', "Alembic takes no sa.table with a schema"),
    Difference(MSSQL, "dropped_with_a_column", "", BLOCK),
    Difference(MSSQL, "on_update", "", SURE),
    Difference(MSSQL, "restated_column", 'existing_server_default="7",\n    existing_c', SURE),
    Difference(MSSQL, "restated_column", "(1 + 2)", BLOCK),
    Difference(MSSQL, "restated_column", " comment=", COMMENT),
    Difference(MSSQL, "restated_column", '"it\'s"', "the new name is text, so that it may be any"),
    Difference(ORACLE, "restated_column", "it's 50%", "the column is quoted, its schema there"),
    Difference(ORACLE, "blocks", "UPDATE", "no semicolon before the slash: it would run twice"),
    Difference(BOTH_MYSQL, "restated_column", "100%", "COMMENT and DEFAULT in the other order"),
    Difference(BOTH_MYSQL, "restated_column", " comment=", "NULL is what a column takes anyway"),
    Difference(BOTH_MYSQL, "restated_column", '"it\'s"', "RENAME COLUMN cannot lose anything"),
    Difference(BOTH_MYSQL, "existing_column", "False,\n    existing_comment", LOST),
    Difference(BOTH_MYSQL, "existing_column", '"the key"', "the other order of the same words"),
    Difference(BOTH_MYSQL, "existing_column", '"twice"', "GENERATED is said, so it is kept"),
    Difference(BOTH_MYSQL, "existing_column", '"0"', "RENAME COLUMN and SET DEFAULT lose nothing"),
    Difference(BOTH_MYSQL, "existing_column", "existing_type=sa.DateTime())", LOST),
    Difference(BOTH_MYSQL, "existing_column", "ON UPDATE", "MODIFY, for the name stays"),
    Difference(MSSQL, "existing_column", '"twice"', "a computed column cannot get another type"),
    Difference(MSSQL, "existing_column", '"0"', SURE),
    Difference(MSSQL, "existing_column", '"at", server_default', BLOCK),
    Difference(BOTH_MYSQL, "on_update", "existing_type", "MODIFY, for the name stays"),
    Difference(BOTH_MYSQL, "on_update", 'TIMESTAMP")\n)', "it would be a syntax error"),
    Difference(BOTH_MYSQL | MSSQL, "options", 'drop_index("ix")', "no table of that name"),
    Difference(MARIADB, "options", "create_table", "MariaDB reads no name in there"),
    Difference(
        frozenset({"postgresql"}), "restated_column", '"it\'s"', "RENAME COLUMN, the standard's"
    ),
]
