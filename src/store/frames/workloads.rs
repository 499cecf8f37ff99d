//! The time worked on a project, by day.

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
};
use uuid::Uuid;

use crate::model::{DaySums, Days, is_nameless};
use crate::store::db::sql::instant;
use crate::store::entity::frame::{Column, Entity};
use crate::store::{Store, StoreError, User};

impl Store {
    /// The full minutes worked on a project on the newest `max` of these days with work, newest first.
    ///
    /// # Errors
    /// When the user has no such project.
    pub async fn list_workloads(
        &self,
        user: &User,
        project: Uuid,
        days: Days,
        max: usize,
    ) -> Result<Vec<(Date, i64)>, StoreError> {
        let project = self.get_project(user, project).await?.project;
        if is_nameless(&project.name) {
            return Ok(Vec::new());
        }
        let until = days.until.map_or(i64::MAX, Timestamp::as_microsecond);
        let since = days.since.map_or(i64::MIN, Timestamp::as_microsecond);
        // The newest first, so that superfluous days are dropped before they are summed.
        let frames = Entity::find()
            .select_only()
            .columns([Column::StartAt, Column::EndAt])
            .filter(Column::ProjectId.eq(project.id))
            .filter(Column::StartAt.lt(until))
            .filter(Column::EndAt.gt(since))
            .order_by_desc(Column::StartAt)
            .build(self.backend());
        let mut sums = DaySums::new(days, max);
        // A row at a time, because memory should hold days, not frames.
        let mut rows = self.reader.stream(frames).await?;
        while let Some(row) = rows.try_next().await? {
            let start = instant(row.try_get("", "start_at")?)?;
            sums.add(start, instant(row.try_get("", "end_at")?)?);
        }
        Ok(sums.into_minutes().collect())
    }
}
