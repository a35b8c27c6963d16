-- op.create_schema("shop")
-- ! UnsupportedOperationError: The schemas of this database are files, so 'shop' cannot be created or dropped by a migration.

-- op.create_schema("Odd shop", if_not_exists=True)
-- ! UnsupportedOperationError: The schemas of this database are files, so 'Odd shop' cannot be created or dropped by a migration.

-- op.drop_schema("shop")
-- ! UnsupportedOperationError: The schemas of this database are files, so 'shop' cannot be created or dropped by a migration.

-- op.drop_schema("shop", cascade=True, if_exists=True)
-- ! UnsupportedOperationError: The schemas of this database are files, so 'shop' cannot be created or dropped by a migration.
