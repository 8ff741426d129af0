//! What comes of a discovery: freight to be created, or why there is none (discovery 1.5 to 1.9).

use std::fmt;

use super::{clash::Clash, criteria::CriteriaError};
use crate::model::{Freight, FreightName};

/// What comes of a discovery. `Display` says it in one line, with one more for each reason.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Decision {
    /// Freight that there is not yet.
    Create(Box<Created>),
    /// Nothing, and why.
    Idle(Idle),
}

/// Freight to be created.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Created {
    /// The freight: complete, in no world yet.
    pub freight: Freight,
    /// Which candidates it is made of.
    pub combination: Combination,
}

/// One candidate of each result, and why not newer ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Combination {
    /// Ranks in the order of [`windows`](super::windows); 0 is the newest.
    pub ranks: Vec<usize>,
    /// Whether the search ended early: there may be a newer combination.
    pub cut_off: bool,
    /// How many questions the search asked; 0 where nothing was searched.
    pub evaluations: u64,
    /// For each result whose newest candidate was not taken, why.
    pub clashes: Vec<Clash>,
}

/// Why a discovery leads to no freight.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idle {
    /// Nothing was discovered yet.
    MissingArtifacts,
    /// A git subscription found no commits.
    NoCommits {
        /// Its repository.
        repo_url: String,
    },
    /// An image subscription found no images.
    NoImages {
        /// Its repository.
        repo_url: String,
    },
    /// A chart subscription found no versions.
    NoChartVersions {
        /// Its repository.
        repo_url: String,
        /// The chart's name, outside of OCI registries.
        name: Option<String>,
    },
    /// Another subscription found nothing. In the reference this is an error, unlike the others.
    NoReferences {
        /// Its name.
        subscription: String,
    },
    /// Only people make freight of this Warehouse.
    Manual,
    /// The criteria cannot be read, or fail with the newest of each.
    Criteria(CriteriaError),
    /// The criteria are not met: by the newest of each, or, where combinations are searched, by any.
    CriteriaNotMet {
        /// Whether combinations beside the newest of each were tried.
        searched: bool,
        /// Whether the search ended early: some combination may meet them.
        cut_off: bool,
        /// What the newest of each clash with.
        clashes: Vec<Clash>,
    },
    /// There is freight of exactly these artifacts.
    Exists {
        /// Its name.
        id: FreightName,
        /// Which candidates it is made of.
        combination: Combination,
    },
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(created) => {
                let Freight { metadata, alias, .. } = &created.freight;
                write!(f, "new freight {} ({})", metadata.name, alias.as_deref().unwrap_or_default())?;
                created.combination.fmt_reasons(f)
            }
            Self::Idle(idle) => idle.fmt(f),
        }
    }
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingArtifacts => f.write_str("no freight: nothing was discovered yet"),
            Self::NoCommits { repo_url } => write!(f, "no freight: no commit of {repo_url} was found"),
            Self::NoImages { repo_url } => write!(f, "no freight: no image of {repo_url} was found"),
            Self::NoChartVersions { repo_url, name } => {
                let name = name.as_deref().map(|name| format!("{name} of ")).unwrap_or_default();
                write!(f, "no freight: no version of chart {name}{repo_url} was found")
            }
            Self::NoReferences { subscription } => write!(f, "no freight: subscription {subscription} found nothing"),
            Self::Manual => f.write_str("no freight: freightCreationPolicy is Manual"),
            Self::Criteria(error) => write!(f, "no freight: {error}"),
            Self::CriteriaNotMet { searched, cut_off, clashes } => {
                f.write_str(match (searched, cut_off) {
                    (false, _) => "no freight: freightCreationCriteria are not met by the newest of each",
                    (true, false) => "no freight: no combination meets freightCreationCriteria",
                    (true, true) => "no freight: no combination that was tried meets freightCreationCriteria, and not all were tried",
                })?;
                lines(clashes, f)
            }
            Self::Exists { id, combination } => {
                write!(f, "no freight: {id} is made of the same artifacts")?;
                combination.fmt_reasons(f)
            }
        }
    }
}

impl Combination {
    fn fmt_reasons(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cut_off {
            write!(
                f,
                "\n  the search was cut off after {} evaluations: there may be a newer combination",
                self.evaluations
            )?;
        }
        lines(&self.clashes, f)
    }
}

fn lines(clashes: &[Clash], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    clashes.iter().try_for_each(|clash| write!(f, "\n  {clash}"))
}
