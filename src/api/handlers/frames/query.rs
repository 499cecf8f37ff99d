//! The parameters of the list of frames.

use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::api::extract::dates::{Day, Zone, days};
use crate::api::extract::names::{ExactName, Names, filter_names};
use crate::http::HttpError;
use crate::store::{FrameFilter, FrameSource};

/// The most frames on a page.
const MAX_LIMIT: u32 = 10_000;
/// The highest page whose offset fits into 64 bits at every limit.
const LAST_PAGE: u64 = i64::MAX as u64 / MAX_LIMIT as u64;

/// Which frames.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ListQuery {
    /// The page size. A file without `limit` and `page` has all frames.
    #[param(minimum = 1, maximum = 10_000, default = 50)]
    limit: Option<u32>,
    /// The page's number, from 1.
    #[param(minimum = 1, maximum = 922_337_203_685_477_u64, default = 1)]
    page: Option<u64>,
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
    /// The first day, in `tz`: frames that end on it or later.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day, in `tz`: frames that begin on it or earlier. Not before `from`.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// The time zone of `from` and `to`, and of instants in CSV, by its IANA name. Default: UTC.
    #[param(value_type = Option<String>, pattern = r"^[A-Za-z][A-Za-z0-9_+/-]*$", example = "Europe/Paris")]
    tz: Option<Zone>,
    /// A project of the user. Not together with `projects` or `project`.
    project_id: Option<Uuid>,
    /// A team of the user: the frames its members share. Not together with `projectId`.
    team_id: Option<Uuid>,
}

/// The validated parameters.
pub(super) struct Asked {
    pub(super) filter: FrameFilter,
    pub(super) limit: u32,
    pub(super) page: u64,
    /// Whether a page was asked for by its number or size.
    pub(super) is_page: bool,
    /// The zone of the days.
    pub(super) zone: TimeZone,
}

impl ListQuery {
    /// Makes sense of the parameters.
    ///
    /// # Errors
    /// 400 when one is out of its range, or two of them cannot go together.
    pub(super) fn parse(self) -> Result<Asked, HttpError> {
        let is_page = self.limit.is_some() || self.page.is_some();
        let zone = self.tz.clone().map_or(TimeZone::UTC, |Zone(zone)| zone);
        let (limit, page) = (self.limit.unwrap_or(50), self.page.unwrap_or(1));
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(refused("limit must be a number from 1 to 10000"));
        }
        if !(1..=LAST_PAGE).contains(&page) {
            return Err(refused("page must be a number from 1 to 922337203685477"));
        }
        let projects = filter_names("projects and project", self.projects, self.project)?;
        let source = match (self.project_id, self.team_id) {
            (Some(_), Some(_)) => {
                return Err(refused("projectId and teamId cannot be given together"));
            }
            (Some(_), None) if !projects.is_empty() => {
                return Err(refused(
                    "projectId cannot be given together with projects or project",
                ));
            }
            (Some(project), None) => FrameSource::Project(project),
            (None, Some(team)) => FrameSource::Team(team, projects),
            (None, None) => FrameSource::Own(projects),
        };
        let offset = (page - 1) * u64::from(limit);
        let filter = FrameFilter {
            source,
            tags: filter_names("tags and tag", self.tags, self.tag)?,
            days: days(self.tz, self.from, self.to)?,
            limit: i64::from(limit),
            offset: i64::try_from(offset).map_err(|_| refused("page is too high"))?,
        };
        Ok(Asked {
            filter,
            limit,
            page,
            is_page,
            zone,
        })
    }
}

fn refused(why: &str) -> HttpError {
    HttpError::BadRequest(format!("Invalid parameter: {why}"))
}
