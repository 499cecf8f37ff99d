//! Route names in the log and the metrics.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Crick, Engine, frame, on_both_engines};

on_both_engines![logged_routes_are_templates_and_each_line_has_one_request_id];

/// Paths and the name of their routes.
const ROUTES: [(&str, &str); 9] = [
    ("/", "/"),
    ("/?week=2026-W01", "/"),
    ("//", "none"),
    ("/livez/", "/livez"),
    ("/dashboard", "/dashboard"),
    ("/dashboard/", "/dashboard"),
    ("/watson/frames/", "/watson/frames"),
    ("/dashboard/nothing", "/dashboard/{*rest}"),
    ("/nothing", "none"),
];

fn logged_routes_are_templates_and_each_line_has_one_request_id(engine: Engine) {
    let options = [
        "--metrics-listen",
        "127.0.0.1:0",
        "--drain-grace",
        "0",
        "--log",
        "info,sqlx=debug",
    ];
    let mut crick = Crick::start_with(engine, &options);
    let laptop = crick.device("laptop");
    laptop.push(&[frame()]);
    for (path, _) in ROUTES {
        laptop.get(path);
    }
    let sign_in = laptop.get("/dashboard/sign-in");
    let page = String::from_utf8(sign_in.body).expect("UTF-8");
    let assets: Vec<&str> = page
        .split('"')
        .filter(|text| text.starts_with("/dashboard/assets/"))
        .collect();
    assert_eq!(assets.len(), 2, "a style and a script: {page}");
    for path in &assets {
        let reply = laptop.get(path);
        assert_eq!(reply.status, 200);
        assert!(reply.header("cache-control").contains("immutable"));
    }
    assert_eq!(
        laptop
            .get("/dashboard/assets/style-000000000000.css")
            .status,
        404
    );
    assert_eq!(laptop.get("/dashboard/assets/%FF").status, 404);

    let metrics = metrics(&crick);
    crick.server.terminate();
    crick.server.wait();
    let (mut logged, mut lines) = (BTreeSet::new(), 0);
    for event in crick.server.log.events() {
        let id = event["span"]["request_id"].as_str();
        if let Some(id) = id {
            assert_eq!(event.to_string().matches(id).count(), 1, "{event}");
            lines += 1;
        }
        if let Some(route) = event["fields"]["route"].as_str() {
            logged.insert(route.to_owned());
        }
    }
    assert!(lines > ROUTES.len(), "of statements, too: {lines}");
    for (path, route) in ROUTES {
        assert!(logged.contains(route), "{path}: {logged:?}");
    }
    assert!(logged.contains("/dashboard/assets/{name}"), "{logged:?}");
    let counted = metrics
        .split("route=\"")
        .skip(1)
        .map(|rest| rest.split('"').next());
    let counted: BTreeSet<String> = counted
        .map(|route| route.expect("an end").to_owned())
        .collect();
    for route in logged.iter().chain(&counted) {
        let is_hashed = assets.iter().any(|asset| route.contains(asset));
        assert!(!route.is_empty() && !is_hashed, "{route:?}");
    }
    assert_eq!(counted, logged);
}

/// The metrics as Prometheus reads them.
fn metrics(crick: &Crick) -> String {
    let listening = |line: &str| {
        let event: Value = serde_json::from_str(line).ok()?;
        let fields = &event["fields"];
        let address = fields["address"].as_str()?.to_owned();
        (fields["message"] == "listening for metrics").then_some(address)
    };
    let address = crick.server.log.wait_for(listening).expect("an address");
    let mut connection = crate::support::RawConnection::open(&address);
    connection.send("GET /metrics HTTP/1.1\r\nHost: crick\r\n\r\n");
    String::from_utf8(connection.reply().expect("metrics").body).expect("text")
}
