//! The texts of answers (user-code 11).

use kargo_core::{
    EffectKind, Origin, Report,
    command::{Approve, Pause, Promote, ReleaseHold},
    report::{StepError, StepProgress, WakeKey},
};

use crate::host::{ANA, Host, SHOP, done, images};

fn short(host: &Host, text: &str) -> String {
    let mut text = text.to_owned();
    for promotion in host.engine.world().promotions() {
        let short = format!("{}.X", promotion.noun().spec.stage);
        text = text.replace(promotion.name(), &short);
    }
    text
}

#[test]
fn user_code_11_why_did_prod_get_this() {
    let mut host = Host::new(SHOP);
    host.pass(1);
    host.report(Report::discovered("cart", images(&["1.4.2"])).because("webhook from ghcr"));
    host.pass(5);
    host.answer("push", done());
    host.until("2026-11-24T13:20:11Z");
    let newest = Promote::to("prod").newest(Origin::warehouse("cart"));
    host.command(newest.by("email:dana@acme.example").because("release notes are out")).unwrap();
    host.pass(60);
    let key = || WakeKey::custom("ticket", "CHG-1042");
    host.answer("change", Ok(StepProgress::waiting_on(key())));
    host.pass(2_280);
    host.report(Report::signal(key()));
    host.answer("change", done());
    host.pass(167);
    host.answer("push", done());
    let why = host.history().why("prod", host.now);
    insta::assert_snapshot!(short(&host, &why.to_string()), @r#"
    prod holds tidal-gazelle since 2026-11-24 14:01:58Z, because
    ├─ promotion prod.X Succeeded 2026-11-24 14:01:58Z  #35
    │  ├─ asked for 2026-11-24 13:20:11Z by email:dana@acme.example ("release notes are out")  #21
    │  └─ allowed: verified in uat 2026-11-24 12:00:06Z, soaked 1h20m of 1h          #19
    │     └─ uat got it 2026-11-24 12:00:06Z, automatic: newest eligible of Warehouse/cart  #16
    │        └─ image ghcr.io/acme/cart:1.4.2 seen 2026-11-24 12:00:01Z, webhook from ghcr  #8
    └─ waited 38m of 41m47s: on ticket/CHG-1042; 0s idle
    "#);
    assert_eq!(why.events().count(), 5);
    let json = serde_json::to_string(&why).unwrap();
    assert_eq!(serde_json::from_str::<kargo_core::Why>(&json).unwrap(), why);

    let before = host.history().why("prod", crate::host::at("2026-11-24T13:00:00Z"));
    insta::assert_snapshot!(before.to_string(), @"
    prod holds nothing, because
    └─ no promotion to it has ended yet
    ");
}

#[test]
fn f4_an_approval_is_named_and_what_one_of_two_would_have_done_is_not() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    let name = host.engine.world().all_freight().next().unwrap().name().to_string();
    host.answer("push", Err(StepError::failed("no")));
    host.pass(10);
    host.command(Approve::new(&*name, "prod").by(ANA)).unwrap();
    host.pass(10);
    host.command(Promote::to("prod").freight(&*name).by(ANA)).unwrap();
    host.answer("change", done());
    host.answer("push", done());
    insta::assert_snapshot!(short(&host, &host.history().why("prod", host.now).to_string()), @"
    prod holds tidal-gazelle since 2026-11-24 12:00:20Z, because
    ├─ promotion prod.X Succeeded 2026-11-24 12:00:20Z  #30
    │  ├─ asked for 2026-11-24 12:00:20Z by email:ana@acme.example                   #20
    │  └─ source: approved for prod 2026-11-24 12:00:10Z by email:ana@acme.example   #18
    │     └─ image ghcr.io/acme/cart:1.4.2 seen 2026-11-24 12:00Z                    #8
    └─ waited 0s of 0s; 0s idle
    ");

    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    host.pass(3_600);
    host.command(Approve::new(&*name, "prod").by(ANA)).unwrap();
    host.pass(10);
    host.command(Promote::to("prod").freight(&*name).by(ANA)).unwrap();
    host.answer("change", done());
    host.answer("push", done());
    insta::assert_snapshot!(short(&host, &host.history().why("prod", host.now).to_string()), @"
    prod holds tidal-gazelle since 2026-11-24 13:00:10Z, because
    ├─ promotion prod.X Succeeded 2026-11-24 13:00:10Z  #33
    │  ├─ asked for 2026-11-24 13:00:10Z by email:ana@acme.example                   #23
    │  └─ allowed: verified in uat, approved: one would have done
    │     └─ image ghcr.io/acme/cart:1.4.2 seen 2026-11-24 12:00Z                    #8
    └─ waited 0s of 0s; 0s idle
    ");
}

/// Looks of Warehouses are answered.
fn looked(host: &mut Host, tags: &[&str]) {
    while let Some(index) = host.open.iter().position(|effect| matches!(effect.kind, EffectKind::Discover(_))) {
        let effect = host.open.remove(index);
        let EffectKind::Discover(discover) = &effect.kind else { return };
        host.report(discover.report(Ok(images(tags))));
    }
}

#[test]
fn user_code_11_why_has_uat_not_moved() {
    let mut host = Host::new(SHOP);
    looked(&mut host, &["1.4.2"]);
    host.answer("push", done());
    for _ in 0..24 {
        host.pass(300);
        looked(&mut host, &["1.4.2"]);
    }
    host.pass(180);
    insta::assert_snapshot!(host.engine.why_not_moved("uat", host.now).to_string(), @"
    uat has not moved since 2026-11-24 12:00Z (2h3m), because
    ├─ ✗ newest eligible of Warehouse/cart is tidal-gazelle
    │  └─ uat already holds tidal-gazelle
    └─ discovery of cart is healthy: last look 3m ago, 25 looks
    ");
    insta::assert_snapshot!(host.engine.why_not_moved("prod", host.now).to_string(), @"
    prod has never moved, because
    ├─ ✗ Warehouse/cart
    │  ├─ nobody promotes to prod automatically
    │  └─ newest eligible of Warehouse/cart is tidal-gazelle
    │     → somebody promotes it                        (promote tidal-gazelle to prod)
    └─ discovery of cart is healthy: last look 3m ago, 25 looks
    ");

    // What comes is paused; what is there was chosen by somebody; what was tried failed.
    host.command(Pause::stage("uat").by(ANA).because("freeze")).unwrap();
    looked(&mut host, &["1.4.3", "1.4.2"]);
    host.found("cart", &["1.4.3", "1.4.2"]);
    insta::assert_snapshot!(short(&host, &host.history().why_not_moved("uat", host.now).to_string()), @r#"
    uat has not moved since 2026-11-24 12:00Z (2h3m), because
    ├─ last: uat got it 2026-11-24 12:00Z, automatic: newest eligible of Warehouse/cart  #16
    └─ ✗ newest eligible of Warehouse/cart is crisp-deer
       └─ Stage uat is paused by email:ana@acme.example: "freeze"                    #21
    "#);
    host.command(kargo_core::command::Resume::stage("uat")).unwrap();
    host.answer("push", Err(StepError::failed("protected branch")));
    insta::assert_snapshot!(short(&host, &host.history().why_not_moved("uat", host.now).to_string()), @"
    uat has not moved since 2026-11-24 12:00Z (2h3m), because
    ├─ last: uat got it 2026-11-24 12:00Z, automatic: newest eligible of Warehouse/cart  #16
    └─ ✗ newest eligible of Warehouse/cart is crisp-deer
       └─ promotion uat.X of it Failed: automation does not try it again  #33
    ");
    let old = host.engine.world().stage("uat").unwrap().current().unwrap().names().next().unwrap().to_string();
    host.command(Promote::to("uat").freight(&*old).by(ANA)).unwrap();
    insta::assert_snapshot!(short(&host, &host.engine.why_not_moved("uat", host.now).to_string()), @"
    uat has not moved since 2026-11-24 12:00Z (2h3m), because
    ├─ ✓ promotion uat.X is under way
    ├─ ✗ newest eligible of Warehouse/cart is crisp-deer
    │  └─ hold on Warehouse/cart since 2026-11-24 by email:ana@acme.example
    └─ discovery of cart is healthy: last look 0s ago, 25 looks
    ");
    host.answer("push", done());
    insta::assert_snapshot!(short(&host, &host.history().why_not_moved("uat", host.now).to_string()), @"
    uat has not moved since 2026-11-24 12:00Z (2h3m), because
    ├─ last: uat got it 2026-11-24 12:00Z, automatic: newest eligible of Warehouse/cart  #16
    └─ ✗ newest eligible of Warehouse/cart is crisp-deer
       └─ hold on Warehouse/cart since 2026-11-24 by email:ana@acme.example          #43
    ");
    host.command(ReleaseHold::new("uat", Origin::warehouse("cart")).by(ANA)).unwrap();
}
