-- Text is sorted by its bytes, as in SQLite, and under SQLite's name for that order.
CREATE COLLATION "binary" FROM "C";
