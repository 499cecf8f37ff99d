//! Oneself over the web API: what the server knows, tokens, and going away.

mod export;
mod oneself;
mod tokens;
