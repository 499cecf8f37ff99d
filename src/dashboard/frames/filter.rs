//! The filter of the list of frames.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::url::frames_url;
use crate::dashboard::name_filter::NameFilter;
use crate::dashboard::parameters::{InvalidParameter, Parameters, invalid};
use crate::dashboard::range::take_day;
use crate::model::Days;
use crate::store::{FrameFilter, FrameSource};

/// The highest page, so that offsets fit into 64 bits.
const LAST_PAGE: u64 = 1_000_000_000_000;

/// The selected names and days.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) names: NameFilter,
    pub(super) from: Option<Date>,
    pub(super) to: Option<Date>,
}

impl Filter {
    /// Takes the names, `from` and `to`.
    pub(super) fn parse(parameters: &mut Parameters) -> Result<Self, InvalidParameter> {
        Ok(Self {
            names: NameFilter::take(parameters)?,
            from: take_day(parameters, "from")?,
            to: take_day(parameters, "to")?,
        })
    }

    /// The store's filter for a page with `limit` frames.
    pub(super) fn frames(
        &self,
        zone: &TimeZone,
        limit: u64,
        page: u64,
    ) -> Result<FrameFilter, InvalidParameter> {
        Ok(FrameFilter {
            source: FrameSource::Own(self.names.projects.clone()),
            tags: self.names.tags.clone(),
            days: Days::new(zone.clone(), self.from, self.to).map_err(invalid)?,
            limit: limit.cast_signed(),
            offset: (limit * (page - 1)).cast_signed(),
        })
    }

    /// The parameters of a link.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let from = self.from.iter().map(|day| ("from", day.to_string()));
        let to = self.to.iter().map(|day| ("to", day.to_string()));
        self.names.pairs().chain(from).chain(to).collect()
    }

    /// The URL of a page.
    pub(super) fn address(&self, page: u64) -> String {
        let (page, mut pairs) = (page.to_string(), self.pairs());
        if page != "1" {
            pairs.push(("page", page));
        }
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        frames_url(&pairs)
    }
}

/// Takes `page`, from 1; the default is 1.
pub(super) fn page(parameters: &mut Parameters) -> Result<u64, InvalidParameter> {
    let Some(text) = parameters.take_one("page")? else {
        return Ok(1);
    };
    let page = text
        .parse()
        .ok()
        .filter(|page| (1..=LAST_PAGE).contains(page));
    page.ok_or_else(|| InvalidParameter("“page” must be a number from 1.".to_owned()))
}
