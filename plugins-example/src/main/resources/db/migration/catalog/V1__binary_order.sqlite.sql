-- SQLite has the collation "binary".
SELECT 'a' < 'b' COLLATE "binary";
