//! A step of the schema's history and the oldest program that still works once it has been applied.

use sea_orm_migration::MigrationTrait;

/// One migration, with what it means for programs built before it existed.
pub struct Step {
    /// What `up` and `down` do.
    pub migration: Box<dyn MigrationTrait>,
    /// The lowest level (number of known steps) of a program that works on a schema with this step applied. A step that
    /// only adds keeps the value of the step before it; one that takes away raises it.
    pub oldest_level: i32,
}

impl Step {
    /// Joins a migration with the level of the oldest program that tolerates it.
    pub fn new(migration: impl MigrationTrait + 'static, oldest_level: i32) -> Self {
        Self {
            migration: Box::new(migration),
            oldest_level,
        }
    }

    /// The name recorded in the database, which is the file's.
    #[must_use]
    pub fn name(&self) -> &str {
        self.migration.name()
    }
}
