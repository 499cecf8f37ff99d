//! Reports: time by day, project, tag and person.

mod query;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::extract::json_body::Parameters;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::{Key, Level, Sum};
use crate::store::Caller;
use query::{Asked, SummaryQuery};

/// Time summed by group.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Summary {
    /// The first day.
    from: Date,
    /// The last day.
    to: Date,
    /// The time zone of the days.
    tz: String,
    /// The levels of groups, from the outside in.
    #[schema(min_items = 1, max_items = 3)]
    group_by: Vec<&'static str>,
    /// The total, with every frame counted once.
    #[schema(value_type = f64, minimum = 0)]
    seconds: Seconds,
    /// Groups with time: calendar units in order, others by name.
    groups: Vec<Group>,
}

/// A group of a report.
#[derive(Serialize, ToSchema)]
struct Group {
    /// A day `2026-03-29`, a week `2026-W13`, a month `2026-03`, a year `2026`, a project's name, a
    /// tag, or a person's login. Null for frames without tags, which come last.
    key: Option<String>,
    /// The id of a person or of the user's own project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<Uuid>,
    /// To the microsecond.
    #[schema(value_type = f64, minimum = 0)]
    seconds: Seconds,
    /// Its groups of the next level; absent at the last level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    groups: Option<Vec<Group>>,
}

impl Group {
    /// A group with as many levels within it.
    fn new((Key { name, id, .. }, sum): (Key, Sum), levels: usize) -> Self {
        Self {
            key: name,
            id,
            seconds: Seconds(sum.microseconds),
            groups: (levels > 0).then(|| Self::list(sum, levels - 1)),
        }
    }

    fn list(sum: Sum, levels: usize) -> Vec<Self> {
        let groups = sum.groups.into_iter();
        groups.map(|group| Self::new(group, levels)).collect()
    }
}

/// Microseconds, serialized as exact seconds with as many decimals as needed.
struct Seconds(i128);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let text = format!("{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        RawValue::from_string(text.to_owned())
            .map_err(serde::ser::Error::custom)?
            .serialize(out)
    }
}

/// Sums time: the user's own, or what the members of a team share.
///
/// Only the part of a frame within the range counts; a frame over midnight is split between the
/// days. A frame with several tags counts for each tag, and once in the levels above. Default
/// range: today and the seven days before, as in `watson report`.
#[utoipa::path(get, path = "/reports/summary", tag = "reports", operation_id = "summary",
    params(SummaryQuery),
    responses(
    (status = 200, body = Summary),
    (status = 404, description = "The user is not in such a team."),
    (status = 422, description = "Unknown time zone, conflicting parameters, more than 1,200 \
        calendar units, or more than 100,000 groups.")
))]
pub(in crate::api) async fn summary(
    State(api): State<Api>,
    caller: Caller,
    Parameters(query): Parameters<SummaryQuery>,
) -> Result<Json<Summary>, HttpError> {
    let Asked {
        from,
        to,
        tz,
        filter,
    } = query.parse(Timestamp::now())?;
    let sum = api.store.report(&caller.user, &filter).await?;
    Ok(Json(Summary {
        from,
        to,
        tz,
        group_by: filter.levels.iter().copied().map(Level::name).collect(),
        seconds: Seconds(sum.microseconds),
        groups: Group::list(sum, filter.levels.len() - 1),
    }))
}
