//! What the functions of creation criteria answer: the chosen candidates, found by URL or name (discovery 1.8).

use std::cell::{OnceCell, RefCell};

use super::window::Window;
use crate::{
    expr::{Call, Host, Problem, Value},
    model::{
        DiscoveredArtifacts,
        url::{normalize_chart, normalize_git, normalize_image},
    },
};

/// The functions of creation criteria.
pub(super) const FUNCTIONS: [&str; 4] = ["commitFrom", "imageFrom", "chartFrom", "artifactFrom"];

/// How many different look-ups are remembered. Expressions name few; texts that are put together could be any number.
const REMEMBERED: usize = 64;

/// The windows of a discovery, ready to be asked again and again.
pub(super) struct Found<'a> {
    pub(super) windows: Vec<Window<'a>>,
    keys: Vec<String>,
    values: Vec<Vec<OnceCell<Result<Value, Problem>>>>,
    remembered: RefCell<Vec<Remembered>>,
}

struct Remembered {
    function: &'static str,
    arguments: [String; 2],
    slot: Option<usize>,
}

impl<'a> Found<'a> {
    pub(super) fn new(found: &'a DiscoveredArtifacts) -> Self {
        let windows = super::window::windows(found);
        let keys = windows.iter().map(Window::lookup_key).collect();
        let values = windows.iter().map(|window| vec![OnceCell::new(); window.len()]).collect();
        Self { windows, keys, values, remembered: RefCell::default() }
    }

    /// The slot that a function finds; results without candidates are passed over.
    pub(super) fn slot(&self, function: &str, argument: &str, chart: &str) -> Option<usize> {
        let function = FUNCTIONS.into_iter().find(|known| *known == function)?;
        let is_it = |known: &Remembered| known.function == function && known.arguments == [argument, chart];
        if let Some(known) = self.remembered.borrow().iter().find(|known| is_it(known)) {
            return known.slot;
        }
        let slot = self.find(function, argument, chart);
        let mut remembered = self.remembered.borrow_mut();
        if remembered.len() < REMEMBERED {
            let arguments = [argument.to_owned(), chart.to_owned()];
            remembered.push(Remembered { function, arguments, slot });
        }
        slot
    }

    fn find(&self, function: &str, argument: &str, chart: &str) -> Option<usize> {
        let key = match function {
            "commitFrom" => normalize_git(argument),
            "imageFrom" => normalize_image(argument),
            "chartFrom" => normalize_chart(argument),
            _ => argument.to_owned(),
        };
        let mut slots = self.windows.iter().zip(&self.keys).enumerate().filter(|(_, (window, known))| {
            let is_named = match window {
                Window::Charts(result) => chart.is_empty() || result.name.as_deref().unwrap_or_default() == chart,
                _ => true,
            };
            function_of(window) == function && is_named && **known == key && !window.is_empty()
        });
        // The reference takes the first of its kind, but the last of the others.
        let slot = if function == "artifactFrom" { slots.next_back() } else { slots.next() };
        slot.map(|(slot, _)| slot)
    }

    /// All slots that a function can find.
    pub(super) fn slots_of(&self, function: &str) -> impl Iterator<Item = usize> {
        self.windows.iter().enumerate().filter(move |(_, window)| function_of(window) == function).map(|(slot, _)| slot)
    }

    fn value(&self, slot: usize, rank: usize) -> Result<Value, Problem> {
        let made = self.values.get(slot).and_then(|values| values.get(rank)).zip(self.windows.get(slot));
        made.map_or(Ok(Value::Null), |(value, window)| value.get_or_init(|| window.value(rank)).clone())
    }
}

/// The function that finds what is in a window.
fn function_of(window: &Window<'_>) -> &'static str {
    match window {
        Window::Commits(_) => "commitFrom",
        Window::Images(_) => "imageFrom",
        Window::Charts(_) => "chartFrom",
        Window::Others(_) => "artifactFrom",
    }
}

/// One candidate of each window.
pub(super) struct Chosen<'f, 'a> {
    pub(super) found: &'f Found<'a>,
    /// Ranks in the order of the windows; a missing one is 0.
    pub(super) ranks: &'f [usize],
}

impl Host for Chosen<'_, '_> {
    fn answer(&self, function: &str, call: &Call<'_>) -> Result<Value, Problem> {
        if !FUNCTIONS.contains(&function) {
            return ().answer(function, call);
        }
        let argument = call.text(0)?;
        let chart = if call.arguments.len() > 1 { call.text(1)? } else { "" };
        let Some(slot) = self.found.slot(function, argument, chart) else { return Ok(Value::Null) };
        self.found.value(slot, self.ranks.get(slot).copied().unwrap_or_default())
    }
}
