//! Calendar feeds: frames that a calendar program reads at a secret address, because it cannot send a
//! header.

use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, Condition, DbErr, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use secrecy::SecretString;
use uuid::Uuid;

use super::feed_selection::FeedSelection;
use super::token_use::{self, unlocked};
use crate::model::MOST_FEEDS;
use crate::store::db::secret::{hash, random};
use crate::store::db::sql::instant;
use crate::store::entity::calendar_feed::{Column, Entity, Model, TextList};
use crate::store::entity::{api_token, team_member, user};
use crate::store::sync::push::lock_user;
use crate::store::teams::team::no_team;
use crate::store::{Caller, Store, StoreError, User};

/// The prefix of every feed's secret, by which a leaked one is recognized.
const PREFIX: &str = "crickcal";

/// A feed as its owner sees it. Its address cannot be read back.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The feed's id.
    pub id: Uuid,
    /// What it shows.
    pub selection: FeedSelection,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last read, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A feed that is read by its address.
#[derive(Clone, Debug)]
pub struct OpenFeed {
    /// The owner.
    pub user: User,
    /// The feed.
    pub feed: Feed,
}

impl Store {
    /// Creates a feed; the secret of its address can be read only now. The feed ends with the token
    /// that creates it.
    ///
    /// # Errors
    /// When the name is invalid, or the user has too many feeds or is not in the team.
    pub async fn create_feed(
        &self,
        caller: &Caller,
        mut selection: FeedSelection,
    ) -> Result<(SecretString, Feed), StoreError> {
        let user = &caller.user;
        selection.name = selection.name.trim().to_owned();
        let length = selection.name.chars().count();
        if !(1..=64).contains(&length) || selection.name.contains(char::is_control) {
            return Err(StoreError::InvalidFeedName);
        }
        let secret = random(PREFIX)?;
        let (token_id, token_hash) = caller.token.clone().map(|t| (t.id, t.hash)).unzip();
        let row = Model {
            id: Uuid::now_v7(),
            user_id: user.id,
            hash: hash(&secret),
            name: selection.name,
            projects: TextList(selection.projects),
            tags: TextList(selection.tags),
            team_id: selection.team,
            days_back: i32::from(selection.days_back),
            token_id,
            token_hash,
            created_at: self.clock.now(),
            last_used_at: None,
            expires_at: selection.expires_at.map(Timestamp::as_microsecond),
        };
        let transaction = self.begin().await?;
        // The lock serializes requests of the user, so that the count holds.
        lock_user(&transaction, user, 0).await?;
        Entity::delete_many()
            .filter(Column::UserId.eq(user.id))
            .filter(is_alive().not())
            .exec(&transaction)
            .await?;
        let feeds = Entity::find().filter(Column::UserId.eq(user.id));
        if feeds.count(&transaction).await? >= u64::from(MOST_FEEDS) {
            return Err(StoreError::TooManyFeeds);
        }
        if let Some(team) = row.team_id {
            team_member::Entity::find_by_id((team, user.id))
                .one(&transaction)
                .await?
                .ok_or_else(|| no_team(team))?;
        }
        Entity::insert(row.clone().into_active_model())
            .exec_without_returning(&transaction)
            .await?;
        transaction.commit().await?;
        Ok((secret.into(), row.try_into()?))
    }

    /// The user's feeds, oldest first, including expired ones, but not those whose token is no longer
    /// valid.
    pub async fn list_feeds(&self, user: &User) -> Result<Vec<Feed>, StoreError> {
        let rows = Entity::find()
            .filter(Column::UserId.eq(user.id))
            .filter(is_alive())
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(&self.reader)
            .await?;
        let feeds = rows.into_iter().map(Feed::try_from);
        Ok(feeds.collect::<Result<_, DbErr>>()?)
    }

    /// Deletes a feed: its address is no longer valid.
    ///
    /// # Errors
    /// When the user has no such feed.
    pub async fn delete_feed(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::UserId.eq(user.id))
            .filter(Column::Id.eq(id))
            .exec(&self.writer)
            .await?;
        match deleted.rows_affected {
            0 => Err(StoreError::NotFound(format!("feed {id}"))),
            _ => Ok(()),
        }
    }

    /// The feed with this secret; `None` if it is unknown or deleted, if it has expired, or if the token
    /// that created it is no longer valid.
    pub async fn open_feed(&self, secret: &str) -> Result<Option<OpenFeed>, StoreError> {
        let found = Entity::find()
            .find_both_related(user::Entity)
            .filter(Column::Hash.eq(hash(secret)))
            .filter(is_alive())
            .one(&self.reader)
            .await?;
        let Some((row, user)) = found else {
            return Ok(None);
        };
        let now = self.clock.now();
        if row.expires_at.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        if row
            .last_used_at
            .is_none_or(|at| at + token_use::STEP <= now)
        {
            let update = Entity::update_many()
                .col_expr(Column::LastUsedAt, now.into())
                .filter(unlocked::<Entity>(Column::Id, row.id));
            token_use::note(update.exec(&self.writer)).await;
        }
        Ok(Some(OpenFeed {
            user: user.into(),
            feed: row.try_into()?,
        }))
    }
}

/// The token that created the feed is still valid, or the user signed in with an issuer.
fn is_alive() -> Condition {
    let feed = |column| Expr::col((Entity, column));
    let token = api_token::Entity::find()
        .select_only()
        .column(api_token::Column::Id)
        .filter(api_token::Column::Id.into_expr().eq(feed(Column::TokenId)))
        .filter(
            api_token::Column::Hash
                .into_expr()
                .eq(feed(Column::TokenHash)),
        )
        .filter(api_token::Column::RevokedAt.is_null());
    Condition::any()
        .add(Column::TokenId.is_null())
        .add(Expr::exists(token.into_query()))
}

impl TryFrom<Model> for Feed {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.id,
            selection: FeedSelection {
                name: row.name,
                projects: row.projects.0,
                tags: row.tags.0,
                team: row.team_id,
                days_back: u16::try_from(row.days_back).unwrap_or(u16::MAX),
                expires_at: row.expires_at.map(instant).transpose()?,
            },
            created_at: instant(row.created_at)?,
            last_used_at: row.last_used_at.map(instant).transpose()?,
        })
    }
}
