//! Reports: the time of frames, summed by group.
//!
//! SQL by hand: the database sums, and assigns frames to periods and tags, in one statement.

mod statement;

use std::sync::Arc;

use sea_orm::{ConnAcquireErr, DbErr, EntityTrait as _, FromQueryResult, Statement};
use tokio::time::timeout;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::model::{Key, Level, Period, Share, Sum};
use crate::store::db::database::LOST;
use crate::store::entity::team_member;
use crate::store::teams::team::no_team;
use crate::store::{FrameSource, Store, StoreError, User};
use statement::statement;

/// The most groups of the last level.
const MOST_GROUPS: usize = 100_000;

/// The most parts into which frames longer than a day are cut, one for each period: a few thousand
/// frames of centuries would have millions.
const MOST_PARTS: usize = 100_000;

/// What to report.
#[derive(Clone, Debug)]
pub struct ReportFilter {
    /// Where the frames come from.
    pub source: FrameSource,
    /// Tags: all of them.
    pub tags: Vec<String>,
    /// Consecutive periods without gaps. The part of a frame outside of them does not count.
    pub periods: Vec<Period>,
    /// The levels of the groups, each within the one before it. No period spans two units of a level.
    pub levels: Vec<Level>,
}

impl Store {
    /// The time of frames by group. A frame counts for each period with the part that lies in it.
    ///
    /// # Errors
    /// When the user is not a member of the team, or the report is too large.
    pub async fn report(&self, user: &User, filter: &ReportFilter) -> Result<Sum, StoreError> {
        if let FrameSource::Team(id, _) = &filter.source {
            team_member::Entity::find_by_id((*id, user.id))
                .one(&self.reader)
                .await?
                .ok_or_else(|| no_team(*id))?;
        }
        let mut sum = Sum::default();
        if filter.periods.is_empty() {
            return Ok(sum);
        }
        let most_long = MOST_PARTS / filter.periods.len();
        let statement = statement(self.backend(), user, filter, most_long + 1, MOST_GROUPS + 1)?;
        let rows = self.query_report(statement).await?;
        let long = rows.first().map_or(0, |row| row.long);
        if usize::try_from(long).is_ok_and(|long| long > most_long) {
            return Err(StoreError::TooManyParts(MOST_PARTS));
        }
        if rows.len() > MOST_GROUPS {
            return Err(StoreError::TooManyGroups(MOST_GROUPS));
        }
        for row in &rows {
            let levels = filter.levels.iter();
            let keys = levels.map(|level| (*level, row.key(*level, filter)));
            sum.add(keys, row.share());
        }
        Ok(sum)
    }

    /// Runs a report when few others are running, so that the database has room for other requests. A
    /// report keeps its permit until it ends or is lost, even if its request was canceled, because no
    /// database stops a statement then.
    async fn query_report(&self, statement: Statement) -> Result<Vec<GroupRow>, StoreError> {
        let permit = Arc::clone(&self.reports).acquire_owned().await;
        let reader = self.reader.clone();
        let run = async move {
            let rows = GroupRow::find_by_statement(statement);
            let rows = timeout(LOST, rows.all(&reader)).await;
            drop(permit);
            rows.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))
        };
        let ended = tokio::spawn(run.in_current_span()).await;
        Ok(ended.map_err(|error| DbErr::Custom(error.to_string()))??)
    }
}

/// A group of the last level, with its time.
#[derive(FromQueryResult)]
struct GroupRow {
    /// The index of the period.
    n: i64,
    project_id: Option<Uuid>,
    project: Option<String>,
    user_id: Option<Uuid>,
    login: Option<String>,
    tag: Option<String>,
    /// Seconds and microseconds of all frames, then of those whose first tag is `tag`.
    s: i64,
    us: i64,
    once_s: i64,
    once_us: i64,
    /// How many frames longer than a day were read, in every row.
    long: i64,
}

impl GroupRow {
    /// The group of a level. The members of a team have different projects of the same name, so a
    /// team's project has no id.
    fn key(&self, level: Level, filter: &ReportFilter) -> Key {
        match level {
            Level::Time(unit) => {
                let at = usize::try_from(self.n).ok();
                let period = at.and_then(|at| filter.periods.get(at));
                Key::new(
                    period.map(|period| unit.period_name(period.first_day)),
                    None,
                )
            }
            Level::Project => {
                let is_own = !matches!(filter.source, FrameSource::Team(..));
                let id = self.project_id.filter(|_| is_own);
                Key::new(self.project.clone(), id)
            }
            Level::Person => Key::new(self.login.clone(), self.user_id),
            Level::Tag => Key::new(self.tag.clone(), None),
        }
    }

    fn share(&self) -> Share {
        let sum = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000 + i128::from(rest);
        Share {
            all: sum(self.s, self.us),
            once: sum(self.once_s, self.once_us),
        }
    }
}
