//! The statement of a report. The database cannot know when days begin in a time zone, so it is told the periods.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, DbErr, Statement, Value};

use super::super::frame_source::Conditions;
use super::{ReportFilter, Sql, StoreError, User};
use crate::model::{Level, Period};

/// The periods by number. Their instants are the last parameters but one of the statement; see [`parameters`].
const PERIODS: Sql = Sql {
    postgres: "SELECT b.number - 1 AS n, b.since, b.until \
               FROM unnest($since, $until) WITH ORDINALITY AS b (since, until, number)",
    sqlite: "SELECT s.key AS n, s.value AS since, u.value AS until \
             FROM json_each($since) s JOIN json_each($until) u ON u.key = s.key",
};

/// What of a frame `f` lies in a period `b`, in microseconds.
const LENGTH: Sql = Sql {
    postgres: "least(f.end_at, b.until) - greatest(f.start_at, b.since)",
    sqlite: "min(f.end_at, b.until) - max(f.start_at, b.since)",
};

/// A day of 24 hours parts long frames from others, as the index `frames_user_long` does: a frame that is not long and
/// lies in a period began at most a day before it, which the indexes by start find, and there are few others.
const IS_LONG: &str = "f.end_at - f.start_at > 86400000000";
const IS_NOT_LONG: &str =
    "f.end_at - f.start_at <= 86400000000 AND f.start_at > b.since - 86400000000";

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
/// and of those whose first tag it is. Seconds are summed apart: microseconds of centuries overflow 64 bits.
pub(super) fn statement(
    backend: DbBackend,
    user: &User,
    filter: &ReportFilter,
    limit: usize,
) -> Result<Statement, StoreError> {
    let word = |sql: &Sql| match backend {
        DbBackend::Postgres => sql.postgres,
        _ => sql.sqlite,
    };
    let Conditions { text, values, .. } =
        Conditions::new(backend, user, &filter.source, &filter.tags)?;
    let first = values.len() + 1;
    let [since, until, begin, end, most] = [0, 1, 2, 3, 4].map(|at| format!("${}", first + at));
    let periods = word(&PERIODS)
        .replace("$since", &since)
        .replace("$until", &until);
    let length = word(&LENGTH);

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
        "WITH b AS ({periods}), \
         long AS MATERIALIZED (SELECT f.user_id, f.project_id, f.start_at, f.end_at, f.tags FROM frames f \
           WHERE {text} AND {IS_LONG} AND f.start_at < {end} AND f.end_at > {begin}), \
         f AS (SELECT b.n, f.user_id, f.project_id, f.tags, {length} AS length FROM b CROSS JOIN frames f \
             WHERE {text} AND {IS_NOT_LONG} AND f.start_at < b.until AND f.end_at > b.since \
           UNION ALL SELECT b.n, f.user_id, f.project_id, f.tags, {length} FROM b CROSS JOIN long f \
             WHERE f.start_at < b.until AND f.end_at > b.since), \
         g AS (SELECT f.n, {project} AS project_id, {person} AS user_id, {tag} AS tag, \
             CAST(sum(f.length / 1000000) AS bigint) AS s, CAST(sum(f.length % 1000000) AS bigint) AS us, \
             CAST(sum({once} / 1000000) AS bigint) AS once_s, CAST(sum({once} % 1000000) AS bigint) AS once_us \
           FROM f{tags} GROUP BY {groups} LIMIT {most}) \
         SELECT g.n, g.project_id, p.name, g.user_id, u.login, g.tag, g.s, g.us, g.once_s, g.once_us FROM g \
         LEFT JOIN projects p ON p.id = g.project_id LEFT JOIN users u ON u.id = g.user_id"
    );
    let mut values = values;
    values.extend(parameters(backend, &filter.periods)?);
    values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    Ok(Statement::from_sql_and_values(backend, text, values))
}

/// When the periods begin, when they are over, and the same of all of them together.
fn parameters(backend: DbBackend, periods: &[Period]) -> Result<[Value; 4], StoreError> {
    let since = periods.iter().map(|period| period.since.as_microsecond());
    let until = periods.iter().map(|period| period.until.as_microsecond());
    let (begin, end) = (since.clone().min(), until.clone().max());
    Ok([
        list(backend, since.collect())?,
        list(backend, until.collect())?,
        begin.into(),
        end.into(),
    ])
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
