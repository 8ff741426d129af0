//! `semverDiff` and `semverParse`, and the versions that expressions hold (promotion-engine 5.4).

use std::{any::Any, sync::Arc};

use super::{
    error::Problem,
    functions::{Functions, HostObject, HostType, Method},
    kargo::{VERSION, VERSION_REF},
    types::Type,
    value::Value,
};
use crate::model::version::{Version, are_identifiers, check_pre_release};

/// Adds `semverDiff` and `semverParse` (promotion-engine 5.4).
///
/// ```
/// use kargo_core::expr::{Functions, Program, Value, semver};
///
/// let mut functions = Functions::new();
/// semver::add_to(&mut functions);
/// let run = |text| Program::compile(text, &functions)?.run(&Default::default(), Default::default());
/// assert_eq!(run("semverDiff('v1.2.3', '1.3.0')")?, Value::from("Minor"));
/// assert_eq!(run("semverParse('1.2.3').IncMajor().IncMinor().String()")?, Value::from("2.1.0"));
/// # Ok::<(), kargo_core::expr::ExprError>(())
/// ```
pub fn add_to(functions: &mut Functions) {
    functions.add("semverDiff", &[Type::Text, Type::Text], 2, Type::Text, |call| {
        let (left, right) = (call.text(0)?, call.text(1)?);
        Ok(Value::from(difference(left, right)))
    });
    functions.add("semverParse", &[Type::Text], 1, Type::Host(&VERSION_REF), |call| {
        let argument = call.argument(0);
        let Some(text) = argument.as_text() else {
            return Err(Problem::function(format!("argument must be string, got {}", argument.type_name())));
        };
        let version = Version::parse_loose(text)
            .map_err(|_| Problem::function(format!("invalid semantic version: {}", refusal(text))))?;
        Ok(Value::Host(Arc::new(SemVer { version, parsed: true })))
    });
}

/// The first part in which two versions differ; pre-releases do not count.
fn difference(left: &str, right: &str) -> &'static str {
    let (Ok(left), Ok(right)) = (Version::parse_loose(left), Version::parse_loose(right)) else {
        return "Incomparable";
    };
    if left.major() != right.major() {
        "Major"
    } else if left.minor() != right.minor() {
        "Minor"
    } else if left.patch() != right.patch() {
        "Patch"
    } else if left.build() != right.build() {
        "Metadata"
    } else {
        "None"
    }
}

/// What the reference says of a text that is no version.
fn refusal(text: &str) -> String {
    if text.len() > Version::MAX_BYTES {
        return format!("version string is too long (max {} bytes)", Version::MAX_BYTES);
    }
    let (front, build) = text.split_once('+').map_or((text, None), |(front, build)| (front, Some(build)));
    let (numbers, pre_release) = front.split_once('-').map_or((front, None), |(front, pre)| (front, Some(pre)));
    let numbers: Vec<_> = numbers.strip_prefix('v').unwrap_or(numbers).split('.').collect();
    let of_digits = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let shaped = numbers.len() <= 3
        && numbers.iter().all(of_digits)
        && [pre_release, build].into_iter().flatten().all(are_identifiers);
    if !shaped {
        return "invalid semantic version".to_owned();
    }
    match numbers.iter().find(|digits| digits.parse::<u64>().is_err()) {
        Some(digits) => {
            format!("error parsing version segment: strconv.ParseUint: parsing \"{digits}\": value out of range")
        }
        None => LEADING_ZERO.to_owned(),
    }
}

const LEADING_ZERO: &str = "version segment starts with 0";

/// The version that an expression holds.
#[derive(Clone, Debug)]
struct SemVer {
    /// Its text is the original one, or begins with `v` as that did.
    version: Version,
    parsed: bool,
}

impl SemVer {
    fn host_type(&self) -> &'static HostType {
        if self.parsed { &VERSION_REF } else { &VERSION }
    }

    /// The version with these numbers and parts, and the `v` of this one.
    fn made(&self, numbers: [u64; 3], pre_release: &str, build: &str) -> Value {
        let v = if self.version.as_str().starts_with('v') { "v" } else { "" };
        Value::Host(Arc::new(Self { version: Version::from_parts(v, numbers, pre_release, build), parsed: false }))
    }

    fn numbers(&self) -> [u64; 3] {
        [self.version.major(), self.version.minor(), self.version.patch()]
    }

    /// A method without parameters.
    fn get(&self, name: &str) -> Result<Value, Problem> {
        let [major, minor, patch] = self.numbers();
        let next = |number: u64, part: &str| {
            let full = || Problem::function(format!("{part} version increment would overflow uint64"));
            number.checked_add(1).ok_or_else(full)
        };
        Ok(match name {
            "Major" => Value::Uint(major),
            "Minor" => Value::Uint(minor),
            "Patch" => Value::Uint(patch),
            "Prerelease" => Value::from(self.version.pre_release().unwrap_or_default()),
            "Metadata" => Value::from(self.version.build().unwrap_or_default()),
            "Original" => Value::from(self.version.as_str()),
            "IncMajor" => self.made([next(major, "major")?, 0, 0], "", ""),
            "IncMinor" => self.made([major, next(minor, "minor")?, 0], "", ""),
            // What is before a release becomes that release.
            "IncPatch" if self.version.pre_release().is_some() => self.made(self.numbers(), "", ""),
            "IncPatch" => self.made([major, minor, next(patch, "patch")?], "", ""),
            _ => Value::from(self.version.normalized()),
        })
    }

    /// `SetPrerelease` and `SetMetadata`.
    fn set(&self, name: &str, argument: &Value) -> Result<Value, Problem> {
        let text = match argument {
            Value::Null => "",
            Value::Text(text) => text,
            other => return Err(wrong_argument(other, "string")),
        };
        let (pre_release, build) = (self.version.pre_release(), self.version.build());
        let (what, pre_release, build) = if name == "SetPrerelease" {
            ("prerelease", text, build.unwrap_or_default())
        } else {
            ("metadata", pre_release.unwrap_or_default(), text)
        };
        if !text.is_empty() && !are_identifiers(text) {
            return Err(Problem::function(format!("invalid {what} string")));
        }
        check_pre_release(pre_release, 0).map_err(|_| Problem::function(LEADING_ZERO))?;
        Ok(self.made(self.numbers(), pre_release, build))
    }

    /// The methods that take another version.
    fn compare(&self, name: &str, argument: &Value) -> Result<Value, Problem> {
        let other = match argument {
            Value::Null if name == "Equal" => return Ok(Value::Bool(false)),
            Value::Null => {
                return Err(Problem::function("runtime error: invalid memory address or nil pointer dereference"));
            }
            Value::Host(object) => version_of(object.as_ref()).filter(|other| other.parsed),
            _ => None,
        };
        let Some(other) = other else { return Err(wrong_argument(argument, "*semver.Version")) };
        let order = self.version.cmp_precedence(&other.version);
        Ok(match name {
            "Equal" => Value::Bool(order.is_eq()),
            "LessThan" => Value::Bool(order.is_lt()),
            "LessThanEqual" => Value::Bool(order.is_le()),
            "GreaterThan" => Value::Bool(order.is_gt()),
            "GreaterThanEqual" => Value::Bool(order.is_ge()),
            _ => Value::Int(order as i64),
        })
    }
}

fn version_of(object: &dyn HostObject) -> Option<&SemVer> {
    (object as &dyn Any).downcast_ref()
}

fn wrong_argument(found: &Value, wanted: &str) -> Problem {
    Problem::function(format!("reflect: Call using {} as type {wanted}", found.type_name()))
}

impl HostObject for SemVer {
    fn type_name(&self) -> &str {
        if self.parsed { "*semver.Version" } else { "semver.Version" }
    }

    fn kind_name(&self) -> &str {
        "github.com/Masterminds/semver/v3.Version"
    }

    fn field(&self, _: &str) -> Option<Value> {
        None
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Problem>> {
        let found = self.host_type().methods.iter().find(|method| method.name == name);
        let Some(Method { parameters, .. }) = found else {
            let problem = Problem::Fetch { key: name.to_owned(), base: self.type_name().to_owned() };
            return Some(Err(problem));
        };
        if arguments.len() != parameters.len() {
            let (wanted, found) = (parameters.len(), arguments.len());
            let sentence = format!("invalid number of arguments: expected {wanted}, got {found}");
            return Some(Err(Problem::function(sentence)));
        }
        Some(match (name, arguments.first()) {
            (_, None) => self.get(name),
            ("SetPrerelease" | "SetMetadata", Some(argument)) => self.set(name, argument),
            (_, Some(argument)) => self.compare(name, argument),
        })
    }

    fn to_json(&self) -> serde_json::Value {
        self.version.normalized().into()
    }

    fn to_text(&self) -> String {
        self.version.normalized()
    }

    /// Including the original text: `v1.2.3` is not `1.2.3`.
    fn is_equal(&self, other: &dyn HostObject) -> bool {
        version_of(other).is_some_and(|other| self.version == other.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        expr::{program::Program, value::Env},
        model::Timestamp,
    };

    fn run(expression: &str) -> Result<Value, String> {
        let mut functions = Functions::new();
        add_to(&mut functions);
        let program = Program::compile(expression, &functions).map_err(|error| error.to_string())?;
        program.run(&Env::new(), Timestamp::default()).map_err(|error| error.problem().to_string())
    }

    /// Promotion-engine 5.4.
    #[test]
    fn differences() {
        for (left, right, wanted) in [
            ("1.2.3", "2.2.3", "Major"),
            ("1.2.3", "1.3.0", "Minor"),
            ("1.2.3", "v1.2.4", "Patch"),
            ("1.2.3+a", "1.2.3+b", "Metadata"),
            ("1.2.3-rc.1", "1.2.3", "None"),
            ("01.2", "1.2.0", "None"),
            ("1.2.3.4", "1", "Incomparable"),
            ("1", "", "Incomparable"),
        ] {
            assert_eq!(run(&format!("semverDiff('{left}', '{right}')")), Ok(Value::from(wanted)), "{left} {right}");
        }
        assert_eq!(run("semverDiff(nope, '1')").unwrap_err(), "first argument must be string, got <nil>");
    }

    /// Promotion-engine 5.4: methods and what they return.
    #[test]
    fn methods() {
        for (call, wanted) in [
            ("semverParse('v1.2.3-rc.1+b').Major() == 1", "true"),
            ("semverParse('v1.2-rc.1+b').Prerelease()", "rc.1"),
            ("semverParse('v1.2.3-rc.1+b').Metadata()", "b"),
            ("semverParse('v1.2-rc.1+b').String()", "1.2.0-rc.1+b"),
            ("semverParse('v1.2').Original()", "v1.2"),
            ("string(semverParse('v1.2.3-rc.1+b').IncMajor())", "2.0.0"),
            ("string(semverParse('v1.2.3-rc.1+b').IncMinor())", "1.3.0"),
            ("string(semverParse('v1.2.3-rc.1+b').IncPatch())", "1.2.3"),
            ("string(semverParse('v1.2.3+b').IncPatch())", "1.2.4"),
            ("string(semverParse('1.2.3+b').SetPrerelease('rc.0'))", "1.2.3-rc.0+b"),
            ("string(semverParse('1.2.3-a+b').SetPrerelease('').SetMetadata('01'))", "1.2.3+01"),
            ("string(semverParse('1.2.3-rc.2').Compare(semverParse('1.2.3-rc.10')))", "-1"),
            ("string(semverParse('1.2.3+a').Equal(semverParse('1.2.3+b')))", "true"),
            ("string(semverParse('1.2').LessThan(semverParse('1.2.0')))", "false"),
            ("string(semverParse('1.2').LessThanEqual(semverParse('1.2.0')))", "true"),
            ("string(semverParse('1.2').GreaterThan(semverParse('1.2.0-a')))", "true"),
            ("string(semverParse('1.2').GreaterThanEqual(semverParse('1.3')))", "false"),
            ("string(semverParse('1.2').Equal(nil))", "false"),
            ("string(semverParse('1.2.3') == semverParse('v1.2.3'))", "false"),
            ("string(semverParse('1.2.3') == semverParse('1.2.2').IncPatch())", "true"),
            ("string(semverParse('2').Major() * duration('1s'))", "2s"),
            ("string(duration('1s') * semverParse('2').Major())", "2s"),
            ("type(semverParse('1'))", "github.com/Masterminds/semver/v3.Version"),
            ("toJSON([semverParse('v1')])", "[\n  \"1.0.0\"\n]"),
        ] {
            assert_eq!(run(call).map(|value| value.to_string()), Ok(wanted.to_owned()), "{call}");
        }
    }

    /// Promotion-engine 5.4 and 6.6: what is refused, some of it before anything runs.
    #[test]
    fn refusals() {
        for (call, wanted) in [
            ("semverParse(1)", "cannot use int as argument (type string) to call semverParse  (1:13)"),
            ("semverParse(nil)", "cannot use nil as argument (type string) to call semverParse (1:13)"),
            ("semverParse(nope)", "argument must be string, got <nil>"),
            ("semverParse('x')", "invalid semantic version: invalid semantic version"),
            ("semverParse('99999999999999999999.x')", "invalid semantic version: invalid semantic version"),
            ("semverParse('1.2.3-01')", "invalid semantic version: version segment starts with 0"),
            (
                "semverParse('1.99999999999999999999.1-01')",
                "invalid semantic version: error parsing version segment: strconv.ParseUint: parsing \
                 \"99999999999999999999\": value out of range",
            ),
            ("semverParse(repeat('1', 257))", "invalid semantic version: version string is too long (max 256 bytes)"),
            ("semverParse('1').major()", "type semver.Version has no method major (1:18)"),
            ("semverParse('1').Major", "type semver.Version has no field Major"),
            ("semverParse('1').Major(1)", "too many arguments to call Major (1:18)"),
            ("semverParse('1').Compare('2')", "cannot use string as argument (type *semver.Version) to call Compare"),
            ("semverParse('1').IncMajor().Original()", "type semver.Version has no method Original (1:29)"),
            ("semverParse('1').IncMajor().Equal(semverParse('1'))", "type semver.Version has no method Equal"),
            ("semverParse('1').Compare(semverParse('1').IncMajor())", "cannot use semver.Version as argument"),
            ("semverParse('1').Compare(nope)", "runtime error: invalid memory address or nil pointer dereference"),
            ("let l = [semverParse('1'), 1]; l[0].nope()", "cannot fetch nope from *semver.Version"),
            ("let l = [semverParse('1'), 1]; l[0].Major(1)", "invalid number of arguments: expected 0, got 1"),
            ("let l = [semverParse('1'), 1]; l[0].Compare(1)", "reflect: Call using int as type *semver.Version"),
            ("semverParse('1').SetPrerelease('01')", "version segment starts with 0"),
            ("semverParse('1').SetPrerelease('a_b')", "invalid prerelease string"),
            ("semverParse('1').SetMetadata('a..b')", "invalid metadata string"),
            ("semverParse('1.2.18446744073709551615').IncPatch()", "patch version increment would overflow uint64"),
            (
                "semverParse('1') < semverParse('2')",
                "invalid operation: < (mismatched types semver.Version and semver.Version)",
            ),
        ] {
            let found = run(call).unwrap_err();
            assert!(found.starts_with(wanted), "{call}\n{found}");
        }
    }
}
