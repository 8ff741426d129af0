//! The condition that artifacts must meet to become freight by themselves (discovery 1.8).

use std::sync::LazyLock;

use super::lookup::{Chosen, Found};
use crate::{
    expr::{
        BinaryOp, Env, ExprError, Functions, Node, Program,
        kargo::{self, loose_truth},
    },
    model::{DiscoveredArtifacts, FreightCreationCriteria, Timestamp},
};

/// Creation criteria, read and checked once.
///
/// ```
/// use kargo_core::{freight::creation::CreationCriteria, model::{DiscoveredArtifacts, FreightCreationCriteria}};
///
/// let same = "imageFrom('ghcr.io/acme/cart').Tag == imageFrom('ghcr.io/acme/web').Tag";
/// let criteria = CreationCriteria::compile(Some(&FreightCreationCriteria { expression: Some(same.into()) }))?;
/// let found: DiscoveredArtifacts = serde_json::from_value(serde_json::json!({"images": [
///     {"repoURL": "ghcr.io/acme/cart", "references": [{"tag": "1.5.0"}, {"tag": "1.4.2"}]},
///     {"repoURL": "ghcr.io/acme/web", "references": [{"tag": "1.4.2"}]},
/// ]}))?;
/// assert!(!criteria.are_met(&found, &[], Default::default())?, "the newest of each");
/// assert!(criteria.are_met(&found, &[1, 0], Default::default())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CreationCriteria {
    program: Option<Program>,
    clauses: Vec<ClauseProgram>,
}

/// One of the conditions that all must hold.
#[derive(Clone, Debug)]
pub(super) struct ClauseProgram {
    pub(super) program: Program,
    /// The operands, where it says that two are equal.
    pub(super) sides: Option<[Program; 2]>,
}

/// Why criteria cannot be read, or gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CriteriaError {
    /// The expression cannot be read, or could never work.
    #[error("freightCreationCriteria cannot be read: {0}")]
    Compile(Box<ExprError>),
    /// It failed with these artifacts.
    #[error("freightCreationCriteria failed: {0}")]
    Run(Box<ExprError>),
    /// What came out is neither a truth value nor one of the texts that stand for one.
    #[error(
        "freightCreationCriteria gave {value:?}, which is neither true nor false: write a comparison, such as ... == ..."
    )]
    NotABool {
        /// What came out, as text.
        value: String,
    },
}

impl CreationCriteria {
    /// Reads and checks criteria; none, or blank ones, are always met.
    ///
    /// # Errors
    ///
    /// [`CriteriaError::Compile`], with line and column.
    pub fn compile(criteria: Option<&FreightCreationCriteria>) -> Result<Self, CriteriaError> {
        let source = criteria.and_then(|criteria| criteria.expression.as_deref()).unwrap_or_default().trim();
        if source.is_empty() {
            return Ok(Self::default());
        }
        let program = Program::compile(source, functions()).map_err(|error| CriteriaError::Compile(Box::new(error)))?;
        let clause = |program: Program| ClauseProgram { sides: sides(&program), program };
        let clauses = conjuncts(&program).into_iter().map(clause).collect();
        Ok(Self { program: Some(program), clauses })
    }

    /// Whether they are met whatever is found.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.program.is_none()
    }

    /// What they ask for, one condition each: what stands between the outermost `&&`.
    pub fn clauses(&self) -> impl Iterator<Item = String> {
        self.clauses.iter().map(|clause| clause.program.ast().to_string())
    }

    /// Whether they are met by one candidate of each result, at an instant. `ranks` are in the order of
    /// [`windows`](super::windows); missing ones are 0, the newest.
    ///
    /// Where there are no results but those of other kinds, they are met without being asked (discovery 1.8).
    ///
    /// # Errors
    ///
    /// [`CriteriaError::Run`] and [`CriteriaError::NotABool`].
    pub fn are_met(&self, found: &DiscoveredArtifacts, ranks: &[usize], now: Timestamp) -> Result<bool, CriteriaError> {
        if !self.applies_to(found) {
            return Ok(true);
        }
        self.run(&Found::new(found), ranks, now)
    }

    /// Whether they are asked at all.
    pub(super) fn applies_to(&self, found: &DiscoveredArtifacts) -> bool {
        let has_any = !(found.git.is_empty() && found.images.is_empty() && found.charts.is_empty());
        has_any && !self.is_blank()
    }

    pub(super) fn run(&self, found: &Found<'_>, ranks: &[usize], now: Timestamp) -> Result<bool, CriteriaError> {
        let Some(program) = &self.program else { return Ok(true) };
        let value = program
            .run_in(&Env::new(), now, &Chosen { found, ranks })
            .map_err(|error| CriteriaError::Run(Box::new(error)))?;
        loose_truth(&value).ok_or_else(|| CriteriaError::NotABool { value: value.to_string() })
    }

    pub(super) fn programs(&self) -> &[ClauseProgram] {
        &self.clauses
    }
}

/// The functions that criteria know beside the built-in ones.
fn functions() -> &'static Functions {
    static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| {
        let mut functions = Functions::new();
        kargo::declare(&mut functions, kargo::Group::CREATION_CRITERIA);
        functions
    });
    &FUNCTIONS
}

/// The operands of the outermost `&&`, in their order; the whole if there is none.
fn conjuncts(program: &Program) -> Vec<Program> {
    let ast = program.ast();
    let (mut open, mut found) = (vec![ast.root()], Vec::new());
    while let Some(id) = open.pop() {
        match ast.node(id) {
            Node::Binary { op: BinaryOp::And, left, right, negated: false } => open.extend([*right, *left]),
            _ => found.push(id),
        }
    }
    let parts: Option<Vec<_>> = found.into_iter().map(|id| program.part(id, functions())).collect();
    // The parts of what compiles compile as well.
    parts.unwrap_or_else(|| vec![program.clone()])
}

fn sides(program: &Program) -> Option<[Program; 2]> {
    let ast = program.ast();
    let Node::Binary { op: BinaryOp::Equal, left, right, negated: false } = ast.node(ast.root()) else { return None };
    Some([program.part(*left, functions())?, program.part(*right, functions())?])
}
