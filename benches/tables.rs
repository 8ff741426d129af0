//! Structures that a table of the world could be: what a fork costs, and what it costs that forks are cheap.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    collections::BTreeMap,
    error::Error,
    hint::black_box,
    ops::Bound,
    sync::Arc,
    time::{Duration, Instant},
};

use kargo_benches::{alone, memory, warehouse};

/// Names as long as a digest, as those of freight.
const ENTRIES: usize = 1_000_000;
/// How often each thing is done.
const TIMES: usize = 20_000;
/// How much is read from a place on.
const PAGE: usize = 50;

/// What a noun is here: as small as it can be, for all structures hold pointers to nouns.
type Noun = Arc<u64>;

/// A map from names to nouns.
trait Structure: Clone + Default {
    fn get(&self, name: &str) -> Option<&Noun>;
    fn insert(&mut self, name: Arc<str>, noun: Noun);
    fn change(&mut self, name: &str, noun: Noun);
    fn remove(&mut self, name: &str);
    /// Reads a page from a name on, and says how much there was.
    fn page(&self, from: &str) -> u64;
}

impl Structure for BTreeMap<Arc<str>, Noun> {
    fn get(&self, name: &str) -> Option<&Noun> {
        Self::get(self, name)
    }

    fn insert(&mut self, name: Arc<str>, noun: Noun) {
        Self::insert(self, name, noun);
    }

    fn change(&mut self, name: &str, noun: Noun) {
        if let Some(known) = self.get_mut(name) {
            *known = noun;
        }
    }

    fn remove(&mut self, name: &str) {
        Self::remove(self, name);
    }

    fn page(&self, from: &str) -> u64 {
        self.range::<str, _>((Bound::Included(from), Bound::Unbounded)).take(PAGE).map(|(_, noun)| **noun).sum()
    }
}

impl Structure for imbl::OrdMap<Arc<str>, Noun> {
    fn get(&self, name: &str) -> Option<&Noun> {
        Self::get(self, name)
    }

    fn insert(&mut self, name: Arc<str>, noun: Noun) {
        Self::insert(self, name, noun);
    }

    fn change(&mut self, name: &str, noun: Noun) {
        if let Some(known) = self.get_mut(name) {
            *known = noun;
        }
    }

    fn remove(&mut self, name: &str) {
        Self::remove(self, name);
    }

    fn page(&self, from: &str) -> u64 {
        self.range::<_, str>((Bound::Included(from), Bound::Unbounded)).take(PAGE).map(|(_, noun)| **noun).sum()
    }
}

impl Structure for rpds::RedBlackTreeMapSync<Arc<str>, Noun> {
    fn get(&self, name: &str) -> Option<&Noun> {
        Self::get(self, name)
    }

    fn insert(&mut self, name: Arc<str>, noun: Noun) {
        self.insert_mut(name, noun);
    }

    fn change(&mut self, name: &str, noun: Noun) {
        if let Some(known) = self.get_mut(name) {
            *known = noun;
        }
    }

    fn remove(&mut self, name: &str) {
        self.remove_mut(name);
    }

    fn page(&self, from: &str) -> u64 {
        self.range::<str, _>((Bound::Included(from), Bound::Unbounded)).take(PAGE).map(|(_, noun)| **noun).sum()
    }
}

/// Dense chunks under numbers, and a copy-on-write map from names to numbers: what names have to be looked up in anyway.
#[derive(Clone, Default)]
struct Chunks {
    numbers: imbl::OrdMap<Arc<str>, u32>,
    chunks: Vec<Arc<[Option<Noun>; 256]>>,
    free: Vec<u32>,
    next: u32,
}

impl Chunks {
    fn slot(&self, number: u32) -> Option<&Noun> {
        self.chunks.get(number as usize / 256)?.get(number as usize % 256)?.as_ref()
    }

    fn set(&mut self, number: u32, noun: Option<Noun>) {
        let chunk = number as usize / 256;
        if chunk == self.chunks.len() {
            self.chunks.push(Arc::new([const { None }; 256]));
        }
        if let Some(slot) = self.chunks.get_mut(chunk).and_then(|of| Arc::make_mut(of).get_mut(number as usize % 256)) {
            *slot = noun;
        }
    }
}

impl Structure for Chunks {
    fn get(&self, name: &str) -> Option<&Noun> {
        self.slot(*self.numbers.get(name)?)
    }

    fn insert(&mut self, name: Arc<str>, noun: Noun) {
        let number = self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        self.numbers.insert(name, number);
        self.set(number, Some(noun));
    }

    fn change(&mut self, name: &str, noun: Noun) {
        if let Some(number) = self.numbers.get(name) {
            self.set(*number, Some(noun));
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(number) = self.numbers.remove(name) {
            self.set(number, None);
            self.free.push(number);
        }
    }

    fn page(&self, from: &str) -> u64 {
        let numbers = self.numbers.range::<_, str>((Bound::Included(from), Bound::Unbounded)).take(PAGE);
        numbers.filter_map(|(_, number)| self.slot(*number)).map(|noun| **noun).sum()
    }
}

/// What one of many takes.
fn each(mut act: impl FnMut(usize)) -> Duration {
    let begun = Instant::now();
    for time in 0..TIMES {
        act(time);
    }
    begun.elapsed() / TIMES as u32
}

/// Far from each other, so that nothing stays in a cache.
fn some(time: usize) -> String {
    warehouse::name(time.wrapping_mul(7_919) % ENTRIES)
}

fn measure<S: Structure>(what: &str) {
    let names: Vec<Arc<str>> = (0..ENTRIES + TIMES).map(|number| warehouse::name(number).into()).collect();
    let nouns: Vec<Noun> = (0..ENTRIES + TIMES).map(|number| Arc::new(number as u64)).collect();
    let asked: Vec<String> = (0..TIMES).map(some).collect();
    let before = memory::resident();
    let mut map = S::default();
    for (name, noun) in names.iter().zip(&nouns).take(ENTRIES) {
        map.insert(Arc::clone(name), Arc::clone(noun));
    }
    let held = before.zip(memory::resident()).map_or(0, |(before, after)| after.saturating_sub(before));
    let get = each(|time| {
        black_box(map.get(&asked[time]));
    });
    let page = each(|time| {
        black_box(map.page(&asked[time]));
    });
    let change = each(|time| map.change(&asked[time], Arc::clone(&nouns[time])));
    let insert = each(|time| map.insert(Arc::clone(&names[ENTRIES + time]), Arc::clone(&nouns[ENTRIES + time])));
    let remove = each(|time| map.remove(&names[ENTRIES + time]));
    // A few forks are enough where one takes long.
    let begun = Instant::now();
    let first = map.clone();
    let forks = if begun.elapsed() > Duration::from_millis(1) { 5 } else { 1_000 };
    let before = memory::resident();
    let mut kept = Vec::with_capacity(forks);
    let begun = Instant::now();
    for _ in 0..forks {
        kept.push(map.clone());
    }
    let fork = begun.elapsed() / forks as u32;
    let forked =
        before.zip(memory::resident()).map_or(0, |(before, after)| after.saturating_sub(before)) / forks as u64;
    drop(kept);
    // Every change is one to a table that a fork has just been taken of.
    let mut after = Duration::ZERO;
    for time in 0..forks {
        let kept = map.clone();
        let begun = Instant::now();
        map.change(&asked[time], Arc::clone(&nouns[time]));
        after += begun.elapsed();
        drop(kept);
    }
    drop(first);
    println!(
        "| {what} | {fork:.1?} | {forked} | {get:.1?} | {page:.1?} | {change:.1?} | {:.1?} | {insert:.1?} | {remove:.1?} | {} |",
        after / forks as u32,
        held / ENTRIES as u64
    );
}

fn main() -> Result<(), Box<dyn Error>> {
    match alone::word().as_deref() {
        Some("std") => measure::<BTreeMap<_, _>>("`BTreeMap` of std"),
        Some("imbl") => measure::<imbl::OrdMap<_, _>>("`OrdMap` of imbl"),
        Some("rpds") => measure::<rpds::RedBlackTreeMapSync<_, _>>("`RedBlackTreeMapSync` of rpds"),
        Some(_) => measure::<Chunks>("chunks of 256 under numbers, names in an `OrdMap`"),
        None => {
            println!(
                "| {ENTRIES} names | fork | bytes a fork | look-up | page of {PAGE} | change | change after a fork | insert | remove | \
                 bytes an entry |"
            );
            println!("| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |");
            for word in ["std", "imbl", "rpds", "chunks"] {
                print!("{}", alone::ask(word)?);
            }
        }
    }
    Ok(())
}
