# The everyday commands; `just` lists them. CONTRIBUTING.md says when to use which.

[private]
default:
    @just --list

# Start the server on 127.0.0.1:7878 with the data in target/crick.db
run *ARGS:
    cargo run --bin crick-api-server -- --dsn sqlite:target/crick.db {{ ARGS }}

# Format the Rust sources, then check them with clippy
check:
    cargo fmt --all
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Run the tests, or those whose names contain FILTER
test *FILTER:
    cargo build --workspace --locked
    cargo test --workspace --locked {{ FILTER }}

# Update docs/openapi.json and its examples, in two rounds because it shows them
openapi:
    for round in 1 2; do \
        cargo build --workspace --locked && \
        CRICK_REFRESH=1 cargo test --locked --test api openapi:: || exit 1; \
    done

# Run everything that CI runs, on Debian
ci:
    .ci/run
