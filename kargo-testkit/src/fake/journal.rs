//! A journal in memory, with the faults that journals have.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kargo_core::{
    Position, Timestamp,
    model::{Duration, ProjectName},
    port::{Acquired, Appended, Clock as _, Holder, Journal, Kept, Lease, LogPage, PortError, Saved, StoredSnapshot},
};

use super::{VirtualClock, yield_now};

/// No page is larger, whatever is asked for: bytes.
const MOST_BYTES: usize = 1 << 20;

/// A [`Journal`] in memory, on a virtual clock. Clones are one store, as processes share a database: keep one over a "restart".
///
/// ```
/// use kargo_core::{Position, model::Duration, port::{Acquired, Appended, Journal}};
/// use kargo_testkit::{conformance::block_on, fake::{MemoryJournal, VirtualClock}};
///
/// let journal = MemoryJournal::new(&VirtualClock::default());
/// let shop = "shop".into();
/// let Acquired::Lease { lease, .. } = block_on(journal.acquire(&shop, "a", Duration::from_secs(10)))? else {
///     unreachable!("nobody else has it")
/// };
/// let start = Position::default();
/// assert_eq!(block_on(journal.append(&lease, start, vec![b"one".to_vec()]))?, Appended::At(Position::new(1)));
/// // Somebody who did not see that is told so.
/// let late = block_on(journal.append(&lease, start, vec![b"two".to_vec()]))?;
/// assert_eq!(late, Appended::Conflict { end: Position::new(1) });
/// # Ok::<(), kargo_core::port::PortError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryJournal {
    clock: VirtualClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    projects: BTreeMap<ProjectName, Project>,
    /// So many appends fail before they act.
    failing: u32,
    /// So many appends act and are not answered.
    losing: u32,
}

#[derive(Debug, Default)]
struct Project {
    events: Vec<Vec<u8>>,
    snapshots: BTreeMap<u32, StoredSnapshot>,
    holder: Option<Holder>,
}

impl MemoryJournal {
    /// An empty one.
    #[must_use]
    pub fn new(clock: &VirtualClock) -> Self {
        Self { clock: clock.clone(), state: Arc::default() }
    }

    /// The next appends fail, so many of them, and nothing of them is in the log.
    pub fn fail_appends(&self, appends: u32) {
        self.lock().failing = appends;
    }

    /// The next appends act, so many of them, and the answer is lost.
    pub fn lose_answers(&self, appends: u32) {
        self.lock().losing = appends;
    }

    /// Cuts so many bytes from the end of the newest event of a project, as a disk that broke in the middle of writing
    /// and a store that does not check what it reads would. No store that keeps the contract lets this be seen: it is what a reader
    /// of logs has to survive.
    pub fn tear(&self, project: &ProjectName, bytes: usize) {
        if let Some(event) = self.lock().project(project).events.last_mut() {
            event.truncate(event.len().saturating_sub(bytes));
        }
    }

    /// How many events the log of a project has.
    #[must_use]
    pub fn len(&self, project: &ProjectName) -> usize {
        self.lock().project(project).events.len()
    }

    /// Whether the log of a project has none.
    #[must_use]
    pub fn is_empty(&self, project: &ProjectName) -> bool {
        self.len(project) == 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn project(&mut self, project: &ProjectName) -> &mut Project {
        self.projects.entry(project.clone()).or_default()
    }
}

impl Project {
    fn end(&self) -> Position {
        Position::new(self.events.len() as u64)
    }

    /// The newest token, if it is not that of this lease.
    fn stale(&self, lease: &Lease) -> Option<u64> {
        let newest = self.holder.as_ref();
        let counts = newest.is_some_and(|holder| holder.token == lease.token && !holder.released);
        (!counts).then(|| newest.map_or(0, |holder| holder.token))
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn append(&self, lease: &Lease, behind: Position, events: Vec<Vec<u8>>) -> Result<Appended, PortError> {
        yield_now().await;
        let answer = {
            let mut state = self.lock();
            if state.failing > 0 {
                state.failing -= 1;
                return Err(PortError::retryable("the disk is full").at("memory"));
            }
            let loses = state.losing > 0;
            let project = state.project(&lease.project);
            if let Some(newest) = project.stale(lease) {
                Appended::Stale { newest }
            } else if project.end() != behind {
                Appended::Conflict { end: project.end() }
            } else {
                project.events.extend(events);
                let end = project.end();
                if loses {
                    state.losing -= 1;
                    return Err(PortError::retryable("connection reset").at("memory"));
                }
                Appended::At(end)
            }
        };
        // What has acted may still be dropped before it answers.
        yield_now().await;
        Ok(answer)
    }

    async fn read(&self, project: &ProjectName, behind: Position, at_most: usize) -> Result<LogPage, PortError> {
        yield_now().await;
        let mut state = self.lock();
        let project = state.project(project);
        let skip = usize::try_from(behind.get()).unwrap_or(usize::MAX);
        let mut bytes = 0;
        let fits = |event: &&Vec<u8>| {
            bytes += event.len();
            bytes <= MOST_BYTES || bytes == event.len()
        };
        let events = project.events.iter().skip(skip).take(at_most).take_while(fits).cloned().collect();
        Ok(LogPage { events, end: project.end() })
    }

    async fn save_snapshot(&self, lease: &Lease, snapshot: StoredSnapshot) -> Result<Saved, PortError> {
        yield_now().await;
        let mut state = self.lock();
        let project = state.project(&lease.project);
        if let Some(newest) = project.stale(lease) {
            return Ok(Saved::Stale { newest });
        }
        if snapshot.position > project.end() {
            return Ok(Saved::Ahead { end: project.end() });
        }
        if project.snapshots.get(&snapshot.schema).is_none_or(|known| known.position <= snapshot.position) {
            project.snapshots.insert(snapshot.schema, snapshot);
        }
        Ok(Saved::Kept)
    }

    async fn newest_snapshot(&self, project: &ProjectName, schema: u32) -> Result<Option<StoredSnapshot>, PortError> {
        yield_now().await;
        Ok(self.lock().project(project).snapshots.get(&schema).cloned())
    }

    async fn acquire(&self, project: &ProjectName, owner: &str, span: Duration) -> Result<Acquired, PortError> {
        yield_now().await;
        let now = self.clock.now();
        let mut state = self.lock();
        let slot = &mut state.project(project).holder;
        if let Some(holder) = slot.as_ref().filter(|holder| !holder.released && now < holder.until) {
            return Ok(Acquired::Held(holder.clone()));
        }
        let before = slot.take();
        let token = before.as_ref().map_or(0, |before| before.token).saturating_add(1);
        let until = after(now, span);
        *slot = Some(Holder { owner: owner.to_owned(), token, since: now, renewed: now, until, released: false });
        Ok(Acquired::Lease { lease: Lease { project: project.clone(), token, until }, before })
    }

    async fn renew(&self, lease: &Lease, span: Duration) -> Result<Kept, PortError> {
        yield_now().await;
        let now = self.clock.now();
        let mut state = self.lock();
        let project = state.project(&lease.project);
        if let Some(newest) = project.stale(lease) {
            return Ok(Kept::Stale { newest });
        }
        let until = after(now, span);
        if let Some(holder) = &mut project.holder {
            (holder.renewed, holder.until) = (now, until);
        }
        Ok(Kept::Lease(Lease { until, ..lease.clone() }))
    }

    async fn release(&self, lease: &Lease) -> Result<Kept, PortError> {
        yield_now().await;
        let mut state = self.lock();
        let holder = &mut state.project(&lease.project).holder;
        let newest = holder.as_ref().map_or(0, |holder| holder.token);
        match holder {
            Some(holder) if holder.token == lease.token => {
                holder.released = true;
                Ok(Kept::Lease(lease.clone()))
            }
            _ => Ok(Kept::Stale { newest }),
        }
    }
}

fn after(now: Timestamp, span: Duration) -> Timestamp {
    now.checked_add_signed(span.to_delta()).unwrap_or(Timestamp::MAX_UTC)
}
