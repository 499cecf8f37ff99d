//! The JSON API, for programs. `router.rs` has the table of routes; a request passes `middleware/`,
//! then a handler, which reads it with `extract/`.

mod extract;
mod handlers;
mod middleware;
mod openapi;
mod route;
mod router;
mod state;

pub use handlers::watson::{PushBody, read_frames, write_frame};
pub use router::{openapi, router};
pub use state::Api;
