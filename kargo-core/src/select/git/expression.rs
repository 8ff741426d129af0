//! The expression that a commit or tag must satisfy (discovery 3.8).

use super::{CommitSkipReason, facts::Facts};
use crate::{
    expr::{Functions, Program, kargo::loose_truth},
    model::Timestamp,
    select::subscription_error::{SubscriptionError, SubscriptionProblem},
};

/// An `expressionFilter`, compiled once. It knows the built-in functions only; names that there are not, are nil.
#[derive(Clone, Debug)]
pub(super) struct ExpressionFilter(Program);

impl ExpressionFilter {
    /// `None` for an empty text.
    pub(super) fn new(source: Option<&str>) -> Result<Option<Self>, SubscriptionError> {
        let refused = |error| SubscriptionError::new("expressionFilter", SubscriptionProblem::Expression(error));
        let program = |source| Program::compile(source, &Functions::new()).map(Self).map_err(refused);
        source.filter(|source| !source.is_empty()).map(program).transpose()
    }

    pub(super) fn allows(&self, facts: &impl Facts, now: Timestamp) -> Result<bool, CommitSkipReason> {
        let value = self.0.run(&facts.env(), now).map_err(CommitSkipReason::Expression)?;
        loose_truth(&value).ok_or_else(|| CommitSkipReason::NotABool { value: value.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::git::{CommitFacts, TagFacts};

    fn commit() -> CommitFacts {
        CommitFacts {
            id: "c1".into(),
            committed: "2026-05-01T10:00:00+02:00".parse().unwrap(),
            author: "Eve <eve@x>".into(),
            committer: "Bot <bot@x>".into(),
            subject: "fix: carts".into(),
            paths: None,
        }
    }

    fn tag() -> TagFacts {
        TagFacts {
            tag: "v1".into(),
            id: "c1".into(),
            created: "2026-05-01T10:00:00-05:30".parse().unwrap(),
            tagger: "Tess <t@x>".into(),
            annotation: "first".into(),
            ..TagFacts::default()
        }
    }

    fn run(source: &str, facts: &impl Facts) -> Result<bool, CommitSkipReason> {
        let now = "2026-05-02T00:00:00Z".parse().unwrap();
        ExpressionFilter::new(Some(source)).unwrap().unwrap().allows(facts, now)
    }

    #[test]
    fn discovery_3_8_names_of_a_commit() {
        for (source, expected) in [
            ("id == 'c1' && author == 'Eve <eve@x>' && committer startsWith 'Bot'", true),
            ("subject contains 'carts'", true),
            ("!(subject startsWith 'chore')", true),
            ("commitDate.Hour() == 10", true),
            ("commitDate.UTC().Hour() == 8", true),
            ("commitDate.String() == '2026-05-01 10:00:00 +0200 +0200'", true),
            ("commitDate > now() - duration('24h')", true),
            ("now() - commitDate < duration('1h')", false),
            // Of a tag's, these are not.
            ("tag == nil && creatorDate == nil && tagger == nil", true),
        ] {
            assert_eq!(run(source, &commit()), Ok(expected), "{source}");
        }
    }

    #[test]
    fn discovery_3_8_names_of_a_tag() {
        for (source, expected) in [
            ("tag == 'v1' && id == 'c1' && tagger == 'Tess <t@x>' && annotation == 'first'", true),
            ("creatorDate.String() == '2026-05-01 10:00:00 -0530 -0530'", true),
            ("author == '' && committer == '' && subject == ''", true),
            ("commitDate == nil", true),
        ] {
            assert_eq!(run(source, &tag()), Ok(expected), "{source}");
        }
    }

    #[test]
    fn discovery_1_8_results_that_count_as_truth() {
        for (source, expected) in [
            ("1", true),
            ("'T'", true),
            ("'False'", false),
            ("0", false),
            ("'true'", true),
            ("1.0", true),
            ("true", true),
        ] {
            assert_eq!(run(source, &commit()), Ok(expected), "{source}");
        }
        for (source, value) in [("2", "2"), ("nope", "<nil>"), ("'yes'", "yes"), ("'tRUE'", "tRUE"), ("[]", "[]")] {
            assert_eq!(run(source, &commit()), Err(CommitSkipReason::NotABool { value: value.into() }), "{source}");
        }
        assert!(matches!(run("nope.x", &commit()), Err(CommitSkipReason::Expression(_))));
    }

    #[test]
    fn discovery_3_8_compiled_once() {
        assert_eq!(ExpressionFilter::new(Some("1 +")).unwrap_err().field(), "expressionFilter");
        let none = run("semverParse('1') != nil", &commit());
        assert!(matches!(none, Err(CommitSkipReason::Expression(_))), "the built-in functions only");
        assert!(ExpressionFilter::new(Some("")).unwrap().is_none());
        assert!(ExpressionFilter::new(None).unwrap().is_none());
    }
}
