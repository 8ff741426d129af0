//! Why freight was let through to a Stage: what it came from, and who verified or approved it.

use std::collections::{BTreeMap, BTreeSet};

use super::History;
use crate::{
    eligible::{Availability, Claim, Upstream, upstream},
    engine::{Event, Position, Recorded, state::State},
    freight::status::soak,
    model::{AvailabilityStrategy, Duration, Freight, FreightName, FreightRequest, StageName, VerdictPolicy},
    verification::End,
    why::{Node, Reason},
    world::{FreightView, StageView},
};

impl History {
    /// Why a Stage could have freight at an event. What was `told` of already is only named.
    pub(super) fn allowed(
        &self,
        stage: &StageName,
        freight: &FreightName,
        at: &Recorded,
        told: &mut BTreeSet<(StageName, FreightName)>,
    ) -> Vec<Node> {
        let before = Position::new(at.position.get().saturating_sub(1));
        let state = self.state_at(before);
        let (Ok(view), Some(piece)) = (state.world.stage(stage), state.world.freight_named(freight)) else {
            return vec![self.seen(freight)];
        };
        let question = Question { state: &state, stage: view, freight: piece, at, before };
        let request = view.requests().filter(|request| request.origin == *piece.origin()).find(|request| {
            Claim { request, claimant: view.name() }.availability(piece, state.judged_at(at.at)) == Availability::Now
        });
        let mut nodes = self.approvals(&question);
        match request {
            Some(request) => nodes.extend(self.source(&question, request, told)),
            None => nodes.push(self.seen(freight)),
        }
        nodes
    }

    /// Approvals that its policy asked for, where each of them was needed.
    fn approvals(&self, question: &Question<'_>) -> Vec<Node> {
        let required = question.stage.policy().map_or(0, |policy| policy.spec.approvals.required);
        let given = self.given(question);
        if required == 0 {
            return Vec::new();
        }
        let needed = usize::try_from(required).is_ok_and(|required| required == given.len());
        let node = Node::note(Reason::ApprovalsGiven { required });
        if !needed {
            return vec![node];
        }
        vec![node.over(given.iter().filter_map(|given| self.approval(question, *given)).collect())]
    }

    /// What the freight came from.
    fn source(
        &self,
        question: &Question<'_>,
        request: &FreightRequest,
        told: &mut BTreeSet<(StageName, FreightName)>,
    ) -> Vec<Node> {
        let name = question.freight.name();
        if request.sources.direct {
            return vec![self.seen(name)];
        }
        let claim = Claim { request, claimant: question.stage.name() };
        let soak = request.sources.required_soak_time;
        let now = question.state.judged_at(question.at.at);
        let ready = |stage: &&StageName| upstream(question.freight, stage, soak, now) == Upstream::Ready;
        let ready: Vec<&StageName> = request.sources.stages.iter().filter(ready).collect();
        let let_through = match request.sources.availability() {
            AvailabilityStrategy::All => !ready.is_empty() && ready.len() == request.sources.stages.len(),
            AvailabilityStrategy::OneOf => !ready.is_empty(),
        };
        let needs_each = request.sources.availability() == AvailabilityStrategy::All || ready.len() == 1;
        match (claim.is_approved(question.freight), let_through) {
            (false, true) if needs_each => {
                ready.into_iter().map(|upstream| self.verified(question, upstream, soak, told)).collect()
            }
            (true, false) => {
                let given = self.given(question);
                let node = match given.as_slice() {
                    // A status that was imported has no event.
                    [only] => self.approval(question, *only),
                    _ => None,
                };
                let text = || format!("{} people approved it: one would have done", given.len());
                vec![node.unwrap_or_else(|| Node::note(Reason::Fact { text: text() })).over(vec![self.seen(name)])]
            }
            (approved, _) => {
                let mut ways: Vec<String> = ready.iter().map(|stage| format!("verified in {stage}")).collect();
                if approved {
                    ways.push("approved".to_owned());
                }
                let text = format!("{}: one would have done", ways.join(", "));
                vec![Node::note(Reason::Fact { text }).labelled("allowed:").over(vec![self.seen(name)])]
            }
        }
    }

    /// That a Stage verified it, and how it got there.
    fn verified(
        &self,
        question: &Question<'_>,
        upstream: &StageName,
        required: Option<Duration>,
        told: &mut BTreeSet<(StageName, FreightName)>,
    ) -> Node {
        let name = question.freight.name();
        let visit = question.freight.visit(upstream).cloned().unwrap_or_default();
        let soaked = visit.verified().map(|verified| soak(verified, visit.since(), question.at.at)).unwrap_or_default();
        let first = visit.verified().and_then(|verified| verified.verified_at).unwrap_or_default();
        let credit = self.credit(question, upstream);
        let at = credit.map_or(first, |credit| credit.at);
        let is_new = told.insert((upstream.clone(), name.clone()));
        if let Some(passed) = credit.filter(|credit| matches!(credit.event, Event::Verified { .. })) {
            let node = Node::note(Reason::Passed { stage: upstream.clone(), at }).labelled("allowed:");
            let node = node.told_by(Some(passed.told()));
            return if is_new { node.over(self.allowed(upstream, name, passed, told)) } else { node };
        }
        let node =
            Node::note(Reason::VerifiedIn { stage: upstream.clone(), at, soaked, required }).labelled("allowed:");
        let Some(credit) = credit else {
            // More than one verdict speaks for it: none of them decided.
            return node.over(vec![self.seen(name)]);
        };
        let node = node.told_by(Some(credit.told()));
        if !is_new {
            return node;
        }
        let begun = match &credit.event {
            Event::VerdictCounted { verdict, .. } => self.index.begun(&verdict.id),
            _ => None,
        };
        let arrival = self.arrival(upstream, name, begun.unwrap_or(credit.position)).and_then(|at| self.event(at));
        let Some(arrival) = arrival else { return node.over(vec![self.seen(name)]) };
        let created = self.promotion_of(arrival).and_then(|promotion| self.creation_of(promotion));
        let got = self.got(upstream, arrival);
        node.over(vec![match created {
            Some((created, _)) => got.over(self.allowed(upstream, name, created, told)),
            None => got,
        }])
    }

    /// The event since which a Stage counts freight as verified, if that was one alone (rules 6): the first success of the
    /// only collection of which the latest verdict is one, without a break.
    fn credit(&self, question: &Question<'_>, upstream: &StageName) -> Option<&Recorded> {
        let freight = question.freight.name();
        let policy = question.state.world.stage(upstream).ok()?.policy().map(|policy| policy.spec.verdicts);
        // Of each collection: the first success of the latest run of successes, and whether that run goes on backwards.
        let mut runs: BTreeMap<&str, (Option<&Recorded>, bool)> = BTreeMap::new();
        for recorded in self.index.verdicts(upstream, question.before).filter_map(|at| self.event(at)) {
            match &recorded.event {
                Event::Verified { freight: passed, .. } if passed.contains(freight) && runs.is_empty() => {
                    return Some(recorded);
                }
                Event::VerdictCounted { collection, members, verdict, .. } if members.contains(freight) => {
                    let is_success = verdict.end == End::Successful;
                    let (first, goes_on) = runs.entry(collection.as_str()).or_insert((None, true));
                    // With `Sticky` a success counts for ever, whatever comes after it.
                    if is_success && (*goes_on || policy == Some(VerdictPolicy::Sticky)) {
                        *first = Some(recorded);
                    } else if !is_success {
                        *goes_on = false;
                    }
                }
                _ => {}
            }
        }
        let mut speaking = runs.into_values().filter_map(|(first, _)| first);
        let only = speaking.next();
        if speaking.next().is_none() { only } else { None }
    }

    /// The approvals that were given before.
    fn given(&self, question: &Question<'_>) -> Vec<Position> {
        self.index.approved(question.freight.name(), &question.stage.name().into(), question.before)
    }

    fn approval(&self, question: &Question<'_>, position: Position) -> Option<Node> {
        let recorded = self.event(position)?;
        let Event::Approved { approval } = &recorded.event else { return None };
        let reason = Reason::Approved {
            stage: question.stage.name().into(),
            at: Some(recorded.at),
            by: approval.spec.actor.clone().into_iter().collect(),
        };
        Some(Node::note(reason).told_by(Some(recorded.told())))
    }

    /// Where freight comes from.
    pub(super) fn seen(&self, name: &FreightName) -> Node {
        let Some(recorded) = self.index.freight(name).and_then(|at| self.event(at)) else {
            let short = name.get(..7).unwrap_or(name);
            return Node::note(Reason::Fact { text: format!("{short} was there before the log begins") });
        };
        let Event::FreightCreated { freight, .. } = &recorded.event else {
            return Node::note(Reason::Fact { text: "it was made".to_owned() });
        };
        let because = self.header_of(recorded).and_then(|header| match &header.event {
            Event::Reported { because, .. } => because.clone(),
            Event::Commanded { by, .. } => by.as_ref().map(|by| format!("made by {by}")),
            _ => None,
        });
        let node = Node::note(Reason::Seen { what: artifacts(freight), at: recorded.at, because });
        node.told_by(Some(recorded.told())).over(built_from(freight))
    }
}

/// Whether a Stage could have freight, at an event.
struct Question<'s> {
    state: &'s State,
    stage: StageView<'s>,
    freight: FreightView<'s>,
    at: &'s Recorded,
    /// The last event before it.
    before: Position,
}

/// What freight is made of, in a few words each.
fn artifacts(freight: &Freight) -> Vec<String> {
    let short = |id: &str| id.get(..7).unwrap_or(id).to_owned();
    let commits = freight.commits.iter().map(|commit| format!("commit {} {}", commit.repo_url, short(&commit.id)));
    let images = freight.images.iter().map(|image| format!("image {}:{}", image.repo_url, image.tag));
    let charts = freight.charts.iter().map(|chart| format!("chart {} {}", chart.repo_url, chart.version));
    let others = freight.artifacts.iter().map(|other| format!("{} {}", other.subscription_name, other.version));
    commits.chain(images).chain(charts).chain(others).collect()
}

/// What images say that they were built from.
fn built_from(freight: &Freight) -> Vec<Node> {
    let of = |image: &crate::model::Image| {
        let annotation = |key: &str| image.annotations.get(&format!("org.opencontainers.image.{key}")).cloned();
        let (source, revision) = (annotation("source")?, annotation("revision")?);
        let revision = revision.get(..7).unwrap_or(&revision).to_owned();
        Some(Node::note(Reason::BuiltFrom { source, revision }))
    };
    freight.images.iter().filter_map(of).collect()
}
