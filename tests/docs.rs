//! The page about the API, and what a browser is let do with it.

mod page;
