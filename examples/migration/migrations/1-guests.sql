CREATE TABLE guests (name text NOT NULL);
INSERT INTO guests VALUES ('Ada'), ('Grace');
