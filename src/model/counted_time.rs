//! How long a frame counts in totals, and the label of a project without a name.

use jiff::{SignedDuration, Timestamp};

/// The label of a project without a name.
const NO_PROJECT: &str = "(no project)";

/// Whether the name of a project is empty or white space.
#[must_use]
pub fn is_nameless(project: &str) -> bool {
    project.trim().is_empty()
}

/// The name of a project as shown to people.
#[must_use]
pub fn project_label(project: &str) -> &str {
    if is_nameless(project) {
        NO_PROJECT
    } else {
        project
    }
}

/// How long a frame counts in every total: 0 if it ends before it starts, or if its project has no
/// name. Watson can create both by mistake, and a guess would silently make totals wrong.
#[must_use]
pub fn counted_time(start_at: Timestamp, end_at: Timestamp, project: &str) -> SignedDuration {
    if is_nameless(project) {
        return SignedDuration::ZERO;
    }
    end_at.duration_since(start_at).max(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_or_nameless_frame_counts_as_nothing() {
        let at = |second| Timestamp::from_second(second).expect("an instant");
        let seconds = |start, end, project| counted_time(at(start), at(end), project).as_secs();
        assert_eq!(seconds(0, 3_600, "apollo"), 3_600);
        assert_eq!(seconds(3_600, 3_600, "apollo"), 0);
        assert_eq!(seconds(3_600, 0, "apollo"), 0);
        assert_eq!(seconds(0, 3_600, ""), 0);
        assert_eq!(seconds(0, 3_600, " \t\u{a0}"), 0);
    }

    #[test]
    fn a_project_without_a_name_has_a_label() {
        assert_eq!(project_label(""), "(no project)");
        assert_eq!(project_label(" apollo"), " apollo");
    }
}
