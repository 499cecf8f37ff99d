//! The statement of a report. The periods are parameters, because the database does not know when a
//! day begins in the user's time zone.

use sea_orm::{DbBackend, DbErr, Statement, Value};

use super::ReportFilter;
use crate::model::{Level, Period};
use crate::store::User;
use crate::store::db::bind;
use crate::store::db::sql::Sql;
use crate::store::frames::scope::Conditions;

/// The frames in each period `n`, with the `length` of their part in it in microseconds. `$where`
/// restricts the frames to those that the user may see and selects.
///
/// Frames longer than 24 hours are treated separately, as in the indexes `frames_user_long` and
/// `frames_project_long`: a shorter frame in a period began at most a day before it, which an index
/// by start finds, and there are few longer ones.
///
/// PostgreSQL finds the periods of a frame by a binary search in the list of their starts, because
/// it would compare every frame with every period. SQLite finds the frames of each period by the
/// index.
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

/// Every tag of a frame, without duplicates.
const TAGS: Sql = Sql {
    postgres: " LEFT JOIN LATERAL (SELECT DISTINCT e.value FROM jsonb_array_elements_text(f.tags) e) t ON true",
    sqlite: " LEFT JOIN json_each(f.tags) t ON NOT EXISTS \
             (SELECT 1 FROM json_each(f.tags) e WHERE e.key < t.key AND e.value = t.value)",
};
/// Whether a tag is the frame's first, or the frame has none.
const IS_FIRST: Sql = Sql {
    postgres: "t.value IS NOT DISTINCT FROM f.tags ->> 0",
    sqlite: "coalesce(t.key, 0) = 0",
};

/// The statement whose rows are `GroupRow`s. Seconds and microseconds are summed separately, because
/// the microseconds of centuries overflow 64 bits.
pub(super) fn statement(
    backend: DbBackend,
    user: &User,
    filter: &ReportFilter,
    most_long: usize,
    most_groups: usize,
) -> Result<Statement, DbErr> {
    let Conditions { text, values, .. } =
        Conditions::new(backend, user, &filter.source, &filter.tags)?.counted();
    let parameter = |at: usize| format!("${}", values.len() + at);
    let frames = FRAMES_IN_PERIODS
        .text(backend)
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
            TAGS.text(backend),
            format!(
                "CASE WHEN {} THEN f.length ELSE 0 END",
                IS_FIRST.text(backend)
            ),
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
         SELECT g.n, g.project_id, p.name AS project, g.user_id, u.login, g.tag, g.s, g.us, g.once_s, \
             g.once_us, (SELECT count(*) FROM long) AS long FROM g \
         LEFT JOIN projects p ON p.id = g.project_id LEFT JOIN users u ON u.id = g.user_id"
    );
    let mut values = values;
    values.extend(parameters(backend, &filter.periods)?);
    for limit in [most_long, most_groups] {
        values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    }
    Ok(Statement::from_sql_and_values(backend, text, values))
}

/// The starts of the periods, the first start, and the last end. Each period ends when the next
/// begins.
fn parameters(backend: DbBackend, periods: &[Period]) -> Result<[Value; 3], DbErr> {
    let since = periods.iter().map(|period| period.since.as_microsecond());
    let begin = since.clone().min();
    let end = periods
        .iter()
        .map(|period| period.until.as_microsecond())
        .max();
    Ok([bind::list(backend, since)?, begin.into(), end.into()])
}
