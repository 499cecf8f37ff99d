//! A step of the schema, with its compatibility.

use sea_orm_migration::MigrationTrait;

/// A migration, with the level of the oldest program that works after it.
pub struct Step {
    /// The migration.
    pub migration: Box<dyn MigrationTrait>,
    /// The lowest level (number of known steps) of a program that works after this step. A step
    /// that only adds keeps the value of the previous step; one that removes something raises it.
    pub oldest_level: i32,
}

impl Step {
    /// Combines a migration with its level.
    pub fn new(migration: impl MigrationTrait + 'static, oldest_level: i32) -> Self {
        Self {
            migration: Box::new(migration),
            oldest_level,
        }
    }

    /// The name in the database, which is that of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        self.migration.name()
    }
}
