//! Turns an exclusive token that two devices use into a shared one.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::query::Pull;
use crate::store::entity::{api_token, sync_cursor};
use crate::store::sync::cursor_table;
use crate::store::sync::exclusive::DeviceSync;
use crate::store::sync::shared::Cursor;
use crate::store::{Caller, Store, StoreError};

impl Store {
    /// Makes the token shared, with a cursor for each of the two devices: the one that pulls now,
    /// and the one whose sync was under way. They may be mistaken for each other, so both are sent
    /// everything now and at their next sync.
    pub(super) async fn share_token(
        &self,
        caller: &Caller,
        token_id: Uuid,
        last_sync: i64,
        seq: i64,
        other: &DeviceSync,
    ) -> Result<Pull, StoreError> {
        let transaction = self.begin().await?;
        api_token::Entity::update_many()
            .col_expr(api_token::Column::IsShared, Expr::value(true))
            .col_expr(
                api_token::Column::FoundSharedAt,
                Expr::value(self.clock.now()),
            )
            .filter(api_token::Column::Id.eq(token_id))
            .exec(&transaction)
            .await?;
        sync_cursor::Entity::delete_many()
            .filter(sync_cursor::Column::TokenId.eq(token_id))
            .exec(&transaction)
            .await?;
        let this = Cursor {
            id: Uuid::now_v7(),
            writer: Uuid::now_v7(),
            last_sync,
            from_seq: 0,
            upto_seq: 0,
            pulls: 1,
            pulled_at: self.clock.now(),
            pushed_at: None,
            clock_offset: None,
        };
        let other = Cursor {
            id: Uuid::now_v7(),
            writer: Uuid::now_v7(),
            last_sync: other.last_sync,
            pulled_at: other.pushed_at,
            pushed_at: Some(other.pushed_at),
            ..this.clone()
        };
        cursor_table::write(&transaction, token_id, vec![this, other]).await?;
        transaction.commit().await?;
        self.late_notes.forget(token_id);
        tracing::warn!(
            user = caller.user.login(),
            token = %token_id,
            "this token seems to be used by two devices; create a token for each of them"
        );
        Ok(Pull::all(&caller.user, seq))
    }
}
