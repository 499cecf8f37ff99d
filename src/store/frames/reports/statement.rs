//! The statement of a report. The database cannot know when days begin in a time zone, so it is told the periods.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, DbErr, Statement, Value};

use super::{ReportFilter, Sql, StoreError, User};
use crate::model::{Level, Period};
use crate::store::frames::scope::Conditions;

/// The frames in each period: its number `n`, and for how many microseconds of `length`. `$where` is which frames may be
/// seen at all.
///
/// A day of 24 hours parts long frames from others, as the indexes `frames_user_long` and `frames_project_long` do: a frame that is not long and lies
/// in a period began at most a day before it, which an index by start finds, and of the others there are few.
///
/// PostgreSQL finds the periods of a frame by a binary search in the list of their beginnings, because it would compare
/// every frame with every period. SQLite goes through the periods and finds the frames of each by the index.
const FRAMES_IN_PERIODS: Sql = Sql {
    postgres: "long AS MATERIALIZED (SELECT f.user_id, f.project_id, f.start_at, f.end_at, f.tags FROM frames f \
          WHERE $where AND f.end_at - f.start_at > 86400000000 AND f.start_at < $end AND f.end_at > $begin LIMIT $most), \
        seen AS (SELECT f.user_id, f.project_id, f.start_at, f.end_at, f.tags FROM frames f \
          WHERE $where AND f.end_at - f.start_at <= 86400000000 \
            AND f.start_at > $begin - 86400000000 AND f.start_at < $end AND f.end_at > $begin \
        UNION ALL SELECT * FROM long), \
        f AS (SELECT CAST(b.n - 1 AS bigint) AS n, f.user_id, f.project_id, f.tags, \
            least(f.end_at, coalesce(($since)[b.n + 1], $end)) - greatest(f.start_at, ($since)[b.n]) AS length \
          FROM seen f CROSS JOIN LATERAL generate_series( \
            greatest(width_bucket(f.start_at, $since), 1), width_bucket(f.end_at - 1, $since)) AS b (n))",
    sqlite: "b AS (SELECT key AS n, value AS since, lead(value, 1, $end) OVER (ORDER BY key) AS until \
          FROM json_each($since)), \
        long AS MATERIALIZED (SELECT f.user_id, f.project_id, f.start_at, f.end_at, f.tags FROM frames f \
          WHERE $where AND f.end_at - f.start_at > 86400000000 AND f.start_at < $end AND f.end_at > $begin LIMIT $most), \
        f AS (SELECT b.n, f.user_id, f.project_id, f.tags, \
            min(f.end_at, b.until) - max(f.start_at, b.since) AS length FROM b CROSS JOIN frames f \
          WHERE $where AND f.end_at - f.start_at <= 86400000000 \
            AND f.start_at > b.since - 86400000000 AND f.start_at < b.until AND f.end_at > b.since \
        UNION ALL SELECT b.n, f.user_id, f.project_id, f.tags, min(f.end_at, b.until) - max(f.start_at, b.since) \
          FROM b CROSS JOIN long f WHERE f.start_at < b.until AND f.end_at > b.since)",
};

/// Every tag of a frame once.
const TAGS: Sql = Sql {
    postgres: " LEFT JOIN LATERAL (SELECT DISTINCT e.value FROM jsonb_array_elements_text(f.tags) e) t ON true",
    sqlite: " LEFT JOIN json_each(f.tags) t ON NOT EXISTS \
             (SELECT 1 FROM json_each(f.tags) e WHERE e.key < t.key AND e.value = t.value)",
};
/// Whether a tag is its frame's first, or the frame has none.
const IS_FIRST: Sql = Sql {
    postgres: "t.value IS NOT DISTINCT FROM f.tags ->> 0",
    sqlite: "coalesce(t.key, 0) = 0",
};

/// Answers number of the period, project (id, name), person (id, login), tag, then seconds and microseconds of all frames
/// and of those whose first tag it is, and in every row how many frames longer than a day were looked at. Seconds are summed apart: microseconds of centuries overflow 64 bits.
pub(super) fn statement(
    backend: DbBackend,
    user: &User,
    filter: &ReportFilter,
    most_long: usize,
    most_groups: usize,
) -> Result<Statement, StoreError> {
    let word = |sql: &Sql| match backend {
        DbBackend::Postgres => sql.postgres,
        _ => sql.sqlite,
    };
    let Conditions { text, values, .. } =
        Conditions::new(backend, user, &filter.source, &filter.tags)?.counted();
    let parameter = |at: usize| format!("${}", values.len() + at);
    let frames = word(&FRAMES_IN_PERIODS)
        .replace("$where", &text)
        .replace("$since", &parameter(1))
        .replace("$begin", &parameter(2))
        .replace("$end", &parameter(3))
        .replace("$most", &parameter(4));
    let most = parameter(5);

    let by = |level: Level| filter.levels.contains(&level);
    let mut groups = vec!["f.n"];
    let mut column = |is_asked: bool, name: &'static str, kind: &str| {
        if is_asked {
            groups.push(name);
            return name.to_owned();
        }
        format!("CAST(NULL AS {kind})")
    };
    let project = column(by(Level::Project), "f.project_id", "uuid");
    let person = column(by(Level::Person), "f.user_id", "uuid");
    let tag = column(by(Level::Tag), "t.value", "text");
    let groups = groups.join(", ");
    let (tags, once) = if by(Level::Tag) {
        (
            word(&TAGS),
            format!("CASE WHEN {} THEN f.length ELSE 0 END", word(&IS_FIRST)),
        )
    } else {
        ("", "f.length".to_owned())
    };

    let text = format!(
        "WITH {frames}, \
         g AS (SELECT f.n, {project} AS project_id, {person} AS user_id, {tag} AS tag, \
             CAST(sum(f.length / 1000000) AS bigint) AS s, CAST(sum(f.length % 1000000) AS bigint) AS us, \
             CAST(sum({once} / 1000000) AS bigint) AS once_s, CAST(sum({once} % 1000000) AS bigint) AS once_us \
           FROM f{tags} GROUP BY {groups} LIMIT {most}) \
         SELECT g.n, g.project_id, p.name, g.user_id, u.login, g.tag, g.s, g.us, g.once_s, g.once_us, (SELECT count(*) FROM long) FROM g \
         LEFT JOIN projects p ON p.id = g.project_id LEFT JOIN users u ON u.id = g.user_id"
    );
    let mut values = values;
    values.extend(parameters(backend, &filter.periods)?);
    for limit in [most_long, most_groups] {
        values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    }
    Ok(Statement::from_sql_and_values(backend, text, values))
}

/// When the periods begin, when the first begins and when the last is over. Each is over when the next begins.
fn parameters(backend: DbBackend, periods: &[Period]) -> Result<[Value; 3], StoreError> {
    let since = periods.iter().map(|period| period.since.as_microsecond());
    let begin = since.clone().min();
    let end = periods
        .iter()
        .map(|period| period.until.as_microsecond())
        .max();
    Ok([list(backend, since.collect())?, begin.into(), end.into()])
}

/// Numbers as one parameter: an array for PostgreSQL, a JSON list for SQLite.
fn list(backend: DbBackend, numbers: Vec<i64>) -> Result<Value, StoreError> {
    if backend == DbBackend::Postgres {
        let numbers = numbers.into_iter().map(Value::from).collect();
        return Ok(Value::Array(ArrayType::BigInt, Some(Box::new(numbers))));
    }
    let json = serde_json::to_string(&numbers);
    json.map(Value::from)
        .map_err(|error| StoreError::Database(DbErr::Json(error.to_string())))
}
