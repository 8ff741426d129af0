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
//! | [`world`](crate::world) | the nouns of one project with their status; views |
//! | [`promotion`](crate::promotion) | making a promotion, carrying it out, dry run; see [promotions](super::promotions) |
//! | [`verification`](crate::verification) | the verification machine, verdicts of a place, health of a place |
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
//! # Two libraries for YAML
//!
//! Reading needs every scalar as written, with its place, and must go on after a mistake; so the nodes are built from the events
//! of `granit-parser`, the parser under `serde-saphyr`. Unquoted words mean what `kubectl` reads (YAML 1.1 with Go's
//! numbers), by a table that was recorded from the reader of Kubernetes' tools. Writing goes through `serde-saphyr`, which
//! quotes whatever any YAML version could take for something else.
