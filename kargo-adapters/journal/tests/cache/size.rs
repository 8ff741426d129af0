//! How large the file gets, and how quick it is.

use std::{fs, time::Instant};

use kargo_core::port::ArtifactCache as _;
use kargo_journal::{CacheSettings, FileCache};
use kargo_testkit::conformance::block_on;

use super::key;

#[test]
fn the_file_stays_near_its_limit_however_much_is_put() {
    let folder = tempfile::tempdir().unwrap();
    let settings = CacheSettings { bytes: 8 << 20, ..CacheSettings::default() };
    let cache = FileCache::open_with(folder.path(), settings).unwrap();
    let mut put = 0;
    for round in 0..150_u32 {
        let entries: Vec<_> = (0..200_u32)
            .map(|n| (key(&format!("{round} {n}")), vec![b'x'; 300 + (n as usize * 7 + round as usize) % 1_500]))
            .collect();
        put += entries.iter().map(|(_, value)| value.len()).sum::<usize>();
        block_on(cache.put(entries)).unwrap();
    }
    let usage = block_on(cache.usage()).unwrap();
    let size = fs::metadata(cache.file()).unwrap().len();
    println!("{put} bytes put, {usage:?}, file {size}");
    assert!(usage.bytes <= 8 << 20 && usage.bytes > 7 << 20, "{usage:?}");
    assert!(size <= (8 << 20) * 9 / 2, "{size}");
}

/// Not a promise, a look: `cargo test -p kargo-journal --release --test cache -- --ignored --nocapture measure`.
#[test]
#[ignore = "a measurement"]
fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let cache = FileCache::open(folder.path()).unwrap();
    let keys: Vec<_> = (0..1_000).map(|n: u32| key(&n.to_string())).collect();
    let began = Instant::now();
    block_on(cache.put(keys.iter().map(|key| (key.clone(), vec![b'x'; 300])).collect())).unwrap();
    println!("put of 1,000: {:?}", began.elapsed());
    let began = Instant::now();
    for key in &keys {
        block_on(cache.put(vec![(key.clone(), vec![b'y'; 300])])).unwrap();
    }
    println!("1,000 puts of one: {:?}", began.elapsed());
    let began = Instant::now();
    block_on(futures::future::join_all(keys.iter().map(|key| cache.put(vec![(key.clone(), vec![b'z'; 300])]))));
    println!("1,000 puts side by side: {:?}", began.elapsed());
    for round in 0..1_000 {
        let entries = (0..10).map(|n| (key(&format!("{round} {n}")), vec![b'x'; 1_000])).collect();
        block_on(cache.put(entries)).unwrap();
    }
    println!("{:?} in {} bytes", block_on(cache.usage()), fs::metadata(cache.file()).unwrap().len());
    let began = Instant::now();
    assert!(block_on(cache.get(&keys)).unwrap().iter().all(Option::is_some));
    println!("get of 1,000: {:?}", began.elapsed());
}
