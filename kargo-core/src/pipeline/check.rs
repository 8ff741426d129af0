//! The ways to a pipeline: from manifests, from nouns, checked or only if right.

use super::{Nouns, Pipeline, build::build, expressions, freight::check_freight, policy, subject};
use crate::{
    Manifests,
    model::{Code, Diagnostic, Diagnostics},
};

impl Pipeline {
    /// The pipeline of the only project in some manifests.
    ///
    /// Manifests that hold nothing make an empty pipeline of a project without name.
    ///
    /// # Errors
    ///
    /// All mistakes at once, warnings among them: see [`of_project`](Self::of_project). K0210 if there are several projects.
    pub fn from_manifests(manifests: &Manifests) -> Result<Self, Diagnostics> {
        Self::of_project(manifests, Nouns::only_project(manifests)?)
    }

    /// The pipeline of one project.
    ///
    /// Objects that stood in the texts but had mistakes ([`Manifests::is_broken`]) are nodes of which only the name
    /// is known, so that they cause no second mistake.
    ///
    /// # Errors
    ///
    /// All mistakes at once, warnings among them: upstream Stages (K0201) and origins (K0202) that do not exist, circles
    /// (K0203), upstream Stages that never hold what is asked of them (K0204), origins requested twice (K0205), upstream
    /// Stages of the wrong kind (K0211), selectors that cannot be read (K0109). K0210 if no object belongs to the project.
    pub fn of_project(manifests: &Manifests, project: &str) -> Result<Self, Diagnostics> {
        let (pipeline, found) = Self::check(manifests, project);
        pipeline.ok_or(found)
    }

    /// The pipeline of one project, if nothing is wrong with it; and everything that is wrong, or works but hardly as meant:
    /// requests that only an approval satisfies (K0206), Stages that nothing reaches (K0207), tasks (K0208) and Stages or
    /// Warehouses (K0209) that are not among the documents, selectors that match nothing (K0212), freight that does not fit its
    /// Warehouse (K0306); expressions that fail on each run, and some that do what is hardly meant (K0401 to K0412).
    ///
    /// The list is in the order of the texts, at most 1,000 errors and 1,000 warnings.
    #[must_use]
    pub fn check(manifests: &Manifests, project: &str) -> (Option<Self>, Diagnostics) {
        let nouns = Nouns::of_project(manifests, project);
        if nouns.is_empty() && !manifests.projects().is_empty() && !manifests.projects().contains(project) {
            let projects = manifests.projects();
            let known = super::text::list(projects.iter().copied());
            let message = format!("no document belongs to project {project:?}");
            let diagnostic = Diagnostic::error(Code::ManyProjects, message).help(format!("projects here: {known}"));
            return (None, [diagnostic].into_iter().collect());
        }
        build(nouns, |draft, report| {
            subject::check_tasks(draft, manifests, report);
            subject::check_subjects(draft, report);
            policy::check(draft, report);
            expressions::check(draft, manifests, report);
            let mut of_freight = Diagnostics::new();
            check_freight(manifests, project, &mut of_freight);
            report.extend(of_freight);
        })
    }

    /// The pipeline of nouns that a program holds, without manifests. Whether tasks exist, and what other objects are about,
    /// is not checked.
    ///
    /// # Errors
    ///
    /// As [`of_project`](Self::of_project); mistakes have a [path](Diagnostic::path) but no place in a text.
    pub fn from_nouns(nouns: &Nouns<'_>) -> Result<Self, Diagnostics> {
        let (pipeline, found) = build(nouns.clone(), |_, _| {});
        pipeline.ok_or(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Object, ObjectMeta, Stage},
        pipeline::sample::{Shop, lines},
    };

    fn stage(name: &str, project: Option<&str>) -> Object {
        let metadata = ObjectMeta { namespace: project.map(str::to_owned), ..ObjectMeta::named(name) };
        Stage { metadata, ..Stage::default() }.into()
    }

    #[test]
    fn k0210_several_projects() {
        let manifests = Manifests::from_objects([stage("uat", Some("shop")), stage("uat", Some("store"))]);
        let found = Pipeline::from_manifests(&manifests).unwrap_err();
        assert_eq!(
            lines(&found),
            [concat!(
                "error[K0210] - : the documents belong to 2 projects: shop, store |  | ",
                "help: a pipeline is of one project: choose it, as with `Pipeline::of_project(&manifests, \"shop\")`"
            )]
        );
        let shop = Pipeline::of_project(&manifests, "shop").unwrap();
        assert_eq!((shop.size().nodes, shop.project().as_str()), (1, "shop"));
        let found = Pipeline::of_project(&manifests, "shpo").unwrap_err();
        assert_eq!(
            lines(&found),
            ["error[K0210] - : no document belongs to project \"shpo\" |  | help: projects here: shop, store"]
        );
    }

    #[test]
    fn k0210_objects_without_namespace_among_several_projects() {
        let stages = [stage("a", Some("shop")), stage("b", Some("store")), stage("c", None)];
        let found = Pipeline::from_manifests(&Manifests::from_objects(stages)).unwrap_err();
        assert_eq!(
            lines(&found),
            [concat!(
                "error[K0210] - : the documents belong to 3 projects: (no namespace), shop, store |  | ",
                "help: a pipeline is of one project: choose it, as with `Pipeline::of_project(&manifests, \"shop\")` | ",
                "note: an object without namespace belongs to the only project that others name"
            )]
        );
    }

    #[test]
    fn resources_1_objects_without_namespace_belong_to_the_only_project() {
        let pipeline = Pipeline::from_manifests(&Manifests::from_objects([stage("a", Some("shop")), stage("c", None)]));
        assert_eq!(pipeline.unwrap().stages().len(), 2);
        assert_eq!(Pipeline::from_manifests(&Manifests::default()).unwrap().size().nodes, 0);
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let found = Shop::new()
            .warehouse("cart")
            .stage("a", &[("cart", "direct b")])
            .stage("b", &[("cart", "a"), ("cart", "direct")])
            .stage("c", &[("catr", "direct"), ("cart", "nowhere")])
            .stage("d", &[("cart", "")])
            .found();
        let codes: Vec<_> = found.iter().map(|line| &line[..line.find(']').unwrap()]).collect();
        assert_eq!(codes, ["error[K0203", "error[K0205", "error[K0201", "error[K0202", "warning[K0206"]);
    }

    #[test]
    fn nouns_and_manifests_make_the_same_pipeline() {
        let shop = Shop::new()
            .warehouse("cart")
            .stage("uat", &[("cart", "direct")])
            .junction("train", &[("cart", "uat")])
            .stage("prod", &[("cart", "uat")])
            .policy("prod", &[("Junction/train", "direct")]);
        let (a, b) = (shop.pipeline(), Pipeline::from_nouns(&shop.nouns()).unwrap());
        assert!(crate::pipeline::diff(&a, &b).is_empty());
        assert_eq!(a.project(), b.project());
    }

    /// The shop of user-code, with prod's sources as given.
    #[cfg(feature = "yaml")]
    fn shop_yaml(prod: &str) -> String {
        format!(
            r#"# deploy/shop.yaml
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {{ name: cart, namespace: shop }}
spec:
  interval: 5m
  subscriptions:
  - image: {{ repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 }}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {{ name: uat, namespace: shop }}
spec:
  requestedFreight:
  - origin: {{ kind: Warehouse, name: cart }}
    sources: {{ direct: true }}
  promotionTemplate: {{ spec: {{ steps: [{{ uses: git-clone }}] }} }}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {{ name: prod, namespace: shop }}
spec:
  requestedFreight:
  - origin: {{ kind: Warehouse, name: cart }}
    sources: {prod}
  promotionTemplate: {{ spec: {{ steps: [{{ uses: git-clone }}] }} }}
"#
        )
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn user_code_14_a_typo_in_an_upstream_name() {
        let text = shop_yaml("{ stages: [uta], requiredSoakTime: 1h }");
        let found = Pipeline::from_manifests(&Manifests::parse("deploy/shop.yaml", &text).unwrap()).unwrap_err();
        insta::assert_snapshot!(found, @r#"
        error[K0201]: Stage prod takes freight from Stage "uta", which does not exist
          --> deploy/shop.yaml:25:25
           |
        25 |     sources: { stages: [uta], requiredSoakTime: 1h }
           |                         ^^^ no such Stage in project shop
           = help: did you mean "uat"? (Stages here: prod, uat)
        "#);
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn every_mistake_stands_at_its_value() {
        for (sources, code, line, column) in [
            ("{ stages: [uat, prod] }", Code::Cycle, 25, 30),
            ("{ stages: [uat, prdo] }", Code::UnknownUpstream, 25, 30),
            ("{}", Code::ApprovalOnly, 25, 14),
            (
                "{ direct: true }\n  - origin: { kind: Warehouse, name: crat }\n    sources: { direct: true }",
                Code::UnknownOrigin,
                26,
                38,
            ),
            (
                "{ direct: true }\n  - origin: { kind: Junction, name: train }\n    sources: { stages: [uat] }",
                Code::NeverHolds,
                27,
                25,
            ),
        ] {
            let mut text = shop_yaml(sources);
            if code == Code::NeverHolds {
                text.push_str(concat!(
                    "---\napiVersion: kargo-core.rs/v1alpha1\nkind: Junction\nmetadata: { name: train, namespace: shop }\n",
                    "spec:\n  requestedFreight:\n  - { origin: { kind: Warehouse, name: cart }, sources: { direct: true } }\n"
                ));
            }
            let manifests = Manifests::parse("shop.yaml", &text).unwrap_or_else(|wrong| panic!("{wrong}"));
            let (_, found) = Pipeline::check(&manifests, "shop");
            let places: Vec<_> = found
                .iter()
                .filter_map(|d| Some((d.code(), d.location()?.span.line, d.location()?.span.column)))
                .collect();
            assert_eq!(places, [(code, line, column)], "{found}");
        }
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn an_object_with_mistakes_causes_no_second_one() {
        let text = shop_yaml("{ stages: [uat] }").replace("sources: { direct: true }", "sources: { direct: 7 }");
        let mut reader = crate::manifest::Reader::new();
        reader.text("shop.yaml", &text);
        let reading = reader.finish();
        assert_eq!(reading.diagnostics.errors().count(), 1, "{}", reading.diagnostics);
        let (pipeline, found) = Pipeline::check(&reading.manifests, "shop");
        assert!(found.is_empty(), "{found}");
        assert!(pipeline.unwrap().stage("uat").unwrap().is_unknown());
    }
}
