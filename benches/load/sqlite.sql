-- The same rows as postgres.sql inserts. `zipf()` and `uuid()` are functions that sqlite.py adds.
CREATE TEMP TABLE person AS
  SELECT id, CASE login WHEN 'load' THEN :own ELSE 1000 END AS frames
  FROM users WHERE login IN ('load', 'second');
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :persons)
  INSERT INTO users (id, login, seq, created_at) SELECT uuid(), 'person ' || n, 0, 0 FROM numbers;
INSERT INTO person SELECT id, :others / :persons FROM users WHERE login LIKE 'person %';
UPDATE users SET seq = (SELECT frames FROM person WHERE person.id = users.id);
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40)
  INSERT INTO projects (id, user_id, name, created_at)
  SELECT uuid(), id, 'project ' || n, 0 FROM person CROSS JOIN numbers;
WITH RECURSIVE numbers (seq) AS
    (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers WHERE seq < (SELECT max(frames) FROM person))
  INSERT INTO frames
    (user_id, id, project_id, start_at, end_at, tags, seq, written_by, updated_at)
  SELECT f.user_id, uuid(), p.id, f.start_at, f.start_at + f.length, f.tags, f.seq, NULL, f.start_at
  FROM (
    SELECT person.id AS user_id, seq, 'project ' || zipf() AS project,
      (1500000000 + seq * 5400) * 1000000 AS start_at,
      (600 + abs(random() % 4200)) * 1000000 AS length,
      CASE WHEN seq % 3 = 0 THEN '[]'
        ELSE json_array('tag ' || zipf(), 'tag ' || zipf()) END AS tags
    FROM person CROSS JOIN numbers ON seq <= person.frames LIMIT -1
  ) f CROSS JOIN projects p ON p.user_id = f.user_id AND p.name = f.project
