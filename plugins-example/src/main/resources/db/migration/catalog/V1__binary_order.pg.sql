-- PostgreSQL gets the order in which SQLite sorts text, by bytes, and under the name that it has there.
CREATE COLLATION "binary" FROM "C";
