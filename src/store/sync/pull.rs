//! What a device has not been sent yet.

mod page;
mod page_pack;
mod shared;
mod two_devices;

use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use super::device_table;
use super::device_table::Note;
use super::exclusive::{DeviceSync, MustStartOver, PullRequest, Rule, Selection, plan_pull};
use super::push::together::DeviceWrite;
use super::state::{Devices, OneDevice, SyncState};
use crate::store::db::sql::instant;
use crate::store::{Caller, Store, StoreError, User};

/// How often a pull is planned anew because another request of its token was noted meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// Which frames are to be sent. Pages are read with [`Store::pull_page`].
#[derive(Clone, Debug)]
pub struct Pull {
    user: User,
    rest: Rest,
    /// Whether its pages may be read as one value each.
    is_packed: bool,
}

/// The frames of a pull that have not been read yet.
#[derive(Clone, Debug)]
enum Rest {
    /// Those with sequence numbers after one and up to another, without one writer's, in this order.
    Delta {
        after: i64,
        upto: i64,
        except: Option<Uuid>,
    },
    /// All with sequence numbers up to one, in the order of their start: Watson's commands count by position.
    All {
        upto: i64,
        after: Place,
    },
    /// Those that a device which lost something is sent, in the order of their start.
    Selected {
        token_id: Uuid,
        writer: Uuid,
        selection: Selection,
        after: Place,
    },
    Nothing,
}

/// A frame's place in the order of start and id.
#[derive(Clone, Copy, Debug)]
struct Place {
    start_at: i64,
    id: Uuid,
}

/// What became of planning a pull.
enum Attempt {
    Planned(Pull),
    /// It has to be noted, which the pulls of a token do one after the other.
    NeedsTurn,
    /// Another request of the token was noted meanwhile.
    Overtaken,
}

impl Place {
    /// Before every frame.
    const FIRST: Self = Self {
        start_at: i64::MIN,
        id: Uuid::nil(),
    };
}

/// A frame as it is sent; its tags are the JSON list that is stored.
#[derive(Clone, Copy, Debug)]
pub struct PulledFrame<Text = String> {
    /// The client's name for it.
    pub id: Uuid,
    /// When the work began.
    pub start_at: jiff::Timestamp,
    /// When it ended.
    pub end_at: jiff::Timestamp,
    /// The name of the project.
    pub project: Text,
    /// A JSON list of texts.
    pub tags: Text,
}

impl PulledFrame {
    /// The same frame, whose texts are borrowed.
    #[must_use]
    pub fn by_ref(&self) -> PulledFrame<&str> {
        PulledFrame {
            id: self.id,
            start_at: self.start_at,
            end_at: self.end_at,
            project: &self.project,
            tags: &self.tags,
        }
    }
}

impl Store {
    /// Decides what a device that presents `last_sync` is sent, and remembers it. A caller without a device's token is sent
    /// everything, and nothing is remembered.
    ///
    /// # Errors
    /// When another sync of the device does not end, or when the database was restored and the device has to start over.
    pub async fn pull(
        &self,
        caller: &Caller,
        state: Option<SyncState>,
        last_sync: jiff::Timestamp,
    ) -> Result<Pull, StoreError> {
        let Some(token_id) = caller.token_id() else {
            return Ok(self.pull_all(&caller.user));
        };
        let last_sync = last_sync.as_microsecond();
        let has_waited = self.pushes.wait_for(token_id).await?;
        let mut state = match state {
            Some(state) if !has_waited => state,
            _ => self.sync_state(token_id, Some(last_sync)).await?,
        };
        for _ in 0..MAX_ATTEMPTS {
            let pull = match &state.devices {
                Devices::One(stored) => {
                    self.pull_exclusive(caller, token_id, last_sync, &state, stored)
                        .await?
                }
                Devices::Several(_) if state.restored_at > 0 => {
                    return Err(StoreError::SharedSinceRestore);
                }
                Devices::Several(cursors) => Some(
                    self.pull_shared(caller, token_id, last_sync, state.seq, cursors)
                        .await?,
                ),
            };
            match pull {
                Some(pull) => return Ok(pull),
                None => state = self.sync_state(token_id, Some(last_sync)).await?,
            }
        }
        Err(StoreError::SyncRunning)
    }

    /// A pull of a token that belongs to one device; `None` if another request of the token was noted meanwhile.
    async fn pull_exclusive(
        &self,
        caller: &Caller,
        token_id: Uuid,
        last_sync: i64,
        state: &SyncState,
        stored: &OneDevice,
    ) -> Result<Option<Pull>, StoreError> {
        let mut turn = None;
        loop {
            let pull = self.try_pull(caller, token_id, last_sync, state, stored, turn.is_some());
            match pull.await? {
                Attempt::Planned(pull) => return Ok(Some(pull)),
                Attempt::Overtaken => return Ok(None),
                Attempt::NeedsTurn => turn = Some(self.late_notes.turn(token_id).await),
            }
        }
    }

    /// Plans a pull, and notes it if it has its turn to do so or need not.
    async fn try_pull(
        &self,
        caller: &Caller,
        token_id: Uuid,
        last_sync: i64,
        state: &SyncState,
        stored: &OneDevice,
        has_turn: bool,
    ) -> Result<Attempt, StoreError> {
        let under_way = stored.under_way.clone();
        let under_way = self.late_notes.newest(token_id, under_way);
        let past = self.late_notes.past(token_id, last_sync);
        let past = past.or_else(|| stored.past.clone());
        let request = PullRequest {
            last_sync,
            seq: state.seq,
            now: state.clock.now(),
            restored_at: state.restored_at,
        };
        let mut plan = plan_pull(under_way.as_ref(), past.as_ref(), request)
            .map_err(|MustStartOver| StoreError::MustStartOver)?;
        let latest_syncs = &mut plan.sync.latest_syncs;
        match (plan.rule, &under_way) {
            (Rule::Next, Some(before)) if latest_syncs.observe(last_sync, before.pushed_at) => {
                return self
                    .share_between_two(caller, token_id, last_sync, state.seq, before)
                    .await
                    .map(Attempt::Planned);
            }
            (Rule::Next | Rule::Repeat, _) => {}
            (Rule::Everything | Rule::Backup | Rule::Merge, _) => latest_syncs.restart(),
        }
        let pull = Pull::planned(&caller.user, token_id, &plan.sync);
        let mut note = Note {
            user_id: caller.user.id,
            token_id,
            sync: plan.sync,
            past: plan.past.into_iter().collect(),
            now: request.now,
        };
        if plan.must_note && !has_turn {
            return Ok(Attempt::NeedsTurn);
        }
        if plan.rule != Rule::Repeat {
            self.late_notes.shorten(&note);
        }
        if !plan.must_note {
            self.late_notes.add(note);
            return Ok(Attempt::Planned(pull));
        }
        note.past.splice(..0, self.late_notes.all_past(token_id));
        let is_written = self.write_note(&note).await?;
        if is_written {
            self.late_notes.written(&note);
        }
        Ok(if is_written {
            Attempt::Planned(pull)
        } else {
            Attempt::Overtaken
        })
    }

    async fn write_note(&self, note: &Note) -> Result<bool, StoreError> {
        if self.is_postgres() {
            return Ok(device_table::write(&self.writer, note).await?);
        }
        let noted = self
            .group_commit
            .run(DeviceWrite::Note(Box::new(note.clone())))
            .await;
        match noted {
            Ok(_) => Ok(true),
            Err(StoreError::SyncRunning) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// All frames of a user, for a caller of whom nothing is remembered.
    #[must_use]
    pub fn pull_all(&self, user: &User) -> Pull {
        Pull {
            user: user.clone(),
            rest: Rest::All {
                upto: i64::MAX,
                after: Place::FIRST,
            },
            is_packed: true,
        }
    }
}

impl Pull {
    fn planned(user: &User, token_id: Uuid, sync: &DeviceSync) -> Self {
        let rest = match sync.selection() {
            None => Rest::Nothing,
            Some(selection) if selection.is_everything() => Rest::All {
                upto: selection.upto,
                after: Place::FIRST,
            },
            Some(selection) if selection.is_delta() => Rest::Delta {
                after: selection.others_after,
                upto: selection.upto,
                except: Some(sync.writer),
            },
            Some(selection) => Rest::Selected {
                token_id,
                writer: sync.writer,
                selection,
                after: Place::FIRST,
            },
        };
        Self {
            user: user.clone(),
            rest,
            is_packed: true,
        }
    }

    /// How many frames the next page may hold, as far as that is known.
    #[must_use]
    pub fn expected(&self) -> usize {
        match self.rest {
            Rest::Delta { after, upto, .. } => {
                usize::try_from(upto - after).map_or(0, |frames| frames.min(page::PAGE))
            }
            Rest::All { .. } | Rest::Selected { .. } | Rest::Nothing => 0,
        }
    }

    /// Whether every page has been read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.rest, Rest::Nothing)
    }
}

/// Reads a frame from a row that holds its id, start, end, project and tags after a column of something else.
pub(in crate::store) fn pulled_frame(row: &QueryResult) -> Result<PulledFrame, DbErr> {
    Ok(PulledFrame {
        id: row.try_get_by_index(1)?,
        start_at: instant(row.try_get_by_index(2)?)?,
        end_at: instant(row.try_get_by_index(3)?)?,
        project: row.try_get_by_index(4)?,
        tags: row.try_get_by_index(5)?,
    })
}
