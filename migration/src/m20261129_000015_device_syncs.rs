//! The state of the syncs of a token that belongs to one device.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Creates `device_syncs` (the current sync of each token), `past_syncs` (earlier ones) and
/// `owed_frames` (frames that a repeated sync showed to be missing on the device), and fills them
/// from `sync_cursors`.
///
/// A trigger on `sync_cursors` updates them for older programs that record syncs only there, if the
/// token is not shared. Nothing is translated back, so undo this step before returning to such a
/// program for good. A later step will drop the trigger.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// In the order in which a sync writes them.
const TABLES: [&str; 3] = ["device_syncs", "past_syncs", "owed_frames"];

/// The latest cursor of a token is its current sync. Where the device's own frames begin is
/// unknown; the end of its latest pull is the best estimate.
const FILL_DEVICE_SYNCS: &str = "
    INSERT INTO device_syncs (user_id, token_id, revision, writer, number, pulls, last_sync, told, wrote, is_whole, \
        is_repeated, has_owed, has_missing, end_seq, first_end, open_pulls, open_pushes, wrote_end, pushed_from, \
        pushed_to, pushed_at, hold_until, forgotten_before, resend, merged_at, is_merging) \
    SELECT t.user_id, t.id, 1, c.writer, 1, c.pulls, c.last_sync, c.from_seq, \
        CASE WHEN c.last_sync = 0 THEN 0 ELSE c.upto_seq END, c.last_sync = 0, c.pulls > 1, false, false, c.upto_seq, \
        c.upto_seq, 1, CASE WHEN c.pushed_at IS NULL THEN 0 ELSE 1 END, s.seq, \
        CASE WHEN s.seq > c.upto_seq THEN c.upto_seq END, CASE WHEN s.seq > c.upto_seq THEN s.seq END, \
        coalesce(c.pushed_at, 0), 0, c.last_sync, false, 0, false \
    FROM sync_cursors c JOIN api_tokens t ON t.id = c.token_id JOIN frame_sequences s ON s.user_id = t.user_id \
    WHERE NOT t.is_shared AND NOT EXISTS (SELECT 1 FROM sync_cursors o WHERE o.token_id = c.token_id \
        AND (o.pulled_at > c.pulled_at OR (o.pulled_at = c.pulled_at AND o.id > c.id)))";

/// Translates a write to `sync_cursors`: first the sync that ends with it.
const NOTE_PAST: &str = "
    INSERT INTO past_syncs (user_id, token_id, last_sync, number, told, wrote, pushed, noted_at) \
    SELECT d.user_id, d.token_id, d.last_sync, d.number, d.told, d.wrote, \
        CASE WHEN d.pushed_from IS NULL THEN '[]' ELSE '[[' || d.pushed_from || ',' || s.seq || ']]' END, NEW.pulled_at \
    FROM device_syncs d JOIN api_tokens t ON t.id = d.token_id JOIN frame_sequences s ON s.user_id = d.user_id \
    WHERE d.token_id = NEW.token_id AND NOT t.is_shared AND d.last_sync >= 0 AND d.last_sync <> NEW.last_sync \
    ON CONFLICT (user_id, token_id, last_sync) DO UPDATE SET number = excluded.number, told = excluded.told, \
        wrote = excluded.wrote, pushed = excluded.pushed, noted_at = excluded.noted_at;";

/// An older program records a push before it stores the frames, so its last sequence number is
/// unknown until the next write.
const NOTE_SYNC: &str = "
    INSERT INTO device_syncs (user_id, token_id, revision, writer, number, pulls, last_sync, told, wrote, is_whole, \
        is_repeated, has_owed, has_missing, end_seq, first_end, open_pulls, open_pushes, wrote_end, pushed_from, \
        pushed_to, pushed_at, hold_until, forgotten_before, resend, merged_at, is_merging) \
    SELECT t.user_id, t.id, 1, NEW.writer, 1, NEW.pulls, NEW.last_sync, NEW.from_seq, \
        CASE WHEN NEW.last_sync = 0 THEN 0 ELSE NEW.upto_seq END, NEW.last_sync = 0, NEW.pulls > 1, false, false, \
        NEW.upto_seq, NEW.upto_seq, 1, CASE WHEN NEW.pushed_at IS NULL THEN 0 ELSE 1 END, s.seq, \
        CASE WHEN NEW.pushed_at IS NOT NULL THEN s.seq END, CASE WHEN NEW.pushed_at IS NOT NULL THEN s.seq END, \
        coalesce(NEW.pushed_at, 0), 0, 0, false, 0, false \
    FROM api_tokens t JOIN frame_sequences s ON s.user_id = t.user_id WHERE t.id = NEW.token_id AND NOT t.is_shared \
    ON CONFLICT (user_id, token_id) DO UPDATE SET \
        revision = device_syncs.revision + 1, \
        number = device_syncs.number + CASE WHEN device_syncs.last_sync = excluded.last_sync THEN 0 ELSE 1 END, \
        pulls = device_syncs.pulls + CASE WHEN excluded.open_pushes = 0 THEN 1 ELSE 0 END, \
        last_sync = excluded.last_sync, \
        told = excluded.told, \
        wrote = CASE WHEN device_syncs.last_sync = excluded.last_sync THEN device_syncs.wrote WHEN excluded.last_sync = 0 THEN 0 \
                     ELSE excluded.wrote_end END, \
        is_whole = excluded.is_whole, \
        is_repeated = device_syncs.last_sync = excluded.last_sync AND (device_syncs.is_repeated OR excluded.open_pushes = 0), \
        has_owed = false, has_missing = false, \
        end_seq = excluded.end_seq, first_end = excluded.end_seq, open_pulls = 1, open_pushes = excluded.open_pushes, \
        wrote_end = excluded.wrote_end, \
        pushed_from = CASE WHEN device_syncs.last_sync = excluded.last_sync THEN coalesce(device_syncs.pushed_from, excluded.pushed_from) \
                           ELSE excluded.pushed_from END, \
        pushed_to = CASE WHEN device_syncs.last_sync = excluded.last_sync AND device_syncs.pushed_from IS NOT NULL THEN excluded.wrote_end \
                         ELSE excluded.pushed_to END, \
        inherited = NULL, \
        pushed_at = CASE WHEN excluded.pushed_at > device_syncs.pushed_at THEN excluded.pushed_at ELSE device_syncs.pushed_at END, \
        hold_until = 0;";

/// A write to `users.seq` ends the push that was recorded just before.
const NOTE_END: &str = "
    UPDATE device_syncs SET pushed_to = NEW.seq, wrote_end = NEW.seq \
    WHERE user_id = NEW.id AND pushed_to = OLD.seq AND pushed_from IS NOT NULL AND open_pushes > 0;";

/// Instead of a foreign key, which would lock the row of `device_syncs` for each past sync.
const FORGET_SYNCS: &str = "
    DELETE FROM past_syncs WHERE user_id = OLD.user_id AND token_id = OLD.token_id;
    DELETE FROM owed_frames WHERE user_id = OLD.user_id AND token_id = OLD.token_id;";

/// The cursors with which an older program continues.
const FILL_CURSORS: &str = "
    INSERT INTO sync_cursors (id, token_id, writer, last_sync, from_seq, upto_seq, pulls, pulled_at, pushed_at) \
    SELECT NEW_ID, token_id, writer, last_sync, told, end_seq, 1, pushed_at, \
        CASE WHEN open_pushes > 0 THEN pushed_at END \
    FROM device_syncs WHERE last_sync >= 0";

const FORGET_CURSORS: &str = "DELETE FROM sync_cursors WHERE token_id IN (SELECT token_id FROM device_syncs WHERE last_sync >= 0)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        if is_postgres {
            // No writes may happen between the copy and the trigger.
            db.execute_unprepared("LOCK TABLE users, sync_cursors IN SHARE ROW EXCLUSIVE MODE")
                .await?;
        }
        manager.create_table(device_syncs()).await?;
        manager.create_table(past_syncs()).await?;
        manager.create_table(owed_frames()).await?;
        if is_postgres {
            // Leaves room on each page for updated rows, so that updates need not change the index.
            db.execute_unprepared("ALTER TABLE device_syncs SET (fillfactor = 60)")
                .await?;
        }
        db.execute_unprepared(FILL_DEVICE_SYNCS).await?;
        db.execute_unprepared(&create_triggers(is_postgres)).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (triggers, new_id) = match manager.get_database_backend() {
            DbBackend::Postgres => (
                "DROP TRIGGER sync_cursors_noted ON sync_cursors;
                 DROP TRIGGER users_seq_noted ON users;
                 DROP TRIGGER device_syncs_deleted ON device_syncs;
                 DROP FUNCTION device_syncs_deleted();
                 DROP FUNCTION sync_cursors_noted();
                 DROP FUNCTION users_seq_noted()",
                "gen_random_uuid()",
            ),
            _ => (
                "DROP TRIGGER device_syncs_deleted;
                 DROP TRIGGER sync_cursors_inserted;
                 DROP TRIGGER sync_cursors_updated;
                 DROP TRIGGER users_seq_noted",
                "randomblob(16)",
            ),
        };
        db.execute_unprepared(triggers).await?;
        db.execute_unprepared(FORGET_CURSORS).await?;
        db.execute_unprepared(&FILL_CURSORS.replace("NEW_ID", new_id))
            .await?;
        for table in TABLES.into_iter().rev() {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn create_triggers(is_postgres: bool) -> String {
    if is_postgres {
        format!(
            "CREATE OR REPLACE FUNCTION sync_cursors_noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 {NOTE_PAST} {NOTE_SYNC} RETURN NULL;
             END $$;
             CREATE OR REPLACE FUNCTION users_seq_noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 {NOTE_END} RETURN NULL;
             END $$;
             CREATE OR REPLACE FUNCTION device_syncs_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 {FORGET_SYNCS} RETURN NULL;
             END $$;
             CREATE TRIGGER device_syncs_deleted AFTER DELETE ON device_syncs
                 FOR EACH ROW EXECUTE FUNCTION device_syncs_deleted();
             CREATE TRIGGER sync_cursors_noted AFTER INSERT OR UPDATE ON sync_cursors
                 FOR EACH ROW EXECUTE FUNCTION sync_cursors_noted();
             CREATE TRIGGER users_seq_noted AFTER UPDATE OF seq ON users
                 FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION users_seq_noted()"
        )
    } else {
        // SQLite has no trigger depth, but the other table shows whose statement it is.
        let note = format!("{NOTE_PAST} {NOTE_SYNC}");
        let end = NOTE_END;
        format!(
            "CREATE TRIGGER device_syncs_deleted AFTER DELETE ON device_syncs BEGIN {FORGET_SYNCS} END;
             CREATE TRIGGER sync_cursors_inserted AFTER INSERT ON sync_cursors BEGIN {note} END;
             CREATE TRIGGER sync_cursors_updated AFTER UPDATE ON sync_cursors BEGIN {note} END;
             CREATE TRIGGER users_seq_noted BEFORE UPDATE OF seq ON users
                 WHEN (SELECT seq FROM frame_sequences WHERE user_id = NEW.id) < NEW.seq BEGIN {end} END"
        )
    }
}

fn device_syncs() -> TableCreateStatement {
    let count = |name| ColumnDef::new(name).big_integer().not_null().to_owned();
    let flag = |name| ColumnDef::new(name).boolean().not_null().to_owned();
    let mut table = Table::create();
    table
        .table("device_syncs")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("token_id").uuid().not_null())
        .col(ColumnDef::new("writer").uuid().not_null());
    for name in [
        "revision",
        "number",
        "pulls",
        "last_sync",
        "told",
        "wrote",
        "end_seq",
        "first_end",
        "open_pulls",
        "open_pushes",
        "wrote_end",
        "pushed_at",
        "hold_until",
        "forgotten_before",
        "merged_at",
    ] {
        table.col(count(name));
    }
    for name in [
        "is_whole",
        "is_repeated",
        "has_owed",
        "has_missing",
        "resend",
        "is_merging",
    ] {
        table.col(flag(name));
    }
    table
        .col(ColumnDef::new("pushed_from").big_integer())
        .col(ColumnDef::new("pushed_to").big_integer())
        // JSON: ranges of sequence numbers.
        .col(ColumnDef::new("inherited").text())
        // JSON: evidence that two devices use the token.
        .col(ColumnDef::new("usage").text())
        .primary_key(Index::create().col("user_id").col("token_id"))
        .foreign_key(
            ForeignKey::create()
                .name("device_syncs_user")
                .from("device_syncs", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn past_syncs() -> TableCreateStatement {
    Table::create()
        .table("past_syncs")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("token_id").uuid().not_null())
        .col(ColumnDef::new("last_sync").big_integer().not_null())
        .col(ColumnDef::new("number").big_integer().not_null())
        .col(ColumnDef::new("told").big_integer().not_null())
        .col(ColumnDef::new("wrote").big_integer().not_null())
        // JSON: ranges of sequence numbers.
        .col(ColumnDef::new("pushed").text().not_null())
        .col(ColumnDef::new("noted_at").big_integer().not_null())
        .primary_key(
            Index::create()
                .col("user_id")
                .col("token_id")
                .col("last_sync"),
        )
        .to_owned()
}

fn owed_frames() -> TableCreateStatement {
    Table::create()
        .table("owed_frames")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("token_id").uuid().not_null())
        // The sync in which the frame is sent.
        .col(ColumnDef::new("sync").big_integer().not_null())
        .col(ColumnDef::new("frame_id").uuid().not_null())
        // Obsolete once the frame has another one.
        .col(ColumnDef::new("seq").big_integer().not_null())
        .primary_key(
            Index::create()
                .col("user_id")
                .col("token_id")
                .col("sync")
                .col("frame_id"),
        )
        .to_owned()
}
