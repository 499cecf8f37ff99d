//! The newest sequence number of each user, in a table that can be distributed with the frames.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Creates `frame_sequences`, and triggers that keep it equal to `users.seq`, because older
/// programs that know only that column may run at the same time during a deploy. A program that
/// uses the new table locks the user's row first, as older ones do. A later step will drop triggers
/// and column.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const FILL: &str = "INSERT INTO frame_sequences (user_id, seq) SELECT id, seq FROM users";

/// `pg_trigger_depth` distinguishes a program's own statement from one of the other trigger.
const POSTGRES_TRIGGERS: &str = "
    CREATE OR REPLACE FUNCTION frame_sequences_from_users() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO frame_sequences AS s (user_id, seq) VALUES (NEW.id, NEW.seq)
        ON CONFLICT (user_id) DO UPDATE SET seq = excluded.seq WHERE s.seq < excluded.seq;
        RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION frame_sequences_to_users() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE users SET seq = NEW.seq WHERE id = NEW.user_id AND seq < NEW.seq;
        RETURN NULL;
    END $$;
    CREATE TRIGGER frame_sequences_of_new_users AFTER INSERT ON users
        FOR EACH ROW EXECUTE FUNCTION frame_sequences_from_users();
    CREATE TRIGGER frame_sequences_from_users AFTER UPDATE OF seq ON users
        FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION frame_sequences_from_users();
    CREATE TRIGGER frame_sequences_to_users AFTER UPDATE OF seq ON frame_sequences
        FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION frame_sequences_to_users()";

const SQLITE_TRIGGERS: &str = "
    CREATE TRIGGER frame_sequences_of_new_users AFTER INSERT ON users BEGIN
        INSERT INTO frame_sequences (user_id, seq) VALUES (NEW.id, NEW.seq);
    END;
    CREATE TRIGGER frame_sequences_from_users AFTER UPDATE OF seq ON users BEGIN
        UPDATE frame_sequences SET seq = NEW.seq WHERE user_id = NEW.id AND seq < NEW.seq;
    END;
    CREATE TRIGGER frame_sequences_to_users AFTER UPDATE OF seq ON frame_sequences BEGIN
        UPDATE users SET seq = NEW.seq WHERE id = NEW.user_id AND seq < NEW.seq;
    END";

const DROP_POSTGRES_TRIGGERS: &str = "
    DROP TRIGGER frame_sequences_of_new_users ON users;
    DROP TRIGGER frame_sequences_from_users ON users;
    DROP TRIGGER frame_sequences_to_users ON frame_sequences;
    DROP FUNCTION frame_sequences_from_users();
    DROP FUNCTION frame_sequences_to_users()";

const DROP_SQLITE_TRIGGERS: &str = "
    DROP TRIGGER frame_sequences_of_new_users;
    DROP TRIGGER frame_sequences_from_users;
    DROP TRIGGER frame_sequences_to_users";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let db = manager.get_connection();
        if is_postgres {
            // No writes may happen between the copy and the triggers.
            db.execute_unprepared("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
                .await?;
        }
        manager.create_table(frame_sequences()).await?;
        db.execute_unprepared(FILL).await?;
        let triggers = if is_postgres {
            POSTGRES_TRIGGERS
        } else {
            SQLITE_TRIGGERS
        };
        db.execute_unprepared(triggers).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => DROP_POSTGRES_TRIGGERS,
            _ => DROP_SQLITE_TRIGGERS,
        };
        manager
            .get_connection()
            .execute_unprepared(triggers)
            .await?;
        let table = Table::drop().table("frame_sequences").to_owned();
        manager.drop_table(table).await
    }
}

fn frame_sequences() -> TableCreateStatement {
    Table::create()
        .table("frame_sequences")
        .col(ColumnDef::new("user_id").uuid().not_null().primary_key())
        .col(ColumnDef::new("seq").big_integer().not_null())
        // When the database was restored from a backup that the user's devices must be merged with,
        // or 0.
        .col(
            ColumnDef::new("restored_at")
                .big_integer()
                .not_null()
                .default(0),
        )
        .foreign_key(
            ForeignKey::create()
                .name("frame_sequences_user")
                .from("frame_sequences", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
