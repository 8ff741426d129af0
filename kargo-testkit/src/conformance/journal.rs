//! The contract of [`Journal`].

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kargo_core::port::Journal;

use super::Cannot;

/// A journal to be asked. It has room for what a check appends (a few megabytes).
#[async_trait]
pub trait JournalRig: Sized + Send + Sync {
    /// An empty journal of its own for one test.
    async fn start() -> Self;

    /// The adapter under test. Several may be asked for: each is a process of its own, as far as the store knows processes.
    fn journal(&self) -> Arc<dyn Journal>;

    /// Closes the journal and opens it again, as a restart does. Nobody uses an earlier [`journal`](Self::journal) then.
    async fn reopen(&mut self) -> Result<(), Cannot> {
        Err(Cannot)
    }

    /// Lets time pass by the journal's clock.
    async fn pass(&self, span: Duration) -> Result<(), Cannot> {
        let _ = span;
        Err(Cannot)
    }
}

/// The checks, one for each test. Each panics with the sentence of the contract that is broken.
pub mod journal_checks {
    use std::{collections::BTreeSet, sync::Arc, time};

    use futures::future::join_all;
    use kargo_core::{
        Position,
        model::{Duration, ProjectName},
        port::{Acquired, Appended, Holder, Journal, Kept, Lease, PortError, Saved, StoredSnapshot},
    };

    use super::JournalRig;
    use crate::conformance::part::{broken, partly};

    type Asked = Arc<dyn Journal>;

    fn shop() -> ProjectName {
        "shop".into()
    }

    fn at(position: u64) -> Position {
        Position::new(position)
    }

    fn minute() -> Duration {
        Duration::from_secs(60)
    }

    fn batch(events: &[&str]) -> Vec<Vec<u8>> {
        events.iter().map(|event| event.as_bytes().to_vec()).collect()
    }

    fn done<T>(what: &str, result: Result<T, PortError>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => broken(&format!("(Journal::{what}): a journal that works answers\ngot      {error}")),
        }
    }

    async fn wish(journal: &Asked, project: &ProjectName, owner: &str) -> Result<(Lease, Option<Holder>), Holder> {
        match done("acquire", journal.acquire(project, owner, minute()).await) {
            Acquired::Lease { lease, before } => Ok((lease, before)),
            Acquired::Held(holder) => Err(holder),
            other => broken(&format!("(Journal::acquire): it is given or held\ngot      {other:?}")),
        }
    }

    async fn lease_of(journal: &Asked, project: &ProjectName, owner: &str) -> (Lease, Option<Holder>) {
        match wish(journal, project, owner).await {
            Ok(given) => given,
            Err(holder) => {
                broken(&format!("(Journal::acquire): a lease that nobody has is given\ngot      {holder:?}"))
            }
        }
    }

    async fn append(journal: &Asked, lease: &Lease, behind: u64, events: &[&str]) -> Appended {
        done("append", journal.append(lease, at(behind), batch(events)).await)
    }

    /// The whole log, page by page, and its end.
    async fn log_of(journal: &Asked, project: &ProjectName, page: usize) -> Vec<Vec<u8>> {
        let mut events: Vec<Vec<u8>> = Vec::new();
        loop {
            let read = done("read", journal.read(project, at(events.len() as u64), page).await);
            assert!(
                read.events.len() <= page,
                "contract (Journal::read): so many at the most ({page})\ngot      {}",
                read.events.len()
            );
            let stuck = read.events.is_empty();
            events.extend(read.events);
            if read.end == at(events.len() as u64) {
                return events;
            }
            assert!(!stuck, "contract (Journal::read): at least one if there is any\nend      {}", read.end);
        }
    }

    fn expect<T: PartialEq + std::fmt::Debug>(got: &T, expected: &T, sentence: &str) {
        assert!(got == expected, "contract (Journal): {sentence}\ngot      {got:?}\nexpected {expected:?}");
    }

    /// A log begins at its beginning.
    pub async fn a_new_log_is_empty<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let page = done("read", journal.read(&shop(), at(0), 10).await);
        expect(&(page.events.len(), page.end), &(0, at(0)), "a new log has no events");
        expect(&done("newest_snapshot", journal.newest_snapshot(&shop(), 1).await), &None, "a new log has no snapshot");
        let (lease, before) = lease_of(&journal, &shop(), "a").await;
        expect(&before, &None, "nobody had the lease of a new log");
        expect(&append(&journal, &lease, 0, &["one"]).await, &Appended::At(at(1)), "the first event is at 1");
    }

    /// Bytes are bytes.
    pub async fn what_was_appended_is_read_whole_and_in_order<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (lease, _) = lease_of(&journal, &shop(), "a").await;
        let large: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let events = vec![b"{}".to_vec(), Vec::new(), vec![0, 255, 10, 13, 0], large, b"{}".to_vec()];
        let first = done("append", journal.append(&lease, at(0), events.clone()).await);
        expect(&first, &Appended::At(at(5)), "an append says where the log ends");
        expect(
            &append(&journal, &lease, 5, &["six"]).await,
            &Appended::At(at(6)),
            "an append follows on the one before",
        );
        let mut all = events;
        all.push(b"six".to_vec());
        expect(&log_of(&journal, &shop(), 100).await, &all, "what was appended is read, whole and in order");
    }

    /// Position-checked.
    pub async fn an_append_that_does_not_follow_is_a_conflict<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (lease, _) = lease_of(&journal, &shop(), "a").await;
        expect(&append(&journal, &lease, 0, &["one", "two"]).await, &Appended::At(at(2)), "two events end at 2");
        for behind in [0, 1, 3, 1_000] {
            let got = append(&journal, &lease, behind, &["no"]).await;
            expect(
                &got,
                &Appended::Conflict { end: at(2) },
                "an append elsewhere than at the end is a conflict that names it",
            );
        }
        expect(&append(&journal, &lease, 2, &[]).await, &Appended::At(at(2)), "no events change nothing");
        let got = append(&journal, &lease, 1, &[]).await;
        expect(&got, &Appended::Conflict { end: at(2) }, "no events say whether the log ends there");
        expect(&log_of(&journal, &shop(), 100).await, &batch(&["one", "two"]), "what is refused is not in the log");
    }

    /// Of two appends at one position one wins, whole.
    pub async fn of_appends_side_by_side_one_wins<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (lease, _) = lease_of(&journal, &shop(), "a").await;
        let mut end = 0;
        for round in 0..8_u64 {
            let calls = (0..6).map(|n| {
                let (journal, lease) = (rig.journal(), lease.clone());
                async move {
                    let events: Vec<_> = (0..3).map(|event| format!("{round} {n} {event}").into_bytes()).collect();
                    (n, done("append", journal.append(&lease, at(end), events).await))
                }
            });
            let answers = join_all(calls).await;
            let won: Vec<_> = answers.iter().filter(|(_, answer)| *answer == Appended::At(at(end + 3))).collect();
            expect(&won.len(), &1, "of appends side by side at one position one wins");
            let tail = done("read", journal.read(&shop(), at(end), 10).await).events;
            let expected: Vec<_> = won
                .iter()
                .flat_map(|(n, _)| (0..3).map(move |event| format!("{round} {n} {event}").into_bytes()))
                .collect();
            expect(&tail, &expected, "a batch is in the log whole, and alone");
            end += 3;
        }
    }

    /// Bounded pages.
    pub async fn pages_are_bounded_and_lose_nothing<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (lease, _) = lease_of(&journal, &shop(), "a").await;
        let events: Vec<_> = (0..120_u32).map(|n| format!("{n}").repeat(2_000).into_bytes()).collect();
        expect(
            &done("append", journal.append(&lease, at(0), events.clone()).await),
            &Appended::At(at(120)),
            "120 events",
        );
        for page in [1, 7, 50, 1_000] {
            let got = log_of(&journal, &shop(), page).await;
            assert!(got == events, "contract (Journal::read): pages lose nothing (of {page} events each)");
        }
        let none = done("read", journal.read(&shop(), at(7), 0).await);
        expect(&(none.events.len(), none.end), &(0, at(120)), "at most 0 says where the log ends");
        for behind in [120, 5_000] {
            let page = done("read", journal.read(&shop(), at(behind), 10).await);
            expect(&(page.events.len(), page.end), &(0, at(120)), "behind the end there is nothing");
        }
    }

    /// One store, many projects.
    pub async fn projects_are_told_apart<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (ours, theirs) = (shop(), ProjectName::from("depot"));
        let (lease, _) = lease_of(&journal, &ours, "a").await;
        let (other, _) = lease_of(&journal, &theirs, "b").await;
        expect(
            &append(&journal, &lease, 0, &["ours", "ours too"]).await,
            &Appended::At(at(2)),
            "each project has its log",
        );
        expect(&append(&journal, &other, 0, &["theirs"]).await, &Appended::At(at(1)), "each project has its log");
        let snapshot = StoredSnapshot { schema: 1, position: at(1), bytes: b"ours".to_vec() };
        expect(&done("save_snapshot", journal.save_snapshot(&lease, snapshot).await), &Saved::Kept, "it is kept");
        expect(&log_of(&journal, &ours, 10).await, &batch(&["ours", "ours too"]), "each project has its log");
        expect(&log_of(&journal, &theirs, 10).await, &batch(&["theirs"]), "each project has its log");
        let found = done("newest_snapshot", journal.newest_snapshot(&theirs, 1).await);
        expect(&found, &None, "each project has its snapshots");
    }

    /// A cache, but an honest one.
    pub async fn the_newest_snapshot_of_a_schema_is_found<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (lease, _) = lease_of(&journal, &shop(), "a").await;
        expect(&append(&journal, &lease, 0, &["1", "2", "3"]).await, &Appended::At(at(3)), "three events");
        let stored =
            |schema, position, text: &str| StoredSnapshot { schema, position: at(position), bytes: text.into() };
        for snapshot in [stored(1, 1, "first"), stored(1, 3, "newest"), stored(1, 2, "late")] {
            expect(&done("save_snapshot", journal.save_snapshot(&lease, snapshot).await), &Saved::Kept, "it is kept");
        }
        let found = done("newest_snapshot", journal.newest_snapshot(&shop(), 1).await);
        expect(&found, &Some(stored(1, 3, "newest")), "the newest snapshot is found, whole");
        let found = done("newest_snapshot", journal.newest_snapshot(&shop(), 2).await);
        expect(&found, &None, "a snapshot of another schema is not given");
        let ahead = journal.save_snapshot(&lease, stored(1, 4, "of tomorrow")).await;
        expect(
            &done("save_snapshot", ahead),
            &Saved::Ahead { end: at(3) },
            "a snapshot that knows more than the log is not kept",
        );
        let found = done("newest_snapshot", journal.newest_snapshot(&shop(), 1).await);
        expect(&found, &Some(stored(1, 3, "newest")), "what is not kept is not found");
    }

    /// One owner (law 4).
    pub async fn a_lease_has_one_holder<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (lease, _) = lease_of(&journal, &shop(), "process 8121 on build-7").await;
        for owner in ["process 9 on build-8", "process 8121 on build-7"] {
            match wish(&rig.journal(), &shop(), owner).await {
                Err(holder) => {
                    expect(&holder.owner.as_str(), &"process 8121 on build-7", "whoever is refused is told who has it");
                    expect(
                        &(holder.token, holder.released),
                        &(lease.token, false),
                        "whoever is refused is told the token",
                    );
                }
                Ok(_) => broken("(Journal::acquire): a lease that somebody has is not given to another"),
            }
        }
        expect(&append(&journal, &lease, 0, &["one"]).await, &Appended::At(at(1)), "a refused wish disturbs nobody");
    }

    /// Given back, it is free at once, and the old one counts no more.
    pub async fn a_lease_that_was_given_back_counts_no_more<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (old, _) = lease_of(&journal, &shop(), "a").await;
        expect(&append(&journal, &old, 0, &["one"]).await, &Appended::At(at(1)), "the first event");
        let stale = Appended::Stale { newest: old.token };
        for _ in 0..2 {
            let released = done("release", journal.release(&old).await);
            assert!(
                matches!(released, Kept::Lease(_)),
                "contract (Journal::release): given back twice is given back\ngot      {released:?}"
            );
        }
        expect(
            &append(&journal, &old, 1, &["two"]).await,
            &stale,
            "under a lease that was given back nothing is appended",
        );
        let kept = done("renew", journal.renew(&old, minute()).await);
        expect(&kept, &Kept::Stale { newest: old.token }, "a lease that was given back cannot be renewed");
        let (new, before) = lease_of(&rig.journal(), &shop(), "b").await;
        expect(
            &before.map(|before| (before.owner, before.released)),
            &Some(("a".to_owned(), true)),
            "who had it before is told",
        );
        assert!(
            new.token > old.token,
            "contract (Journal): every lease has a greater token than all before it\ngot      {} after {}",
            new.token,
            old.token
        );
        expect(&append(&journal, &new, 1, &["two"]).await, &Appended::At(at(2)), "the new owner appends");
        expect_fenced(&journal, &old, &new).await;
    }

    /// Everything under an old token is refused and changes nothing.
    async fn expect_fenced(journal: &Asked, old: &Lease, new: &Lease) {
        let before = log_of(journal, &shop(), 100).await;
        let end = before.len() as u64;
        let newest = new.token;
        // Also where the position is wrong: who is deposed is told that first.
        for behind in [end, 0] {
            let got = append(journal, old, behind, &["late"]).await;
            expect(
                &got,
                &Appended::Stale { newest },
                "under a stale token nothing is appended, and the newest is named",
            );
        }
        let snapshot = StoredSnapshot { schema: 9, position: at(1), bytes: b"late".to_vec() };
        let saved = done("save_snapshot", journal.save_snapshot(old, snapshot).await);
        expect(&saved, &Saved::Stale { newest }, "under a stale token no snapshot is saved");
        let kept = done("renew", journal.renew(old, minute()).await);
        expect(&kept, &Kept::Stale { newest }, "a stale lease cannot be renewed");
        let kept = done("release", journal.release(old).await);
        expect(&kept, &Kept::Stale { newest }, "a stale lease cannot be given back");
        expect(&log_of(journal, &shop(), 100).await, &before, "what is refused is not in the log");
        let found = done("newest_snapshot", journal.newest_snapshot(&shop(), 9).await);
        expect(&found, &None, "what is refused is not kept");
        let got = append(journal, new, end, &["still"]).await;
        expect(&got, &Appended::At(at(end + 1)), "a stale lease does not disturb the owner");
    }

    /// Midway dropped, it has happened whole or not at all.
    pub async fn dropping_the_future_midway_is_harmless<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (lease, _) = lease_of(&journal, &shop(), "a").await;
        let mut known = 0;
        for polls in 1..20 {
            partly(journal.append(&lease, at(known), batch(&["a", "b", "c"])), polls).await;
            partly(journal.read(&shop(), at(0), 10), polls).await;
            partly(journal.renew(&lease, minute()), polls).await;
            let end = done("read", journal.read(&shop(), at(0), 0).await).end;
            assert!(
                end == at(known) || end == at(known + 3),
                "contract (Journal::append): a dropped append is in the log whole or not at all\ngot      {end} after {known}"
            );
            known = end.get();
            expect(
                &append(&journal, &lease, known, &["next"]).await,
                &Appended::At(at(known + 1)),
                "it goes on from there",
            );
            known += 1;
        }
    }

    /// As long as there is a disk.
    pub async fn what_was_answered_survives_a_restart<R: JournalRig>() {
        let mut rig = R::start().await;
        let (lease, _) = lease_of(&rig.journal(), &shop(), "a").await;
        expect(&append(&rig.journal(), &lease, 0, &["one", "two"]).await, &Appended::At(at(2)), "two events");
        let snapshot = StoredSnapshot { schema: 3, position: at(2), bytes: b"state".to_vec() };
        expect(&done("save_snapshot", rig.journal().save_snapshot(&lease, snapshot).await), &Saved::Kept, "it is kept");
        assert!(matches!(done("release", rig.journal().release(&lease).await), Kept::Lease(_)));
        let mut token = lease.token;
        for _ in 0..2 {
            assert_eq!(rig.reopen().await, Ok(()), "the rig can `reopen`, says the macro");
            let journal = rig.journal();
            expect(
                &log_of(&journal, &shop(), 10).await,
                &batch(&["one", "two"]),
                "a later process reads what was appended",
            );
            let (lease, _) = lease_of(&journal, &shop(), "b").await;
            assert!(
                lease.token > token,
                "contract (Journal): every lease has a greater token than all before it, also after a restart\ngot      {} after {token}",
                lease.token
            );
            token = lease.token;
            let empty = append(&journal, &lease, 2, &[]).await;
            expect(&empty, &Appended::At(at(2)), "a later process goes on from there");
            assert!(matches!(done("release", journal.release(&lease).await), Kept::Lease(_)));
        }
    }

    /// Time ends it, if somebody else wants it.
    pub async fn a_lease_that_ran_out_can_be_taken<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (old, _) = lease_of(&journal, &shop(), "a").await;
        assert_eq!(rig.pass(time::Duration::from_secs(61)).await, Ok(()), "the rig can let time pass, says the macro");
        let got = append(&journal, &old, 0, &["one"]).await;
        expect(&got, &Appended::At(at(1)), "a lease that ran out counts until somebody else acquires one");
        let (new, before) = lease_of(&rig.journal(), &shop(), "b").await;
        expect(
            &before.map(|before| (before.token, before.released)),
            &Some((old.token, false)),
            "it was not given back",
        );
        expect_fenced(&journal, &old, &new).await;
    }

    /// Renewed in time, it lasts.
    pub async fn a_lease_that_is_renewed_does_not_run_out<R: JournalRig>() {
        let rig = R::start().await;
        let journal = rig.journal();
        let (mut lease, _) = lease_of(&journal, &shop(), "a").await;
        for _ in 0..4 {
            assert_eq!(
                rig.pass(time::Duration::from_secs(40)).await,
                Ok(()),
                "the rig can let time pass, says the macro"
            );
            match done("renew", journal.renew(&lease, minute()).await) {
                Kept::Lease(renewed) => {
                    assert!(
                        renewed.until > lease.until,
                        "contract (Journal::renew): it lasts longer\ngot      {renewed:?}"
                    );
                    expect(&renewed.token, &lease.token, "a renewed lease keeps its token");
                    lease = renewed;
                }
                other => broken(&format!("(Journal::renew): nobody else has it\ngot      {other:?}")),
            }
            match wish(&rig.journal(), &shop(), "b").await {
                Err(holder) => {
                    assert!(holder.renewed > holder.since, "contract (Journal): the last sign of life is kept")
                }
                Ok(_) => broken("(Journal::renew): a lease that was renewed in time does not run out"),
            }
        }
    }

    /// What the rig can and what the macro was told agree.
    pub async fn what_the_rig_can_is_declared<R: JournalRig>(told: &[&str]) {
        let mut rig = R::start().await;
        let passes = rig.pass(time::Duration::ZERO).await.is_ok();
        let can = [("pass", passes), ("reopen", rig.reopen().await.is_ok())];
        let can: BTreeSet<_> = can.into_iter().filter(|(_, can)| *can).map(|(name, _)| name).collect();
        let told: BTreeSet<_> = told.iter().copied().collect();
        assert_eq!(can, told, "the rig can the left; write that into the macro's `can: [...]`");
    }
}
