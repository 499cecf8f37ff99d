//! The URLs of the list of frames.

use crate::dashboard::parameters::query;

/// The path of the list.
pub(super) const PATH: &str = "/dashboard/frames";

/// The URL of the list with a filter.
pub(in crate::dashboard) fn frames_url(parameters: &[(&str, &str)]) -> String {
    format!("{PATH}?{}", query(parameters.iter().copied()))
}
