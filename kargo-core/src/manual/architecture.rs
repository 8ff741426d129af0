//! The laws, the modules, and which way their arrows run.
//!
//! # Laws
//!
//! 1. **The core is pure.** No I/O, clock, randomness, threads, environment or async runtime. Time is an argument. Lints
//!    refuse the standard library's doors to the outside; a script looks at the dependency tree.
//! 2. **Nothing is lost, nothing hides.** A reader goes on after a mistake, reports every mistake with its place, and leaves
//!    out only the object that has it. Checks over a whole set know which objects are missing for that reason, so that one
//!    mistake does not cause a second.
//! 3. **Deterministic.** Same input, same bytes. There is no table with random hash order in the crate.
//! 4. **No panic on input.** Texts have limits of size, depth and number ([`manifest::limits`](crate::manifest::limits)), each
//!    a clear error. Nothing that a file can influence is unwrapped.
//! 5. **Cost follows size, once.** Reading, building and checking are linear; a closure costs what its answer holds.
//! 6. **Other people's libraries stay inside.** petgraph, the YAML parser and the YAML writer do not show in any signature.
//!
//! # Modules
//!
//! Each may use those before it, and none after it; a test reads the `use` lines.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`model`](crate::model) | the nouns as Kargo's manifests spell them; names, URLs, spans, diagnostics |
//! | [`calendar`](crate::calendar) | recurrence rules, windows, schedules: when something is open |
//! | [`expr`](crate::expr) | the expression language, templates, sealed values; signatures of Kargo's functions |
//! | [`select`](crate::select) | versions, version constraints, patterns of names and paths |
//! | [`freight`](crate::freight) | ids, aliases, histories, orders; new freight, by itself, by hand or derived; the join search |
//! | [`manifest`](crate::manifest) | YAML in and out, defaults (freight is named by its id), checks of documents |
//! | [`pipeline`](crate::pipeline) | the stage graph: build, check (expressions too), query, compare, draw |
//! | [`report`](crate::report) | what the world may say: step reports, wake keys, declarations of step kinds |
//! | [`why`](crate::why) | yes, no or not yet as a tree of typed reasons, with what would change it |
//! | [`world`](crate::world) | the nouns of one project and what happens to them; indexes, views; no rules |
//! | [`eligible`](crate::eligible) | whether freight is available to a place, or when; listing |
//! | [`admit`](crate::admit) | whether something may start now: eligible, and rejections, pauses, windows, approvals, holds |
//! | [`promotion`](crate::promotion) | making a promotion, carrying it out, dry run; see [promotions](super::promotions) |
//! | [`verification`](crate::verification) | the verification machine, verdicts of a place, health of a place |
//! | [`policy`](crate::policy) | what happens by itself in a Stage: candidates, automation, the queue, `evaluate` |
//! | [`command`](crate::command) | what somebody may ask: builders |
//! | [`engine`](crate::engine) | events, `apply`, decisions to their fixed point, work and its lanes, replay, snapshots, plans, notices, history |
//! | [`port`](crate::port) | the traits of the outside world, with their contracts |
//! | `discover` | what subscriptions select, asked over the ports as little as possible (feature `driver`) |
//! | [`manual`](crate::manual) | these essays |
//!
//! # How a text becomes a pipeline
//!
//! The text is cut into documents at its `---` lines, each document parsed into nodes that know their places. Tables say
//! which fields a kind has and what they look like (`manifest/schema`); decoding a document along its table reports every
//! mistake of structure and fills in defaults. Rules between fields (`manifest/check`) look at the nodes, not at the noun, so
//! they speak even when something else in the document is wrong. Only then the noun is read, and its places are kept
//! beside it, outside its equality. [`Pipeline::check`](crate::Pipeline::check) takes the nouns of one project, resolves names,
//! and finds what no document alone can show.
//!
//! # How an input becomes events, and events work
//!
//! A command, a report or a tick is decided upon in a draft over the state: every event is applied as soon as it is decided, and
//! says what it touches (a Stage, a Stage for one piece of freight, a Warehouse, what may be collected). What is touched is settled
//! in that order: health, verification, the queue, the way back, automation, until nothing follows. So a batch of events is a fixed
//! point, and a replay only applies. Events carry what was decided, never a rule, so that a log means the same under later rules. A batch begins with the command or
//! the report, written only if something followed; each event names the one that led to it.
//!
//! State is what events make: the world, the runs of promotions, verifications, verdicts, counters of ids. Work that is owed and
//! the instants at which something is due are found out from it after each batch, for what the batch was about alone, and after a
//! replay for everything. Looks (discovery, health, polls) are neither owed nor recorded; what they find is, if it is news.
//!
//! Which wake sources are heard, when something was looked at last and what was asked to stop stand beside the state and are never
//! replayed: a heartbeat leaves no event. After a replay nobody is heard, every look is due, and what is being stopped is asked again.
//!
//! What nouns say and what happens to them are kept apart in the world ([`PlaceState`](crate::world::PlaceState),
//! [`Visits`](crate::world::Visits)): definitions are replaced as a whole, states are edited in place together with the indexes
//! over them.
//!
//! # What a fork copies
//!
//! The tables and indexes of the world and of the engine are B+ trees whose nodes are shared between clones and copied when one of
//! them is changed (`imbl`, behind `world/shared`). A fork copies their roots, so it costs the same whatever there is, and is the
//! way to read or to try something while the engine goes on. Four structures were measured with `benches/tables.rs`, a million
//! names as long as a digest to pointers, on two cores of a shared virtual machine:
//!
//! | | fork | bytes a fork | look-up | page of 50 | change | change after a fork | insert | bytes an entry |
//! | --- | --: | --: | --: | --: | --: | --: | --: | --: |
//! | `BTreeMap` of std | 164 ms | 38.8 MB | 1.8 µs | 5.5 µs | 2.7 µs | 19 µs | 1.4 µs | 38 |
//! | `OrdMap` of imbl | 17 ns | < 32 | 2.7 µs | 9.1 µs | 2.8 µs | 6.8 µs | 1.9 µs | 40 |
//! | `RedBlackTreeMapSync` of rpds | 2 ns | < 32 | 7.3 µs | 43 µs | 7.4 µs | 11 µs | 8.1 µs | 111 |
//! | chunks of 256 under numbers, names in an `OrdMap` | 139 µs | 112 KB | 2.4 µs | 12 µs | 2.4 µs | 15 µs | 1.8 µs | 48 |
//!
//! A table in chunks is forked in time that grows with it, and one alone of a million entries spends the budget of a whole fork;
//! red-black trees hold one entry in each node, and what is walked over them is slow. So it is `imbl`, whose look-ups cost half as
//! much again as those of std. Its nodes have room for sixteen entries, which decides how indexes look: many small sets are one set
//! of pairs, keys that would be long are numbers, and large values stand behind pointers.
//!
//! A text is elsewhere in memory, and in a large table each comparison on the way down looks at another one. So Stages, promotions,
//! Warehouses, places, queues and lists are kept under a number that follows from the name, and the name is looked at where the
//! numbers are equal (`world/keyed`). What is told by name is sorted when it is told. The numbers of freight are the first bytes of its
//! names, which are digests already, so that freight is found by the beginning of its name.
//!
//! # Two libraries for YAML
//!
//! Reading needs every scalar as written, with its place, and must go on after a mistake; so the nodes are built from the events
//! of `granit-parser`, the parser under `serde-saphyr`. Unquoted words mean what `kubectl` reads (YAML 1.1 with Go's
//! numbers), by a table that was recorded from the reader of Kubernetes' tools. Writing goes through `serde-saphyr`, which
//! quotes whatever any YAML version could take for something else.
