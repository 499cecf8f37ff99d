//! One or several servers on one database, as behind a load balancer.

use crate::support::{Api, Crick, Engine, Server};

/// The servers to start.
pub(super) struct Deployment {
    engine: Engine,
    servers: usize,
}

impl From<Engine> for Deployment {
    fn from(engine: Engine) -> Self {
        Self { engine, servers: 1 }
    }
}

impl Deployment {
    pub(super) fn of_two(engine: Engine) -> Self {
        Self { engine, servers: 2 }
    }

    #[track_caller]
    pub(super) fn start(self) -> Instances {
        let crick = Crick::start(self.engine);
        let others = (1..self.servers).map(|_| Server::start(&crick.database, &[]));
        Instances {
            others: others.collect(),
            crick,
            devices: 0,
        }
    }
}

/// Running servers with one database, in which there is a user `alice`.
pub(super) struct Instances {
    /// The first field, so that they end before their database is deleted.
    others: Vec<Server>,
    crick: Crick,
    devices: usize,
}

impl Instances {
    /// A client with a new token for a device of alice, each with the next server.
    #[track_caller]
    pub(super) fn device(&mut self, name: &str) -> Api {
        let token = self.crick.database.create_token("alice", name);
        let servers = 1 + self.others.len();
        let server = match self.devices % servers {
            0 => &self.crick.server,
            at => &self.others[at - 1],
        };
        self.devices += 1;
        Api::new(&server.address, Some(&token))
    }
}
