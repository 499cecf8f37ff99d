//! The team whose frames are listed, as its members see it.

use uuid::Uuid;

use super::{Person, Sql, Store, StoreError, User};

/// A team.
#[derive(Clone, Debug)]
pub struct FrameTeam {
    /// The server's own name for it.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Who may change it.
    pub owner_id: Uuid,
    /// The names of the projects that it is about.
    pub projects: Vec<String>,
    /// Its members, by login.
    pub users: Vec<Person>,
}

const TEAM: Sql = Sql::both(
    "SELECT t.name, t.owner_id, tp.project FROM teams t LEFT JOIN team_projects tp ON tp.team_id = t.id \
     WHERE t.id = $1 AND EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = t.id AND m.user_id = $2) \
     ORDER BY tp.position",
);
const MEMBERS: Sql = Sql::both(
    "SELECT u.id, u.login, u.avatar_url FROM team_members m JOIN users u ON u.id = m.user_id \
     WHERE m.team_id = $1 ORDER BY u.login",
);

impl Store {
    /// A team that the user is a member of.
    ///
    /// # Errors
    /// When there is none.
    pub async fn frame_team(&self, user: &User, id: Uuid) -> Result<FrameTeam, StoreError> {
        let rows = TEAM.all(&self.reader, [id.into(), user.id.into()]).await?;
        let Some(first) = rows.first() else {
            return Err(StoreError::NotFound(format!("team {id}")));
        };
        let mut team = FrameTeam {
            id,
            name: first.try_get_by_index(0)?,
            owner_id: first.try_get_by_index(1)?,
            projects: Vec::new(),
            users: Vec::new(),
        };
        for row in &rows {
            let project: Option<String> = row.try_get_by_index(2)?;
            team.projects.extend(project);
        }
        for row in MEMBERS.all(&self.reader, [id.into()]).await? {
            team.users.push(Person {
                id: row.try_get_by_index(0)?,
                login: row.try_get_by_index(1)?,
                avatar_url: row.try_get_by_index(2)?,
            });
        }
        Ok(team)
    }
}
