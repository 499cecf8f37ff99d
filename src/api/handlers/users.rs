//! The user's account, and finding others to invite.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::api::extract::json_body::Parameters;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::LoginPrefix;
use crate::store::{Caller, Person};

/// The user. `token` is always null: tokens are stored as hashes (the first Crick showed it).
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Me {
    /// A picture; empty if there is none.
    avatar_url: String,
    id: Uuid,
    login: String,
    #[schema(value_type = Option<String>)]
    token: (),
}

/// The user of the credentials.
#[utoipa::path(get, path = "/users/me", tag = "users", responses((status = 200, body = Me)))]
pub(in crate::api) async fn me(caller: Caller) -> Json<Me> {
    Json(Me {
        avatar_url: caller.user.avatar_url().unwrap_or_default().to_owned(),
        id: caller.user.id(),
        login: caller.user.login().to_owned(),
        token: (),
    })
}

/// Deletes the user with all their frames, projects and tokens, and the teams they own.
#[utoipa::path(delete, path = "/users/me", tag = "users", operation_id = "remove_me",
    responses((status = 204)))]
pub(in crate::api) async fn delete_me(
    State(api): State<Api>,
    caller: Caller,
) -> Result<StatusCode, HttpError> {
    api.store.delete_user(&caller.user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A user, as others see them.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct PersonJson {
    id: Uuid,
    login: String,
    /// A picture; empty if there is none.
    avatar_url: String,
}

impl From<Person> for PersonJson {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            login: person.login,
            avatar_url: person.avatar_url.unwrap_or_default(),
        }
    }
}

/// People by login.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct People {
    users: Vec<PersonJson>,
}

/// The search.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Search {
    /// The beginning of the login; case is ignored.
    #[param(min_length = 2, max_length = 64, pattern = r"^[^\x00]*$")]
    q: String,
}

/// The first ten users whose login begins with `q`.
#[utoipa::path(get, path = "/users", tag = "users", params(Search),
    responses((status = 200, body = People)))]
pub(in crate::api) async fn search(
    State(api): State<Api>,
    caller: Caller,
    Parameters(Search { q }): Parameters<Search>,
) -> Result<Json<People>, HttpError> {
    let prefix = LoginPrefix::new(q)?;
    let people = api.store.search_users(&caller.user, &prefix).await?;
    Ok(Json(People {
        users: people.into_iter().map(PersonJson::from).collect(),
    }))
}
