//! The list of invariants, with their numbers in control section 13.

use super::{
    Check, Invariant, automation, availability, collecting, health, holds, places, promotions, steps, verdicts,
    verification, whole,
};

macro_rules! invariants {
    ($($number:literal $name:literal $kind:ident $check:path: $says:literal;)+) => {
        /// The invariants of control section 13 that hold of an engine, restated where rules.md changes them. Some have two sides.
        pub const ALL: &[Invariant] = &[
            $(Invariant { number: $number, name: $name, says: $says, check: Check::$kind($check) },)+
        ];
    };
}

invariants! {
    1 "one runs" Batch promotions::one_runs: "In a place at most one promotion runs, and it is the current one.";
    2 "ends are final" Batch promotions::ends_are_final: "A promotion that ended stays as it ended.";
    3 "phases go one way" Event promotions::phases_go_one_way: "Pending, Running, an end; from Pending to Aborted, or to Errored where it may not start any more (rules 7).";
    4 "starts are told" Log promotions::starts_are_told: "A promotion that ended says when it began if and only if it did.";
    5 "ends are told" Batch promotions::ends_are_told: "It says when it ended if and only if it did, and not before its beginning.";
    6 "what never ran" Batch promotions::never_ran: "A promotion that never ran ends Aborted, or Errored where it may not start any more (rules 7).";
    7 "was available" Event automation::was_available: "What a promotion promotes was available to its Stage when it was made.";
    8 "moves by success" Batch places::moves_by_success: "What a place holds changes only when a success is taken over, and is what that promotion was to bring.";
    9 "taken over once" Log places::once_each: "Every success is taken over exactly once, and nothing else is.";
    10 "ten at most" Batch places::ten_at_most: "Ten collections and ten verifications of each are remembered.";
    11 "both sides agree" Batch places::both_sides_agree: "Freight says that it is in a Stage if and only if the Stage holds it.";
    12 "one of each origin" Event places::one_of_each_origin: "A collection has one piece of freight for each origin, and only origins requested when it was made.";
    13 "ids are of members" Batch places::ids_are_of_members: "A collection's id follows from its members' names, in whatever order.";
    14 "others stay" Event places::others_stay: "A promotion leaves freight of other origins as it is deployed.";
    15 "first time stays" Batch verdicts::first_time_stays: "The instant of the first verification stays until the Stage is gone, also while a verdict withdraws it (rules 6).";
    16 "soaks only grow" Batch verdicts::soaks_only_grow: "The longest soak of freight in a Stage never becomes shorter.";
    17 "unverified soaks nothing" Batch verdicts::unverified_soaks_nothing: "Freight that is not verified in a Stage has not soaked there.";
    18 "stays available" Batch availability::stays_available: "What is available stays so, until a definition changes or a verdict withdraws it (rules 6).";
    19 "approvals open" World availability::approvals_open: "An approval makes freight available if and only if the Stage requests its origin.";
    20 "direct is direct" World availability::direct_is_direct: "What a Stage takes directly is available to it, whatever its status.";
    21 "lists agree" World availability::lists_agree: "The list of what is available is exactly what is available.";
    22 "only where it is on" Event automation::only_where_on: "Automation makes nothing where it is off.";
    23 "holds bind" Event automation::holds_bind: "Automation makes nothing for an origin that is held.";
    24 "not what is there" Event automation::not_what_is_there: "Automation does not promote what is there.";
    25 "not what is under way" Event automation::not_what_is_under_way: "Automation does not promote what a promotion that has not ended brings.";
    26 "not what failed" Event automation::not_what_failed: "Automation does not try again what failed until a promotion of it succeeds; what was replaced or withdrawn did not fail (rules 6 and 7).";
    27 "no intents" Event automation::no_intents: "Automation's own promotions neither establish nor release a hold.";
    28 "no holds without automation" Batch holds::none_without_automation: "Where automation is off there are no holds.";
    29 "holds of requested origins" Batch holds::of_requested_origins: "Holds are on origins that the Stage requests.";
    30 "aborted changes no hold" Event holds::aborted_changes_none: "An aborted promotion changes no hold.";
    31 "holds outlive promotions" World holds::outlive_promotions: "Without promotions that ended the holds are the same.";
    32 "newest intent counts" Batch holds::newest_intent_counts: "Of each origin the newest intent of promotions that have not ended counts, else what ended ones left.";
    33 "verification first" Event automation::verification_first: "No promotion gets its turn while what is there is being verified; a person's stops that first (rules 7).";
    34 "verdict first" Event automation::verdict_first: "Where all is healthy, automation waits for a verdict on what is there; a person does not (rules 7).";
    35 "begins when healthy" Event verification::begins_when_healthy: "Verification begins where health is Healthy and no promotion is current.";
    36 "credit is earned" Event verification::credit_is_earned: "A success credits freight where health is Healthy and it is the newest verdict.";
    36 "only by verdict" Batch verification::only_by_verdict: "Nothing becomes verified in a Stage with steps without such a verdict.";
    37 "withdraws its own alone" Event verdicts::withdraws_its_own_alone: "A failed verification withdraws only what that collection alone had credited (rules 6).";
    38 "newest alone is open" Batch verification::newest_alone_is_open: "Of the verifications of a collection at most the newest is open.";
    39 "unknown meanwhile" Batch health::unknown_meanwhile: "Health is Unknown while a promotion is current, and where the last did not succeed.";
    40 "worst part" Batch health::worst_part: "Health of the whole is that of its worst part, in whatever order.";
    41 "in order" Log steps::in_order: "Steps begin in order, and one that is over runs again only where its work tree was lost.";
    42 "worst step counts" Event steps::worst_step_counts: "A promotion ends as its worst step without those that may fail.";
    43 "none after a failure" Log steps::none_after_a_failure: "A step without a condition does not start after one that failed and counts.";
    44 "errors are bounded" Log steps::errors_are_bounded: "A step has no more consecutive errors than its threshold (rules 3).";
    45 "deadlines hold" Log steps::deadlines_hold: "A step that waits is over when its time is; looks at it are 10 s apart or more.";
    46 "ended long ago" Event collecting::ended_long_ago: "Only promotions are taken out that ended, old enough, behind enough others and behind the oldest that has not ended.";
    47 "needed by nobody" Event collecting::needed_by_nobody: "Only freight is taken out that is in no Stage and that no promotion brings (rules 7, trap 39), old enough and behind enough that is newer.";
    48 "what is held exists" World places::what_is_held_exists: "Freight that a place holds exists.";
    49 "rests" Engine whole::rests: "A second look at the same instant finds nothing to do.";
    50 "orders agree" Engine whole::orders_agree: "Independent inputs come to the same in either order.";
    52 "end once" Log whole::end_once: "Every promotion and every verification ends exactly once, and the log says so.";
    53 "aborts are idempotent" Engine whole::aborts_are_idempotent: "Aborting what has ended changes nothing.";
    54 "follows upstream" Event automation::follows_upstream: "What follows an upstream takes what is there when it decides.";
    55 "without steps" World places::without_steps: "A Stage without steps has no open promotion, holds nothing, and no freight says that it is there; where it lost its steps, as soon as what runs has ended.";
    56 "alive" Engine whole::alive: "Whatever waits has something that ends it.";
}

/// The invariants that no check here looks at, and why.
pub const ELSEWHERE: &[(u8, &str)] =
    &[(51, "two runs of one seed are compared byte by byte, and every run with its replay")];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn control_13_has_56_invariants_and_each_is_here() {
        let here: BTreeSet<u8> =
            ALL.iter().map(|invariant| invariant.number).chain(ELSEWHERE.iter().map(|(number, _)| *number)).collect();
        assert_eq!(here.into_iter().collect::<Vec<_>>(), (1..=56).collect::<Vec<_>>());
        let titles: BTreeSet<String> = ALL.iter().map(Invariant::title).collect();
        assert_eq!(titles.len(), ALL.len());
    }
}
