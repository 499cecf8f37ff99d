//! Log output.

use std::io::IsTerminal as _;

use migration::output::LogWriter;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::config::LogFormat;
use crate::systemd;

/// Targets that are always off, because their most detailed level, which is compiled out as well,
/// would show bound SQL values or request heads.
const SILENT: &str = "sea_orm=off,hyper=off,h2=off";

/// Why a filter is invalid.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFilter {
    /// It selects spans.
    #[error("expected targets and levels like info,sqlx=debug, without spans in brackets")]
    Span,
    /// A syntax error.
    #[error("expected targets and levels like info,sqlx=debug")]
    Syntax(#[from] ParseError),
}

/// Starts logging to standard error. `sqlx=debug` shows SQL without its values.
pub fn init(filter: &str, format: LogFormat) -> Result<(), InvalidFilter> {
    let filter = parse_filter(filter)?;
    let json = match format {
        LogFormat::Auto => systemd::is_journal(),
        LogFormat::Human => false,
        LogFormat::Json => true,
    };
    let layer = fmt::layer()
        .with_writer(LogWriter::new)
        .with_ansi(std::io::stderr().is_terminal());
    let layer = if json {
        // There are no nested spans, so the list would repeat the current one.
        layer.json().with_span_list(false).boxed()
    } else {
        layer.with_target(false).boxed()
    };
    // Filters the registry, because a filter of a layer can drop the line after one it rejected.
    tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(
            place,
            "a panic ended a request or a task: {}",
            panic_message(panic)
        );
    }));
    Ok(())
}

/// `EnvFilter` could also match spans, which we do not need, and depends on regular expressions.
fn parse_filter(filter: &str) -> Result<Targets, InvalidFilter> {
    if filter.contains('[') {
        return Err(InvalidFilter::Span);
    }
    let directives = filter.split(',').map(str::trim);
    let directives = ["sqlx=off"].into_iter().chain(directives).chain([SILENT]);
    let directives: Vec<&str> = directives.filter(|text| !text.is_empty()).collect();
    Ok(directives.join(",").parse()?)
}

fn panic_message<'a>(panic: &'a std::panic::PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
