//! Promotion windows: open or closed for a Stage, and until when (control 2.6).

use crate::{
    calendar::Openness,
    model::{Timestamp, WindowKind},
    why::{Need, Node, Reason, Remedy, instant},
    world::{StageView, UnreadableWindow, Windows},
};

/// How many beginnings and ends of windows that never open are looked at for the fewest to be lifted.
const MOST_EDGES: usize = 100;

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

/// What is to say about the windows of a Stage; nothing where there are none, or where they are open for as long as is known.
pub(super) fn nodes(stage: StageView<'_>, at: Timestamp) -> Vec<Node> {
    let windows = stage.windows();
    let mut nodes: Vec<_> = windows.unreadable.iter().map(|window| unreadable(stage, window)).collect();
    let schedule = &windows.schedule;
    if schedule.is_open(at) {
        let closes = schedule.next_close(at).filter(|_| nodes.is_empty());
        nodes.extend(closes.map(|closes| Node::holds(Reason::WindowOpen { closes: Some(closes) })));
        return nodes;
    }
    let opens = schedule.next_open(at);
    for window in schedule.denying(at) {
        let reason = Reason::WindowClosed { window: Some(window.name().to_owned()), kind: WindowKind::Deny, opens };
        nodes.push(Node::fails(reason).at(stage.locate_window(window.name())));
    }
    if !schedule.is_allowed(at) {
        nodes.push(Node::fails(Reason::WindowClosed { window: None, kind: WindowKind::Allow, opens }));
    }
    // Said once: all of them together are in the way until then.
    if let Some(last) = nodes.last_mut() {
        last.remedies.push(Remedy {
            text: match opens {
                Some(opens) => format!("opens {}", instant(opens)),
                None => "no opening is known: somebody changes the windows".to_owned(),
            },
            command: None,
        });
    }
    nodes
}

fn unreadable(stage: StageView<'_>, window: &UnreadableWindow) -> Node {
    let (name, problem) = (window.name.clone(), window.problem.clone());
    let node = Node::fails(Reason::WindowUnreadable { window: name, problem });
    node.at(stage.locate_window(&window.name)).remedy("somebody mends it")
}

/// What gets past the windows of a Stage from an instant on.
pub(super) struct Passage {
    /// Windows that somebody has to lift, for they do not open by themselves.
    pub(super) lifted: Vec<Need>,
    /// The instant at which the others are open.
    pub(super) at: Timestamp,
}

/// The passage that asks for the least changes, a later instant than `from` being one unless `may_wait`.
pub(super) fn passage(stage: StageView<'_>, from: Timestamp, may_wait: bool) -> Passage {
    let Windows { schedule, unreadable } = stage.windows();
    let lift = |window: &str| Need::Lift { window: Some(window.to_owned()) };
    let mut mended: Vec<_> = unreadable.iter().map(|window| lift(&window.name)).collect();
    mended.dedup();
    if let Some(at) = schedule.next_open(from) {
        return Passage { lifted: mended, at };
    }
    let mut at = from;
    let mut best = (usize::MAX, Passage { lifted: Vec::new(), at });
    for _ in 0..MOST_EDGES {
        let mut lifted: Vec<_> = schedule.denying(at).map(|window| lift(window.name())).collect();
        lifted.extend((!schedule.is_allowed(at)).then_some(Need::Lift { window: None }));
        let size = lifted.len() + usize::from(at > from && !may_wait);
        if size < best.0 {
            best = (size, Passage { lifted, at });
        }
        match schedule.next_edge(at) {
            Some(next) if best.0 > 1 => at = next,
            _ => break,
        }
    }
    let (_, Passage { lifted, at }) = best;
    mended.extend(lifted);
    Passage { lifted: mended, at }
}

impl WindowState {
    /// Whether they are open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}
