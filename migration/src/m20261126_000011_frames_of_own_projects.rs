//! One foreign key instead of two: a frame belongs to a project of its own user.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Replaces `frames_user` and `frames_project` by `frames_user_project` in PostgreSQL. The new
/// constraint also requires that the project belongs to the user, and needs one lookup per frame
/// instead of two, which were half the work of a push. Deleting a project deletes its frames,
/// because deleting a user deletes the projects. The next step validates existing rows without a
/// lock.
///
/// SQLite would have to rewrite the table, and its lookups are cheap.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Takes all locks at once and in the order of a push, to avoid deadlocks.
const LOCK: &str = "LOCK TABLE users, projects, frames IN ACCESS EXCLUSIVE MODE";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                LOCK,
                "ALTER TABLE frames ADD CONSTRAINT frames_user_project \
                 FOREIGN KEY (user_id, project_id) REFERENCES projects (user_id, id) ON DELETE CASCADE NOT VALID",
                "ALTER TABLE frames DROP CONSTRAINT frames_user",
                "ALTER TABLE frames DROP CONSTRAINT frames_project",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                LOCK,
                "ALTER TABLE frames ADD CONSTRAINT frames_user \
                 FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
                "ALTER TABLE frames ADD CONSTRAINT frames_project FOREIGN KEY (project_id) REFERENCES projects (id)",
                "ALTER TABLE frames DROP CONSTRAINT frames_user_project",
            ],
        )
        .await
    }
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}
