//! What the owner of a team does about it.

use axum::extract::State;
use axum::response::Redirect;
use uuid::Uuid;

use super::back;
use crate::dashboard::Dashboard;
use crate::dashboard::form::Form;
use crate::dashboard::id::Id;
use crate::dashboard::notice::Notice;
use crate::dashboard::parameters::{InvalidParameter, Parameters};
use crate::dashboard::teams::plan;
use crate::http::HttpError;

/// Gives the team another name and other projects. Whoever is in it stays.
pub(in crate::dashboard) async fn change(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    let plan = plan(&mut form)?;
    form.nothing_else()?;
    let user = visitor.user();
    dashboard.store.update_team(user, id, &plan).await?;
    Ok(back(id, Notice::Changed))
}

/// Invites somebody, or a member to share more.
pub(in crate::dashboard) async fn invite(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    let person = whom(&mut form, "user")?;
    let user = visitor.user();
    dashboard.store.create_invitation(user, id, person).await?;
    Ok(back(id, Notice::Invited))
}

/// Takes an invitation back.
pub(in crate::dashboard) async fn withdraw(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    let invitation = whom(&mut form, "invitation")?;
    let user = visitor.user();
    dashboard
        .store
        .revoke_invitation(user, id, invitation)
        .await?;
    Ok(back(id, Notice::Withdrawn))
}

/// Removes a member.
pub(in crate::dashboard) async fn remove(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    let person = whom(&mut form, "user")?;
    let user = visitor.user();
    dashboard.store.remove_member(user, id, person).await?;
    Ok(back(id, Notice::Removed))
}

/// Ends the team, if that was confirmed.
pub(in crate::dashboard) async fn delete(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    let confirmed = form.one("confirm")?;
    form.nothing_else()?;
    if confirmed.as_deref() != Some("yes") {
        return Err(InvalidParameter("Tick the box to confirm the deletion.".to_owned()).into());
    }
    dashboard.store.delete_team(visitor.user(), id).await?;
    Ok(Redirect::to(&Notice::Deleted.on("/dashboard/teams")))
}

/// Takes the one id that a form holds.
fn whom(form: &mut Parameters, name: &str) -> Result<Uuid, InvalidParameter> {
    let id = form.one(name)?.and_then(|text| text.parse().ok());
    form.nothing_else()?;
    id.ok_or_else(|| InvalidParameter(format!("“{name}” is not a valid id.")))
}
