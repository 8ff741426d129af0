//! Phases and other states that Kargo writes into status (resources 14). The schema lists none of them, so a reader keeps
//! texts it does not know (resources 23, trap 30).

use std::{cmp::Ordering, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A text this version does not know, kept as it is.
            Other(Box<str>),
        }

        impl $name {
            /// Every state with a name of its own.
            pub const KNOWN: &[Self] = &[$(Self::$variant,)+];

            /// The state's spelling in manifests.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $(stringify!($variant) => Self::$variant,)+
                    other => Self::Other(other.into()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|text| Self::from(text.as_str()))
            }
        }
    };
}

open_enum! {
    /// How far a Promotion is (resources 14.1).
    PromotionPhase {
        /// Queued.
        Pending,
        /// Executing.
        Running,
        /// Done.
        Succeeded,
        /// Failed, usually for a reason that is not technical.
        Failed,
        /// A technical failure.
        Errored,
        /// Stopped on request.
        Aborted,
    }
}

impl PromotionPhase {
    /// Whether nothing happens after this. An unknown phase is not terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Errored | Self::Aborted)
    }
}

open_enum! {
    /// How far a verification is (resources 14.2). Note `Successful` and `Error`, unlike promotions.
    VerificationPhase {
        /// Not started.
        Pending,
        /// Executing.
        Running,
        /// Passed.
        Successful,
        /// Did not pass.
        Failed,
        /// A technical failure.
        Error,
        /// Stopped on request.
        Aborted,
        /// Ended without an answer.
        Inconclusive,
    }
}

impl VerificationPhase {
    /// Whether nothing happens after this. An unknown phase is not terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Successful | Self::Failed | Self::Error | Self::Aborted | Self::Inconclusive)
    }
}

open_enum! {
    /// How a step ended, or that it runs (resources 14.4).
    StepStatus {
        /// Done.
        Succeeded,
        /// Not run: its condition was false, or the step itself decided so.
        Skipped,
        /// Executing or waiting.
        Running,
        /// Stopped on request.
        Aborted,
        /// Failed for a reason that is not technical.
        Failed,
        /// A technical failure.
        Errored,
    }
}

impl StepStatus {
    /// Severity, 0 (Succeeded) to 5 (Errored); `None` for an unknown status.
    #[must_use]
    pub fn severity(&self) -> Option<u8> {
        match self {
            Self::Succeeded => Some(0),
            Self::Skipped => Some(1),
            Self::Running => Some(2),
            Self::Aborted => Some(3),
            Self::Failed => Some(4),
            Self::Errored => Some(5),
            Self::Other(_) => None,
        }
    }
}

open_enum! {
    /// Health of what a Stage deployed (resources 14.3).
    HealthState {
        /// All is well.
        Healthy,
        /// There is nothing that could be healthy.
        NotApplicable,
        /// On its way.
        Progressing,
        /// Nobody knows.
        Unknown,
        /// Something is wrong.
        Unhealthy,
    }
}

impl HealthState {
    /// Severity, 0 (Healthy) to 4 (Unhealthy). An unrecognized state counts as 0.
    #[must_use]
    pub fn severity(&self) -> u8 {
        match self {
            Self::Healthy | Self::Other(_) => 0,
            Self::NotApplicable => 1,
            Self::Progressing => 2,
            Self::Unknown => 3,
            Self::Unhealthy => 4,
        }
    }

    /// The more severe of two states; the other one when they are equally severe.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        match self.severity().cmp(&other.severity()) {
            Ordering::Greater => self,
            Ordering::Equal | Ordering::Less => other,
        }
    }
}

open_enum! {
    /// How far a PromotionRequest is (resources 14.5).
    PromotionRequestPhase {
        /// Queued.
        Pending,
        /// Executing.
        Running,
        /// Done.
        Succeeded,
        /// Failed.
        Failed,
        /// A technical failure.
        Errored,
    }
}

impl PromotionRequestPhase {
    /// Whether nothing happens after this. An unknown phase is not terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Errored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_14_1_terminal_promotion_phases() {
        let terminal: Vec<_> =
            PromotionPhase::KNOWN.iter().filter(|p| p.is_terminal()).map(PromotionPhase::as_str).collect();
        assert_eq!(terminal, ["Succeeded", "Failed", "Errored", "Aborted"]);
        assert!(!PromotionPhase::from("Paused").is_terminal());
    }

    #[test]
    fn resources_14_2_terminal_verification_phases() {
        let running: Vec<_> =
            VerificationPhase::KNOWN.iter().filter(|p| !p.is_terminal()).map(VerificationPhase::as_str).collect();
        assert_eq!(running, ["Pending", "Running"]);
    }

    #[test]
    fn resources_14_3_merging_health_keeps_the_more_severe() {
        for a in HealthState::KNOWN {
            for b in HealthState::KNOWN {
                let merged = a.clone().merge(b.clone());
                assert_eq!(merged.severity(), a.severity().max(b.severity()));
            }
        }
        assert_eq!(HealthState::from("Odd").merge(HealthState::Healthy), HealthState::Healthy);
    }

    #[test]
    fn resources_14_4_severity_of_step_statuses_rises() {
        let severities: Vec<_> = StepStatus::KNOWN.iter().map(StepStatus::severity).collect();
        assert_eq!(severities, [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5)]);
    }

    #[test]
    fn trap_30_unknown_texts_survive() {
        let phase: PromotionPhase = serde_json::from_str("\"Paused\"").unwrap();
        assert_eq!(serde_json::to_string(&phase).unwrap(), "\"Paused\"");
    }
}
