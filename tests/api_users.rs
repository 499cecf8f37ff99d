//! Users in the API: `/users/me`, tokens, the export of everything, and deletion.

mod export;
mod me;
mod tokens;
