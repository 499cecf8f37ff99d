//! Whether a token belongs to one device or is shared by several.

use sea_orm_migration::prelude::*;

/// Adds `api_tokens.is_shared`, and `found_shared_at` for a token that proves to be shared.
/// Existing tokens are shared if more than one writer has synced with them.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const MARK_SHARED: &str = "UPDATE api_tokens SET is_shared = true WHERE id IN \
    (SELECT token_id FROM sync_cursors GROUP BY token_id HAVING count(DISTINCT writer) > 1)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The default is for programs that do not know the column.
        let is_shared = ColumnDef::new("is_shared")
            .boolean()
            .not_null()
            .default(false)
            .to_owned();
        let found_shared_at = ColumnDef::new("found_shared_at").big_integer().to_owned();
        for column in [is_shared, found_shared_at] {
            // SQLite adds only one column per statement.
            let table = Table::alter()
                .table("api_tokens")
                .add_column(column)
                .to_owned();
            manager.alter_table(table).await?;
        }
        manager
            .get_connection()
            .execute_unprepared(MARK_SHARED)
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["found_shared_at", "is_shared"] {
            let table = Table::alter()
                .table("api_tokens")
                .drop_column(column)
                .to_owned();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
