//! Random worlds: three Stages, two origins, freight with marks, promotions in all phases, holds, policies, decisions of people.
//! All instants are multiples of five minutes.

use kargo_core::model::{AutoPromotionHold, PromotionReference, QueuePolicy};
use proptest::prelude::*;

use super::shop::{Promo, Shop, cart, menu, minute, promo};

pub const STAGES: [&str; 3] = ["uat", "prod", "end"];

/// What a world is made of; zeros are the plainest.
#[derive(Clone, Debug)]
pub struct Seeds {
    freight: Vec<[u8; 12]>,
    promotions: Vec<[u8; 8]>,
    stages: [[u8; 12]; 3],
    policies: [[u8; 6]; 3],
    people: [u8; 8],
}

pub fn seeds() -> impl Strategy<Value = Seeds> {
    let freight = prop::collection::vec(any::<[u8; 12]>(), 0..6);
    let promotions = prop::collection::vec(any::<[u8; 8]>(), 0..12);
    (freight, promotions, any::<[[u8; 12]; 3]>(), any::<[[u8; 6]; 3]>(), any::<[u8; 8]>()).prop_map(
        |(freight, promotions, stages, policies, people)| Seeds { freight, promotions, stages, policies, people },
    )
}

fn pick<T: Copy>(of: &[T], byte: u8) -> T {
    of[usize::from(byte) % of.len()]
}

/// A minute: a multiple of five within the four hours before noon.
fn before(byte: u8) -> i64 {
    -5 * i64::from(byte % 48)
}

/// A minute: a multiple of five within the four hours after noon.
fn after(byte: u8) -> i64 {
    5 * i64::from(byte % 48)
}

pub fn shop(seeds: &Seeds) -> Shop {
    let mut shop = Shop { world: kargo_core::World::new("shop"), now: minute(0) };
    let names: Vec<_> = (0..seeds.freight.len()).map(|index| format!("f{index}")).collect();
    for (name, bytes) in names.iter().zip(&seeds.freight) {
        let origin = if bytes[0] % 3 == 2 { menu() } else { cart() };
        shop = shop.freight_of(origin, name, before(bytes[1]));
        for (stage, at) in STAGES.iter().zip([2, 5, 8]) {
            if bytes[at] % 3 == 1 {
                shop = shop.entered(name, stage, before(bytes[at] / 3));
            }
            if bytes[at + 1] % 2 == 1 {
                shop = shop.verified(name, stage, before(bytes[at + 1] / 2));
            }
            match bytes[at + 2] % 4 {
                1 => shop = shop.approved(name, stage),
                2 => shop = shop.withdrawn(name, stage),
                _ => {}
            }
        }
        if bytes[11] % 6 == 5 {
            shop = shop.intended(name, pick(&["Manual", "Hotfix", "strange"], bytes[11] / 6));
        }
    }
    shop = policies(shop, seeds);
    for (stage, (bytes, policy)) in STAGES.iter().zip(seeds.stages.iter().zip(&seeds.policies)) {
        shop = stage_of(shop, stage, bytes, policy, &names);
    }
    for (index, bytes) in seeds.promotions.iter().enumerate() {
        if let Some(promotion) = promotion(&shop, index, bytes, &names) {
            shop = shop.promotion(promotion);
        }
    }
    for (stage, bytes) in STAGES.iter().zip(&seeds.stages) {
        shop = status_of(&shop, stage, bytes);
    }
    people(shop, &seeds.people, &names)
}

fn policies(shop: Shop, seeds: &Seeds) -> Shop {
    let of = |(stage, bytes): (&&str, &[u8; 6])| {
        format!("{{stageSelector: {{name: {stage}}}, autoPromotionEnabled: {}}}", bytes[0] % 5 != 4)
    };
    let all: Vec<_> = STAGES.iter().zip(&seeds.policies).map(of).collect();
    shop.policies(&format!("[{}]", all.join(", ")))
}

fn stage_of(shop: Shop, stage: &str, bytes: &[u8; 12], policy: &[u8; 6], names: &[String]) -> Shop {
    let upstream = match stage {
        "uat" => None,
        "prod" => Some("uat"),
        _ => Some("prod"),
    };
    let soak = pick(&["", ", requiredSoakTime: 1h", ", requiredSoakTime: 3h"], bytes[0]);
    let matching = pick(&["", "", ", autoPromotionOptions: {selectionPolicy: MatchUpstream}"], bytes[1]);
    let sources =
        upstream.map_or("direct: true".to_owned(), |upstream| format!("stages: [{upstream}]{soak}{matching}"));
    let request = |origin| format!("{{origin: {{kind: Warehouse, name: {origin}}}, sources: {{{sources}}}}}");
    let (only, both) = (request("cart"), [request("cart"), request("menu")].join(", "));
    let mut shop = shop.stage(stage, if bytes[2] % 4 == 3 { &both } else { &only });
    let queue = pick(&[QueuePolicy::All, QueuePolicy::Latest, QueuePolicy::LatestPerOrigin], policy[1]);
    let guard = policy[2] % 4 == 3;
    let sample = pick(&["", "", ", sampleEvery: 45m"], policy[3]);
    let intents = pick(&["[]", "[]", "[Auto, Manual]", "[Hotfix]"], policy[4]);
    let window = match policy[5] % 6 {
        4 => window("Deny", policy[5]),
        5 => window("Allow", policy[5]),
        _ => "[]".to_owned(),
    };
    let progressing = pick(&["10m", "20m", "1h"], policy[0] / 5);
    let spec = format!(
        "{{queue: {queue:?}, progressing: {{atMost: {progressing}}}, soak: {{guard: {guard}{sample}}}, intents: {intents}, windows: {window}}}"
    );
    shop = shop.ours("StagePolicy", stage, &spec);
    let held: Vec<_> = names.iter().enumerate().filter(|(index, _)| bytes[3] >> index & 1 == 1).collect();
    if !held.is_empty() {
        let held: Vec<_> = held.into_iter().map(|(_, name)| name.as_str()).collect();
        shop = shop.holding(stage, &held);
        for name in held {
            shop = shop.entered(name, stage, before(bytes[8] / 4));
        }
        for byte in [bytes[4], bytes[5]] {
            let phase = pick(&["", "Successful", "Failed", "Running", "Aborted"], byte);
            if !phase.is_empty() {
                shop = shop.verification(stage, phase);
            }
        }
    }
    let known = ["Progressing", "Healthy", "Unhealthy", "Progressing", "Unknown"];
    let health = if bytes[6].is_multiple_of(6) { None } else { Some(pick(&known, bytes[6])) };
    shop = shop.health(stage, health);
    if bytes[7] % 16 == 15 { shop.control_flow(stage) } else { shop }
}

fn window(kind: &str, byte: u8) -> String {
    let stamp = |minutes: i64| minute(minutes).format("%Y%m%dT%H%M%SZ").to_string();
    let (from, to) = (before(byte), 5 + after(byte.wrapping_mul(7)));
    let later = if byte % 4 < 2 { to } else { 0 };
    format!("[{{name: w, kind: {kind}, dtstart: {}, dtend: {}}}]", stamp(from + later), stamp(to + later))
}

fn promotion(shop: &Shop, index: usize, bytes: &[u8; 8], names: &[String]) -> Option<Promo> {
    let freight = names.get(usize::from(bytes[0]) % names.len().max(1))?;
    let stage = pick(&["uat", "prod", "end", "uat"], bytes[1]);
    let mut promotion = promo(-400 + 5 * i64::try_from(index).ok()?, freight).named(&format!("p{index:02}")).to(stage);
    let other = names.iter().find(|name| shop.world.freight_named(name).is_some_and(|other| *other.origin() == menu()));
    let is_cart = shop.world.freight_named(freight)?.origin() == &cart();
    if let Some(other) = other.filter(|_| is_cart && bytes[2] % 4 == 3) {
        promotion = promotion.with_menu(other);
    }
    promotion = match bytes[3] % 6 {
        0 | 1 => promotion,
        2 => promotion.by("email:ana@acme.example"),
        3 => promotion.hold(),
        4 => promotion.resume(),
        _ => promotion.rollback(),
    };
    let at = -5 * i64::from(1 + bytes[4] % 8);
    promotion = match bytes[5] % 14 {
        0..=5 => promotion,
        6..=8 => promotion.ended("Succeeded", at),
        9 => promotion.ended("Failed", at),
        10 => promotion.ended("Errored", at),
        11 => promotion.ended("Aborted", at),
        12 => promotion.stopped(at),
        _ => promotion.stopped(at).ended_by(pick(&["Superseded", "Withdrawn"], bytes[6])),
    };
    Some(if bytes[7] % 16 == 15 { promotion.running() } else { promotion })
}

fn status_of(shop: &Shop, stage: &str, bytes: &[u8; 12]) -> Shop {
    let mine: Vec<_> = shop.world.promotions().filter(|one| *one.noun().spec.stage == *stage).collect();
    let ended: Vec<_> = mine.iter().filter(|one| one.is_over() && one.noun().status.started_at.is_some()).collect();
    let mut last = None;
    if bytes[8] % 2 == 1 && !ended.is_empty() {
        last = Some(pick(&ended, bytes[8] / 2).name().to_owned());
    }
    let current = (bytes[9] % 4 == 3 && !mine.is_empty()).then(|| pick(&mine, bytes[9] / 4).name().to_owned());
    let freight = shop.world.all_freight().next().map(|freight| freight.name().clone());
    let mut shop = shop.clone();
    if let Some(last) = last {
        shop = shop.last_promotion(stage, &last);
    }
    shop.status(stage, |status| {
        status.current_promotion = current.map(|name| PromotionReference { name: name.into(), ..Default::default() });
        for (origin, byte) in [(cart(), bytes[10]), (menu(), bytes[11])] {
            if byte % 5 == 4 {
                let freight_name = freight.clone().unwrap_or_default();
                let hold = AutoPromotionHold { freight_name, origin: origin.clone(), ..AutoPromotionHold::default() };
                status.auto_promotion_holds.insert(origin, hold);
            }
        }
    })
}

fn people(mut shop: Shop, bytes: &[u8; 8], names: &[String]) -> Shop {
    if bytes[0] % 4 == 3
        && let Some(freight) = names.get(usize::from(bytes[1]) % names.len().max(1))
    {
        let stages = pick(&["", ", stages: [prod]"], bytes[0] / 4);
        shop = shop.ours("Rejection", "bad", &format!("{{freight: {freight}{stages}}}"));
    }
    for (name, (kind, length)) in [("one", (bytes[2], bytes[3])), ("two", (bytes[4], bytes[5]))] {
        let until = minute(5 + after(length)).format("%Y-%m-%dT%H:%M:%SZ");
        let until = if length % 4 == 3 { String::new() } else { format!("until: '{until}'") };
        match kind % 8 {
            6 => shop = shop.ours("Pause", name, &format!("{{{until}}}")),
            7 => shop = shop.ours("Pause", name, &format!("{{stage: prod, {until}}}")),
            _ => {}
        }
    }
    shop.world.set_clock_suspect(bytes[6] % 16 == 15);
    shop
}
