//! Health of a place: what its checks say, put together, and what its situation says without them (control 5; resources 14.3).

use serde_json::Value as Json;

use crate::{
    model::{Health, HealthCheckStep, HealthState, PromotionPhase},
    report::PortError,
};

/// Health of many checks, in their order: the most severe state, all issues, and the list of what they put out.
///
/// No checks are Healthy (control 5.2). Of checks with recognised states the order changes the order of issues and outputs
/// alone (control 13, invariant 40); what [`of_check`] returns has such a state.
///
/// ```
/// use kargo_core::{model::{Health, HealthState}, verification::aggregate};
/// let of = |status, issue: &str| Health { status: Some(status), issues: vec![issue.into()], ..Health::default() };
/// let all = aggregate([of(HealthState::Unhealthy, "cart is down"), of(HealthState::Progressing, "shop rolls out")]);
/// assert_eq!(all.status, Some(HealthState::Unhealthy));
/// assert_eq!(all.issues, ["cart is down", "shop rolls out"]);
/// assert_eq!(aggregate([]).status, Some(HealthState::Healthy));
/// ```
#[must_use]
pub fn aggregate(results: impl IntoIterator<Item = Health>) -> Health {
    let mut state = HealthState::Healthy;
    let mut issues = Vec::new();
    let mut outputs = Vec::new();
    for result in results {
        state = state.merge(result.status.unwrap_or(HealthState::Unknown));
        issues.extend(result.issues);
        outputs.extend(result.output.filter(|output| !output.is_null()));
    }
    let output = (!outputs.is_empty()).then_some(Json::Array(outputs));
    Health { status: Some(state), issues, config: None, output }
}

/// What one check says; Unknown, with an issue, if it says nothing, or not one of the five states (control 5.2).
///
/// A state that nobody knows has severity 0 in the reference, and so would hide behind Healthy or not by the order of checks
/// (resources 14.3); here it is Unknown, so that the order does not matter.
#[must_use]
pub fn of_check(check: &HealthCheckStep, answer: Result<Health, PortError>) -> Health {
    let problem = match answer {
        Ok(health) => match &health.status {
            Some(HealthState::Other(state)) => format!("{state:?} is no state of health"),
            None => "the check names no state".to_owned(),
            Some(_) => return health,
        },
        Err(error) => error.to_string(),
    };
    unknown(format!("health check {:?}: {problem}", check.uses))
}

/// What a check says whose kind nobody serves: Unknown, with an issue that says so (control 5.2).
#[must_use]
pub fn unregistered(check: &HealthCheckStep) -> Health {
    unknown(format!("nobody serves health checks of kind {:?}; register a probe for it", check.uses))
}

/// What decides on the health of a place before any check does (control 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation<'a> {
    /// A promotion is current: nobody knows until it has ended.
    Promoting {
        /// Its name.
        promotion: &'a str,
    },
    /// There has not been any promotion.
    NeverPromoted,
    /// The last promotion did not succeed: nobody knows until one does.
    NotSucceeded {
        /// Its name.
        promotion: &'a str,
        /// How it ended.
        phase: &'a PromotionPhase,
    },
    /// The checks of the last promotion decide (trap 35: those of its record, not of the template as it is now).
    Checked,
}

impl<'a> Situation<'a> {
    /// The situation of a place with this current and this last promotion; first match.
    ///
    /// ```
    /// use kargo_core::{model::PromotionPhase, verification::Situation};
    /// let last = Some(("uat.01kdn9.4e1f0c9", &PromotionPhase::Failed));
    /// let health = Situation::of(None, last).health([]).unwrap();
    /// assert_eq!(health.issues, ["the last Promotion, \"uat.01kdn9.4e1f0c9\", is Failed"]);
    /// ```
    #[must_use]
    pub fn of(current: Option<&'a str>, last: Option<(&'a str, &'a PromotionPhase)>) -> Self {
        match (current, last) {
            (Some(promotion), _) => Self::Promoting { promotion },
            (None, None) => Self::NeverPromoted,
            (None, Some((_, PromotionPhase::Succeeded))) => Self::Checked,
            (None, Some((promotion, phase))) => Self::NotSucceeded { promotion, phase },
        }
    }

    /// Whether checks are run.
    #[must_use]
    pub fn is_checked(self) -> bool {
        self == Self::Checked
    }

    /// The health; `None` where there is none. The results are those of the checks, and looked at only where they decide.
    #[must_use]
    pub fn health(self, results: impl IntoIterator<Item = Health>) -> Option<Health> {
        match self {
            Self::Promoting { promotion } => Some(unknown(format!("Promotion {promotion:?} is under way"))),
            Self::NeverPromoted => None,
            Self::NotSucceeded { promotion, phase } => {
                Some(unknown(format!("the last Promotion, {promotion:?}, is {phase}")))
            }
            Self::Checked => Some(aggregate(results)),
        }
    }
}

fn unknown(issue: String) -> Health {
    Health { status: Some(HealthState::Unknown), issues: vec![issue], config: None, output: None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn health(status: HealthState, issues: &[&str], output: Option<Json>) -> Health {
        Health { status: Some(status), issues: issues.iter().map(ToString::to_string).collect(), config: None, output }
    }

    fn check() -> HealthCheckStep {
        HealthCheckStep { uses: "argocd-update".into(), config: None }
    }

    /// Resources 14.3 and control 5.2: which of two states wins, by name.
    #[test]
    fn resources_14_3_severity() {
        use HealthState as H;
        let order = [H::Healthy, H::NotApplicable, H::Progressing, H::Unknown, H::Unhealthy];
        for (a, first) in order.iter().enumerate() {
            for (b, second) in order.iter().enumerate() {
                let all = aggregate([health(first.clone(), &[], None), health(second.clone(), &[], None)]);
                assert_eq!(all.status.as_ref(), Some(&order[a.max(b)]), "{first} {second}");
            }
        }
    }

    #[test]
    fn control_5_2_issues_and_outputs_in_order() {
        let all = aggregate([
            health(HealthState::Progressing, &["one", "two"], Some(json!({"a": 1}))),
            health(HealthState::Healthy, &[], Some(Json::Null)),
            health(HealthState::Unhealthy, &["three"], None),
            health(HealthState::Healthy, &[], Some(json!([2]))),
        ]);
        let expected = health(HealthState::Unhealthy, &["one", "two", "three"], Some(json!([{"a": 1}, [2]])));
        assert_eq!(all, expected);
        assert_eq!(aggregate([]), health(HealthState::Healthy, &[], None));
        let silent = health(HealthState::Healthy, &[], Some(Json::Null));
        assert_eq!(aggregate([silent]).output, None);
        assert_eq!(aggregate([Health::default()]).status, Some(HealthState::Unknown), "no state is not health");
    }

    /// Trap 37: NotApplicable is worse than Healthy.
    #[test]
    fn trap_37_not_applicable_wins_over_healthy() {
        let all = aggregate([health(HealthState::NotApplicable, &[], None), health(HealthState::Healthy, &[], None)]);
        assert_eq!(all.status, Some(HealthState::NotApplicable));
    }

    #[test]
    fn control_5_2_what_a_check_cannot_say_is_unknown() {
        let fine = health(HealthState::Progressing, &["rolls out"], None);
        assert_eq!(of_check(&check(), Ok(fine.clone())), fine);
        for (result, issue) in [
            (unregistered(&check()), "nobody serves health checks of kind \"argocd-update\"; register a probe for it"),
            (
                of_check(&check(), Err(PortError::retryable("connection reset").at("argocd.acme.example"))),
                "health check \"argocd-update\": argocd.acme.example: Retryable: connection reset",
            ),
            (
                of_check(&check(), Ok(health("Odd".into(), &["dropped"], None))),
                "health check \"argocd-update\": \"Odd\" is no state of health",
            ),
            (of_check(&check(), Ok(Health::default())), "health check \"argocd-update\": the check names no state"),
        ] {
            assert_eq!(result, health(HealthState::Unknown, &[issue], None));
        }
    }

    /// Control 5.1, row by row, and invariant 39.
    #[test]
    fn control_5_1_situations() {
        use {PromotionPhase as P, Situation as S};
        let sick = || [health(HealthState::Unhealthy, &["down"], None)];
        let unknown = |issue: &str| Some(health(HealthState::Unknown, &[issue], None));
        let (now, last) = (Some("p2"), "p1");
        for (situation, expected) in [
            (S::of(now, None), unknown("Promotion \"p2\" is under way")),
            (S::of(now, Some((last, &P::Succeeded))), unknown("Promotion \"p2\" is under way")),
            (S::of(None, None), None),
            (S::of(None, Some((last, &P::Failed))), unknown("the last Promotion, \"p1\", is Failed")),
            (S::of(None, Some((last, &P::Errored))), unknown("the last Promotion, \"p1\", is Errored")),
            (S::of(None, Some((last, &P::Aborted))), unknown("the last Promotion, \"p1\", is Aborted")),
            (S::of(None, Some((last, &P::Running))), unknown("the last Promotion, \"p1\", is Running")),
            (S::of(None, Some((last, &P::Succeeded))), Some(health(HealthState::Unhealthy, &["down"], None))),
        ] {
            assert_eq!(situation.is_checked(), situation == S::of(None, Some((last, &P::Succeeded))));
            assert_eq!(situation.health(sick()), expected, "{situation:?}");
        }
    }

    fn any_result() -> impl Strategy<Value = Health> {
        let state = prop_oneof![
            6 => prop::sample::select(HealthState::KNOWN.to_vec()).prop_map(Some),
            1 => Just(Some(HealthState::from("Odd"))),
            1 => Just(None),
        ];
        (state, "[a-c]{0,2}").prop_map(|(status, issue)| Health { status, issues: vec![issue], ..Health::default() })
    }

    proptest! {
        /// Invariant 40: the maximum under the fixed order, however the checks are ordered.
        #[test]
        fn control_13_40_the_order_of_checks_changes_no_state(
            results in prop::collection::vec(any_result(), 0..6), turn in 0_usize..6,
        ) {
            let mut results: Vec<_> = results.into_iter().map(|result| of_check(&check(), Ok(result))).collect();
            let severities = results.iter().filter_map(|result| Some(result.status.as_ref()?.severity()));
            let worst = severities.max().unwrap_or_default();
            let straight = aggregate(results.clone());
            prop_assert_eq!(straight.status.as_ref().unwrap().severity(), worst);
            prop_assert!(HealthState::KNOWN.contains(straight.status.as_ref().unwrap()));
            let middle = turn.min(results.len());
            results.rotate_left(middle);
            prop_assert_eq!(&aggregate(results.clone()).status, &straight.status);
            results.reverse();
            prop_assert_eq!(&aggregate(results).status, &straight.status);
        }
    }
}
