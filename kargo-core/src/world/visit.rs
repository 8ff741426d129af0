//! What freight has to do with Stages: where it is, was verified, is approved for.

use crate::{
    freight::status::stay,
    model::{ApprovedStage, CurrentStage, FreightStatus, StageName, Timestamp, VerifiedStage},
};

/// What a piece of freight has to do with one Stage (resources 8.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// It is there now, since then.
    pub current: Option<CurrentStage>,
    /// The Stage verified it. It is remembered also while it is [withdrawn](Self::withdrawn), for the soak goes on.
    pub verified: Option<VerifiedStage>,
    /// A later verdict withdrew the verification (rules 6).
    pub withdrawn: bool,
    /// Somebody approved it for the Stage.
    pub approved: Option<ApprovedStage>,
}

impl Visit {
    /// The verification, if it counts.
    #[must_use]
    pub fn verified(&self) -> Option<&VerifiedStage> {
        self.verified.as_ref().filter(|_| !self.withdrawn)
    }

    /// Since when it is there now, if that is known.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.current.as_ref()?.since
    }

    /// It is there from now on. Where it already is, the first time stays.
    pub fn enter(&mut self, now: Timestamp) {
        self.current.get_or_insert(CurrentStage { since: Some(now) });
    }

    /// It is not there any more. Of verified freight the longest stay is remembered (control 6.1), also while the verification
    /// is withdrawn (rules 6).
    pub fn leave(&mut self, now: Timestamp) {
        let Some(CurrentStage { since: Some(since) }) = self.current.take() else { return };
        let Some(verified) = &mut self.verified else { return };
        verified.longest_completed_soak = verified.longest_completed_soak.max(Some(stay(since, now)));
    }

    /// The Stage verified it. Where it already did, the first time stays.
    pub fn verify(&mut self, now: Timestamp) {
        self.withdrawn = false;
        self.verified.get_or_insert(VerifiedStage { verified_at: Some(now), longest_completed_soak: None });
    }

    fn is_trivial(&self) -> bool {
        *self == Self::default()
    }
}

/// What a piece of freight has to do with Stages, by their names. Few Stages: a sorted list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    sorted: Vec<(StageName, Visit)>,
}

impl Visits {
    /// What it has to do with a Stage.
    #[must_use]
    pub fn get(&self, stage: &str) -> Option<&Visit> {
        let at = self.find(stage).ok()?;
        self.sorted.get(at).map(|(_, visit)| visit)
    }

    /// All, by the names of the Stages.
    pub fn iter(&self) -> impl Iterator<Item = (&StageName, &Visit)> {
        self.sorted.iter().map(|(stage, visit)| (stage, visit))
    }

    /// Changes what it has to do with a Stage. What becomes nothing is forgotten.
    pub fn edit(&mut self, stage: &StageName, edit: impl FnOnce(&mut Visit)) {
        let at = match self.find(stage) {
            Ok(at) => at,
            Err(at) => {
                // No room for more: there is much freight, and few Stages come.
                self.sorted.reserve_exact(1);
                self.sorted.insert(at, (stage.clone(), Visit::default()));
                at
            }
        };
        let Some((_, visit)) = self.sorted.get_mut(at) else { return };
        edit(visit);
        if visit.is_trivial() {
            self.sorted.remove(at);
        }
    }

    /// As Kargo writes it: what is withdrawn is not verified.
    #[must_use]
    pub fn to_status(&self) -> FreightStatus {
        let mut status = FreightStatus::default();
        for (stage, visit) in &self.sorted {
            if let Some(current) = &visit.current {
                status.currently_in.insert(stage.clone(), current.clone());
            }
            if let Some(verified) = visit.verified() {
                status.verified_in.insert(stage.clone(), verified.clone());
            }
            if let Some(approved) = &visit.approved {
                status.approved_for.insert(stage.clone(), approved.clone());
            }
        }
        status
    }

    fn find(&self, stage: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|(name, _)| (**name).cmp(stage))
    }
}

impl From<&FreightStatus> for Visits {
    fn from(status: &FreightStatus) -> Self {
        let mut visits = Self::default();
        for (stage, current) in &status.currently_in {
            visits.edit(stage, |visit| visit.current = Some(current.clone()));
        }
        for (stage, verified) in &status.verified_in {
            visits.edit(stage, |visit| visit.verified = Some(verified.clone()));
        }
        for (stage, approved) in &status.approved_for {
            visits.edit(stage, |visit| visit.approved = Some(approved.clone()));
        }
        visits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_8_3_a_status_goes_in_and_out_again() {
        let mut status = FreightStatus::default();
        status.currently_in.insert("uat".into(), CurrentStage { since: Some(Timestamp::default()) });
        status.verified_in.insert("uat".into(), VerifiedStage::default());
        status.verified_in.insert("dev".into(), VerifiedStage::default());
        status.approved_for.insert("prod".into(), ApprovedStage::default());
        let mut visits = Visits::from(&status);
        assert_eq!(visits.to_status(), status);
        assert_eq!(visits.iter().map(|(stage, _)| &**stage).collect::<Vec<_>>(), ["dev", "prod", "uat"]);

        visits.edit(&"dev".into(), |visit| visit.withdrawn = true);
        assert!(visits.get("dev").unwrap().verified().is_none());
        assert!(!visits.to_status().verified_in.contains_key("dev"));
        visits.edit(&"dev".into(), |visit| *visit = Visit::default());
        assert_eq!(visits.get("dev"), None);
    }
}
