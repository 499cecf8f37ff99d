//! Calendar feeds, which calendar programs read at a secret address.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use sha2::{Digest as _, Sha256};

use crate::api::middleware::caching;
use crate::api::state::Api;
use crate::formats::{Format, Writer};
use crate::http::HttpError;
use crate::http::frame_file;
use crate::http::frame_file::FileError;
use crate::model::Days;
use crate::store::{FrameFilter, OpenFeed};

/// The frames of a calendar feed. Its address is the only credential.
///
/// Programs reload it every hour; 304 if nothing changed.
#[utoipa::path(get, path = "/calendar/{token}", tag = "feeds", operation_id = "show_calendar",
    params(("token" = String, Path, description = "The feed's token, with `.ics` behind it.")),
    responses(
        (status = 200, body = String, content_type = "text/calendar"),
        (status = 404, description = "No such feed, or it was deleted.")
    )
)]
pub(in crate::api) async fn get(
    State(api): State<Api>,
    feed: OpenFeed,
) -> Result<Response, HttpError> {
    let filter = filter(&feed)?;
    let shows = &feed.feed.selection;
    let writer = Writer {
        format: Format::Calendar,
        zone: TimeZone::UTC,
        is_of_team: shows.team.is_some(),
        name: shows.name.clone(),
        is_feed: true,
    };
    let pieces = || frame_file::pieces(&api.store, &feed.user, filter.clone(), writer.clone());
    let mut response = match only_piece_or_tag(pieces()).await? {
        Ok(whole) => whole.into_response(),
        Err(tag) => ([(ETAG, tag)], frame_file::body(pieces()).await?).into_response(),
    };
    let calendar = HeaderValue::from_static(Format::Calendar.media_type());
    response.headers_mut().insert(CONTENT_TYPE, calendar);
    Ok(response)
}

/// The frames of a feed.
fn filter(OpenFeed { feed, .. }: &OpenFeed) -> Result<FrameFilter, HttpError> {
    let shows = &feed.selection;
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let first = today.saturating_sub(i64::from(shows.days_back).days());
    let days = Days::new(TimeZone::UTC, Some(first), None)?;
    Ok(FrameFilter {
        source: shows.source(),
        tags: shows.tags.clone(),
        days,
        limit: i64::MAX,
        offset: 0,
    })
}

/// The file if it is one piece, which the caching layer tags; else the tag. A file of many pieces
/// is generated twice, first for the tag, so that it need not fit into memory.
async fn only_piece_or_tag(
    pieces: impl futures_util::Stream<Item = Result<Vec<u8>, FileError>> + Send,
) -> Result<Result<Vec<u8>, HeaderValue>, HttpError> {
    let mut pieces = std::pin::pin!(pieces.peekable());
    let first = pieces.next().await.transpose()?.unwrap_or_default();
    if pieces.as_mut().peek().await.is_none() {
        return Ok(Ok(first));
    }
    let mut hash = Sha256::new();
    hash.update(&first);
    drop(first);
    while let Some(piece) = pieces.next().await.transpose()? {
        hash.update(&piece);
    }
    caching::tag(&hash.finalize()).map(Err)
}
