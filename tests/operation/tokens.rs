//! Tokens on the command line: create, list, revoke and resend.

use crate::support::{Crick, Device, Engine, on_both_engines};

on_both_engines![
    tokens_are_letters_and_digits_after_a_fixed_prefix,
    a_token_works_at_once_and_until_it_is_revoked,
    revoking_one_token_leaves_the_others,
    an_expired_token_is_refused,
    devices_are_listed_by_name,
    a_shared_token_is_marked_in_the_list,
    a_device_receives_all_frames_again,
    a_device_receives_all_frames_when_its_token_is_no_longer_shared,
    a_token_for_an_unknown_user_is_refused,
    the_token_of_a_removed_user_is_refused,
];

fn tokens_are_letters_and_digits_after_a_fixed_prefix(engine: Engine) {
    let database = engine.migrated();
    database.add_user("alice");
    let tokens: Vec<String> = (0..4)
        .map(|number| database.create_token("alice", &format!("device {number}")))
        .collect();
    let common = (0..tokens[0].len())
        .take_while(|at| {
            tokens
                .iter()
                .all(|token| token.as_bytes()[*at] == tokens[0].as_bytes()[*at])
        })
        .count();
    assert!(common >= 3, "a prefix to recognize them by: {tokens:?}");
    for token in &tokens {
        // Watson's command line mistakes a value that begins with a dash for an option.
        assert!(token.chars().all(|c| c.is_ascii_alphanumeric()), "{token}");
        assert!(token.len() - common >= 40, "256 random bits: {token}");
    }
}

fn a_token_works_at_once_and_until_it_is_revoked(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    assert_eq!(laptop.get("/watson/projects").status, 200);
    crick
        .database
        .crick(&["token", "revoke", "alice", "--device", "laptop"])
        .succeeded();
    laptop.get("/watson/projects").problem(401);
    laptop.push_text("[]").problem(401);
    crick
        .database
        .crick(&["token", "revoke", "alice", "--device", "no such device"])
        .failed();
}

fn revoking_one_token_leaves_the_others(engine: Engine) {
    let crick = Crick::start(engine);
    crick.database.add_user("bob");
    let others = [crick.device("phone"), crick.device_of("bob", "laptop")];
    crick.device("laptop");
    crick
        .database
        .crick(&["token", "revoke", "alice", "--device", "laptop"])
        .succeeded();
    for other in others {
        assert_eq!(other.get("/watson/projects").status, 200);
    }
}

fn an_expired_token_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let create = [
        "token",
        "create",
        "alice",
        "--device",
        "guest",
        "--expires-in-days",
        "1",
    ];
    let token = crick.database.crick(&create).succeeded().stdout;
    let guest = crick.with_token(token.trim());
    assert_eq!(guest.get("/watson/projects").status, 200);
    crick
        .database
        .execute("UPDATE api_tokens SET expires_at = 1000000 WHERE device = 'guest'");
    guest.get("/watson/projects").problem(401);
}

fn devices_are_listed_by_name(engine: Engine) {
    let database = engine.migrated();
    database.add_user("alice");
    for device in ["laptop", "old phone"] {
        database.create_token("alice", device);
    }
    let listed = database
        .crick(&["token", "list", "alice"])
        .succeeded()
        .stdout;
    assert!(
        listed.contains("laptop") && listed.contains("old phone"),
        "{listed}"
    );
    assert_eq!(listed.lines().count(), 2, "{listed}");
}

fn a_shared_token_is_marked_in_the_list(engine: Engine) {
    let database = engine.migrated();
    database.add_user("alice");
    database.create_token("alice", "laptop");
    database.create_token_with("alice", "two", &["--shared"]);
    let list = || {
        database
            .crick(&["token", "list", "alice"])
            .succeeded()
            .stdout
    };
    let listed = list();
    let (laptop, two) = listed.trim_end().split_once('\n').expect("two lines");
    assert!(!laptop.contains("shared"), "{listed}");
    assert!(two.ends_with("\tshared"), "{listed}");
    let found =
        "UPDATE api_tokens SET is_shared = true, found_shared_at = 1 WHERE device = 'laptop'";
    database.execute(found);
    assert!(
        list().contains("seems to be used by two devices"),
        "{}",
        list()
    );
}

fn a_device_receives_all_frames_again(engine: Engine) {
    let crick = Crick::start(engine);
    let mut laptop = Device::new(crick.device("laptop"));
    let own = laptop.add("apollo");
    laptop.sync();
    laptop.remove(own);
    laptop.sync();
    let resend = |device: &str| {
        let words = ["token", "resend", "alice", "--device", device];
        crick.database.crick(&words)
    };
    let ran = resend("laptop").succeeded();
    assert!(ran.stderr.contains("all frames"), "{ran:?}");
    assert_eq!(laptop.sync().received.len(), 1);
    assert_eq!(laptop.sync().received.len(), 0, "once");
    assert!(resend("phone").failed().stderr.contains("phone"));
    crick
        .database
        .crick(&["token", "revoke", "alice", "--device", "laptop"])
        .succeeded();
    resend("laptop").failed();
}

fn a_device_receives_all_frames_when_its_token_is_no_longer_shared(engine: Engine) {
    let crick = Crick::start(engine);
    let renew = |flags: &[&str]| {
        let revoke = ["token", "revoke", "alice", "--device", "laptop"];
        crick.database.crick(&revoke).succeeded();
        let token = crick.database.create_token_with("alice", "laptop", flags);
        crick.with_token(&token)
    };
    let mut laptop = Device::new(crick.device("laptop"));
    let own = laptop.add("apollo");
    laptop.sync();
    laptop.remove(own);
    laptop.sync();
    laptop.api = renew(&[]);
    assert_eq!(laptop.sync().received.len(), 0, "the same device as before");
    // The use that the server is about to record belongs to the previous token.
    renew(&["--shared"]);
    laptop.api = renew(&[]);
    assert_eq!(laptop.sync().received.len(), 1, "at once");
    laptop.remove(own);
    for flags in [&["--shared"][..], &[]] {
        laptop.api = renew(flags);
        assert_eq!(laptop.sync().received.len(), 1, "{flags:?}");
        laptop.remove(own);
        laptop.sync();
        assert_eq!(laptop.sync().received.len(), 0, "{flags:?}");
    }
}

fn a_token_for_an_unknown_user_is_refused(engine: Engine) {
    let database = engine.migrated();
    let ran = database
        .crick(&["token", "create", "nobody", "--device", "laptop"])
        .failed();
    assert!(ran.stderr.contains("nobody"), "{ran:?}");
    assert_eq!(ran.stdout, "");
}

fn the_token_of_a_removed_user_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    laptop.push(&crate::support::frames(3));
    crick.database.crick(&["user", "remove", "alice"]).failed();
    assert_eq!(
        laptop.pull_everything().len(),
        3,
        "nothing is removed without --yes"
    );
    crick
        .database
        .crick(&["user", "remove", "alice", "--yes"])
        .succeeded();
    laptop.get("/watson/projects").problem(401);
    crick.database.add_user("alice");
    assert_eq!(crick.device("laptop").pull_everything().len(), 0);
}
