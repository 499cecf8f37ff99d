//! Pages of frames, newest first, by project, team, tags and time.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use super::pull::{PulledFrame, pulled_frame};
use super::{Sql, Store, StoreError, User};
use crate::model::Days;

/// Which frames to list.
#[derive(Clone, Debug)]
pub struct FrameFilter {
    /// Where they come from.
    pub source: FrameSource,
    /// Tags: all of them.
    pub tags: Vec<String>,
    /// Frames that overlap these days.
    pub days: Days,
    /// The most to answer.
    pub limit: i64,
    /// How many of the newest to leave out.
    pub offset: i64,
}

/// Where listed frames come from. Names of projects, where there are some, mean frames of any of these projects.
#[derive(Clone, Debug)]
pub enum FrameSource {
    /// The user's own.
    Own(Vec<String>),
    /// One project of the user's own.
    Project(Uuid),
    /// What the members of a team that the user is in share with it.
    Team(Uuid, Vec<String>),
}

/// A page of frames.
#[derive(Clone, Debug)]
pub struct FrameList {
    /// How many there are on all pages.
    pub count: i64,
    /// Those of this page with their owners.
    pub frames: Vec<(Uuid, PulledFrame)>,
}

/// Conditions in the words of each engine. `$user` is the user who asks, `$?` the condition's own parameter.
const OWN: Sql = Sql::both("f.user_id = $user");
/// Open: conditions on the projects `p` and a parenthesis follow.
const OWN_PROJECTS: Sql =
    Sql::both("f.project_id IN (SELECT p.id FROM projects p WHERE p.user_id = $user");
const OF_PROJECT: Sql =
    Sql::both("f.project_id = (SELECT p.id FROM projects p WHERE p.user_id = $user AND p.id = $?)");
/// What a member shares with a team that is about it, by its name. Open, as above.
const TEAM_PROJECTS: Sql = Sql::both(
    "f.project_id IN (SELECT p.id FROM team_members m JOIN team_shares s USING (team_id, user_id) \
     JOIN team_projects tp ON tp.team_id = s.team_id AND tp.project = s.project \
     JOIN projects p ON p.user_id = m.user_id AND p.name = s.project \
     WHERE EXISTS (SELECT 1 FROM team_members me WHERE me.team_id = m.team_id AND me.user_id = $user) \
     AND m.team_id = $?",
);
const NAMED: Sql = Sql {
    postgres: "p.name = ANY($?)",
    sqlite: "p.name IN (SELECT value FROM json_each($?))",
};
const WITH_TAGS: Sql = Sql {
    postgres: "f.tags @> $?::jsonb",
    sqlite: "NOT EXISTS (SELECT 1 FROM json_each($?) t \
             WHERE t.value NOT IN (SELECT value FROM json_each(f.tags)))",
};
const BEGUN_BEFORE: Sql = Sql::both("f.start_at < $?");
/// A frame that ends as the first day begins is not of that day, unless it has no length and lies there.
const NOT_OVER_BY: Sql = Sql::both("f.end_at >= $? AND (f.end_at > $? OR f.start_at = f.end_at)");

impl Store {
    /// A page of frames, newest first: the later start first, of equal ones the higher id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn frame_list(
        &self,
        user: &User,
        filter: &FrameFilter,
    ) -> Result<FrameList, StoreError> {
        use sea_orm::ConnectionTrait as _;
        let statement = statement(self.backend(), user, filter)?;
        let rows = self.reader.query_all_raw(statement).await?;
        let mut list = FrameList {
            count: 0,
            frames: Vec::with_capacity(rows.len()),
        };
        for row in &rows {
            list.count = row.try_get_by_index(0)?;
            // A page beyond the last one is a row that holds the number alone.
            if let Some(owner) = row.try_get_by_index(6)? {
                list.frames.push((owner, pulled_frame(row)?));
            }
        }
        Ok(list)
    }
}

/// The number and the page in one statement, so that they are of one moment.
fn statement(
    backend: DbBackend,
    user: &User,
    filter: &FrameFilter,
) -> Result<Statement, StoreError> {
    let mut conditions = Conditions::new(backend, user);
    match &filter.source {
        FrameSource::Own(projects) => {
            conditions.add(&OWN, None);
            if !projects.is_empty() {
                conditions.add(&OWN_PROJECTS, None);
                conditions.add(&NAMED, Some(names(backend, projects)?));
                conditions.text.push(')');
            }
        }
        FrameSource::Project(id) => conditions.add(&OF_PROJECT, Some((*id).into())),
        FrameSource::Team(id, projects) => {
            conditions.add(&TEAM_PROJECTS, Some((*id).into()));
            if !projects.is_empty() {
                conditions.add(&NAMED, Some(names(backend, projects)?));
            }
            conditions.text.push(')');
        }
    }
    if !filter.tags.is_empty() {
        conditions.add(&WITH_TAGS, Some(json(&filter.tags)?));
    }
    if let Some(until) = filter.days.until {
        conditions.add(&BEGUN_BEFORE, Some(until.as_microsecond().into()));
    }
    if let Some(since) = filter.days.since {
        conditions.add(&NOT_OVER_BY, Some(since.as_microsecond().into()));
    }
    let tags = match backend {
        DbBackend::Postgres => "f.tags::text",
        _ => "f.tags",
    };
    let Conditions {
        text, mut values, ..
    } = conditions;
    let (limit, offset) = (values.len() + 1, values.len() + 2);
    values.extend([filter.limit.into(), filter.offset.into()]);
    let text = format!(
        "WITH f AS (SELECT f.user_id, f.id, f.project_id, f.start_at, f.end_at, f.tags FROM frames f WHERE {text} \
         ORDER BY f.start_at DESC, f.id DESC LIMIT ${limit} OFFSET ${offset}) \
         SELECT n.number, f.id, f.start_at, f.end_at, p.name, {tags}, f.user_id \
         FROM (SELECT count(*) AS number FROM frames f WHERE {text}) n \
         LEFT JOIN f ON true LEFT JOIN projects p ON p.id = f.project_id \
         ORDER BY f.start_at DESC, f.id DESC"
    );
    Ok(Statement::from_sql_and_values(backend, text, values))
}

/// Conditions that all hold. Their text is made of constants; whatever a client sent is a parameter.
struct Conditions {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    /// No condition yet; `$1` is the user.
    fn new(backend: DbBackend, user: &User) -> Self {
        Self {
            backend,
            text: String::new(),
            values: vec![user.id.into()],
        }
    }

    fn add(&mut self, condition: &Sql, parameter: Option<Value>) {
        let constant = match self.backend {
            DbBackend::Postgres => condition.postgres,
            _ => condition.sqlite,
        };
        self.values.extend(parameter);
        let number = format!("${}", self.values.len());
        if !self.text.is_empty() {
            self.text.push_str(" AND ");
        }
        let text = constant.replace("$?", &number).replace("$user", "$1");
        self.text.push_str(&text);
    }
}

/// Texts as one parameter: an array for PostgreSQL, a JSON list for SQLite.
fn names(backend: DbBackend, names: &[String]) -> Result<Value, StoreError> {
    match backend {
        DbBackend::Postgres => {
            let names = names.iter().cloned().map(Value::from).collect();
            Ok(Value::Array(ArrayType::String, Some(Box::new(names))))
        }
        _ => json(names),
    }
}

fn json(texts: &[String]) -> Result<Value, StoreError> {
    let json = serde_json::to_string(texts);
    json.map(Value::from)
        .map_err(|error| StoreError::Database(DbErr::Json(error.to_string())))
}
