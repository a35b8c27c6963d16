-- op.create_view("m", "SELECT 1 AS a", materialized=True)
-- ! UnsupportedOperationError: Materialized views, one of which 'm' would be, are made on PostgreSQL only.

-- op.create_view("m", "SELECT 1 AS a", materialized=True, with_data=False)
-- ! UnsupportedOperationError: Materialized views, one of which 'm' would be, are made on PostgreSQL only.

-- op.create_view("m", "SELECT 1 AS a", materialized=True, if_not_exists=True)
-- ! UnsupportedOperationError: Materialized views, one of which 'm' would be, are made on PostgreSQL only.

-- op.create_view("m", "SELECT 1 AS a", materialized=True, or_replace=True)
-- ! UnsupportedOperationError: Materialized views, one of which 'm' would be, are made on PostgreSQL only.

-- op.replace_view("m", "SELECT 2 AS a", materialized=True, schema="shop")
-- ! UnsupportedOperationError: Materialized views, one of which 'shop.m' would be, are made on PostgreSQL only.

-- op.drop_view("m", materialized=True, if_exists=True)
-- ! UnsupportedOperationError: Materialized views, one of which 'm' would be, are made on PostgreSQL only.

-- op.rename_view("m", "n", materialized=True)
-- ! UnsupportedOperationError: Materialized views, one of which 'm' would be, are made on PostgreSQL only.
