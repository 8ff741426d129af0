//! Where we differ from Kargo on purpose, each with its reason.
//!
//! | what | Kargo | here | why |
//! | --- | --- | --- | --- |
//! | a field that the schema does not know | dropped in silence | a warning with the nearest name; an error under `--strict` | it is a typing mistake nearly always |
//! | a key written twice | the last one wins, or an error, depending on the tool | an error | nobody means it |
//! | a key that overrides a merged one (`<<`) | refused by strict readers | allowed, as YAML's merge says | that is what merge keys are for |
//! | upstream Stages, origins and tasks that do not exist; circles; Stages that wait for themselves | accepted | errors (tasks: a warning) | such a pipeline never works |
//! | a request with neither direct nor upstream sources | accepted; with `All` everything is available | a warning: by approval only | it is rarely meant, and never as Kargo reads it |
//! | a regular expression, glob or index operator that cannot be read | accepted, fails whenever it is used | an error | it fails on every run |
//! | `allowTags`, `ignoreTags` | accepted, discovery fails | an error, with the field to use | the same, earlier |
//! | a webhook receiver with harbor and another provider | accepted, one is used | a warning | Kargo forgets to count harbor |
//! | a webhook receiver without provider | accepted, every sync fails | an error | the same, earlier |
//! | a namespace-less object | belongs to the namespace it is applied to | belongs to the only project of the set; else to a project without name | there is no cluster to ask |
//! | a Stage's request of a Junction | the schema knows Warehouses only | accepted inline, and in a StagePolicy | Junctions are ours |
//! | two steps of one alias after tasks are expanded | accepted; they share one record and one output | no promotion is made | neither could be read |
//! | an expression that fails on every run | found when the step runs | an error before anything is applied; what may fail is a warning | nobody should learn it at night |
//! | consecutive errors of a step | counted all together | counted in a row: a good attempt resets the count | that is what the documentation says |
//! | a step that fails without an error | is still running, for ever | has failed; only waiting waits | a promotion that cannot end is no promotion |
//! | a step that reports itself Aborted, or an illegal status | ends the promotion oddly | cannot be said | a report is one of five outcomes |
//! | a step's timeout | looked at after its next run | fires at its instant, also while it waits or backs off; a run under way may end first | exact timers need no poll |
//! | the pause after an error | from 5 ms | 5 s, doubling to 5 min, with jitter; not before what the peer asked for | thresholds must not burn in a blink |
//! | a lost work tree | everything runs again from the first step | the steps that wrote it since the last checkpoint run again, pinned, and must put out the same | nothing acts twice |
//! | a value made from a secret | stored in the promotion's status | stored as the template it comes from | nothing secret is stored |
//! | freight of other origins that a promotion carries along | what was tried last | what the Stage holds | what failed is not there |
//! | a subscription that cannot be looked at | the whole discovery fails | it is reported and its result stays; the others are looked at | one registry that is down stops nobody |
//! | a broken image, a commit that a filter fails on | the whole discovery fails | it is reported and passed over | the same |
//! | more than 1,000 matching tags | cloned at every look | nothing is recorded, but what moved is noticed all the same | it costs nothing to know |
//! | the listing of refs fails | a clone all the same, at every look | an error: nothing else is asked | a remote that is down is left alone |
//! | `cacheByTag` | never noticed if it is wrong | one known tag is checked at each look; more, or none, by policy | a promise is worth checking |
//! | `stepMetas` in expressions | there, undocumented | nil; [`status()`](crate::promotion) tells | it cannot be promised |
//! | the number of inner variables of a task's steps | later steps may overwrite those of earlier ones | each step has its own | it is a mistake in Kargo |
//! | the newest artifacts do not meet the creation criteria | no freight | with `join` in a WarehousePolicy, the newest combination that meets them | a commit whose images are late must not block an older, complete set |
//! | names of subscriptions, when people put freight together | left out, so the same artifacts become other freight | kept | the same artifacts are the same freight |
//! | a verification that a person stops | Failed | Aborted at once; how its run ends is noted beside | a person's choice says nothing of the freight |
//! | a verification whose start fails for a moment | Error, until somebody asks again | started again, after a pause, for as long as it takes | an outage should cost time, not work |
//! | a success whose verification is repeated and fails | stays verified | withdrawn, unless another combination vouches for it; `verdicts: Sticky` keeps Kargo's rule | what is known to be bad should not go further |
//! | an older result of the same combination | used again, failures too, unless anybody ever asked for a repetition | a failure never; a success with `verification.reuse: SameContent` | a result should not depend on a forgotten click |
//! | a run that cannot be seen | Error after about six minutes | the same after seven looks, about five minutes | the pauses are those of every error |
//! | the condition Verified | True once any verification of the collection succeeded | True while the latest verdict is Successful | it should say what counts |
//! | when a verification finished | as the run says | the same, but neither in the future nor before the start | clocks of peers differ |
//! | a health check that answers with an unknown state | as good as Healthy, by the order of checks | Unknown, with an issue | what is not understood is not health |
//! | a promotion policy whose pattern cannot be read | the evaluation fails, again and again | automation is off there, with that reason; holds stay until it can be read | one typing mistake stops no verification, and frees no pinned Stage |
//! | freight that somebody rejected, or that is not meant for automation | no such thing | automation passes it over and takes the next | one bad image stops no line |
//! | the newest available freight is older than what is there | it is promoted | never, with NewestFreight; MatchUpstream follows in both directions | nobody expects automation to roll back |
//! | freight that is there does not exist any more | every evaluation fails | the Stage goes on | one deletion stops nothing |
//! | a hold whose promotion failed | documented as not established, done all the same | established; an abort establishes none | it protects what a person chose |
//! | the order of a queue | by name | rollbacks, then people, then automation; in each the order of creation | names are clocks, and clocks differ |
//! | automatic promotions that wait in a queue | all run | all, or the latest alone, as the StagePolicy says | nobody waits for what is outdated |
//! | the gate before the next promotion | judged on the health of the pass before; the same for all | judged on fresh health; automation also waits, for a while, for what is coming up; people do not wait, and stop the verification | nothing passes unverified by accident, and a person is not kept waiting |
//! | freight that is not available any more | asked at every pass: a running promotion fails | asked at creation and at the start: a window or a pause is waited for, anything else ends it, as Withdrawn if it was automatic | an edit kills nothing that runs |
//! | a promotion that was stopped before it ran | becomes the last one: hides successes, blocks verification | leaves no trace | nothing happened |
//! | a promotion by hand whose freight may not go there any more when it is its turn | becomes the last one: blocks health and verification of what is there | ends Errored and leaves the place as it is, but for its hold | nothing happened |
//! | a way back while something is under way | waits | stops it, once it may begin itself: not in a Stage that is paused | going back should not wait for what is wrong |
//! | a Warehouse that does not exist | the listing for a Stage that requests of it fails | the freight that is there is listed and promoted | what is gone stops nobody |
//! | approving freight again | changes nothing | by somebody else it is an approval beside the first | policies count people |
//! | health after a promotion that failed | Unknown | the same; a verification that somebody asks for waits for the next success | what half of it did is not known |
//! | which ended promotions the Stage does not know yet | those of a greater name | those that ended later | the queue's order is not that of names |
//! | automatic promotions that were replaced or withdrawn | no such thing | do not count as failures | nothing was tried |
//! | a failure of several origins together | no such thing | bars that set alone; each may be tried for itself | the others may be innocent |
//! | garbage collection | every hour, without a trace | at the instant at which something is due, as an event; how much is kept is said for each project | exact timers need no poll, and the log loses nothing |
//! | freight that a queued promotion brings | may be collected, and the promotion fails | kept until the promotion has ended | what somebody asked for should not be taken away |
//! | a failed promotion, when it is old | collected, and automation tries its freight again | kept while its freight exists and nothing else was heard of it | what failed does not become good by age |
//! | automatic rollback | in the Enterprise edition, one origin after the other | all origins by one promotion, or those that changed (`rollback.scope`); also where nothing becomes healthy (`rollback.onUnhealthy`) | half a way back is a combination that nobody has tested |
//! | a way back that fails | another one may follow, to other freight | people decide | two failures in a row are no case for automation |
//! | names of automatic promotions | from the clock and chance | from Stage, freight, attempt and the names before | of two who race, one is refused |
//! | a soak in a Stage without steps | never ends, for nothing is ever in it | runs from when the freight passed | such a gate is there to make freight wait |
//! | an alias that several pieces of freight have | the first that is found | refused, with all that may be meant | nobody should promote the wrong one |
//! | windows, pauses, soaks and waits that end | noticed within five minutes, or by accident | noticed at their instant | exact timers need no poll |
//! | what waits outside | looked at every few minutes, told or not | looked at only while nobody tells: a source was not heard for 10 s, or there is none | nothing polls what can be told |
//! | a deleted Stage whose verification runs | the run goes on | the run is stopped | nobody would look at it |
//! | bytes of a shortened label or name | cut anywhere | cut between characters | half a character is no text |
//!
//! Kept as they are, odd or not: ids hash the image's URL as written but git and chart URLs in normal form, where `https://` loses
//! a slash; a commit's tag takes part and its branch does not; soak counts from entry; unknown phases are preserved.
