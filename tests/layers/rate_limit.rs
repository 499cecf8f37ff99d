//! How often one device, person or address may ask.

use std::time::{Duration, Instant};

use crate::support::{Api, Crick, Engine, RawConnection, Reply, Server, on_both_engines};

on_both_engines![each_token_has_a_limit_of_its_own];

#[track_caller]
fn start(options: &[&str]) -> Crick {
    Crick::start_with(Engine::sqlite(), options)
}

/// A server behind a Unix socket, as behind a proxy.
struct Proxied {
    server: Server,
    _crick: Crick,
    token: String,
}

impl Proxied {
    #[track_caller]
    fn start(options: &[&str]) -> Self {
        let crick = start(&[]);
        let token = crick.device("laptop").token().to_owned();
        let listen = format!("unix:{}", crick.database.path("http.sock").display());
        Self {
            server: Server::start_at(&crick.database, &listen, options),
            _crick: crick,
            token,
        }
    }

    /// A request for which the proxy says these header fields.
    #[track_caller]
    fn get(&self, fields: &str) -> Reply {
        let mut connection = self.server.connect();
        connection.send(&format!(
            "GET /projects HTTP/1.1\r\nHost: crick\r\nAuthorization: Token {}\r\n{fields}\r\n",
            self.token
        ));
        connection.reply().expect("an answer")
    }
}

/// How many times in a row `/projects` is answered, and the refusal after that.
#[track_caller]
fn until_refused(api: &Api) -> (usize, Reply) {
    let replies = (0..100).map(|_| api.get("/projects"));
    for (count, reply) in replies.enumerate() {
        if reply.status == 429 {
            return (count, reply);
        }
    }
    panic!("never refused");
}

fn each_token_has_a_limit_of_its_own(engine: Engine) {
    let crick = Crick::start_with(engine, &["--rate-limit-token", "5"]);
    let (laptop, phone) = (crick.device("laptop"), crick.device("phone"));
    let (allowed, refusal) = until_refused(&laptop);
    assert_eq!(allowed, 5);
    refusal.problem(429);
    assert_eq!(phone.get("/projects").status, 200, "another token");
    assert_eq!(
        crick
            .with_token(laptop.token())
            .get("/watson/projects")
            .status,
        429,
        "on whatever route"
    );
}

#[test]
fn a_refusal_says_when_to_come_back_and_then_it_works() {
    let crick = start(&["--rate-limit-token", "60"]);
    let laptop = crick.device("laptop");
    let (_, refusal) = until_refused(&laptop);
    let began = Instant::now();
    assert_eq!(refusal.header("retry-after"), "1");
    assert!(refusal.problem(429).contains("1 second"));
    while laptop.get("/projects").status == 429 {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn writing_costs_twice_as_much_as_reading() {
    let crick = start(&["--rate-limit-token", "6"]);
    let laptop = crick.device("laptop");
    for _ in 0..3 {
        laptop.request("DELETE", "/users/me", &[]).problem(403);
    }
    laptop.get("/projects").problem(429);
    let phone = crick.device("phone");
    for _ in 0..3 {
        phone.push(&[]);
        assert_eq!(phone.get("/watson/frames").status, 200);
    }
    phone.get("/projects").problem(429);
}

#[test]
fn an_address_has_a_limit_whoever_asks_from_it() {
    let crick = start(&["--rate-limit-address", "4"]);
    let (laptop, phone) = (crick.device("laptop"), crick.device("phone"));
    for _ in 0..2 {
        assert_eq!(laptop.get("/projects").status, 200);
        assert_eq!(phone.get("/projects").status, 200);
    }
    laptop.get("/projects").problem(429);
    phone.get("/projects").problem(429);
    crick.stranger().get("/projects").problem(429);
}

#[test]
fn probes_are_never_refused() {
    let crick = start(&["--rate-limit-token", "1", "--rate-limit-address", "1"]);
    let stranger = crick.stranger();
    stranger.get("/projects");
    for _ in 0..20 {
        assert_eq!(stranger.get("/livez").status, 200);
        assert_eq!(stranger.get("/readyz").status, 200);
    }
}

#[test]
fn zero_is_no_limit() {
    let crick = start(&["--rate-limit-token", "0", "--rate-limit-address", "0"]);
    let laptop = crick.device("laptop");
    for _ in 0..1_300 {
        assert_eq!(laptop.get("/livez").status, 200);
    }
    for _ in 0..700 {
        assert_eq!(laptop.get("/users/me").status, 200);
    }
}

#[test]
fn a_tenth_of_the_requests_of_an_address_may_fail_to_authenticate_and_valid_tokens_go_on() {
    let crick = start(&["--rate-limit-address", "100"]);
    let (laptop, stranger) = (crick.device("laptop"), crick.stranger());
    for _ in 0..10 {
        stranger.get("/projects").problem(401);
    }
    crick.with_token("wrong").get("/projects").problem(429);
    let refusal = stranger.get("/watson/frames");
    refusal.problem(429);
    let wait: u32 = refusal.header("retry-after").parse().expect("seconds");
    assert!((1..=6).contains(&wait), "a tenth of a minute: {wait}");
    let (allowed, _) = until_refused(&laptop);
    assert!(allowed >= 100 - 12, "{allowed}");
}

#[test]
fn a_push_that_is_refused_is_not_read() {
    let crick = start(&["--rate-limit-token", "1"]);
    let laptop = crick.device("laptop");
    laptop.get("/projects");
    let mut connection = crick.server.connect();
    connection.send(&format!(
        "POST /watson/frames/bulk HTTP/1.1\r\nHost: crick\r\nAuthorization: Token {}\r\n\
         Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n",
        laptop.token()
    ));
    let refusal = connection.reply().expect("an answer before the body");
    refusal.problem(429);
}

#[test]
fn an_address_that_is_refused_does_not_reach_the_database() {
    let crick = start(&["--rate-limit-address", "1"]);
    let laptop = crick.device("laptop");
    laptop.get("/projects");
    crick.database.execute("DROP TABLE api_tokens");
    laptop.get("/projects").problem(429);
}

#[test]
fn over_tcp_a_forwarded_address_is_not_believed() {
    let crick = start(&["--rate-limit-address", "2"]);
    let laptop = crick.device("laptop");
    let ask = |address| laptop.request("GET", "/projects", &[("X-Forwarded-For", address)]);
    assert_eq!(ask("192.0.2.1").status, 200);
    assert_eq!(ask("192.0.2.2").status, 200);
    ask("192.0.2.3").problem(429);
}

#[test]
fn behind_a_unix_socket_the_last_forwarded_address_is_counted() {
    let proxied = Proxied::start(&["--rate-limit-address", "2"]);
    for (fields, status) in [
        ("X-Forwarded-For: 192.0.2.1\r\n", 200),
        ("X-Forwarded-For: 198.51.100.7, 192.0.2.1\r\n", 200),
        ("X-Forwarded-For: 192.0.2.1\r\n", 429),
        ("X-Forwarded-For: 192.0.2.1, 192.0.2.2\r\n", 200),
        (
            "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-For: 192.0.2.1\r\n",
            429,
        ),
        ("X-Forwarded-For: 2001:db8:0:1::1\r\n", 200),
        ("X-Forwarded-For: 2001:db8:0:1:ffff::2\r\n", 200),
        ("X-Forwarded-For: 2001:db8:0:1::3\r\n", 429),
        ("X-Forwarded-For: 2001:db8:0:2::1\r\n", 200),
    ] {
        assert_eq!(proxied.get(fields).status, status, "{fields}");
    }
}

#[test]
fn behind_a_unix_socket_requests_without_an_address_are_counted_together() {
    let proxied = Proxied::start(&["--rate-limit-address", "2"]);
    assert_eq!(proxied.get("").status, 200);
    assert_eq!(proxied.get("X-Forwarded-For: nobody\r\n").status, 200);
    proxied.get("X-Forwarded-For: unix:\r\n").problem(429);
    proxied.get("").problem(429);
    assert_eq!(proxied.get("X-Forwarded-For: 192.0.2.1\r\n").status, 200);
}

#[test]
fn refusals_are_counted_by_kind() {
    let crick = start(&[
        "--rate-limit-token",
        "1",
        "--rate-limit-address",
        "3",
        "--metrics-listen",
        "127.0.0.1:0",
    ]);
    let laptop = crick.device("laptop");
    for _ in 0..6 {
        laptop.get("/projects");
    }
    let address = crick.server.log.wait_for(|line| {
        let event: serde_json::Value = serde_json::from_str(line).ok()?;
        let fields = &event["fields"];
        (fields["message"] == "listening for metrics")
            .then(|| fields["address"].as_str().map(str::to_owned))?
    });
    let mut connection = RawConnection::open(&address.expect("an address"));
    connection.send("GET /metrics HTTP/1.1\r\nHost: crick\r\n\r\n");
    let text = String::from_utf8(connection.reply().expect("metrics").body).expect("text");
    for line in [
        "crick_rate_limited_total{kind=\"token\"} 2",
        "crick_rate_limited_total{kind=\"address\"} 3",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
}
