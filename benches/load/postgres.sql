-- The user `load`, who pulls, has :own frames; `second`, who pushes, has 1,000; the others have
-- :others frames together, at most 10,000 each. Projects and tags follow Zipf's law: the second
-- occurs about half as often as the first, the third a third as often. Sequence numbers and times
-- grow together. Indexes and foreign keys are created after the rows, which is many times faster.
\set zipf 'floor(41 ^ random())::int'
SET maintenance_work_mem = '512MB';

CREATE TEMP TABLE person (number int, id uuid, frames bigint);
INSERT INTO person SELECT -1, id, CASE login WHEN 'load' THEN :own ELSE 1000 END
  FROM users WHERE login IN ('load', 'second');
INSERT INTO person SELECT n, gen_random_uuid(), :others / greatest(100, :others / 10000)
  FROM generate_series(1, greatest(100, :others / 10000)) n;
INSERT INTO users (id, login, seq, created_at)
  SELECT id, 'person ' || number, frames, 0 FROM person WHERE number > 0;
UPDATE users SET seq = person.frames FROM person WHERE person.id = users.id;
INSERT INTO projects (id, user_id, name, created_at)
  SELECT gen_random_uuid(), id, 'project ' || n, 0 FROM person, generate_series(1, 40) n;

CREATE TEMP TABLE undone AS
  SELECT 'ALTER TABLE frames ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid)
      AS again,
    'ALTER TABLE frames DROP CONSTRAINT ' || conname AS away
  FROM pg_constraint WHERE conrelid = 'frames'::regclass AND contype IN ('p', 'f')
  UNION ALL
  SELECT pg_get_indexdef(indexrelid), 'DROP INDEX ' || indexrelid::regclass
  FROM pg_index WHERE indrelid = 'frames'::regclass AND NOT indisprimary;
SELECT away FROM undone \gexec
INSERT INTO frames
    (user_id, id, project_id, start_at, end_at, tags, seq, written_by, updated_at)
  SELECT f.user_id, gen_random_uuid(), p.id, f.start_at, f.start_at + f.length, f.tags, f.seq,
    NULL, f.start_at
  FROM (
    SELECT person.id AS user_id, seq, 'project ' || :zipf AS project,
      (1500000000 + seq * 5400) * 1000000 AS start_at,
      (600 + random() * 4200)::bigint * 1000000 AS length,
      CASE WHEN seq % 3 = 0 THEN '[]'::jsonb
        ELSE jsonb_build_array('tag ' || :zipf, 'tag ' || :zipf) END AS tags
    FROM person, LATERAL generate_series(1, person.frames) seq
  ) f JOIN projects p ON p.user_id = f.user_id AND p.name = f.project;
SELECT again FROM undone \gexec
-- As autovacuum would: it leaves tables alone that are still empty, and whose plans would be those for no rows.
VACUUM ANALYZE users, projects, frames;
