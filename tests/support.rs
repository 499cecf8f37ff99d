//! Databases, servers and clients for the tests. Contains no tests.

mod api;
mod backup;
mod clock;
mod crick;
mod database;
mod device;
mod frame;
mod issuer;
mod local_server;
mod log;
mod names;
mod postgres;
mod programs;
mod python;
mod raw;
mod requirements;
mod server;
mod wording;

pub(crate) use api::{Api, Reply};
pub(crate) use clock::Clock;
pub(crate) use crick::{Crick, Listening};
pub(crate) use database::{Database, Engine, on_both_engines};
pub(crate) use device::{Device, Sync, Wire};
pub(crate) use frame::{FrameJson, batch, frame, frame_of, frames};
pub(crate) use issuer::{AUDIENCE, CLIENT, Kind, Mood, SigningKey, TestIssuer, parameters};
pub(crate) use local_server::LocalServer;
pub(crate) use names::{any_name, encoded, unusual_names};
pub(crate) use postgres::{Cluster, somebody_else};
pub(crate) use programs::{Ran, migrate_command, run, server_command};
pub(crate) use python::python_with;
pub(crate) use raw::{RawConnection, padded};
pub(crate) use requirements::{announce, missing};
pub(crate) use server::Server;
pub(crate) use wording::assert_plain;
