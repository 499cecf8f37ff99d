//! The parameters of a report.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::api::extract::dates::Day;
use crate::api::extract::names::{ExactName, Names, filter_names};
use crate::http::HttpError;
use crate::model::{DayRange, DayRangeParameters, Level, Unit, parse_zone, periods};
use crate::store::{FrameSource, ReportFilter};

/// The most levels of groups.
const MOST_LEVELS: usize = 3;
/// Days before the last one in a range that has no beginning, as Watson has it.
const DAYS_BEFORE: i64 = 7;
/// The first day that is written with four digits.
const FIRST_DAY: Date = date(0, 1, 1);

/// The parameters of a report.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct SummaryQuery {
    /// What the time is summed by: up to three different of `day`, `week` (from Monday), `month`,
    /// `year`, `project`, `tag`, `person` (with `teamId` only), with commas between them, each
    /// within the one before it.
    #[param(value_type = Option<String>, default = "project", example = "day,project,tag",
        pattern = r"^(day|week|month|year|project|tag|person)(,(day|week|month|year|project|tag|person)){0,2}$")]
    group_by: Option<Levels>,
    /// The first day, in `tz`. Seven days before `to` when left out.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day, in `tz`; not before `from`. Today when left out.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// A unit of the calendar instead of `from` and `to`: the whole one that `date` lies in.
    #[param(inline)]
    range: Option<Unit>,
    /// A day of `range`; today when left out.
    #[param(value_type = Option<String>, format = Date)]
    date: Option<Day>,
    /// The time zone of the days, by its IANA name. Default: UTC.
    #[param(pattern = r"^[A-Za-z][A-Za-z0-9_+/-]*$", example = "Europe/Paris")]
    tz: Option<String>,
    /// Comma-separated project names: frames of any of these and of `project`.
    #[param(value_type = Option<String>, pattern = r"^\s*[^\s,\x00][^,\x00]*(,\s*[^\s,\x00][^,\x00]*)*$", example = "apollo,gemini")]
    projects: Option<Names>,
    /// An exact project name, with its commas and blanks. Repeatable.
    #[serde(default)]
    #[param(inline, value_type = Option<Vec<ExactName>>, max_items = 256)]
    project: Vec<ExactName>,
    /// Comma-separated tags: frames with all of these and of `tag`.
    #[param(value_type = Option<String>, pattern = r"^\s*[^\s,\x00][^,\x00]*(,\s*[^\s,\x00][^,\x00]*)*$", example = "moon,landing")]
    tags: Option<Names>,
    /// An exact tag, with its commas and blanks; may be empty. Repeatable.
    #[serde(default)]
    #[param(inline, value_type = Option<Vec<ExactName>>, max_items = 256)]
    tag: Vec<ExactName>,
    /// A team of the user: the frames its members share.
    #[serde(rename = "teamId")]
    team_id: Option<Uuid>,
}

/// Levels by name, at least one and at most [`MOST_LEVELS`].
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Levels(Vec<Level>);

impl TryFrom<String> for Levels {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let level = |name| Level::ALL.into_iter().find(|level| level.name() == name);
        let levels: Option<Vec<Level>> = text.split(',').map(level).collect();
        levels
            .filter(|levels| levels.len() <= MOST_LEVELS)
            .map(Self)
            .ok_or("must be up to three of day, week, month, year, project, tag and person")
    }
}

/// The validated parameters.
pub(super) struct Asked {
    pub(super) from: Date,
    pub(super) to: Date,
    /// The zone's name as the database of zones writes it.
    pub(super) tz: String,
    pub(super) filter: ReportFilter,
}

impl SummaryQuery {
    /// Makes sense of the parameters at this moment.
    ///
    /// # Errors
    /// 422 when two of them cannot go together, or the range is too long.
    pub(super) fn parse(self, now: Timestamp) -> Result<Asked, HttpError> {
        let zone = zone(self.tz.as_deref())?;
        let DayRange { from, to, .. } = self.days(zone.to_datetime(now).date())?;
        let levels = self
            .group_by
            .map_or(vec![Level::Project], |Levels(levels)| levels);
        let mut groups = levels.iter().enumerate();
        if groups.any(|(at, level)| levels[..at].contains(level)) {
            return Err(refused("group_by contains a level twice"));
        }
        if levels.contains(&Level::Person) && self.team_id.is_none() {
            return Err(refused("group_by=person requires teamId"));
        }
        let units: Vec<Unit> = levels
            .iter()
            .filter_map(|level| match level {
                Level::Time(unit) => Some(*unit),
                _ => None,
            })
            .collect();
        let projects = filter_names("projects and project", self.projects, self.project)?;
        Ok(Asked {
            from,
            to,
            tz: zone.iana_name().unwrap_or("UTC").to_owned(),
            filter: ReportFilter {
                source: match self.team_id {
                    Some(team) => FrameSource::Team(team, projects),
                    None => FrameSource::Own(projects),
                },
                tags: filter_names("tags and tag", self.tags, self.tag)?,
                periods: periods(&zone, from, to, &units).map_err(refused)?,
                levels,
            },
        })
    }

    /// The selected days. By default they end today, and begin seven days before they end.
    fn days(&self, today: Date) -> Result<DayRange, HttpError> {
        let day = |day: Option<Day>| day.map(|Day(day)| day);
        let parameters = DayRangeParameters {
            unit: self.range,
            date: day(self.date),
            from: day(self.from),
            to: day(self.to),
        };
        let range = parameters.resolve(today, |from, to| {
            let to = to.unwrap_or(today);
            let before = || to.saturating_sub(Span::new().days(DAYS_BEFORE));
            DayRange::between(from.unwrap_or_else(before), to)
        });
        let range = range.map_err(refused)?;
        let from = range.from.max(FIRST_DAY);
        Ok(DayRange { from, ..range })
    }
}

/// A time zone by its name, by default UTC. A name may match the pattern and still be no zone's,
/// hence 422.
fn zone(name: Option<&str>) -> Result<TimeZone, HttpError> {
    let zone = name.map_or(Ok(TimeZone::UTC), parse_zone);
    zone.map_err(|error| refused(format!("tz {error}")))
}

/// 422: each parameter is well-formed, but together they are invalid.
fn refused(why: impl ToString) -> HttpError {
    HttpError::Unprocessable(why.to_string())
}
