//! One foreign key where there were two: a frame belongs to a project of its own user.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Exchanges `frames_user` and `frames_project` for `frames_user_project`, on PostgreSQL. It says more than the two, that
/// the project is the user's own, and it is one lookup for each frame written instead of two, which were half the work
/// of a push. With a project go its frames, because with a user go their projects. The rows that are there are checked by
/// the next step, which locks nothing.
///
/// SQLite exchanges a constraint by writing the table anew, and a lookup there is no statement of its own.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// All that the statements lock, at once and in the order in which a push does: otherwise the two wait for each other.
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
