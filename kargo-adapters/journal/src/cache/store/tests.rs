//! A store against a model, against its limits, and on a disk that fails.

use std::{collections::BTreeMap, io};

use super::disk::{Dice, Disk};
use super::*;

const SMALL: CacheSettings = CacheSettings { bytes: 4_000, entries: 20, value_bytes: 500, memory_bytes: 1 << 20 };

fn open(disk: &Disk, settings: CacheSettings) -> Store {
    Store::open(disk.clone(), settings).unwrap()
}

fn entry(key: &str, value: &str) -> Entry {
    (key.to_owned(), value.as_bytes().to_vec())
}

fn keys(store: &Store) -> Vec<String> {
    let transaction = store.db.begin_read().unwrap();
    let uses = transaction.open_table(USES).unwrap();
    uses.iter().unwrap().map(|row| row.unwrap().1.value().to_owned()).collect()
}

/// Counts everything again, and compares both tables and the numbers about them.
fn check(store: &Store) -> BTreeMap<String, Vec<u8>> {
    let transaction = store.db.begin_read().unwrap();
    let (entries, uses) = (transaction.open_table(ENTRIES).unwrap(), transaction.open_table(USES).unwrap());
    let mut usage = Usage::default();
    let mut all = BTreeMap::new();
    for row in entries.iter().unwrap() {
        let (key, stored) = row.unwrap();
        let (used, value) = unpack(key.value(), stored.value()).unwrap();
        assert_eq!(uses.get(used).unwrap().map(|key| key.value().to_owned()).as_deref(), Some(key.value()));
        assert!(used < store.next);
        usage.entries += 1;
        usage.bytes += cost(key.value(), value);
        all.insert(key.value().to_owned(), value.to_vec());
    }
    assert_eq!(uses.len().unwrap(), usage.entries);
    assert_eq!(store.usage(), usage);
    assert!(usage.entries <= store.settings.entries && usage.bytes <= store.settings.bytes, "{usage:?}");
    all
}

#[test]
fn requirements_a4_random_work_agrees_with_a_model_and_keeps_its_limits() {
    for seed in 0..30 {
        let mut dice = Dice(seed);
        let disk = Disk::default();
        let mut store = open(&disk, SMALL);
        let mut last = BTreeMap::new();
        for step in 0..120 {
            match dice.roll(10) {
                0 => {
                    store.close().unwrap();
                    store = open(&disk, SMALL);
                }
                1..=4 => {
                    let key = format!("k{}", dice.roll(30));
                    let got = store.get([key.as_str()]).unwrap().remove(0);
                    assert!(got.is_none() || got.as_ref() == last.get(&key), "seed {seed} step {step}");
                }
                _ => {
                    let entries: Vec<Entry> = (0..dice.roll(5))
                        .map(|_| (format!("k{}", dice.roll(30)), vec![b'v'; usize::try_from(dice.roll(600)).unwrap()]))
                        .collect();
                    store.put(&entries).unwrap();
                    last.extend(entries);
                }
            }
            let held = check(&store);
            assert!(held.iter().all(|(key, value)| last.get(key) == Some(value)), "seed {seed} step {step}");
        }
    }
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let disk = Disk::default();
    let mut store = open(&disk, CacheSettings { entries: 4, ..SMALL });
    store.put(&["a", "b", "c", "d"].map(|key| entry(key, "1"))).unwrap();
    assert!(store.get(["a", "never"]).unwrap()[0].is_some());
    store.put(&[entry("e", "1")]).unwrap();
    assert_eq!(keys(&store), ["c", "d", "a", "e"], "a was read, so b went");
    assert_eq!(store.get(["b"]).unwrap(), [None]);
    store.put(&[entry("c", "2"), entry("f", "1")]).unwrap();
    assert_eq!(keys(&store), ["a", "e", "c", "f"], "what is put again is used");
    assert!(store.get(["a"]).unwrap()[0].is_some());
    store.close().unwrap();
    let mut store = open(&disk, CacheSettings { entries: 4, ..SMALL });
    store.put(&[entry("g", "1")]).unwrap();
    assert_eq!(keys(&store), ["c", "f", "a", "g"], "what was read before a restart counts");
}

#[test]
fn smaller_limits_are_kept_with_the_next_put() {
    let disk = Disk::default();
    let mut store = open(&disk, SMALL);
    store.put(&(0..20).map(|n| entry(&format!("{n:02}"), "value")).collect::<Vec<_>>()).unwrap();
    store.close().unwrap();
    let mut store = open(&disk, CacheSettings { bytes: 3 * (2 + 5 + OVERHEAD), ..SMALL });
    store.put(&[]).unwrap();
    assert_eq!(check(&store).into_keys().collect::<Vec<_>>(), ["17", "18", "19"]);
}

#[test]
fn what_is_too_long_is_forgotten_with_what_was_there_before() {
    let mut store = open(&Disk::default(), SMALL);
    let long_key = "k".repeat(CacheSettings::LONGEST_KEY + 1);
    store.put(&[entry("a", "1"), entry("b", "1")]).unwrap();
    store.put(&[entry("a", &"x".repeat(501)), entry(&long_key, "1"), entry("b", &"x".repeat(500))]).unwrap();
    assert_eq!(check(&store).into_keys().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn reading_what_is_young_writes_nothing() {
    let disk = Disk::default();
    let mut store = open(&disk, SMALL);
    store.put(&(0..10).map(|n| entry(&n.to_string(), "1")).collect::<Vec<_>>()).unwrap();
    let before = disk.changes();
    store.get(["9", "8", "7"]).unwrap();
    assert!(store.touched.is_empty());
    store.get(["0"]).unwrap();
    assert_eq!(store.touched.len(), 1);
    assert_eq!(disk.changes(), before, "reads write nothing at once");
}

/// Power cuts and kills at every kind of moment, several in a row: what was acknowledged is there, and what was not is there
/// whole or not at all.
#[test]
fn requirements_a4_torn_writes_lose_nothing_that_was_acknowledged() {
    let roomy = CacheSettings { bytes: 1 << 20, entries: 10_000, ..SMALL };
    let (mut cuts, mut midway) = (0, 0);
    for seed in 0..50 {
        let mut dice = Dice(seed);
        let mut disk = Disk::default();
        let mut acknowledged: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for round in 0..4 {
            let mut store = Store::open(disk.clone(), roomy).unwrap_or_else(|e| panic!("seed {seed}.{round}: {e:?}"));
            let held = check(&store);
            for (key, value) in &acknowledged {
                assert!(held.get(key) == Some(value), "seed {seed}.{round}: {key} is lost or wrong");
            }
            acknowledged = held;
            disk.refuse_after(dice.roll(60), io::ErrorKind::Other);
            loop {
                let put: Vec<Entry> = (0..1 + dice.roll(6))
                    .map(|_| (format!("k{}", dice.roll(40)), vec![dice.roll(256) as u8; dice.roll(500) as usize]))
                    .collect();
                if store.put(&put).is_err() {
                    // In flight: each key may have the new value or the old one.
                    for (key, _) in &put {
                        acknowledged.remove(key);
                    }
                    midway += 1;
                    break;
                }
                acknowledged.extend(put);
            }
            drop(store);
            disk = if dice.roll(3) == 0 { disk.after_kill() } else { disk.after_power_cut(&mut dice) };
            cuts += 1;
        }
    }
    assert_eq!((cuts, midway), (200, 200));
}

#[test]
fn a_disk_that_refuses_is_told_and_the_store_opened_again_goes_on() {
    let disk = Disk::default();
    let mut store = open(&disk, SMALL);
    store.put(&[entry("a", "1")]).unwrap();
    disk.refuse_after(0, io::ErrorKind::StorageFull);
    let trouble = store.put(&[entry("b", "1")]).unwrap_err();
    assert!(matches!(&trouble, Trouble::Io(error) if error.kind() == io::ErrorKind::StorageFull), "{trouble:?}");
    drop(store);
    disk.relent();
    let mut store = open(&disk, SMALL);
    assert_eq!(check(&store).into_keys().collect::<Vec<_>>(), ["a"]);
    store.put(&[entry("b", "1")]).unwrap();
    assert_eq!(check(&store).len(), 2);
}

#[test]
fn another_format_is_told() {
    let disk = Disk::default();
    let store = open(&disk, SMALL);
    let transaction = store.db.begin_write().unwrap();
    transaction.open_table(ABOUT).unwrap().insert(IS_FORMAT, 7).unwrap();
    transaction.commit().unwrap();
    drop(store);
    let trouble = Store::open(disk, SMALL).unwrap_err();
    assert!(matches!(trouble, Trouble::Damaged(Damage::OtherFormat { found: 7, known: FORMAT })), "{trouble:?}");
}

#[test]
fn an_entry_that_is_somebody_elses_is_noticed() {
    let disk = Disk::default();
    let mut store = open(&disk, SMALL);
    store.put(&[entry("a", "1")]).unwrap();
    let transaction = store.db.begin_write().unwrap();
    transaction.open_table(ENTRIES).unwrap().insert("a", pack("b", 0, b"1").as_slice()).unwrap();
    transaction.commit().unwrap();
    assert!(matches!(store.get(["a"]), Err(Trouble::Damaged(Damage::Unreadable { .. }))));
}
