//! Everything that can be asked, as one type.

use super::{
    Abort, AbortVerification, AcceptClock, Apply, Approve, Assemble, Delete, Derive, Hold, Import, Pause, Promote,
    Refresh, Reject, ReleaseHold, Resume, Reverify, Rollback, SetAlias, Unreject,
};

/// Who asks for something, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Who, such as `email:ana@acme.example` (resources 15.5).
    pub by: Option<String>,
    /// Why, in their words.
    pub because: Option<String>,
}

macro_rules! commands {
    ($($(#[$doc:meta])* $kind:ident,)+) => {
        /// Something that somebody wants.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Command {
            $($(#[$doc])* $kind($kind),)+
        }

        impl Command {
            /// Who asks, and why.
            #[must_use]
            pub fn asked(&self) -> &Asked {
                match self {
                    $(Self::$kind(command) => &command.asked,)+
                }
            }

            /// What is asked for, in a word.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => stringify!($kind),)+
                }
            }
        }

        $(
            impl From<$kind> for Command {
                fn from(command: $kind) -> Self {
                    Self::$kind(command)
                }
            }

            impl $kind {
                /// Asked for by this actor, such as `email:ana@acme.example`.
                #[must_use]
                pub fn by(mut self, actor: impl Into<String>) -> Self {
                    self.asked.by = Some(actor.into());
                    self
                }

                /// For this reason, in a person's words.
                #[must_use]
                pub fn because(mut self, reason: impl Into<String>) -> Self {
                    self.asked.because = Some(reason.into());
                    self
                }
            }
        )+
    };
}

commands! {
    /// Take over definitions.
    Apply,
    /// Take a project over with its status.
    Import,
    /// Take definitions away.
    Delete,
    /// Promote freight.
    Promote,
    /// Bring back what was there before.
    Rollback,
    /// Make freight by hand.
    Assemble,
    /// Make freight like other freight.
    Derive,
    /// Give freight another alias.
    SetAlias,
    /// Look what there is to discover.
    Refresh,
    /// Approve freight for a Stage.
    Approve,
    /// Reject freight.
    Reject,
    /// Take a rejection back.
    Unreject,
    /// Pause a Stage or the project.
    Pause,
    /// End a pause.
    Resume,
    /// Keep automation from an origin.
    Hold,
    /// Release a hold of automation.
    ReleaseHold,
    /// Stop a promotion.
    Abort,
    /// Verify once more.
    Reverify,
    /// Stop a verification.
    AbortVerification,
    /// Trust the clock again.
    AcceptClock,
}
