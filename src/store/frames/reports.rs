//! Reports: time summed by group, in the database, with one statement.

mod statement;

use std::sync::Arc;

use sea_orm::{ConnAcquireErr, ConnectionTrait as _, DbErr, QueryResult, Statement};
use tokio::time::timeout;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::model::{Key, Level, Period, Share, Sum};
use crate::store::db::database::LOST;
use crate::store::db::sql::Sql;
use crate::store::{FrameSource, Store, StoreError, User};
use statement::statement;

/// The most groups of the last level in all groups of the others.
const MOST_GROUPS: usize = 100_000;

/// The most parts into which frames longer than a day are cut. Each counts for every period it covers, so that a few
/// thousand frames of centuries would be millions of parts.
const MOST_PARTS: usize = 100_000;
/// Reports that are made at once. One may keep a database busy for a while, and everybody else is to go on.
pub(in crate::store) const AT_ONCE: usize = 2;

/// What to report.
#[derive(Clone, Debug)]
pub struct ReportFilter {
    /// Where the frames come from.
    pub source: FrameSource,
    /// Tags: all of them.
    pub tags: Vec<String>,
    /// Consecutive periods without gaps: what of a frame lies outside does not count.
    pub periods: Vec<Period>,
    /// What the time is summed by: each level within the one before it. No period spans two units of one of them.
    pub levels: Vec<Level>,
}

const IS_MEMBER: Sql = Sql::both("SELECT 1 FROM team_members WHERE team_id = $1 AND user_id = $2");

impl Store {
    /// The time of the frames in these periods, by group. A frame counts for each period with what of it lies there.
    ///
    /// # Errors
    /// When the user is in no such team, or there are more groups than can be told.
    pub async fn report(&self, user: &User, filter: &ReportFilter) -> Result<Sum, StoreError> {
        if let FrameSource::Team(id, _) = &filter.source {
            let member = IS_MEMBER.one(&self.reader, [(*id).into(), user.id.into()]);
            if member.await?.is_none() {
                return Err(StoreError::NotFound(format!("team {id}")));
            }
        }
        let mut sum = Sum::default();
        if filter.periods.is_empty() {
            return Ok(sum);
        }
        let most_long = MOST_PARTS / filter.periods.len();
        let statement = statement(self.backend(), user, filter, most_long + 1, MOST_GROUPS + 1)?;
        let rows = self.alone(statement).await?;
        if let Some(row) = rows.first() {
            let long: i64 = row.try_get_by_index(10)?;
            if usize::try_from(long).is_ok_and(|long| long > most_long) {
                return Err(StoreError::TooManyParts(MOST_PARTS));
            }
        }
        if rows.len() > MOST_GROUPS {
            return Err(StoreError::TooManyGroups(MOST_GROUPS));
        }
        for row in &rows {
            let keys: Vec<(Level, Key)> = filter
                .levels
                .iter()
                .map(|level| Ok((*level, key(row, *level, filter)?)))
                .collect::<Result<_, DbErr>>()?;
            sum.add(keys, share(row)?);
        }
        Ok(sum)
    }

    /// Runs a statement with few others of its kind beside it. It keeps its place to its end, also when nobody waits for
    /// it any more, because no database stops a statement when its client has lost interest; not for ever, because the end
    /// may never come.
    async fn alone(&self, statement: Statement) -> Result<Vec<QueryResult>, StoreError> {
        let place = Arc::clone(&self.reports).acquire_owned().await;
        let reader = self.reader.clone();
        let run = async move {
            let rows = timeout(LOST, reader.query_all_raw(statement)).await;
            drop(place);
            rows.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))
        };
        let ended = tokio::spawn(run.in_current_span()).await;
        Ok(ended.map_err(|error| DbErr::Custom(error.to_string()))??)
    }
}

/// The group of a level that a row counts for. Members of a team have projects of their own behind the same name, so that
/// a team's project has a name alone.
fn key(row: &QueryResult, level: Level, filter: &ReportFilter) -> Result<Key, DbErr> {
    match level {
        Level::Time(unit) => {
            let at: i64 = row.try_get_by_index(0)?;
            let period = usize::try_from(at)
                .ok()
                .and_then(|at| filter.periods.get(at));
            Ok(Key::new(
                period.map(|period| unit.period_name(period.first_day)),
                None,
            ))
        }
        Level::Project => {
            let id: Option<Uuid> = row.try_get_by_index(1)?;
            let is_own = !matches!(filter.source, FrameSource::Team(..));
            Ok(Key::new(row.try_get_by_index(2)?, id.filter(|_| is_own)))
        }
        Level::Person => Ok(Key::new(row.try_get_by_index(4)?, row.try_get_by_index(3)?)),
        Level::Tag => Ok(Key::new(row.try_get_by_index(5)?, None)),
    }
}

fn share(row: &QueryResult) -> Result<Share, DbErr> {
    let sum = |seconds: usize, microseconds: usize| -> Result<i128, DbErr> {
        let whole: i64 = row.try_get_by_index(seconds)?;
        let rest: i64 = row.try_get_by_index(microseconds)?;
        Ok(i128::from(whole) * 1_000_000 + i128::from(rest))
    };
    Ok(Share {
        all: sum(6, 7)?,
        once: sum(8, 9)?,
    })
}
