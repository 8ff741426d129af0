//! What people ask for: to all that follow, one for each, the way back, holds, freight made by hand (control 8; requirements B7).

use kargo_core::{
    EffectKind, Event, Origin,
    command::{Assemble, Derive, Hold, Pause, Promote, Refresh, ReleaseHold, Rollback, SetAlias},
    model::Image,
};

use crate::{
    host::Host,
    shop::{PLAIN, VERIFIED},
};

const ANA: &str = "email:ana@acme.example";

/// uat feeds a, b and the gate c.
fn wide() -> String {
    let stage = |name: &str, template: &str| {
        format!(
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {{ name: {name}, namespace: shop }}\nspec:\n  requestedFreight: [{{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ stages: [uat] }} }}]\n{template}"
        )
    };
    let template = "  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }\n";
    [PLAIN.to_owned(), stage("b", template), stage("a", template), stage("c", "")].concat()
}

fn image(tag: &str) -> Image {
    Image { repo_url: "ghcr.io/acme/cart".into(), tag: tag.into(), ..Image::default() }
}

fn freight(host: &Host, tag: &str) -> String {
    let mut all = host.engine.world().all_freight();
    all.find(|freight| &*freight.reference().images[0].tag == tag).unwrap().name().to_string()
}

fn refusal(host: &mut Host, command: impl Into<kargo_core::command::Command>) -> String {
    host.command(command).unwrap_err().to_string()
}

/// Freight of these tags came into uat, one after the other.
fn with(text: &str, tags: &[&str]) -> Host {
    let mut host = Host::new(text);
    for (index, _) in tags.iter().enumerate() {
        let known: Vec<_> = tags[..=index].iter().rev().copied().collect();
        host.found("cart", &known);
        host.work();
        host.now += kargo_core::model::Duration::from_secs(60).to_delta();
    }
    host
}

#[test]
fn control_8_2_everywhere_is_one_promotion_for_each_stage_that_takes_it() {
    let mut host = with(&wide(), &["1.4.2"]);
    // prod takes it only after an hour: nothing is created anywhere.
    let text = refusal(&mut host, Promote::from("uat").everywhere().by(ANA));
    assert!(text.starts_with("refused: prod <- "), "{text}");
    assert_eq!(host.engine.world().promotions().count(), 1);
    host.until("2026-11-24T13:00:00Z");
    host.command(Promote::from("uat").everywhere().by(ANA)).unwrap();
    let stages: Vec<_> = host.engine.world().promotions().map(|one| one.noun().spec.stage.to_string()).collect();
    assert_eq!(stages, ["a", "b", "prod", "uat"], "not the gate (trap 22)");
    host.work();
    assert_eq!(host.holds("a").as_deref(), Some("1.4.2"));
    let text = refusal(&mut host, Promote::from("prod").everywhere().by(ANA));
    assert_eq!(
        text,
        format!("refused: promote from prod\n└─ ✗ no Stage with steps takes {} from prod", called(&host, "1.4.2"))
    );
    let text = refusal(&mut host, Promote::from("udt").everywhere());
    assert!(text.contains("did you mean \"uat\"?"), "{text}");
}

fn called(host: &Host, tag: &str) -> String {
    host.engine.world().freight(freight(host, tag)).unwrap().called().to_owned()
}

#[test]
fn user_code_9_each_is_one_promotion_for_each_piece_of_freight() {
    let both = PLAIN.replace(
        "requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]",
        "requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }, { origin: { kind: Warehouse, name: web }, sources: { direct: true } }]",
    );
    let web = "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\nmetadata: { name: web, namespace: shop }\nspec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart } }] }\n";
    let mut host = Host::new(&format!("{both}{web}"));
    host.command(Pause::stage("uat").by(ANA)).unwrap();
    host.found("cart", &["1.4.2"]);
    host.found("web", &["7.0.0"]);
    let names = [freight(&host, "1.4.2"), freight(&host, "7.0.0")];
    let both = || Promote::to("uat").freight(&*names[0]).freight(&*names[1]).by(ANA);
    host.command(both()).unwrap();
    assert_eq!(host.engine.world().promotions().count(), 1);
    host.command(both().each()).unwrap();
    assert_eq!(host.engine.world().promotions().count(), 3);
}

#[test]
fn requirements_b7_a_rollback_brings_back_what_was_there_and_holds_it() {
    let mut host = with(PLAIN, &["1.4.1", "1.4.2", "1.4.3"]);
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.3"));
    host.command(Rollback::of("uat").by(ANA).because("INC-2231")).unwrap();
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"));
    let stage = host.engine.world().stage("uat").unwrap();
    assert_eq!(stage.holds().next().unwrap().actor.as_deref(), Some(ANA));
    // Automation leaves it alone, also when something new comes.
    host.found("cart", &["1.4.4", "1.4.3", "1.4.2", "1.4.1"]);
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"));
    host.command(ReleaseHold::new("uat", Origin::warehouse("cart")).by(ANA)).unwrap();
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.4"));
    host.command(Rollback::of("uat").to(&*freight(&host, "1.4.1")).by(ANA)).unwrap();
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.1"));

    let text = refusal(&mut host, Rollback::of("prod").by(ANA));
    assert_eq!(text, "refused: roll back prod\n└─ ✗ prod holds nothing");
    let text = refusal(&mut host, Rollback::of("uat").only(Origin::warehouse("web")));
    assert!(text.contains("does not request") || text.contains("Warehouse/web"), "{text}");
    let newest = freight(&host, "1.4.1");
    let text = refusal(&mut host, Rollback::of("prod").to(&*newest));
    assert!(text.contains("has not held"), "{text}");
}

#[test]
fn requirements_b7_a_rollback_passes_over_what_was_found_wanting() {
    let mut host = Host::new(VERIFIED);
    for (tags, verdict) in
        [(&["1.4.1"][..], "Successful"), (&["1.4.2", "1.4.1"], "Failed"), (&["1.4.3", "1.4.2", "1.4.1"], "Failed")]
    {
        host.found("cart", tags);
        host.work();
        host.now += kargo_core::model::Duration::from_secs(60).to_delta();
        host.verdict(verdict);
        host.work();
    }
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.3"));
    host.command(Rollback::of("uat").by(ANA)).unwrap();
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.1"));
}

#[test]
fn control_2_5_a_hold_by_hand_keeps_automation_away() {
    let mut host = with(PLAIN, &["1.4.2"]);
    let hold = || Hold::new("uat", Origin::warehouse("cart")).by(ANA);
    assert_eq!(host.command(hold()).unwrap(), 2);
    assert_eq!(host.command(hold()).unwrap(), 0, "said twice");
    host.found("cart", &["1.4.3", "1.4.2"]);
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"));
    let text = refusal(&mut host, Hold::new("prod", Origin::warehouse("cart")));
    assert!(text.contains("automation is off") || text.contains("promoted by hand") || text.contains("prod"), "{text}");
    assert!(refusal(&mut host, Hold::new("uat", Origin::warehouse("web"))).contains("Warehouse/web"));
}

#[test]
fn control_8_5_freight_is_assembled_derived_and_named_by_hand() {
    let mut host = with(PLAIN, &["1.4.2"]);
    host.command(Pause::stage("uat").by(ANA)).unwrap();
    host.command(Assemble::from_warehouse("cart").with(image("1.3.9")).alias("hotfix-1").by(ANA)).unwrap();
    let world = host.engine.world();
    assert_eq!(&*world.freight("hotfix-1").unwrap().reference().images[0].tag, "1.3.9");
    let text = refusal(&mut host, Assemble::from_warehouse("cart").with(image("1.3.9")).by(ANA));
    assert!(text.starts_with("refused: assemble freight of cart"), "{text}");
    let text = refusal(&mut host, Assemble::from_warehouse("cart").with(image("1.3.8")).alias("hotfix-1"));
    assert!(text.contains("hotfix-1"), "{text}");

    host.command(Derive::from_freight("hotfix-1").with(image("1.3.10")).by(ANA)).unwrap();
    let derived = freight(&host, "1.3.10");
    let ages: Vec<_> =
        host.engine.world().all_freight().map(|one| (one.age(), one.reference().images[0].tag.to_string())).collect();
    let mut ordered = ages.clone();
    ordered.sort();
    let tags: Vec<_> = ordered.into_iter().map(|(_, tag)| tag).collect();
    assert!(
        ["1.4.2 1.3.9 1.3.10", "1.3.10 1.3.9 1.4.2"].contains(&&*tags.join(" ")),
        "directly after its base: {tags:?}"
    );
    assert!(refusal(&mut host, Derive::from_freight("hotfix-1")).starts_with("refused: derive freight from hotfix-1"));

    let withdrawn_stays = host.engine.world().freight(&*derived).unwrap().visit("uat").cloned();
    host.command(SetAlias::of(&*derived, "hotfix-2").by(ANA)).unwrap();
    assert_eq!(host.command(SetAlias::of(&*derived, "hotfix-2").by(ANA)).unwrap(), 0);
    let renamed = host.engine.world().freight("hotfix-2").unwrap();
    assert_eq!((renamed.name().as_str(), renamed.visit("uat").cloned()), (&*derived, withdrawn_stays));
    for (alias, why) in
        [("hotfix-1", "other freight is called \"hotfix-1\""), ("-x", "is no alias"), ("", "is no alias")]
    {
        let text = refusal(&mut host, SetAlias::of(&*derived, alias));
        assert!(text.contains(why), "{text}");
    }
}

#[test]
fn rules_6_an_alias_changes_nothing_of_what_is_known_of_freight() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.verdict("Successful");
    host.work();
    host.command(kargo_core::command::Reverify::stage("uat").by(ANA)).unwrap();
    host.verdict("Failed");
    let name = freight(&host, "1.4.2");
    let before = host.engine.world().freight(&*name).unwrap().visit("uat").cloned().unwrap();
    assert!(before.withdrawn);
    host.command(SetAlias::of(&*name, "other-name").by(ANA)).unwrap();
    assert_eq!(host.engine.world().freight("other-name").unwrap().visit("uat").cloned().unwrap(), before);
}

#[test]
fn control_8_5_a_refresh_is_a_look_and_leaves_no_event() {
    let mut host = Host::new(PLAIN);
    host.open.clear();
    assert_eq!(host.command(Refresh::warehouse("cart").by(ANA)).unwrap(), 0);
    assert!(matches!(&host.open[..], [effect] if matches!(effect.kind, EffectKind::Discover(_))));
    assert_eq!(host.command(Refresh::all().by(ANA)).unwrap(), 0);
    assert_eq!(host.open.len(), 2);
    assert!(refusal(&mut host, Refresh::warehouse("crat")).contains("did you mean \"cart\"?"));
    assert!(!host.log.iter().any(|recorded| matches!(recorded.event, Event::Discovered { .. })));
}
