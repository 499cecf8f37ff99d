//! Which frames a user may see and selects: conditions on `frames f`.
//!
//! SQL by hand: the statements that use these conditions contain them two or three times.

use sea_orm::{DbBackend, DbErr, Value};
use uuid::Uuid;

use crate::store::User;
use crate::store::db::bind;
use crate::store::db::sql::Sql;

/// Where frames come from. Without names of projects, the frames of all projects.
#[derive(Clone, Debug)]
pub enum FrameSource {
    /// The user's own frames.
    Own(Vec<String>),
    /// The frames of one of the user's projects.
    Project(Uuid),
    /// What the members of one of the user's teams share with it.
    Team(Uuid, Vec<String>),
}

/// The characters with the property White_Space, which `str::trim` removes.
macro_rules! white_space {
    () => {
        "\u{9}\u{a}\u{b}\u{c}\u{d} \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\
         \u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}"
    };
}

/// In all conditions, `$user` is the user who asks, and `$?` the condition's own parameter.
const OWN: Sql = Sql::both("f.user_id = $user");
/// Conditions on the projects `p` and a parenthesis follow.
const OWN_PROJECTS: Sql =
    Sql::both("f.project_id IN (SELECT p.id FROM projects p WHERE p.user_id = $user");
const OF_PROJECT: Sql =
    Sql::both("f.project_id = (SELECT p.id FROM projects p WHERE p.user_id = $user AND p.id = $?)");
/// What members share with a team. Conditions on `p` and a parenthesis follow.
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

/// The frames that count in totals, as in `model::counted_time`: they have a length, and a project
/// whose name is not white space. The projects of a team always have names, so only the user's own
/// are tested.
const IS_COUNTED: Sql = Sql {
    postgres: concat!(
        "f.end_at > f.start_at AND f.project_id NOT IN \
         (SELECT p.id FROM projects p WHERE p.user_id = $user AND btrim(p.name, '",
        white_space!(),
        "') = '')"
    ),
    sqlite: concat!(
        "f.end_at > f.start_at AND f.project_id NOT IN \
         (SELECT p.id FROM projects p WHERE p.user_id = $user AND trim(p.name, '",
        white_space!(),
        "') = '')"
    ),
};

/// A conjunction of conditions. Its text consists of constants; all input is in parameters.
pub(in crate::store) struct Conditions {
    backend: DbBackend,
    pub(in crate::store) text: String,
    /// The parameters; `$1` is the user.
    pub(in crate::store) values: Vec<Value>,
}

impl Conditions {
    /// The frames of a source that the user may see and that have all of these tags.
    pub(in crate::store) fn new(
        backend: DbBackend,
        user: &User,
        source: &FrameSource,
        tags: &[String],
    ) -> Result<Self, DbErr> {
        let names = |names: &[String]| bind::list(backend, names.iter().cloned());
        let mut conditions = Self {
            backend,
            text: String::new(),
            values: vec![user.id.into()],
        };
        match source {
            FrameSource::Own(projects) if projects.is_empty() => conditions.add(&OWN, None),
            FrameSource::Own(projects) => {
                conditions.add(&OWN_PROJECTS, None);
                conditions.add(&NAMED, Some(names(projects)?));
                conditions.text.push(')');
            }
            FrameSource::Project(id) => conditions.add(&OF_PROJECT, Some((*id).into())),
            FrameSource::Team(id, projects) => {
                conditions.add(&TEAM_PROJECTS, Some((*id).into()));
                if !projects.is_empty() {
                    conditions.add(&NAMED, Some(names(projects)?));
                }
                conditions.text.push(')');
            }
        }
        if !tags.is_empty() {
            conditions.add(&WITH_TAGS, Some(bind::json(tags)?));
        }
        Ok(conditions)
    }

    /// Only frames that count in totals.
    pub(in crate::store) fn counted(mut self) -> Self {
        self.add(&IS_COUNTED, None);
        self
    }

    pub(in crate::store) fn add(&mut self, condition: &Sql, parameter: Option<Value>) {
        let constant = condition.text(self.backend);
        self.values.extend(parameter);
        let number = format!("${}", self.values.len());
        if !self.text.is_empty() {
            self.text.push_str(" AND ");
        }
        let text = constant.replace("$?", &number).replace("$user", "$1");
        self.text.push_str(&text);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_databases_trim_what_rust_trims() {
        let white_space = ('\0'..=char::MAX).filter(|character| character.is_whitespace());
        assert_eq!(white_space.collect::<String>(), white_space!());
    }
}
