//! What the owner of a team does about it.

use axum::extract::State;
use axum::response::Redirect;
use uuid::Uuid;

use super::back;
use crate::web::Dashboard;
use crate::web::error::WebError;
use crate::web::id::Id;
use crate::web::notice::Notice;
use crate::web::parameters::InvalidParameter;
use crate::web::sent::Sent;
use crate::web::teams::plan;

/// Gives the team another name and other projects. Whoever is in it stays.
pub(in crate::web) async fn change(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    mut sent: Sent,
) -> Result<Redirect, WebError> {
    let plan = plan(&mut sent.form)?;
    sent.form.nothing_else()?;
    let user = &sent.visitor.user;
    dashboard.store.team_replace(user, id, &plan).await?;
    Ok(back(id, Notice::Changed))
}

/// Invites somebody, or a member to share more.
pub(in crate::web) async fn invite(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    mut sent: Sent,
) -> Result<Redirect, WebError> {
    let person = whom(&mut sent, "user")?;
    let user = &sent.visitor.user;
    dashboard.store.team_invite(user, id, person).await?;
    Ok(back(id, Notice::Invited))
}

/// Takes an invitation back.
pub(in crate::web) async fn withdraw(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    mut sent: Sent,
) -> Result<Redirect, WebError> {
    let invitation = whom(&mut sent, "invitation")?;
    let user = &sent.visitor.user;
    dashboard
        .store
        .invitation_withdraw(user, id, invitation)
        .await?;
    Ok(back(id, Notice::Withdrawn))
}

/// Removes a member.
pub(in crate::web) async fn remove(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    mut sent: Sent,
) -> Result<Redirect, WebError> {
    let person = whom(&mut sent, "user")?;
    let user = &sent.visitor.user;
    dashboard.store.member_remove(user, id, person).await?;
    Ok(back(id, Notice::Removed))
}

/// Ends the team, if that was confirmed.
pub(in crate::web) async fn delete(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    mut sent: Sent,
) -> Result<Redirect, WebError> {
    let confirmed = sent.form.one("confirm")?;
    sent.form.nothing_else()?;
    if confirmed.as_deref() != Some("yes") {
        return Err(InvalidParameter("Tick that the team shall be deleted.".to_owned()).into());
    }
    dashboard.store.team_delete(&sent.visitor.user, id).await?;
    Ok(Redirect::to(&Notice::Deleted.on("/dashboard/teams")))
}

/// Takes the one id that a form holds.
fn whom(sent: &mut Sent, name: &str) -> Result<Uuid, InvalidParameter> {
    let id = sent.form.one(name)?.and_then(|text| text.parse().ok());
    sent.form.nothing_else()?;
    id.ok_or_else(|| InvalidParameter(format!("“{name}” is no id.")))
}
