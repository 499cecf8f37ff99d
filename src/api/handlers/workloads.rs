//! Daily workload of a project, for a calendar view.

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};

use super::projects;
use crate::api::extract::dates::{Day, Zone, days};
use crate::api::extract::json_body::{Id, Parameters};
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::workload;
use crate::store::Caller;

/// The most days in a response: more than a year.
const MOST_DAYS: usize = 400;

/// Days with work, newest first.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Workloads {
    #[schema(max_items = 400)]
    workloads: Vec<Workload>,
}

/// A day with work.
#[derive(Serialize, ToSchema)]
struct Workload {
    /// The calendar day, as midnight in UTC for every time zone.
    #[serde(serialize_with = "as_midnight")]
    #[schema(value_type = jiff::Timestamp, example = "2017-05-01T00:00:00Z")]
    date: Date,
    /// 1: up to an hour. 2: up to four. 3: up to six. 4: more.
    #[schema(minimum = 1, maximum = 4)]
    workload: u8,
}

fn as_midnight<S: Serializer>(day: &Date, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(&format_args!("{day}T00:00:00Z"))
}

/// Which days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct DaysQuery {
    /// The first day, in `tz`.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day, in `tz`; not before `from`.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// The time zone of the days, by its IANA name. Default: UTC.
    #[param(value_type = Option<String>, pattern = r"^[A-Za-z][A-Za-z0-9_+/-]*$", example = "Europe/Paris")]
    tz: Option<Zone>,
}

/// The newest 400 days with at least a minute of work on a project, newest first.
///
/// Time counts in minutes, and a frame over midnight counts for both days. A missing project is
/// 404; the first Crick returned an empty list.
#[utoipa::path(get, path = "/projects/{id}/workloads", tag = "projects",
    operation_id = "list_workloads",
    params(("id" = Uuid, Path), DaysQuery), responses(
    (status = 200, body = Workloads), (status = 404, description = "The user has no such project.")
))]
pub(in crate::api) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    Parameters(DaysQuery { from, to, tz }): Parameters<DaysQuery>,
) -> Result<Json<Workloads>, HttpError> {
    let days = days(tz, from, to)?;
    let minutes = api
        .store
        .list_workloads(&caller.user, id, days, MOST_DAYS)
        .await;
    let minutes = minutes.map_err(projects::refused)?.into_iter();
    let workloads = minutes.map(|(date, minutes)| Workload {
        date,
        workload: workload(minutes),
    });
    Ok(Json(Workloads {
        workloads: workloads.collect(),
    }))
}
