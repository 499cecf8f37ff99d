//! Calendar feeds: frames that a calendar program reads by a secret address, because it cannot send a header.

pub use super::feed_selection::{FEED_DAYS, InvalidFeed};

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use secrecy::SecretString;
use uuid::Uuid;

use super::caller::LAST_USED_STEP;
use super::token_use;
use crate::model::MOST_FEEDS;
use crate::store::db::bind;
use crate::store::db::secret::{hash, random};
use crate::store::db::sql::{Sql, instant};
use crate::store::sync::push::lock_user;
use crate::store::{Caller, Store, StoreError, User};

/// What the secret of every feed begins with, so that a leaked one is recognized.
const FEED_PREFIX: &str = "crickcal";

/// What a new feed is to show.
#[derive(Clone, Debug)]
pub struct NewFeed {
    /// What the calendar is called.
    pub name: String,
    /// Projects by name; of any of these, or of all when there are none.
    pub projects: Vec<String>,
    /// Tags: all of these.
    pub tags: Vec<String>,
    /// What a team's members share with it, instead of the user's own.
    pub team: Option<Uuid>,
    /// How many days it goes back, today not counted.
    pub days_back: u16,
    /// When it stops by itself.
    pub expires_at: Option<Timestamp>,
}

/// A feed as its owner sees it. Its address cannot be read back.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its name for the server.
    pub id: Uuid,
    /// What it shows.
    pub shows: NewFeed,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last read, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A feed whose address somebody knows, and whose frames it shows.
#[derive(Clone, Debug)]
pub struct OpenFeed {
    /// Its owner.
    pub user: User,
    /// The feed.
    pub feed: Feed,
}

/// The token by which a feed was made is valid still, or there was none: whoever came from the issuer made it.
macro_rules! alive {
    () => {
        "(f.token_id IS NULL OR EXISTS (SELECT 1 FROM api_tokens t \
         WHERE t.id = f.token_id AND t.hash = f.token_hash AND t.revoked_at IS NULL))"
    };
}

const FORGET: Sql = Sql::both(concat!(
    "DELETE FROM calendar_feeds AS f WHERE f.user_id = $1 AND NOT ",
    alive!()
));
const COUNT: Sql = Sql::both("SELECT count(*) FROM calendar_feeds WHERE user_id = $1");
const IS_MEMBER: Sql = Sql::both("SELECT 1 FROM team_members WHERE team_id = $1 AND user_id = $2");
const INSERT: Sql = Sql::both(
    "INSERT INTO calendar_feeds \
     (id, user_id, hash, name, projects, tags, team_id, days_back, created_at, expires_at, token_id, token_hash) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, (SELECT hash FROM api_tokens WHERE id = $11))",
);
const OF_USER: Sql = Sql::both(concat!(
    "SELECT f.id, f.name, f.projects, f.tags, f.team_id, f.days_back, f.created_at, f.last_used_at, f.expires_at \
     FROM calendar_feeds f WHERE f.user_id = $1 AND ",
    alive!(),
    " ORDER BY f.created_at, f.id"
));
const OPEN: Sql = Sql::both(concat!(
    "SELECT f.id, f.name, f.projects, f.tags, f.team_id, f.days_back, f.created_at, f.last_used_at, f.expires_at, \
     u.id, u.login, u.avatar_url FROM calendar_feeds f JOIN users u ON u.id = f.user_id WHERE f.hash = $1 AND ",
    alive!()
));
const USED: Sql = token_use::statement!("calendar_feeds", "id", "last_used_at = $2");
const REMOVE: Sql = Sql::both("DELETE FROM calendar_feeds WHERE user_id = $1 AND id = $2");

impl Store {
    /// Makes a feed; the secret of its address can be read only now. It ends with the token by which it is made.
    ///
    /// # Errors
    /// When the name cannot be one, the user has too many feeds, or is in no such team.
    pub async fn create_feed(
        &self,
        caller: &Caller,
        mut shows: NewFeed,
    ) -> Result<(SecretString, Feed), StoreError> {
        let user = &caller.user;
        shows.name = shows.name.trim().to_owned();
        let length = shows.name.chars().count();
        if !(1..=64).contains(&length) || shows.name.contains(char::is_control) {
            return Err(StoreError::InvalidFeedName);
        }
        let secret = random(FEED_PREFIX)?;
        let (id, created_at) = (Uuid::now_v7(), self.clock.now());
        let transaction = self.begin().await?;
        // The lock makes two requests count one after the other.
        lock_user(&transaction, user, 0).await?;
        FORGET.execute(&transaction, [user.id.into()]).await?;
        check_room(&transaction, user).await?;
        if let Some(team) = shows.team {
            let member = IS_MEMBER.one(&transaction, [team.into(), user.id.into()]);
            member
                .await?
                .ok_or_else(|| crate::store::teams::team::no_team(team))?;
        }
        let values = [
            id.into(),
            user.id.into(),
            hash(&secret).into(),
            shows.name.clone().into(),
            json(&shows.projects)?,
            json(&shows.tags)?,
            shows.team.into(),
            i32::from(shows.days_back).into(),
            created_at.into(),
            shows.expires_at.map(Timestamp::as_microsecond).into(),
            caller.token_id.into(),
        ];
        INSERT.execute(&transaction, values).await?;
        transaction.commit().await?;
        let feed = Feed {
            id,
            shows,
            created_at: instant(created_at)?,
            last_used_at: None,
        };
        Ok((secret.into(), feed))
    }

    /// The user's feeds, the oldest first; those that have expired too, until they are removed, but none whose token is
    /// not valid any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_feeds(&self, user: &User) -> Result<Vec<Feed>, StoreError> {
        let rows = OF_USER.all(&self.reader, [user.id.into()]).await?;
        Ok(rows.iter().map(feed).collect::<Result<_, _>>()?)
    }

    /// Removes a feed: its address is nothing from now on.
    ///
    /// # Errors
    /// When this user has no such feed.
    pub async fn delete_feed(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let removed = REMOVE.execute(&self.writer, [user.id.into(), id.into()]);
        match removed.await? {
            0 => Err(StoreError::NotFound(format!("feed {id}"))),
            _ => Ok(()),
        }
    }

    /// The feed behind a secret; none when it is unknown, was removed, has expired, or has ended with
    /// the token by which it was made.
    ///
    /// # Errors
    /// When the database fails, which says nothing about the secret.
    pub async fn open_feed(&self, secret: &str) -> Result<Option<OpenFeed>, StoreError> {
        let row = OPEN.one(&self.reader, [Value::from(hash(secret))]).await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let (feed, now) = (feed(&row)?, self.clock.now());
        let is_over = |at: Timestamp| at.as_microsecond() <= now;
        if feed.shows.expires_at.is_some_and(is_over) {
            return Ok(None);
        }
        let noted = feed.last_used_at.map(Timestamp::as_microsecond);
        if noted.is_none_or(|at| at + LAST_USED_STEP <= now) {
            let used = USED.execute(&self.writer, [feed.id.into(), now.into()]);
            token_use::note(used).await;
        }
        let user = User {
            id: row.try_get_by_index(9)?,
            login: row.try_get_by_index(10)?,
            avatar_url: row.try_get_by_index(11)?,
        };
        Ok(Some(OpenFeed { user, feed }))
    }
}

async fn check_room(db: &impl ConnectionTrait, user: &User) -> Result<(), StoreError> {
    let row = COUNT.one(db, [user.id.into()]).await?;
    let count: i64 = row.ok_or(StoreError::UserGone)?.try_get_by_index(0)?;
    if count >= i64::from(MOST_FEEDS) {
        return Err(StoreError::TooManyFeeds);
    }
    Ok(())
}

fn json(texts: &[String]) -> Result<Value, StoreError> {
    let json = serde_json::to_string(texts).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(json.into())
}

fn feed(row: &QueryResult) -> Result<Feed, DbErr> {
    let days_back: i32 = row.try_get_by_index(5)?;
    let last_used_at: Option<i64> = row.try_get_by_index(7)?;
    let expires_at: Option<i64> = row.try_get_by_index(8)?;
    Ok(Feed {
        id: row.try_get_by_index(0)?,
        shows: NewFeed {
            name: row.try_get_by_index(1)?,
            projects: bind::read(row, 2)?,
            tags: bind::read(row, 3)?,
            team: row.try_get_by_index(4)?,
            days_back: u16::try_from(days_back).unwrap_or(u16::MAX),
            expires_at: expires_at.map(instant).transpose()?,
        },
        created_at: instant(row.try_get_by_index(6)?)?,
        last_used_at: last_used_at.map(instant).transpose()?,
    })
}
