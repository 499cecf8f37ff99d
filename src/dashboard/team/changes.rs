//! The actions of a team's owner.

use axum::extract::State;
use axum::response::Redirect;
use uuid::Uuid;

use super::redirect_to_team;
use crate::dashboard::Dashboard;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::Form;
use crate::dashboard::id::Id;
use crate::dashboard::parameters::{InvalidParameter, Parameters};
use crate::dashboard::teams::take_plan;
use crate::http::HttpError;

/// Updates name and projects. Members stay.
pub(in crate::dashboard) async fn update(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    let plan = take_plan(&mut form)?;
    form.reject_unknown()?;
    let user = session.user();
    dashboard.store.update_team(user, id, &plan).await?;
    Ok(redirect_to_team(id, Flash::TEAM_UPDATED))
}

/// Invites a user, or asks a member to share more.
pub(in crate::dashboard) async fn invite(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    let person = take_id(&mut form, "user")?;
    let user = session.user();
    dashboard.store.create_invitation(user, id, person).await?;
    Ok(redirect_to_team(id, Flash::INVITATION_SENT))
}

/// Cancels an invitation.
pub(in crate::dashboard) async fn withdraw(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    let invitation = take_id(&mut form, "invitation")?;
    let user = session.user();
    dashboard
        .store
        .revoke_invitation(user, id, invitation)
        .await?;
    Ok(redirect_to_team(id, Flash::INVITATION_CANCELED))
}

/// Removes a member.
pub(in crate::dashboard) async fn remove_member(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    let person = take_id(&mut form, "user")?;
    let user = session.user();
    dashboard.store.remove_member(user, id, person).await?;
    Ok(redirect_to_team(id, Flash::MEMBER_REMOVED))
}

/// Deletes the team, if confirmed.
pub(in crate::dashboard) async fn delete(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    let confirmed = form.take_one("confirm")?;
    form.reject_unknown()?;
    if confirmed.as_deref() != Some("yes") {
        return Err(InvalidParameter("Tick the box to confirm the deletion.".to_owned()).into());
    }
    dashboard.store.delete_team(session.user(), id).await?;
    Ok(Redirect::to(
        &Flash::TEAM_DELETED.address("/dashboard/teams"),
    ))
}

/// Takes the only field of a form, an id.
fn take_id(form: &mut Parameters, name: &str) -> Result<Uuid, InvalidParameter> {
    let id = form.take_one(name)?.and_then(|text| text.parse().ok());
    form.reject_unknown()?;
    id.ok_or_else(|| InvalidParameter(format!("“{name}” is not a valid id.")))
}
