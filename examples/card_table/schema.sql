CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, chips INTEGER NOT NULL);
CREATE TABLE tables (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE seats (
    id INTEGER PRIMARY KEY,
    table_id INTEGER NOT NULL REFERENCES tables,
    user_id INTEGER NOT NULL REFERENCES users,
    UNIQUE (table_id, user_id)
);
CREATE TABLE hands (id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, winner_id INTEGER NOT NULL);

INSERT INTO tables (name) VALUES ('Green table');
INSERT INTO users (name, chips) VALUES
    ('Ada', 500), ('Blaise', 320), ('Chen', 810), ('Dorothea', 275), ('Emil', 640), ('Fatima', 905), ('Grace', 450);

-- The hands that were played so far, won by each of the seven in turn.
INSERT INTO hands (table_id, winner_id)
WITH RECURSIVE hand (number) AS (VALUES (0) UNION ALL SELECT number + 1 FROM hand WHERE number < 20000)
SELECT 1, 1 + number % 7 FROM hand;
