-- One user who is measured, with :own frames, and others with :others frames together. Projects and tags by Zipf's law:
-- the second as often half as the first, the third a third. Sequence numbers and times grow together.
\set zipf '(40 ^ random())::int'

CREATE TEMP TABLE person (number int, id uuid, frames bigint);
INSERT INTO person SELECT 0, :'user', :own;
INSERT INTO person SELECT n, gen_random_uuid(), :others / 100 FROM generate_series(1, 100) n WHERE :others > 0;
INSERT INTO users (id, login, seq, created_at)
  SELECT id, 'person ' || number, frames, 0 FROM person WHERE number > 0;
UPDATE users SET seq = :own WHERE id = :'user';
INSERT INTO projects (id, user_id, name, created_at)
  SELECT gen_random_uuid(), id, 'project ' || n, 0 FROM person, generate_series(1, 40) n;

INSERT INTO frames (user_id, id, project_id, start_at, end_at, tags, seq, written_by, updated_at)
  SELECT f.user_id, gen_random_uuid(), p.id, f.start_at, f.start_at + f.length, f.tags, f.seq, NULL, f.start_at
  FROM (
    SELECT person.id AS user_id, seq, 'project ' || :zipf AS project,
      (1500000000 + seq * 5400) * 1000000 AS start_at, (600 + random() * 4200)::bigint * 1000000 AS length,
      CASE WHEN seq % 3 = 0 THEN '[]'::jsonb
        ELSE jsonb_build_array('tag ' || :zipf, 'tag ' || :zipf) END AS tags
    FROM person, LATERAL generate_series(1, person.frames) seq
  ) f JOIN projects p ON p.user_id = f.user_id AND p.name = f.project;
VACUUM ANALYZE;
