//! What should be answered, straight from the specification over the plan's numbers: no index, no shared code, no short cut.

use crate::plan::{DAY, Level, MINUTE, Plan, RequestPlan, Span, VisitPlan, WindowPlan};

/// Control 1.1, with traps 9 and 11 mended (rules 7) and verifications that can be withdrawn (rules 6).
pub fn is_available(plan: &Plan, stage: usize, freight: usize, now: i64) -> bool {
    let piece = &plan.freight[freight];
    for request in requests(plan, stage).filter(|request| request.origin == piece.origin) {
        let by_status = piece.visits.get(&stage).is_some_and(|visit| visit.approved);
        let by_object = plan.approvals.iter().any(|approval| approval.freight == freight && approval.stage == stage);
        if by_status || by_object || request.direct {
            return true;
        }
        let mut each = request
            .upstreams
            .iter()
            .map(|upstream| is_ok(plan, piece.visits.get(upstream), *upstream, request.soak, now));
        if request.needs_all == Some(true) {
            return !request.upstreams.is_empty() && each.all(|ok| ok);
        }
        if each.any(|ok| ok) {
            return true;
        }
    }
    false
}

pub fn requests(plan: &Plan, stage: usize) -> impl Iterator<Item = &RequestPlan> {
    plan.stages[stage].requests.iter().chain(&plan.stages[stage].more_requests)
}

fn is_ok(plan: &Plan, visit: Option<&VisitPlan>, stage: usize, soak: Option<i64>, now: i64) -> bool {
    let Some(visit) = visit else { return false };
    let Some(longest) = visit.verified.filter(|_| !visit.withdrawn) else { return false };
    let current = since(plan, visit, stage).map_or(0, |since| (now - since).max(0));
    soak.is_none_or(|soak| (longest.unwrap_or(0) * MINUTE).max(current) >= soak * MINUTE)
}

/// Since when it soaks there: since it entered; where nothing stays, since it passed.
pub fn since(plan: &Plan, visit: &VisitPlan, stage: usize) -> Option<i64> {
    if has_steps(plan, stage) {
        visit.current.flatten()
    } else {
        visit.verified_at.filter(|_| visit.verified.is_some())
    }
}

/// Whether there is such a Stage, and anything stays in it.
pub fn has_steps(plan: &Plan, stage: usize) -> bool {
    plan.stages.get(stage).is_none_or(|stage| stage.has_steps)
}

/// All gates (control 2.6; rules 7 and 11).
pub fn is_admitted(plan: &Plan, stage: usize, freight: usize, now: i64) -> bool {
    let spec = &plan.stages[stage];
    let is_rejected = plan.rejections.values().any(|rejection| {
        rejection.freight == freight && (rejection.stages.is_empty() || rejection.stages.contains(&stage))
    });
    let is_paused = plan
        .pauses
        .values()
        .any(|pause| pause.stage.is_none_or(|of| of == stage) && pause.until.is_none_or(|until| now < until * MINUTE));
    spec.has_steps
        && is_available(plan, stage, freight, now)
        && !is_rejected
        && !is_paused
        && approvers(plan, stage, freight).len() >= spec.required as usize
        && is_open(plan, stage, now)
}

/// Those who approved it and whose approval counts.
pub fn approvers(plan: &Plan, stage: usize, freight: usize) -> Vec<&'static str> {
    let of_it = plan.approvals.iter().filter(|approval| approval.freight == freight && approval.stage == stage);
    let mut actors: Vec<_> = of_it.map(|approval| approval.actor).filter(|actor| counts(plan, stage, actor)).collect();
    actors.sort_unstable();
    actors.dedup();
    actors
}

/// Whether somebody's approval counts.
pub fn counts(plan: &Plan, stage: usize, actor: &str) -> bool {
    let patterns = &plan.stages[stage].actors;
    let matches = |pattern: &usize| match pattern {
        0 => actor == "email:ana@acme.example",
        1 => actor.starts_with("team-"),
        2 => actor.starts_with("ops"),
        4 => actor == "bob",
        _ => false,
    };
    !actor.is_empty() && (patterns.is_empty() || patterns.iter().any(matches))
}

/// Control 2.6: open if nothing denies, and something allows or nothing can.
fn is_open(plan: &Plan, stage: usize, now: i64) -> bool {
    let windows: Vec<_> = concerning(plan, stage).collect();
    let allows = |window: &&&WindowPlan| !window.denies;
    windows.iter().all(|window| !matches!(window.span, Span::Unreadable))
        && !windows.iter().any(|window| window.denies && is_active(window.span, now))
        && (windows.iter().filter(allows).count() == 0
            || windows.iter().filter(allows).any(|window| is_active(window.span, now)))
}

pub fn concerning(plan: &Plan, stage: usize) -> impl Iterator<Item = &WindowPlan> {
    plan.windows.values().filter(move |window| match window.level {
        Level::Project(only) | Level::Cluster(only) => only.is_none_or(|of| of == stage),
        Level::Own(of) => of == stage,
    })
}

fn is_active(span: Span, now: i64) -> bool {
    match span {
        Span::Unreadable => false,
        Span::Always => true,
        Span::From(from) => from * MINUTE <= now,
        Span::Until(until) => now < until * MINUTE,
        Span::Once(from, until) => from * MINUTE <= now && now < until * MINUTE,
        Span::Daily { start, length, count } => {
            let since = now - start * MINUTE;
            let day = since.div_euclid(DAY * MINUTE);
            since >= 0 && count.is_none_or(|count| day < count) && since.rem_euclid(DAY * MINUTE) < length * MINUTE
        }
    }
}

/// All instants from now on, in order, at which an answer about the freight and the Stage may change by itself, or would after
/// it entered or was verified somewhere now. Of windows that come every day those of five days.
pub fn instants(plan: &Plan, stage: usize, freight: usize) -> Vec<i64> {
    let mut found = Vec::new();
    for request in requests(plan, stage) {
        let Some(soak) = request.soak else { continue };
        found.push(plan.now + soak * MINUTE);
        for upstream in &request.upstreams {
            let visit = plan.freight[freight].visits.get(upstream);
            let since = visit.and_then(|visit| since(plan, visit, *upstream));
            found.extend(since.map(|since| since + soak * MINUTE));
        }
    }
    found.extend(plan.pauses.values().filter_map(|pause| pause.until).map(|until| until * MINUTE));
    for window in concerning(plan, stage) {
        match window.span {
            Span::Unreadable | Span::Always => {}
            Span::From(at) | Span::Until(at) => found.push(at * MINUTE),
            Span::Once(from, until) => found.extend([from * MINUTE, until * MINUTE]),
            Span::Daily { start, length, count } => {
                let days = count.unwrap_or(5).min(5);
                let starts = (0..days).map(|day| start + day * DAY);
                found.extend(starts.flat_map(|start| [start * MINUTE, (start + length) * MINUTE]));
            }
        }
    }
    found.retain(|at| *at > plan.now);
    found.sort_unstable();
    found.dedup();
    found
}
