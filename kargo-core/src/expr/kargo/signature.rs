//! The table of Kargo's functions: how each is called and what is known of its result (promotion-engine 1.10, 4.4, 5).

use super::types::{ARTIFACT, CHART, COMMIT, DISCOVERED_COMMIT, DISCOVERED_IMAGE, IMAGE, ORIGIN, VERSION_REF};
use crate::expr::{Functions, Type};

/// Functions that come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Group {
    /// Config maps, secrets, metadata and status of freight and stages (promotion-engine 5.1, 5.2).
    Data,
    /// The artifacts of a promotion's freight (promotion-engine 5.3).
    Freight,
    /// The newest artifacts that a Warehouse has discovered, for its freight creation criteria (promotion-engine 5.3).
    Discovered,
    /// The slots of a Junction, for its criteria (rules 8).
    Slots,
    /// Versions (promotion-engine 5.4).
    Utility,
    /// How the promotion's steps went so far (promotion-engine 1.10).
    Status,
    /// Text that keeps its type through a template; present in every template (promotion-engine 4.4).
    Formatting,
}

impl Group {
    /// The groups that variables and the arguments of analyses have.
    pub const VARIABLES: &'static [Self] = &[Self::Data, Self::Freight, Self::Utility, Self::Formatting];
    /// The groups that a step's `if` and `config` have.
    pub const STEP: &'static [Self] = &[Self::Data, Self::Freight, Self::Utility, Self::Status, Self::Formatting];
    /// The groups that a Warehouse's `freightCreationCriteria` have.
    pub const CREATION_CRITERIA: &'static [Self] = &[Self::Discovered];
    /// The groups that a Junction's criteria have.
    pub const JUNCTION_CRITERIA: &'static [Self] = &[Self::Freight, Self::Slots, Self::Utility];
}

/// How a function is called.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// What it comes with.
    pub group: Group,
    /// How it is written, with names of the parameters.
    pub usage: &'static str,
    /// Types of the arguments, one list for each way to call it.
    pub forms: &'static [&'static [Type]],
    /// What is known of the result.
    pub returns: Type,
}

impl Signature {
    /// How many arguments must be given.
    #[must_use]
    pub fn required(&self) -> usize {
        self.forms.iter().map(|form| form.len()).min().unwrap_or(0)
    }

    /// How many arguments can be given.
    #[must_use]
    pub fn most(&self) -> usize {
        self.forms.iter().map(|form| form.len()).max().unwrap_or(0)
    }
}

const T: Type = Type::Text;
const O: Type = Type::Host(&ORIGIN);
const NONE: &[&[Type]] = &[&[]];
const ANY: &[&[Type]] = &[&[Type::Any]];
const NAME: &[&[Type]] = &[&[T]];
const FIND: &[&[Type]] = &[&[T, O], &[T]];
const FIND_CHART: &[&[Type]] = &[&[T, T, O], &[T, T], &[T, O], &[T]];

#[rustfmt::skip]
static SIGNATURES: &[Signature] = &[
    row(Group::Data, "configMap", "configMap(name)", NAME, Type::TextMap),
    row(Group::Data, "sharedConfigMap", "sharedConfigMap(name)", NAME, Type::TextMap),
    row(Group::Data, "secret", "secret(name)", NAME, Type::TextMap),
    row(Group::Data, "sharedSecret", "sharedSecret(name)", NAME, Type::TextMap),
    row(Group::Data, "freightMetadata", "freightMetadata(freightName)", NAME, Type::Map),
    row(Group::Data, "freightStatus", "freightStatus(freightName)", NAME, Type::Map),
    row(Group::Data, "stageMetadata", "stageMetadata(stageName)", NAME, Type::Map),

    row(Group::Freight, "warehouse", "warehouse(name)", NAME, O),
    row(Group::Freight, "commitFrom", "commitFrom(repoURL[, origin])", FIND, Type::Host(&COMMIT)),
    row(Group::Freight, "imageFrom", "imageFrom(repoURL[, origin])", FIND, Type::Host(&IMAGE)),
    row(Group::Freight, "chartFrom", "chartFrom(repoURL[, chartName][, origin])", FIND_CHART, Type::Host(&CHART)),
    row(Group::Freight, "artifactFrom", "artifactFrom(subscriptionName[, origin])", FIND, Type::Host(&ARTIFACT)),

    row(Group::Discovered, "commitFrom", "commitFrom(repoURL)", NAME, Type::Host(&DISCOVERED_COMMIT)),
    row(Group::Discovered, "imageFrom", "imageFrom(repoURL)", NAME, Type::Host(&DISCOVERED_IMAGE)),
    row(Group::Discovered, "chartFrom", "chartFrom(repoURL[, chartName])", &[&[T, T], &[T]], Type::Host(&CHART)),
    row(Group::Discovered, "artifactFrom", "artifactFrom(subscriptionName)", NAME, Type::Host(&ARTIFACT)),

    row(Group::Slots, "slot", "slot(name)", NAME, Type::Any),

    row(Group::Utility, "semverDiff", "semverDiff(a, b)", &[&[T, T]], T),
    row(Group::Utility, "semverParse", "semverParse(version)", NAME, Type::Host(&VERSION_REF)),

    row(Group::Status, "always", "always()", NONE, Type::Bool),
    row(Group::Status, "failure", "failure()", NONE, Type::Bool),
    row(Group::Status, "success", "success()", NONE, Type::Bool),
    row(Group::Status, "status", "status(alias)", NAME, T),

    row(Group::Formatting, "quote", "quote(value)", ANY, T),
    row(Group::Formatting, "unsafeQuote", "unsafeQuote(value)", ANY, T),
    row(Group::Formatting, "asYAML", "asYAML(value)", ANY, T),
    row(Group::Formatting, "asJSON", "asJSON(value)", ANY, T),
];

/// Every function of every group.
#[must_use]
pub fn signatures() -> &'static [Signature] {
    SIGNATURES
}

/// The function of that name, in the first of `groups` that has one.
///
/// ```
/// use kargo_core::expr::kargo::{self, Group};
///
/// assert_eq!(kargo::find("imageFrom", Group::STEP).unwrap().usage, "imageFrom(repoURL[, origin])");
/// assert!(kargo::find("status", Group::VARIABLES).is_none());
/// ```
#[must_use]
pub fn find(name: &str, groups: &[Group]) -> Option<&'static Signature> {
    groups.iter().find_map(|group| SIGNATURES.iter().find(|row| row.group == *group && row.name == name))
}

/// Adds the functions of some groups, answered by the [`Host`](crate::expr::Host) of each run; enough to check an
/// expression, too.
///
/// ```
/// use kargo_core::expr::{Functions, Program, kargo};
///
/// let mut functions = Functions::new();
/// kargo::declare(&mut functions, kargo::Group::STEP);
/// let program = Program::compile("secret('x').user", &functions)?;
/// let error = program.run(&Default::default(), Default::default()).unwrap_err();
/// assert_eq!(error.problem().to_string(), "secret is not known here");
/// # Ok::<(), kargo_core::expr::ExprError>(())
/// ```
pub fn declare(functions: &mut Functions, groups: &[Group]) {
    for signature in groups.iter().flat_map(|group| SIGNATURES.iter().filter(move |row| row.group == *group)) {
        let name = signature.name;
        functions.add_forms(name, signature.forms, signature.returns, move |call| call.host.answer(name, call));
    }
}

const fn row(
    group: Group,
    name: &'static str,
    usage: &'static str,
    forms: &'static [&'static [Type]],
    returns: Type,
) -> Signature {
    Signature { name, group, usage, forms, returns }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::expr::{Functions, Program};

    fn verdict(source: &str, groups: &[Group]) -> String {
        let mut functions = Functions::new();
        declare(&mut functions, groups);
        match Program::compile(source, &functions) {
            Ok(program) => format!("{}", program.result()),
            Err(error) => format!("{} at {}", error.problem().to_string().trim_end(), error.place().column),
        }
    }

    #[test]
    fn promotion_engine_5_what_the_reference_refuses_and_accepts() {
        // Verdicts and columns of the reference library with the reference's signatures.
        for (source, wanted) in [
            ("imageFrom('u').tag", "type v1alpha1.Image has no field tag at 16"),
            ("imageFrom('u')['tag']", "type v1alpha1.Image has no field tag at 15"),
            ("imageFrom('u')[n]", "type v1alpha1.Image[unknown] is undefined at 15"),
            ("imageFrom('u').DeepEquals(1)", "type v1alpha1.Image has no method DeepEquals at 16"),
            ("imageFrom('u').Tag.x", "type string has no field x at 20"),
            ("imageFrom('u').Annotations.a + 1", "invalid operation: + (mismatched types string and int) at 30"),
            (
                "imageFrom('u') == commitFrom('u')",
                "invalid operation: == (mismatched types v1alpha1.Image and v1alpha1.GitCommit) at 16",
            ),
            ("imageFrom('u') == imageFrom('v')", "bool"),
            ("imageFrom('u') == nil", "bool"),
            ("'Tag' in imageFrom('u')", "bool"),
            ("imageFrom('u', 'x')", "too many arguments to call imageFrom at 1"),
            ("imageFrom('u', n)", "v1alpha1.Image"),
            ("imageFrom('u', warehouse('x'))", "v1alpha1.Image"),
            ("imageFrom(1)", "cannot use int as argument (type string) to call imageFrom at 11"),
            ("imageFrom()", "not enough arguments to call imageFrom at 1"),
            ("chartFrom('a', 'b', 'c')", "too many arguments to call chartFrom at 1"),
            ("chartFrom('a', 'b', warehouse('c'))", "v1alpha1.Chart"),
            ("chartFrom('a', warehouse('c')).version", "type v1alpha1.Chart has no field version at 32"),
            (
                "warehouse('x').Kind == 'Warehouse'",
                "invalid operation: == (mismatched types v1alpha1.FreightOriginKind and string) at 21",
            ),
            ("warehouse('x').Kind == warehouse('y').Kind", "bool"),
            ("warehouse('x').Nope", "type v1alpha1.FreightOrigin has no field Nope at 16"),
            (
                "artifactFrom('u').metadata",
                "type function.expressionFriendlyArtifactReference has no field metadata at 19",
            ),
            ("artifactFrom('u').Metadata.x.y", "unknown"),
            ("semverParse('1').major()", "type semver.Version has no method major at 18"),
            ("semverParse('1').Major() == '2'", "invalid operation: == (mismatched types uint64 and string) at 26"),
            ("semverParse('1').Major() == 2", "bool"),
            ("semverParse('1').Major() + 1", "int"),
            ("semverParse('1').Major() % 2", "int"),
            ("1..semverParse('1').Major()", "[]interface {}"),
            ("-semverParse('1').Major()", "uint64"),
            ("semverParse('1').Major() in ['a']", "cannot use uint64 as type string in array at 26"),
            ("semverParse('1').IncMajor().IncMinor().String()", "string"),
            ("semverParse('1').IncMajor().Original()", "type semver.Version has no method Original at 29"),
            ("semverParse('1') == semverParse('1').IncPatch()", "bool"),
            (
                "semverParse('1') > semverParse('2')",
                "invalid operation: > (mismatched types semver.Version and semver.Version) at 18",
            ),
            ("semverParse('1').Equal()", "not enough arguments to call Equal at 18"),
            ("secret('x').k == 1", "invalid operation: == (mismatched types string and int) at 15"),
            ("secret('x')[1]", "cannot use int to get an element from map[string]string at 13"),
            ("1 in secret('x')", "cannot use int as type string in map key at 3"),
            (
                "secret('x') == freightMetadata('x')",
                "invalid operation: == (mismatched types map[string]string and map[string]interface {}) at 13",
            ),
            ("freightMetadata('x')?.k == 1", "bool"),
            ("upper(semverParse('1'))", "cannot use *semver.Version as argument (type string) to call upper at 7"),
            ("upper(imageFrom('u'))", "cannot use v1alpha1.Image as argument (type string) to call upper at 7"),
            ("get(semverParse('1'), 'x')", "type *semver.Version does not support indexing at 5"),
            ("get(secret('x'), 'k') + 1", "invalid operation: + (mismatched types string and int) at 23"),
            ("get(secret('x'), 1)", "cannot use int to get an element from map[string]string at 18"),
            ("len(secret('x'))", "int"),
            ("keys(secret('x'))", "[]interface {}"),
            ("keys(semverParse('1'))", "cannot get keys from *semver.Version at 1"),
            ("semverParse('1')[1:2]", "cannot slice *semver.Version at 17"),
            ("first(secret('x'))", "cannot get first element from map[string]string at 1"),
            ("first([semverParse('1')]).nope()", "unknown"),
            ("max(semverParse('1').Major(), 2)", "uint64"),
            ("max(semverParse('1'), n)", "invalid argument for max (type *semver.Version) at 1"),
            ("max(1, nil)", "invalid argument for max (type %!s(<nil>)) at 1"),
            ("take([1], semverParse('1').Major())", "cannot take uint64 elements at 1"),
            ("get([1], semverParse('1').Major())", "int"),
            ("semverParse('1').Major() in 1..3", "bool"),
            ("nil in secret('x')", "cannot use unknown as type string in map key at 5"),
            ("n in secret('x')", "bool"),
            ("nil in imageFrom('u')", "invalid operation: in (mismatched types unknown and v1alpha1.Image) at 5"),
            ("1 in warehouse('u')", "invalid operation: in (mismatched types int and v1alpha1.FreightOrigin) at 3"),
            ("secret('x').k()", "string is not callable at 13"),
            ("imageFrom('u').Tag()", "string is not callable at 16"),
            ("groupBy([1], #).a()", "[]interface {} is not callable at 17"),
            ("imageFrom('u')?.['tag']", "type v1alpha1.Image has no field tag at 17"),
            ("now()['x']", "type time.Time has no field x at 6"),
            ("now()[n]", "type time.Time[unknown] is undefined at 6"),
            ("[1, 2]['a':1]", "non-integer slice index string at 8"),
            ("map(secret('x'), #)", "builtin map takes only array (got map[string]string) at 5"),
            ("semverParse(nil)", "cannot use nil as argument (type string) to call semverParse at 13"),
            ("semverParse('1').Compare(nil)", "int"),
            (
                "semverParse('1').SetPrerelease(nil)",
                "cannot use nil as argument (type string) to call SetPrerelease at 32",
            ),
            ("semverParse('1').Compare(1)", "cannot use int as argument (type *semver.Version) to call Compare at 26"),
            ("imageFrom('u', nil)", "too many arguments to call imageFrom at 1"),
            ("sort(nil)", "cannot use nil as argument (type []int) to call sort at 6"),
            ("split('a', nil)", "not enough arguments to call split at 1"),
            ("now().In(nil)", "time.Time"),
            ("now().In(1)", "cannot use int as argument (type *time.Location) to call In at 10"),
            ("always(1)", "too many arguments to call always at 1"),
            ("status('a') == 1", "invalid operation: == (mismatched types string and int) at 13"),
            ("quote(1, 2)", "too many arguments to call quote at 1"),
            ("imageFrom('u') ? 1 : 2", "non-bool expression (type v1alpha1.Image) used as condition at 1"),
        ] {
            assert_eq!(verdict(source, Group::STEP), wanted, "{source}");
        }
    }

    #[test]
    fn promotion_engine_5_4_the_type_wanted_is_a_pointer() {
        let found = verdict("semverParse('1').GreaterThan('0')", Group::STEP);
        assert!(
            found.starts_with("cannot use string as argument (type *semver.Version) to call GreaterThan"),
            "{found}"
        );
        let found = verdict("semverParse('1').GreaterThan(semverParse('0').IncMajor())", Group::STEP);
        assert!(found.starts_with("cannot use semver.Version as argument (type *semver.Version)"), "{found}");
    }

    #[test]
    fn promotion_engine_5_3_criteria_see_what_was_discovered() {
        for (source, wanted) in [
            ("commitFrom('u').Subject", "string"),
            ("commitFrom('u').Message", "type v1alpha1.DiscoveredCommit has no field Message at 17"),
            ("imageFrom('u').RepoURL", "type v1alpha1.DiscoveredImageReference has no field RepoURL at 16"),
            ("imageFrom('u', 'x')", "too many arguments to call imageFrom at 1"),
            ("chartFrom('u', 'x').Version", "string"),
        ] {
            assert_eq!(verdict(source, Group::CREATION_CRITERIA), wanted, "{source}");
        }
    }

    #[test]
    fn promotion_engine_5_names_are_said_once_in_each_group_and_usage_begins_with_them() {
        let mut seen = BTreeSet::new();
        for row in signatures() {
            assert!(seen.insert((row.group, row.name)), "{}", row.name);
            assert!(row.usage.starts_with(&format!("{}(", row.name)), "{}", row.usage);
            assert!(row.required() <= row.most());
        }
    }
}
