//! Taking definitions over: all or none, what was broken before is not held against it, status is ignored and listed (rules 17).

use kargo_core::{
    Manifests, Refusal,
    command::{Apply, Delete, Import},
    model::{Kind, Object},
};

use crate::{host::Host, shop::PLAIN};

const ANA: &str = "email:ana@acme.example";

fn stage(name: &str, sources: &str) -> String {
    format!(
        "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {{ name: {name}, namespace: shop }}\nspec:\n  \
         requestedFreight: [{{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ {sources} }} }}]\n"
    )
}

fn apply(host: &mut Host, text: &str) -> Result<usize, Refusal> {
    host.command(Apply::manifests(&Manifests::parse("edit.yaml", text).unwrap()).by("admin"))
}

#[test]
fn rules_17_a_set_that_would_break_the_pipeline_is_refused_as_a_whole() {
    let mut host = Host::new(PLAIN);
    let before = host.log.len();
    let refusal = apply(&mut host, &(stage("qa", "stages: [uat]") + &stage("end", "stages: [prdo]"))).unwrap_err();
    let text = refusal.to_string();
    assert!(text.starts_with("refused: apply: nothing was taken over, for the pipeline would be broken"), "{text}");
    assert!(text.contains("Stage/end: ") && text.contains("prdo") && text.contains("[K0201]"), "{text}");
    assert!(host.engine.world().stage("qa").is_err());
    assert_eq!(host.log.len(), before);

    // A circle that closes behind what is written anew, and an origin that does not exist.
    let circle = apply(&mut host, &stage("uat", "stages: [prod]")).unwrap_err().to_string();
    assert!(circle.contains("[K0203]"), "{circle}");
    let origin = stage("qa", "direct: true").replace("name: cart", "name: menu");
    let origin = apply(&mut host, &origin).unwrap_err().to_string();
    assert!(origin.contains("[K0202]"), "{origin}");
    // A whole set is judged as it will be, in whatever order it is written.
    apply(&mut host, &(stage("end", "stages: [qa]") + &stage("qa", "stages: [uat]"))).unwrap();
}

#[test]
fn rules_17_what_was_broken_before_refuses_nothing_else() {
    let mut host = Host::new(PLAIN);
    host.command(Delete::new(Kind::Stage, "uat").by(ANA)).unwrap();
    // prod is behind uat, which is gone; both may be mended one after the other.
    apply(&mut host, &stage("qa", "direct: true")).unwrap();
    apply(&mut host, &stage("prod", "stages: [uat], requiredSoakTime: 2h")).unwrap();
    let more = apply(&mut host, &stage("end", "stages: [uat]")).unwrap_err().to_string();
    assert!(more.contains("Stage/end: ") && !more.contains("Stage/prod: "), "{more}");
    apply(&mut host, &stage("prod", "stages: [qa]")).unwrap();
}

#[test]
fn rules_17_what_works_but_hardly_as_meant_is_said() {
    let mut host = Host::new(PLAIN);
    let manifests = Manifests::parse("edit.yaml", &stage("qa", "stages: []")).unwrap();
    let outcome = host.engine.command(host.now, Apply::manifests(&manifests).by("admin")).unwrap();
    let said: Vec<String> = outcome.warnings().iter().map(|warning| warning.code().to_string()).collect();
    assert!(said.contains(&"K0206".to_owned()), "{said:?}");
    // Said once: it is as it was when something else is taken over.
    let again = Apply::manifests(&Manifests::parse("edit.yaml", &stage("end", "stages: [uat]")).unwrap());
    let outcome = host.engine.command(host.now, again.by("admin")).unwrap();
    assert!(outcome.warnings().is_empty(), "{}", outcome.warnings());
}

#[test]
fn resources_9_3_status_that_is_handed_in_is_ignored_and_listed() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    host.work();
    let objects: Vec<Object> = host.engine.manifests().filter(|object| object.kind() == Kind::Stage).collect();
    let mut other = Host::new(PLAIN);
    let outcome = other.engine.command(other.now, Apply::objects(objects.clone()).by("admin")).unwrap();
    assert_eq!(outcome.events().len(), 0, "the definitions are the same");
    let ignored: Vec<String> = outcome.ignored().iter().map(ToString::to_string).collect();
    assert_eq!(ignored, ["the status of Stage/prod", "the status of Stage/uat"]);
    assert!(other.engine.world().stage("uat").unwrap().current().is_none());
    // Of what has none nothing is said; an import takes it.
    let manifests = Manifests::parse("shop.yaml", PLAIN).unwrap();
    let outcome = other.engine.command(other.now, Apply::manifests(&manifests).by("admin")).unwrap();
    assert_eq!(outcome.ignored(), []);
    let mut new = Host::bare();
    let outcome = new.engine.command(new.now, Import::objects(host.engine.manifests()).by("admin")).unwrap();
    assert_eq!(outcome.ignored(), []);
    assert!(new.engine.world().stage("uat").unwrap().current().is_some());
}
