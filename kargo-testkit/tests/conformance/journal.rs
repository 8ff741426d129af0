//! The pretended journal keeps the contract; journals that do not are told so, each by the test that names the sentence.

use std::{
    sync::{Arc, Mutex},
    time,
};

use kargo_core::{
    Engine, Genesis, Position,
    engine::ReplayError,
    model::{Duration, ProjectName},
    port::{Acquired, Appended, Journal, Kept, Lease, LogPage, PortError, Saved, StoredSnapshot},
};
use kargo_testkit::{
    conformance::{Cannot, JournalRig, block_on, journal_checks},
    fake::{MemoryJournal, VirtualClock},
    journal_conformance,
};

struct Rig(MemoryJournal, VirtualClock);

#[async_trait::async_trait]
impl JournalRig for Rig {
    async fn start() -> Self {
        let clock = VirtualClock::default();
        Self(MemoryJournal::new(&clock), clock)
    }

    fn journal(&self) -> Arc<dyn Journal> {
        Arc::new(self.0.clone())
    }

    async fn reopen(&mut self) -> Result<(), Cannot> {
        self.0 = self.0.clone();
        Ok(())
    }

    async fn pass(&self, span: time::Duration) -> Result<(), Cannot> {
        self.1.advance(span);
        Ok(())
    }
}

journal_conformance!(block_on: Rig, can: [reopen, pass]);

/// What is wrong with a journal.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    /// The first event of a log is lost.
    LosesTheFirst,
    /// Empty events are.
    LosesEmpty,
    /// Whatever is appended goes to the end.
    NeverConflicts,
    /// A conflict is answered by what was asked for.
    SaysYesToAConflict,
    /// Pages are read backwards.
    Backwards,
    /// Pages are as long as the log.
    Unbounded,
    /// All projects are one.
    OneLog,
    /// The snapshot that was saved last is the newest.
    LastIsNewest,
    /// Everybody gets the lease.
    AnyoneLeads,
    /// An old token does as well.
    NoFence,
    /// The first event of a batch stays when the append is dropped.
    TornBatches,
    /// A restart forgets everything.
    Forgets,
    /// Leases never end.
    Eternal,
    /// Renewing changes nothing.
    IgnoresRenewal,
}

#[derive(Debug)]
struct Bad {
    inner: MemoryJournal,
    clock: VirtualClock,
    wrong: Wrong,
    last: Mutex<Option<StoredSnapshot>>,
}

impl Bad {
    fn project(&self, project: &ProjectName) -> ProjectName {
        if self.wrong == Wrong::OneLog { "all".into() } else { project.clone() }
    }

    fn lease(&self, lease: &Lease) -> Lease {
        Lease { project: self.project(&lease.project), ..lease.clone() }
    }
}

#[async_trait::async_trait]
impl Journal for Bad {
    async fn append(&self, lease: &Lease, behind: Position, events: Vec<Vec<u8>>) -> Result<Appended, PortError> {
        let mut lease = self.lease(lease);
        let end = self.inner.read(&lease.project, Position::default(), 0).await?.end;
        match self.wrong {
            Wrong::NeverConflicts => {
                let mut answer = self.inner.append(&lease, end, events.clone()).await?;
                while let Appended::Conflict { end } = answer {
                    answer = self.inner.append(&lease, end, events.clone()).await?;
                }
                return Ok(match answer {
                    Appended::At(_) => Appended::At(Position::new(behind.get() + events.len() as u64)),
                    other => other,
                });
            }
            Wrong::SaysYesToAConflict if behind != end => return Ok(Appended::At(behind)),
            Wrong::NoFence => lease.token = newest_token(&self.inner, &lease).await?,
            Wrong::TornBatches if events.len() > 1 => {
                let (first, rest) = events.split_at(1);
                let begun = self.inner.append(&lease, behind, first.to_vec()).await?;
                let Appended::At(middle) = begun else { return Ok(begun) };
                return self.inner.append(&lease, middle, rest.to_vec()).await;
            }
            _ => {}
        }
        self.inner.append(&lease, behind, events).await
    }

    async fn read(&self, project: &ProjectName, behind: Position, at_most: usize) -> Result<LogPage, PortError> {
        let project = self.project(project);
        let at_most = if self.wrong == Wrong::Unbounded { usize::MAX } else { at_most };
        let mut page = self.inner.read(&project, behind, at_most).await?;
        match self.wrong {
            Wrong::LosesTheFirst if behind == Position::default() && !page.events.is_empty() => {
                page.events.remove(0);
                page.end = Position::new(page.end.get() - 1);
            }
            Wrong::Backwards => page.events.reverse(),
            Wrong::LosesEmpty => {
                let before = page.events.len();
                page.events.retain(|event| !event.is_empty());
                page.end = Position::new(page.end.get() - (before - page.events.len()) as u64);
            }
            _ => {}
        }
        Ok(page)
    }

    async fn save_snapshot(&self, lease: &Lease, snapshot: StoredSnapshot) -> Result<Saved, PortError> {
        *self.last.lock().unwrap() = Some(snapshot.clone());
        self.inner.save_snapshot(&self.lease(lease), snapshot).await
    }

    async fn newest_snapshot(&self, project: &ProjectName, schema: u32) -> Result<Option<StoredSnapshot>, PortError> {
        match self.wrong {
            Wrong::LastIsNewest => Ok(self.last.lock().unwrap().clone()),
            _ => self.inner.newest_snapshot(&self.project(project), schema).await,
        }
    }

    async fn acquire(&self, project: &ProjectName, owner: &str, span: Duration) -> Result<Acquired, PortError> {
        let project = self.project(project);
        let span = if self.wrong == Wrong::Eternal { Duration::from_secs(1_000_000) } else { span };
        let answer = self.inner.acquire(&project, owner, span).await?;
        match (&answer, self.wrong) {
            (Acquired::Held(holder), Wrong::AnyoneLeads | Wrong::OneLog) => {
                let lease = Lease { project, token: holder.token, until: holder.until };
                Ok(Acquired::Lease { lease, before: None })
            }
            _ => Ok(answer),
        }
    }

    async fn renew(&self, lease: &Lease, span: Duration) -> Result<Kept, PortError> {
        if self.wrong == Wrong::IgnoresRenewal {
            let until = lease.until + span.to_delta();
            return Ok(Kept::Lease(Lease { until, ..lease.clone() }));
        }
        self.inner.renew(&self.lease(lease), span).await
    }

    async fn release(&self, lease: &Lease) -> Result<Kept, PortError> {
        self.inner.release(&self.lease(lease)).await
    }
}

async fn newest_token(journal: &MemoryJournal, lease: &Lease) -> Result<u64, PortError> {
    let fresh = Lease { token: u64::MAX, ..lease.clone() };
    Ok(match journal.append(&fresh, Position::default(), Vec::new()).await? {
        Appended::Stale { newest } => newest,
        _ => lease.token,
    })
}

macro_rules! fails {
    ($($name:ident: $wrong:ident, $check:ident, $sentence:literal;)+) => {
        $(
            #[test]
            #[should_panic(expected = $sentence)]
            fn $name() {
                struct BadRig(Arc<Bad>);

                #[async_trait::async_trait]
                impl JournalRig for BadRig {
                    async fn start() -> Self {
                        let clock = VirtualClock::default();
                        let inner = MemoryJournal::new(&clock);
                        Self(Arc::new(Bad { inner, clock, wrong: Wrong::$wrong, last: Mutex::default() }))
                    }

                    fn journal(&self) -> Arc<dyn Journal> {
                        self.0.clone()
                    }

                    async fn reopen(&mut self) -> Result<(), Cannot> {
                        if self.0.wrong == Wrong::Forgets {
                            *self = Self::start().await;
                        }
                        Ok(())
                    }

                    async fn pass(&self, span: time::Duration) -> Result<(), Cannot> {
                        self.0.clock.advance(span);
                        Ok(())
                    }
                }

                block_on(journal_checks::$check::<BadRig>());
            }
        )+
    };
}

mod broken {
    use super::*;

    fails! {
        a_log_that_is_not_new: OneLog, projects_are_told_apart, "each project has its log";
        a_first_event_that_is_lost: LosesTheFirst, what_was_appended_is_read_whole_and_in_order, "whole and in order";
        an_empty_event_that_is_lost: LosesEmpty, what_was_appended_is_read_whole_and_in_order, "whole and in order";
        a_journal_without_positions: NeverConflicts, an_append_that_does_not_follow_is_a_conflict, "is a conflict that names it";
        a_conflict_that_looks_like_success: SaysYesToAConflict, an_append_that_does_not_follow_is_a_conflict, "is a conflict that names it";
        two_winners: NeverConflicts, of_appends_side_by_side_one_wins, "one wins";
        a_page_without_bounds: Unbounded, pages_are_bounded_and_lose_nothing, "so many at the most";
        a_page_the_wrong_way_round: Backwards, pages_are_bounded_and_lose_nothing, "pages lose nothing";
        an_old_snapshot_for_the_newest: LastIsNewest, the_newest_snapshot_of_a_schema_is_found, "the newest snapshot is found";
        two_owners: AnyoneLeads, a_lease_has_one_holder, "is not given to another";
        a_lease_that_lives_on: NoFence, a_lease_that_was_given_back_counts_no_more, "under a stale token nothing is appended";
        half_a_batch: TornBatches, dropping_the_future_midway_is_harmless, "whole or not at all";
        a_log_that_a_restart_forgets: Forgets, what_was_answered_survives_a_restart, "a later process reads";
        a_dead_owner_for_ever: Eternal, a_lease_that_ran_out_can_be_taken, "a lease that nobody has is given";
        a_deposed_owner_that_appends: NoFence, a_lease_that_ran_out_can_be_taken, "under a stale token nothing is appended";
        a_renewal_that_is_none: IgnoresRenewal, a_lease_that_is_renewed_does_not_run_out, "the last sign of life is kept";
    }

    /// A log that was there before.
    struct Used(MemoryJournal);

    #[async_trait::async_trait]
    impl JournalRig for Used {
        async fn start() -> Self {
            let journal = MemoryJournal::new(&VirtualClock::default());
            let lease = owner(&journal).await;
            assert!(journal.append(&lease, Position::default(), vec![b"before".to_vec()]).await.is_ok());
            Self(journal)
        }

        fn journal(&self) -> Arc<dyn Journal> {
            Arc::new(self.0.clone())
        }
    }

    #[test]
    #[should_panic(expected = "a new log has no events")]
    fn events_of_somebody_else() {
        block_on(journal_checks::a_new_log_is_empty::<Used>());
    }

    #[test]
    #[should_panic(expected = "write that into the macro's")]
    fn a_rig_that_promises_too_much() {
        block_on(journal_checks::what_the_rig_can_is_declared::<Used>(&["reopen"]));
    }
}

async fn owner(journal: &MemoryJournal) -> Lease {
    let answer = journal.acquire(&"shop".into(), "a", Duration::from_secs(60)).await.unwrap();
    let lease = if let Acquired::Lease { lease, .. } = answer { Some(lease) } else { None };
    lease.unwrap()
}

#[test]
fn a_failed_append_leaves_nothing_and_a_lost_answer_leaves_all() {
    let journal = MemoryJournal::new(&VirtualClock::default());
    let lease = block_on(owner(&journal));
    let append = |behind| block_on(journal.append(&lease, Position::new(behind), vec![b"one".to_vec()]));
    journal.fail_appends(1);
    assert!(append(0).is_err());
    assert!(journal.is_empty(&lease.project));
    journal.lose_answers(1);
    assert!(append(0).is_err());
    assert_eq!(journal.len(&lease.project), 1);
    assert_eq!(append(0), Ok(Appended::Conflict { end: Position::new(1) }), "whoever tries again is told");
    assert_eq!(append(1), Ok(Appended::At(Position::new(2))));
}

#[test]
fn rules_12_a_torn_tail_is_a_replay_error_that_names_the_last_good_event() {
    let text = "
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
";
    let manifests = kargo_core::Manifests::parse("shop.yaml", text).unwrap();
    let mut engine = Engine::new(Genesis::new("shop", 7));
    let now = "2026-11-24T12:00:00Z".parse().unwrap();
    let outcome = engine.command(now, kargo_core::command::Apply::manifests(&manifests)).unwrap();
    let events = outcome.events().iter().map(|recorded| recorded.to_bytes().unwrap()).collect();
    let journal = MemoryJournal::new(&VirtualClock::default());
    let lease = block_on(owner(&journal));
    assert_eq!(block_on(journal.append(&lease, outcome.base(), events)), Ok(Appended::At(engine.position())));
    journal.tear(&lease.project, 5);
    let page = block_on(journal.read(&lease.project, Position::default(), 100)).unwrap();
    let torn = Engine::new(Genesis::new("shop", 7)).fold_bytes(page.events);
    assert!(matches!(torn, Err(ReplayError::Decode { after, .. }) if after == Position::new(1)), "{torn:?}");
}
