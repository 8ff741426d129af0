//! Promotion windows: open or closed for a Stage, and until when (control 2.6).

use crate::{
    calendar::Openness,
    model::{Timestamp, WindowKind},
    why::{Need, Node, Reason, instant},
    world::StageView,
};

/// Whether the windows of a Stage are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowState {
    /// They are, or there are none.
    Open {
        /// When they close, if that is known; asked for only where there are windows.
        closes: Option<Timestamp>,
    },
    /// They are not.
    Closed {
        /// The window that closes; none if it is that no window that allows is active.
        window: Option<String>,
        /// Of which kind it is.
        kind: WindowKind,
        /// When they open, if that is known.
        opens: Option<Timestamp>,
    },
    /// One of them cannot be read, which closes it.
    Unreadable {
        /// Its name.
        window: String,
        /// Why.
        problem: String,
    },
}

/// Whether the windows of a Stage are open at an instant.
#[must_use]
pub fn window(stage: StageView<'_>, at: Timestamp) -> WindowState {
    let windows = stage.windows();
    if let Some(unreadable) = windows.unreadable.first() {
        return WindowState::Unreadable { window: unreadable.name.clone(), problem: unreadable.problem.clone() };
    }
    let schedule = &windows.schedule;
    let (window, kind) = match schedule.at(at) {
        Openness::Open => return WindowState::Open { closes: schedule.next_close(at) },
        Openness::Denied(window) => (Some(window.name().to_owned()), WindowKind::Deny),
        Openness::NotAllowed => (None, WindowKind::Allow),
    };
    WindowState::Closed { window, kind, opens: schedule.next_open(at) }
}

/// Whether the windows of a Stage are open at an instant, without asking until when.
#[must_use]
pub(super) fn is_open(stage: StageView<'_>, at: Timestamp) -> bool {
    let windows = stage.windows();
    windows.unreadable.is_empty() && windows.schedule.is_open(at)
}

/// The first instant, not before another, at which the windows are open.
pub(super) fn opens(stage: StageView<'_>, from: Timestamp) -> Option<Timestamp> {
    let windows = stage.windows();
    if windows.unreadable.is_empty() { windows.schedule.next_open(from) } else { None }
}

impl WindowState {
    /// Whether they are open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// What would open windows that do not open by themselves.
    pub(super) fn lift(&self) -> Option<Need> {
        let window = match self {
            Self::Open { .. } => return None,
            Self::Closed { window, .. } => window.clone(),
            Self::Unreadable { window, .. } => Some(window.clone()),
        };
        Some(Need::Lift { window })
    }

    pub(super) fn node(self, stage: StageView<'_>) -> Node {
        match self {
            Self::Open { closes } => Node::holds(Reason::WindowOpen { closes }),
            Self::Closed { window, kind, opens } => {
                let spot = window.as_deref().and_then(|name| stage.locate_window(name));
                let node = Node::fails(Reason::WindowClosed { window, kind, opens }).at(spot);
                match opens {
                    Some(opens) => node.remedy(format!("opens {}", instant(opens))),
                    None => node.remedy("no opening is known: somebody changes the windows"),
                }
            }
            Self::Unreadable { window, problem } => {
                let spot = stage.locate_window(&window);
                Node::fails(Reason::WindowUnreadable { window, problem }).at(spot).remedy("somebody mends it")
            }
        }
    }
}
