//! The fold from events to notices.

use super::{Happened, Notice};
use crate::{
    engine::{Engine, Event, Genesis, Position, Recorded, ReplayError, Standstill, state::State},
    model::Timestamp,
};

/// Folds a log to notices: events go in one after the other, in the order of the log, and out comes what people hear.
///
/// What comes out follows from the log alone, so notices are the same live, after a crash and in ten years. Notices are at
/// least once: whoever hears them remembers the position and index of the last one, and takes up the log behind it.
///
/// ```
/// use kargo_core::{Engine, Genesis, Manifests, command::Apply, engine::Notices};
/// let (genesis, now) = (Genesis::new("shop", 7), "2026-11-24T12:00:00Z".parse()?);
/// let mut engine = Engine::new(genesis.clone());
/// let mut notices = Notices::of(&engine);
/// let text = "
/// apiVersion: kargo.akuity.io/v1alpha1
/// kind: Warehouse
/// metadata: { name: cart, namespace: shop }
/// spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart } }] }
/// ---
/// apiVersion: kargo.akuity.io/v1alpha1
/// kind: Stage
/// metadata: { name: uat, namespace: shop }
/// spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }] }
/// ";
/// let outcome = engine.command(now, Apply::manifests(&Manifests::parse("shop.yaml", text)?).by("ana"))?;
/// // Once the events are in the log, people may hear of them.
/// let heard = notices.take(outcome.events())?;
/// assert_eq!(heard[1].to_string(), "12:00:00Z shop defined    Stage/uat by ana");
///
/// // The same after a replay, also of the part that somebody has not heard.
/// let (_, again) = Notices::after(genesis, outcome.events().to_vec(), heard[0].position, heard[0].index)?;
/// assert_eq!(again, heard[1..]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Notices {
    pub(super) state: State,
    /// Who asked for what follows, if somebody did: what the first event of the batch said.
    pub(super) asked: Option<Asked>,
}

/// Who asked; none if nobody said.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) by: Option<String>,
}

impl Notices {
    /// Of an empty log.
    #[must_use]
    pub fn new(genesis: Genesis) -> Self {
        Self { state: State::new(genesis), asked: None }
    }

    /// Of what comes after all that an engine knows.
    #[must_use]
    pub fn of(engine: &Engine) -> Self {
        Self { state: engine.state.clone(), asked: None }
    }

    /// Folds a log, and keeps what comes after a notice that was heard: those of later events, and later ones of the same
    /// event. With position 0 it keeps all.
    ///
    /// # Errors
    ///
    /// The log has a gap or does not begin at its beginning.
    pub fn after(
        genesis: Genesis,
        log: impl IntoIterator<Item = Recorded>,
        position: Position,
        index: u32,
    ) -> Result<(Self, Vec<Notice>), ReplayError> {
        let mut notices = Self::new(genesis);
        let mut heard = Vec::new();
        for recorded in log {
            let of_event = notices.take(std::slice::from_ref(&recorded))?;
            heard.extend(of_event.into_iter().filter(|notice| (notice.position, notice.index) > (position, index)));
        }
        Ok((notices, heard))
    }

    /// How many events were taken.
    #[must_use]
    pub fn position(&self) -> Position {
        self.state.position
    }

    /// Takes the next events of the log, and says what is to be heard.
    ///
    /// Events come in whole batches, as an engine gives them out, or the log is folded from its beginning: of the rest of a
    /// batch alone it is not known who asked.
    ///
    /// # Errors
    ///
    /// They do not follow on those that were taken; up to there they are taken, and what they say is lost: fold again.
    pub fn take(&mut self, events: &[Recorded]) -> Result<Vec<Notice>, ReplayError> {
        let mut heard = Vec::new();
        for recorded in events {
            self.hear(recorded, &mut heard)?;
        }
        Ok(heard)
    }

    fn hear(&mut self, recorded: &Recorded, heard: &mut Vec<Notice>) -> Result<(), ReplayError> {
        match &recorded.event {
            Event::Commanded { by, .. } => {
                self.asked = Some(Asked { by: by.clone() });
            }
            Event::Reported { .. } | Event::Ticked => self.asked = None,
            _ => {}
        }
        let mut said = self.before(recorded);
        self.state.take(recorded)?;
        said.extend(self.after_it(recorded));
        let project = self.state.genesis.project();
        heard.extend((0..).zip(said).map(|(index, Said { actor, happened })| Notice {
            position: recorded.position,
            index,
            at: recorded.at,
            cause: recorded.cause,
            project: project.clone(),
            actor,
            happened,
        }));
        Ok(())
    }

    /// Who asked for what follows.
    pub(super) fn asker(&self) -> Option<String> {
        self.asked.as_ref()?.by.clone()
    }
}

/// What is to be said of an event, and who wanted it.
pub(super) struct Said {
    pub(super) actor: Option<String>,
    pub(super) happened: Happened,
}

impl Said {
    pub(super) fn new(actor: Option<String>, happened: Happened) -> Self {
        Self { actor, happened }
    }
}

impl From<Happened> for Said {
    fn from(happened: Happened) -> Self {
        Self { actor: None, happened }
    }
}

impl Engine {
    /// A notice of something that [stalls](Self::stalls), beside the log: its position is that of the last event.
    #[must_use]
    pub fn notice_of(&self, now: Timestamp, stall: Standstill) -> Notice {
        Notice {
            position: self.state.position,
            index: 0,
            at: now.max(self.state.now),
            cause: None,
            project: self.state.genesis.project().clone(),
            actor: None,
            happened: Happened::Stalled(Box::new(stall)),
        }
    }
}
