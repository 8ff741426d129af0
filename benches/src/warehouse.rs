//! A world with a million pieces of freight of one Warehouse, most of which Stages have verified.

use kargo_core::{
    Origin, StageName, Timestamp, World,
    model::{
        AvailabilityStrategy, CurrentStage, Duration, Freight, FreightRequest, GitCommit, Image, ObjectMeta,
        PromotionStep, PromotionTemplate, Stage, VerifiedStage,
    },
};

/// How many pieces there are.
pub const FREIGHT: usize = 1_000_000;
/// The Stages that freight comes to first.
const TESTS: [&str; 3] = ["test-a", "test-b", "test-c"];

/// When it is asked: a year after the first piece.
#[must_use]
pub fn now() -> Timestamp {
    instant(366 * 86_400)
}

/// The Warehouse, as an origin.
#[must_use]
pub fn origin() -> Origin {
    Origin::warehouse("cart")
}

/// The name of a piece of freight: as long as a digest.
#[must_use]
pub fn name(number: usize) -> String {
    // The digits that differ come first, as in a digest.
    format!("{:032x}{number:08x}", (number as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// `uat` takes everything, `prod` what soaked for an hour in one of two Stages, `everywhere` what all three verified, `rare` what
/// soaked for longer than most does.
#[must_use]
pub fn world() -> World {
    let mut world = World::new("bench");
    let hour = Duration::from_secs(3_600);
    for name in TESTS.into_iter().chain(["uat"]) {
        world.put(stage(name, &[], AvailabilityStrategy::OneOf, None));
    }
    world.put(stage("prod", &TESTS[..2], AvailabilityStrategy::OneOf, Some(hour)));
    world.put(stage("everywhere", &TESTS, AvailabilityStrategy::All, None));
    world.put(stage("rare", &TESTS[..1], AvailabilityStrategy::OneOf, Some(Duration::from_secs(36_000))));
    for number in 0..FREIGHT {
        world.put(freight(number));
    }
    world
}

fn stage(name: &str, upstreams: &[&str], strategy: AvailabilityStrategy, soak: Option<Duration>) -> Stage {
    let mut stage = Stage { metadata: ObjectMeta::named(name).in_project("bench"), ..Stage::default() };
    let mut request = FreightRequest { origin: origin(), ..FreightRequest::default() };
    request.sources.direct = upstreams.is_empty();
    request.sources.stages = upstreams.iter().map(|name| StageName::from(*name)).collect();
    request.sources.availability_strategy = Some(strategy);
    request.sources.required_soak_time = soak;
    stage.spec.requested_freight = vec![request];
    let mut template = PromotionTemplate::default();
    template.spec.steps = vec![PromotionStep::default()];
    stage.spec.promotion_template = Some(template);
    stage
}

/// Of every ten pieces five were verified in the first Stage, three in all; the rest of them soaked too short, as they do where
/// new freight comes quickly.
fn freight(number: usize) -> Freight {
    let mut freight = Freight {
        metadata: ObjectMeta::named(name(number)).in_project("bench"),
        origin: origin(),
        ..Freight::default()
    };
    freight.discovered_at = Some(instant(number as i64 * 31));
    let (digit, hundred) = (number % 10, number % 100);
    let verified = |minutes: i64| VerifiedStage {
        verified_at: Some(instant(number as i64 * 31 + 600)),
        longest_completed_soak: Some(Duration::from_secs(minutes * 60)),
    };
    let status = &mut freight.status;
    if digit < 5 {
        let minutes = if hundred == 4 { 700 } else { 20 + 30 * digit as i64 };
        status.verified_in.insert(TESTS[0].into(), verified(minutes));
    }
    if digit < 3 {
        status.verified_in.insert(TESTS[1].into(), verified(90));
        status.verified_in.insert(TESTS[2].into(), verified(10));
    }
    if number + 1 == FREIGHT {
        status.currently_in.insert(TESTS[0].into(), CurrentStage { since: Some(now()) });
    }
    freight
}

/// Freight of two artifacts that three Stages verified.
#[must_use]
pub fn with_artifacts(number: usize) -> Freight {
    let mut freight = Freight {
        images: vec![Image {
            repo_url: "ghcr.io/acme/cart".into(),
            tag: format!("1.{number}.0").into(),
            digest: format!("sha256:{number:064x}").into(),
            ..Image::default()
        }],
        commits: vec![GitCommit {
            repo_url: "https://github.com/acme/env.git".into(),
            id: format!("{number:040x}"),
            ..GitCommit::default()
        }],
        ..freight(number)
    };
    let at = instant(number as i64 * 31 + 600);
    for stage in TESTS {
        let soaked = Some(Duration::from_secs(5_400));
        let verified = VerifiedStage { verified_at: Some(at), longest_completed_soak: soaked };
        freight.status.verified_in.insert(stage.into(), verified);
    }
    freight
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_750_000_000 + seconds, 0).unwrap_or_default()
}
