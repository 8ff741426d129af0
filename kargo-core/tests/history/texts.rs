//! The texts of answers (user-code 11).

use kargo_core::{
    EffectKind, Origin, Report,
    command::{Approve, Pause, Promote, ReleaseHold},
    report::{StepError, StepProgress, WakeKey},
};

use crate::host::{ANA, Host, SHOP, done};

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
    host.found("cart", &["1.4.2"]);
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
    insta::assert_snapshot!(short(&host, &why.to_string()), @"");
    assert_eq!(why.events().count(), 5);
    let json = serde_json::to_string(&why).unwrap();
    assert_eq!(serde_json::from_str::<kargo_core::Why>(&json).unwrap(), why);

    let before = host.history().why("prod", crate::host::at("2026-11-24T13:00:00Z"));
    insta::assert_snapshot!(before.to_string(), @"");
}

#[test]
fn f4_an_approval_is_named_and_what_one_of_two_would_have_done_is_not() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    let name = host.engine.world().all_freight().next().unwrap().name().to_string();
    host.pass(10);
    host.command(Approve::new(&*name, "prod").by(ANA)).unwrap();
    host.pass(10);
    host.command(Promote::to("prod").freight(&*name).by(ANA)).unwrap();
    host.answer("change", done());
    host.answer("push", done());
    insta::assert_snapshot!(short(&host, &host.history().why("prod", host.now).to_string()), @"");

    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    host.pass(3_600);
    host.command(Approve::new(&*name, "prod").by(ANA)).unwrap();
    host.pass(10);
    host.command(Promote::to("prod").freight(&*name).by(ANA)).unwrap();
    host.answer("change", done());
    host.answer("push", done());
    insta::assert_snapshot!(short(&host, &host.history().why("prod", host.now).to_string()), @"");
}

/// Looks of Warehouses are answered.
fn looked(host: &mut Host, tags: &[&str]) {
    while let Some(index) = host.open.iter().position(|effect| matches!(effect.kind, EffectKind::Discover(_))) {
        let effect = host.open.remove(index);
        let EffectKind::Discover(discover) = &effect.kind else { return };
        host.report(discover.report(Ok(crate::host::images(tags))));
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
    insta::assert_snapshot!(host.engine.why_not_moved("uat", host.now).to_string(), @"");
    insta::assert_snapshot!(host.engine.why_not_moved("prod", host.now).to_string(), @"");

    // What comes is paused; what is there was chosen by somebody; what was tried failed.
    host.command(Pause::stage("uat").by(ANA).because("freeze")).unwrap();
    looked(&mut host, &["1.4.3", "1.4.2"]);
    host.found("cart", &["1.4.3", "1.4.2"]);
    insta::assert_snapshot!(short(&host, &host.history().why_not_moved("uat", host.now).to_string()), @"");
    host.command(kargo_core::command::Resume::stage("uat")).unwrap();
    host.answer("push", Err(StepError::failed("protected branch")));
    insta::assert_snapshot!(short(&host, &host.history().why_not_moved("uat", host.now).to_string()), @"");
    let old = host.engine.world().stage("uat").unwrap().current().unwrap().names().next().unwrap().to_string();
    host.command(Promote::to("uat").freight(&*old).by(ANA)).unwrap();
    insta::assert_snapshot!(short(&host, &host.engine.why_not_moved("uat", host.now).to_string()), @"");
    host.answer("push", done());
    insta::assert_snapshot!(short(&host, &host.history().why_not_moved("uat", host.now).to_string()), @"");
    host.command(ReleaseHold::new("uat", Origin::warehouse("cart")).by(ANA)).unwrap();
}
