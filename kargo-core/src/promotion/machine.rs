//! The machine of a promotion as a whole.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::model::{FreightCollection, PromotionPhase, Timestamp};

/// Where a promotion is (control 12.1). What happens in between happens to its steps.
///
/// | state | event | next state | why |
/// | --- | --- | --- | --- |
/// | Pending | Begin | Running | it is its turn |
/// | Pending | End | Ended | it was aborted before its turn |
/// | Running | End | Ended | |
///
/// `Ended` stands for what the event says. Nothing follows an end (control 13, invariant 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    /// It waits for its turn.
    #[default]
    Pending,
    /// Its steps run.
    Running,
    /// It is done.
    Succeeded,
    /// It came out badly.
    Failed,
    /// It could not be carried out.
    Errored,
    /// Somebody stopped it.
    Aborted,
}

/// How a promotion may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum End {
    /// Every step that counts is done, or had nothing to do.
    Succeeded,
    /// A step that counts came out badly.
    Failed,
    /// A step that counts could not be carried out, or the promotion itself.
    Errored,
    /// Somebody stopped it.
    Aborted,
}

/// Something that happens to a promotion as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PhaseEvent {
    /// Its steps begin.
    Begin {
        /// When.
        at: Timestamp,
        /// The freight that the place holds after success (resources 20.4).
        #[serde(with = "shared")]
        collection: Option<Arc<FreightCollection>>,
    },
    /// It ends.
    End {
        /// How.
        end: End,
        /// When.
        at: Timestamp,
        /// What there is to say.
        message: Option<String>,
    },
}

/// What is shared in memory is written out.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::model::FreightCollection;

    pub(super) fn serialize<S: Serializer>(
        shared: &Option<Arc<FreightCollection>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        shared.as_deref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Arc<FreightCollection>>, D::Error> {
        Ok(Option::deserialize(deserializer)?.map(Arc::new))
    }
}

impl Phase {
    /// The phase after an event: total, and the only way from phase to phase.
    #[must_use]
    pub fn next(self, event: &PhaseEvent) -> Self {
        match (self, event) {
            (Self::Pending, PhaseEvent::Begin { .. }) => Self::Running,
            (Self::Pending | Self::Running, PhaseEvent::End { end, .. }) => match end {
                End::Succeeded => Self::Succeeded,
                End::Failed => Self::Failed,
                End::Errored => Self::Errored,
                End::Aborted => Self::Aborted,
            },
            (phase, _) => phase,
        }
    }

    /// Whether nothing follows.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }
}

impl From<Phase> for PromotionPhase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Pending => Self::Pending,
            Phase::Running => Self::Running,
            Phase::Succeeded => Self::Succeeded,
            Phase::Failed => Self::Failed,
            Phase::Errored => Self::Errored,
            Phase::Aborted => Self::Aborted,
        }
    }
}

impl From<&PromotionPhase> for Phase {
    /// A phase that this version does not know is taken for one that has not begun.
    fn from(phase: &PromotionPhase) -> Self {
        match phase {
            PromotionPhase::Running => Self::Running,
            PromotionPhase::Succeeded => Self::Succeeded,
            PromotionPhase::Failed => Self::Failed,
            PromotionPhase::Errored => Self::Errored,
            PromotionPhase::Aborted => Self::Aborted,
            _ => Self::Pending,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(PromotionPhase::from(*self).as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHASES: [Phase; 6] =
        [Phase::Pending, Phase::Running, Phase::Succeeded, Phase::Failed, Phase::Errored, Phase::Aborted];

    #[test]
    fn control_12_1_the_table_equals_the_code() {
        let rows = include_str!("machine.rs").lines().filter_map(|line| line.strip_prefix("/// | ")).skip(2);
        let table: Vec<Vec<_>> = rows.map(|row| row.split('|').map(str::trim).collect()).collect();
        let at = Timestamp::default();
        let begin = PhaseEvent::Begin { at, collection: None };
        let ends = [
            (End::Succeeded, Phase::Succeeded),
            (End::Failed, Phase::Failed),
            (End::Errored, Phase::Errored),
            (End::Aborted, Phase::Aborted),
        ];
        let mut found = 0;
        for phase in PHASES {
            let row = |event: &str| table.iter().find(|row| row[0] == phase.to_string() && row[1] == event);
            found += usize::from(row("Begin").is_some()) + usize::from(row("End").is_some());
            let expected = row("Begin").map_or(phase.to_string(), |row| row[2].to_owned());
            assert_eq!(phase.next(&begin).to_string(), expected);
            for (end, ended) in ends {
                let expected = if row("End").is_some() { ended } else { phase };
                assert_eq!(phase.next(&PhaseEvent::End { end, at, message: None }), expected);
            }
            assert_eq!(Phase::from(&PromotionPhase::from(phase)), phase);
        }
        assert_eq!(found, table.len());
    }
}
