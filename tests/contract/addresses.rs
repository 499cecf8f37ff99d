//! Every address of the table of routes: with and without a slash at its end, `HEAD`, `OPTIONS`, and what is not possible.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{World, of_nothing, operations};
use crate::support::{Crick, Engine, Reply, on_both_engines};

on_both_engines![
    every_get_answers_with_and_without_a_slash_and_head_answers_the_same,
    every_address_says_which_methods_it_has,
    a_method_that_an_address_has_not_is_405_and_says_which_it_has,
];

/// The methods of each path of the document.
fn methods(crick: &Crick) -> BTreeMap<String, BTreeSet<String>> {
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations(crick) {
        let here = methods.entry(operation.path).or_default();
        here.insert("OPTIONS".to_owned());
        if operation.method == "GET" {
            here.insert("HEAD".to_owned());
        }
        here.insert(operation.method);
    }
    methods
}

fn allowed(reply: &Reply) -> BTreeSet<String> {
    let names = reply.header("allow").split(',').map(str::trim);
    names.map(str::to_owned).collect()
}

fn every_get_answers_with_and_without_a_slash_and_head_answers_the_same(engine: Engine) {
    let world = World::new(engine);
    let mut addresses = world.looked_at();
    for operation in operations(&world.crick) {
        if operation.method == "GET" && !operation.path.contains('{') {
            let query = if operation.path == "/users" {
                "?q=al"
            } else {
                ""
            };
            addresses.push(format!("{}{query}", operation.path));
        }
    }
    for address in addresses {
        let (path, query) = address.split_at(address.find('?').unwrap_or(address.len()));
        let bare = world.alice.get(&address);
        let slashed = world.alice.get(&format!("{path}/{query}"));
        assert_eq!((bare.status, slashed.status), (200, 200), "{address}");
        assert_eq!(bare.body, slashed.body, "{address}");
        for address in [&address, &format!("{path}/{query}")] {
            let head = world.alice.request("HEAD", address, &[]);
            assert_eq!((head.status, head.body.len()), (200, 0), "{address}");
            for name in ["content-type", "cache-control", "vary"] {
                assert_eq!(head.header(name), bare.header(name), "{address}: {name}");
            }
        }
    }
}

fn every_address_says_which_methods_it_has(engine: Engine) {
    let crick = Crick::start(engine);
    for (path, methods) in methods(&crick) {
        let path = of_nothing(&path);
        for address in [format!("{path}/"), path] {
            let reply = crick.stranger().request("OPTIONS", &address, &[]);
            assert_eq!((reply.status, reply.body.len()), (204, 0), "{address}");
            assert_eq!(allowed(&reply), methods, "{address}");
        }
    }
}

fn a_method_that_an_address_has_not_is_405_and_says_which_it_has(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for (path, methods) in methods(&crick) {
        let path = of_nothing(&path);
        for address in [format!("{path}/"), path] {
            for wrong in ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"] {
                if methods.contains(wrong) {
                    continue;
                }
                for who in [&alice, &crick.stranger()] {
                    let reply = who.request(wrong, &address, &[]);
                    assert_eq!(allowed(&reply), methods, "{wrong} {address}");
                    reply.problem(405);
                }
            }
        }
    }
}
