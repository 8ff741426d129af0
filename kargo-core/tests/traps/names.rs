//! What freight is called (control 8; resources 8): trap 40.

use kargo_core::{
    EffectKind,
    command::Promote,
    report::{Fact, StepProgress},
};
use serde_json::json;

use crate::{
    host::Host,
    scene::{by_hand, named, promote, promotions},
};

/// A step of a promotion of this freight gives it an alias.
fn call(host: &mut Host, tag: &str, alias: &str) {
    promote(host, "uat", tag).unwrap();
    let index = host.open.iter().position(|effect| !effect.is_look()).unwrap();
    let EffectKind::RunStep(run) = host.open.remove(index).kind else { panic!() };
    let fact = Fact::FreightAlias { freight: named(host, tag), alias: alias.to_owned() };
    host.report(run.report(Ok(StepProgress::done(json!({})).fact(fact))));
}

#[test]
fn trap_40_an_alias_is_unique_when_it_is_written() {
    // In Kargo an alias is checked where it is written alone, and a look-up takes the first match. Kept that it is checked
    // there; what is ambiguous all the same is not guessed.
    let mut host = by_hand();
    for tag in ["1.4.2", "1.4.3"] {
        host.found("cart", &[tag]);
    }
    call(&mut host, "1.4.2", "modest-marlin");
    host.command(Promote::to("uat").freight("modest-marlin")).unwrap();
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Succeeded, 1.4.2 Succeeded");
    // The same once more, and another of its own, are fine; that of other freight is not.
    call(&mut host, "1.4.2", "modest-marlin");
    call(&mut host, "1.4.3", "swift-otter");
    call(&mut host, "1.4.3", "modest-marlin");
    let ended = promotions(&host, "uat");
    let last = ended.rsplit(", ").next().unwrap();
    assert!(
        last.starts_with("1.4.3") && last != "1.4.3 Succeeded" && host.engine.pending().next().is_none(),
        "{ended}"
    );
    assert_eq!(*host.engine.world().freight("modest-marlin").unwrap().name(), named(&host, "1.4.2"));
    assert_eq!(*host.engine.world().freight("swift-otter").unwrap().name(), named(&host, "1.4.3"));

    // Objects that somebody else wrote may have one alias twice.
    let mut world = host.engine.world().clone();
    world.set_alias(&named(&host, "1.4.3"), Some("modest-marlin".to_owned()));
    let uncertain = world.freight("modest-marlin").unwrap_err().to_string();
    assert!(uncertain.contains("is not certain") && uncertain.contains(&*named(&host, "1.4.3")), "{uncertain}");
}
