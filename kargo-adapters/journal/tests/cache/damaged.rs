//! Files that are not what was written.

use std::{fs, path::Path};

use kargo_core::port::ArtifactCache as _;
use kargo_journal::{Damage, FileCache};
use kargo_testkit::conformance::block_on;

use super::{get, key, put};

fn kept(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("artifacts.redb.set-aside-")).count()
}

#[test]
fn what_is_no_cache_is_set_aside_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("artifacts.redb");
    for (n, content) in [&b"not a database at all"[..], &[0; 70_000], &[0x5a; 9_000]].into_iter().enumerate() {
        fs::write(&file, content).unwrap();
        let cache = FileCache::open(folder.path()).unwrap();
        let reports = cache.set_aside();
        let [report] = reports.as_slice() else { panic!("{n}: {reports:?}") };
        assert!(matches!(report.damage, Damage::Unreadable { .. }));
        assert_eq!(fs::read(report.kept.as_ref().unwrap()).unwrap(), content);
        assert!(report.to_string().contains("was begun anew"), "{report}");
        put(&cache, "a", b"1");
        assert_eq!(get(&cache, "a").as_deref(), Some(&b"1"[..]));
    }
    fs::write(&file, "").unwrap();
    assert_eq!(FileCache::open(folder.path()).unwrap().set_aside(), [], "an empty file is a new one");
}

#[test]
fn no_more_than_three_old_files_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..5 {
        fs::write(folder.path().join("artifacts.redb"), format!("nonsense {n}")).unwrap();
        FileCache::open(folder.path()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert_eq!(kept(folder.path()), 3);
}

/// Bytes change, or the end is missing: nothing panics, nothing wrong is told, and what is put afterwards is there.
#[test]
fn a_damaged_file_never_tells_what_was_never_put() {
    let folder = tempfile::tempdir().unwrap();
    let value = |n: u32, round: u32| format!("{n} of {round}, ").repeat(8).into_bytes();
    let cache = FileCache::open(folder.path()).unwrap();
    for round in 0..2 {
        let entries = (0..200).map(|n| (key(&n.to_string()), value(n, round))).collect();
        block_on(cache.put(entries)).unwrap();
    }
    let file = cache.file().to_owned();
    drop(cache);
    let good = fs::read(&file).unwrap();
    let used = good.iter().rposition(|byte| *byte != 0).unwrap() as u64;
    let (mut set_aside, mut whole) = (0, 0);
    let mut seed = 1_u64;
    let mut dice = |sides: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    for round in 0..50 {
        let mut bytes = good.clone();
        match dice(4) {
            0 => bytes.truncate(usize::try_from(dice(used)).unwrap()),
            1 => bytes[..320][usize::try_from(dice(320)).unwrap()] ^= 1 << dice(8),
            _ => {
                for _ in 0..=dice(20) {
                    bytes[usize::try_from(dice(used)).unwrap()] ^= 1 << dice(8);
                }
            }
        }
        fs::write(&file, &bytes).unwrap();
        let cache = FileCache::open(folder.path()).unwrap();
        let keys: Vec<_> = (0..200).map(|n: u32| key(&n.to_string())).collect();
        let got = block_on(cache.get(&keys)).unwrap();
        for (n, got) in (0..).zip(&got) {
            let known = got.is_none() || (0..2).any(|round| got.as_ref() == Some(&value(n, round)));
            assert!(known, "round {round}: {n} is {got:?}");
        }
        put(&cache, "after", b"1");
        assert_eq!(get(&cache, "after").as_deref(), Some(&b"1"[..]), "round {round}");
        set_aside += usize::from(!cache.set_aside().is_empty());
        whole += usize::from(got.iter().all(Option::is_some));
    }
    println!("of 50 damaged files {set_aside} were set aside, {whole} were whole all the same");
    assert!(set_aside >= 20 && kept(folder.path()) <= 3);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_refuses_is_told_and_nothing_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let cache = FileCache::open(folder.path()).unwrap();
    put(&cache, "a", b"1");
    drop(cache);
    // A directory in the file's place cannot be opened for writing, by root neither.
    let file = folder.path().join("artifacts.redb");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let error = FileCache::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("cannot be opened"), "{error}");
    assert_eq!(kept(folder.path()), 0);
}
