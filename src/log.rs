//! Where log lines go and how they look.

use std::io::IsTerminal as _;

use migration::output::LogWriter;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::config::LogFormat;
use crate::systemd;

/// Targets that are silent whatever the filter says, because at their most detailed they would show bound SQL values
/// or request heads. The level at which they would is compiled out too.
const SILENT: &str = "sea_orm=off,hyper=off,h2=off";

/// Why a filter is none.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFilter {
    /// It asks for spans.
    #[error("it has targets and levels, like info,sqlx=debug, and no spans in brackets")]
    Span,
    /// It cannot be read.
    #[error("it has targets and levels, like info,sqlx=debug")]
    Syntax(#[from] ParseError),
}

/// Sends log lines to standard error from now on. SQL text (never values) is shown by `sqlx=debug`.
///
/// # Errors
/// When the filter is not one.
pub fn init(filter: &str, format: LogFormat) -> Result<(), InvalidFilter> {
    let filter = targets(filter)?;
    let json = match format {
        LogFormat::Auto => systemd::is_journal(),
        LogFormat::Human => false,
        LogFormat::Json => true,
    };
    let layer = fmt::layer()
        .with_writer(LogWriter::new)
        .with_ansi(std::io::stderr().is_terminal());
    let layer = if json {
        // The list of spans would repeat the one that the line belongs to: there are no others.
        layer.json().with_span_list(false).boxed()
    } else {
        layer.with_target(false).boxed()
    };
    // The filter stands before the layer, not on it: a filter of a layer can swallow the line after one it refused.
    tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(
            place,
            "a panic ended a request or a task: {}",
            message(panic)
        );
    }));
    Ok(())
}

/// Not an `EnvFilter`: all that it knows more is to look into spans, and it brings regular expressions for that.
fn targets(filter: &str) -> Result<Targets, InvalidFilter> {
    if filter.contains('[') {
        return Err(InvalidFilter::Span);
    }
    let directives = filter.split(',').map(str::trim);
    let directives = ["sqlx=off"].into_iter().chain(directives).chain([SILENT]);
    let directives: Vec<&str> = directives.filter(|text| !text.is_empty()).collect();
    Ok(directives.join(",").parse()?)
}

fn message<'a>(panic: &'a std::panic::PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
