//! How long was worked on a project, by day.

use futures_util::TryStreamExt as _;
use jiff::civil::Date;
use uuid::Uuid;

use crate::model::{DaySums, Days, is_nameless};
use crate::store::db::sql::{Sql, instant};
use crate::store::{Store, StoreError, User};

/// The newest first, so that days that are too many are left out before they are counted.
const SPANS: Sql = Sql::both(
    "SELECT start_at, end_at FROM frames WHERE project_id = $1 AND start_at < $2 AND end_at > $3 \
     ORDER BY start_at DESC",
);

impl Store {
    /// The full minutes worked on a project on the newest `most` of these days with work, newest first.
    ///
    /// # Errors
    /// When this user has no such project.
    pub async fn list_workloads(
        &self,
        user: &User,
        project: Uuid,
        days: Days,
        most: usize,
    ) -> Result<Vec<(Date, i64)>, StoreError> {
        let project = self.get_project(user, project).await?.project;
        if is_nameless(&project.name) {
            return Ok(Vec::new());
        }
        let until = days.until.map_or(i64::MAX, jiff::Timestamp::as_microsecond);
        let since = days.since.map_or(i64::MIN, jiff::Timestamp::as_microsecond);
        let values = [project.id.into(), until.into(), since.into()];
        let mut sums = DaySums::new(days, most);
        let spans = SPANS.with(self.backend(), values);
        // A row at a time: what is kept are days, not frames.
        let mut rows = self.reader.stream(spans).await?;
        while let Some(row) = rows.try_next().await? {
            sums.add(
                instant(row.try_get_by_index(0)?)?,
                instant(row.try_get_by_index(1)?)?,
            );
        }
        Ok(sums.into_minutes().collect())
    }
}
