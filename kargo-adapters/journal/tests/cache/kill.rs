//! A process that is killed in the middle of puts.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
    time::Duration,
};

use kargo_journal::FileCache;

use super::{get, put};

const FOLDER: &str = "KARGO_JOURNAL_TEST_FOLDER";

fn value(n: u32) -> Vec<u8> {
    format!("value {n} ").repeat(20 + n as usize % 50).into_bytes()
}

/// Not a test: what the test below starts and kills. It says the number of each put that has returned.
#[test]
#[ignore = "run by requirements_a4_a_killed_process_leaves_what_it_has_put"]
fn putter() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let cache = FileCache::open(folder).unwrap();
    for n in 0.. {
        put(&cache, &n.to_string(), &value(n));
        println!("put {n}");
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn requirements_a4_a_killed_process_leaves_what_it_has_put() {
    for round in 0..8 {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::putter", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let number = |line: String| line.rsplit_once("put ").and_then(|(_, n)| n.parse::<u32>().ok());
        let begun = lines.by_ref().find_map(number);
        std::thread::sleep(Duration::from_millis(7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let last = lines.filter_map(number).last().or(begun).unwrap();
        let cache = FileCache::open(folder.path()).unwrap();
        assert_eq!(cache.set_aside(), [], "a killed process is no damage");
        for n in 0..=last {
            assert!(get(&cache, &n.to_string()) == Some(value(n)), "round {round}: put {n} of {last} is lost");
        }
        put(&cache, "after", b"1");
    }
}
