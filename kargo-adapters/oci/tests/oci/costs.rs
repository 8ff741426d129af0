//! The cost table of requirements A, row by row, over HTTP: formula, forecast and count are equal in each class of requests.

use std::{collections::BTreeMap, thread, time::Duration};

use kargo_testkit::conformance::{CostFeatures, CostResult, CostRow, FakeCostRig, cost_rows, has_real_servers};

use crate::cost_rigs::{Anonymous, Basic, OverFake, OverReal, Place, Token};

/// As few tags as will do for all rows.
const TAGS: u64 = 40;

/// What came of a row at a place: what it cost, or why it did not run.
type Ran = Result<CostResult, &'static str>;
/// A row by its index, and a place.
type Key = (usize, &'static str);
/// Runs all rows at one place.
type At = fn(&[CostRow]) -> Vec<(Key, Ran)>;

/// A row that another real registry runs.
const ELSEWHERE: &str = "at another real registry; here, too, with KARGO_SOAK";

impl Place for FakeCostRig {
    const NAME: &str = "fake";

    fn why_not(_: &CostFeatures) -> Option<&'static str> {
        None
    }
}

/// All rows at one place, one after the other, each with servers of its own.
fn at<P: Place>(rows: &[CostRow]) -> Vec<(Key, Ran)> {
    some_at::<P>(rows, |_| true)
}

/// As many as show that the way to log in changes nothing but handshakes: each fourth, and those that the open registry cannot
/// run. All of them with `KARGO_SOAK`.
fn logged_in_at<P: Place>(rows: &[CostRow]) -> Vec<(Key, Ran)> {
    let all = std::env::var_os("KARGO_SOAK").is_some();
    let is_needed = |row: &CostRow| OverReal::<Anonymous>::why_not(&row.features).is_some();
    some_at::<P>(rows, |index| all || index.is_multiple_of(4) || is_needed(&rows[index]))
}

fn some_at<P: Place>(rows: &[CostRow], is_run: impl Fn(usize) -> bool) -> Vec<(Key, Ran)> {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ran = |index, row: &CostRow| match P::why_not(&row.features) {
        None if is_run(index) => runtime().block_on(ran_at::<P>(row)),
        why => Err(why.unwrap_or(ELSEWHERE)),
    };
    rows.iter().enumerate().map(|(index, row)| ((index, P::NAME), ran(index, row))).collect()
}

async fn ran_at<P: Place>(row: &CostRow) -> Ran {
    if let Some(why) = P::why_not(&row.features) {
        return Err(why);
    }
    let ran = tokio::time::timeout(Duration::from_secs(60), row.run::<P>()).await;
    let ran = ran.unwrap_or_else(|_| panic!("{} does not end at {}", row.name, P::NAME));
    Ok(ran.unwrap_or_else(|_| panic!("{} cannot run at {}, and nobody says why", row.name, P::NAME)))
}

/// Prints what ran where; what is not exact.
fn report(rows: &[CostRow], ran: &BTreeMap<Key, Ran>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        println!("{}: {}", row.name, row.formula);
        // Places with the same counts, or the same reason, share a line.
        let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
        for ((_, place), ran) in ran.range((index, "")..(index + 1, "")) {
            let text = match ran {
                Ok(result) => format!("{}", result.actual),
                Err(why) => format!("not run: {why}"),
            };
            match lines.iter_mut().find(|(line, _)| *line == text) {
                Some((_, places)) => places.push(place),
                None => lines.push((text, vec![place])),
            }
            wrong.extend(
                ran.as_ref().ok().filter(|result| !result.is_exact()).map(|result| format!("{place}: {result}")),
            );
        }
        for (text, places) in lines {
            println!("    {text}  [{}]", places.join("; "));
        }
    }
    wrong
}

/// The names of rows that cannot run at a place.
fn left_out(rows: &[CostRow], ran: &BTreeMap<Key, Ran>, place: &str) -> Vec<&'static str> {
    let at = ran.iter().filter(|((_, at), ran)| *at == place && ran.as_ref().is_err_and(|why| *why != ELSEWHERE));
    at.map(|((index, _), _)| rows[*index].name).collect()
}

/// Rows that need more than the distribution API.
const BEYOND_HTTP: [&str; 3] = [
    "SemVer, plain, cold, manifests only by digest",
    "NewestBuild, plain, cold, HEAD tells dates",
    "SemVer, plain, cold, HEAD tells dates",
];
/// Rows about what `docker-registry` does not do.
const MORE_THAN_DOCKER_REGISTRY: [&str; 5] = [
    "SemVer, plain, cold, lists with ETag",
    "SemVer, plain, warm, lists with ETag",
    "SemVer, plain, warm, promised, lists with ETag",
    "NewestBuild, after restart, promised, ETag",
    "SemVer, plain, cold, blobs redirect",
];
const TOKEN_EXPIRED: &str = "SemVer, plain, warm, token expired";
const ONE_LOGIN: &str = "200 subscriptions, 10 repositories, cold";
const LOGIN_EACH: &str = "the same, a token for each repository";

#[test]
fn requirements_a3_a4_every_row_of_the_cost_table_over_http_by_exact_equality() {
    let rows = cost_rows(TAGS);
    let mut places: Vec<At> = vec![at::<FakeCostRig>, at::<OverFake>];
    let has_real = has_real_servers();
    if has_real {
        places.extend([
            at::<OverReal<Anonymous>> as At,
            logged_in_at::<OverReal<Basic>>,
            logged_in_at::<OverReal<Token>>,
        ]);
    }
    let ran: BTreeMap<Key, Ran> = thread::scope(|scope| {
        let threads: Vec<_> = places.iter().map(|at| scope.spawn(|| at(&rows))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let wrong = report(&rows, &ran);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    assert_eq!(left_out(&rows, &ran, "fake"), [""; 0]);
    assert_eq!(left_out(&rows, &ran, OverFake::NAME), BEYOND_HTTP);
    if !has_real {
        return;
    }
    let ran_really = |place: &str| ran.iter().filter(|((_, at), ran)| *at == place && ran.is_ok()).count();
    assert!(ran_really(OverReal::<Basic>::NAME) >= 8 && ran_really(OverReal::<Token>::NAME) >= 8);
    let expected = |more: &[&'static str]| {
        let all = [&BEYOND_HTTP[..], &MORE_THAN_DOCKER_REGISTRY[..], more].concat();
        rows.iter().map(|row| row.name).filter(|name| all.contains(name)).collect::<Vec<_>>()
    };
    let no_tokens = expected(&[TOKEN_EXPIRED, LOGIN_EACH]);
    assert_eq!(no_tokens.len(), 10);
    assert_eq!(left_out(&rows, &ran, OverReal::<Anonymous>::NAME), no_tokens);
    assert_eq!(left_out(&rows, &ran, OverReal::<Basic>::NAME), no_tokens);
    assert_eq!(left_out(&rows, &ran, OverReal::<Token>::NAME), expected(&[ONE_LOGIN]));
}
