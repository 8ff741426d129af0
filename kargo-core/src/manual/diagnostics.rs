//! Every code, what it means and the way out.
//!
//! A code never changes its meaning. `K01..` are about documents, `K02..` about the graph, `K03..` about selection, `K04..` about
//! expressions. Errors are what
//! Kargo would refuse or fail on at every run; everything else is a warning.
//!
//! # Documents
//!
//! ## K0101: the text is not YAML
//!
//! The text is not YAML. The reader stops at the mark; the other documents of the file are still read.
//!
//! *Way out:* Tabs used for indentation, a missing quote, a bracket that is never closed.
//!
//! ## K0102: the file cannot be read as text
//!
//! A file cannot be read, or is not UTF-8 text.
//!
//! *Way out:* Check the path and its permissions; save the file as UTF-8.
//!
//! ## K0103: a limit was exceeded
//!
//! A limit of [`manifest::limits`](crate::manifest::limits) was exceeded: size, depth, aliases, values.
//!
//! *Way out:* Split the document; write repeated values out.
//!
//! ## K0104: a key is written twice
//!
//! A key stands twice in one object.
//!
//! *Way out:* Keep one of the two.
//!
//! ## K0105: the document is not a Kubernetes object
//!
//! A document has no `apiVersion` or no `kind`. One with neither is somebody else's file, and kept aside with a warning.
//!
//! *Way out:* Every document is a Kubernetes object, or a `List` of some.
//!
//! ## K0106: a value has the wrong type
//!
//! A value has the wrong type: a number where text is meant, text where a list is meant.
//!
//! *Way out:* Quote texts that look like numbers or truth values: `tag: "1.10"`.
//!
//! ## K0107: a required field is missing
//!
//! A required field is missing.
//!
//! *Way out:* Write it; the message says what it is called.
//!
//! ## K0108: the schema has no such field
//!
//! The schema has no such field, and Kargo drops it in silence.
//!
//! *Way out:* Often a typing mistake: the nearest name is suggested. An error under `--strict`.
//!
//! ## K0109: a value is not one of those allowed
//!
//! A text is not one of those allowed.
//!
//! *Way out:* Capitals count: `Automatic`, not `automatic`.
//!
//! ## K0110: a text does not have the required form
//!
//! A text does not have the form its field asks for: name, URL, duration, time, digest.
//!
//! *Way out:* The label at the mark shows the form.
//!
//! ## K0111: a value is out of range
//!
//! A number is too small or too large, a list too short or too long, a text empty.
//!
//! *Way out:* The label shows the range.
//!
//! ## K0112: fields exclude or need one another
//!
//! Fields exclude or need one another: a step with both `uses` and `task`, a promotion with neither `freight` nor `origin`.
//!
//! *Way out:* The help says which to keep.
//!
//! ## K0113: an entry occurs twice
//!
//! An entry of a list occurs twice where it must be unique.
//!
//! *Way out:* Keep one of the two.
//!
//! ## K0114: a field is deprecated
//!
//! A field or a spelling is deprecated; it is read all the same.
//!
//! *Way out:* The help shows the new spelling.
//!
//! ## K0115: a field was removed and stops discovery
//!
//! A field was removed, and discovery fails while it is set.
//!
//! *Way out:* Use the field that replaced it.
//!
//! ## K0116: the object's name is fixed by a rule
//!
//! The object's name is fixed: a ClusterConfig is `cluster`, a ProjectConfig is named as its namespace.
//!
//! *Way out:* Rename it.
//!
//! ## K0117: an object is defined twice
//!
//! The same object is defined twice in the set.
//!
//! *Way out:* Keep one, or check the files one by one (`--documents-only`).
//!
//! ## K0118: a step alias is reserved
//!
//! `step-<n>` and `task-<n>` are the aliases of steps without one.
//!
//! *Way out:* Choose a word of your own.
//!
//! ## K0119: an extension is not known
//!
//! A kind, field or annotation of ours is not known. It is refused, never dropped.
//!
//! *Way out:* The nearest name is suggested; see [`extensions`](super::extensions).
//!
//! ## K0120: no subscriber handles this subscription type
//!
//! No subscriber handles subscriptions of this type.
//!
//! *Way out:* `git`, `image` and `chart` are built in.
//!
//! ## K0121: a name does not equal the computed id
//!
//! Freight is named differently from the id of its artifacts; Kargo replaces the name, and so does the reader.
//!
//! *Way out:* Write the id, or leave the name out.
//!
//! ## K0122: there is nothing to read
//!
//! There is no document in what was read.
//!
//! *Way out:* Check the path.
//!
//! ## K0123: more mistakes were found than are listed
//!
//! A text has more mistakes than are listed.
//!
//! *Way out:* Mend those listed and check again.
//!
//! # Graph
//!
//! ## K0201: an upstream Stage does not exist
//!
//! A Stage or Junction takes freight from a Stage that does not exist.
//!
//! *Way out:* The nearest name is suggested.
//!
//! ## K0202: an origin does not exist
//!
//! Freight is requested of a Warehouse or Junction that does not exist.
//!
//! *Way out:* The nearest name is suggested.
//!
//! ## K0203: Stages or Junctions wait for one another in a circle
//!
//! Stages or Junctions wait for one another in a circle, named in order.
//!
//! *Way out:* Break it at one of the edges named.
//!
//! ## K0204: an upstream Stage can never hold the requested origin
//!
//! An upstream Stage does not request the origin, so it can never hold its freight.
//!
//! *Way out:* Request the origin there too, or choose another upstream.
//!
//! ## K0205: an origin is requested twice
//!
//! Freight of one origin is requested twice by the same Stage or Junction.
//!
//! *Way out:* One request for each origin; list all upstream Stages in it.
//!
//! ## K0206: only an approval can satisfy a request
//!
//! A request has no sources, so only an approval can satisfy it.
//!
//! *Way out:* Write `direct: true` or `stages`, or approve by hand.
//!
//! ## K0207: no freight can reach the Stage
//!
//! No freight can reach the Stage without an approval.
//!
//! *Way out:* Look at its sources, and at theirs.
//!
//! ## K0208: a task is not among the documents
//!
//! A task is not among the documents. It may exist in the cluster.
//!
//! *Way out:* Add its document to the set, or mend the name.
//!
//! ## K0209: an object is about something that is not among the documents
//!
//! A policy, a pause, a promotion is about a Stage, Warehouse or freight that is not among the documents.
//!
//! *Way out:* Add the document, or mend the name.
//!
//! ## K0210: the documents belong to several projects
//!
//! The documents belong to several projects, and one is needed.
//!
//! *Way out:* Name the project.
//!
//! ## K0211: an upstream Stage is of the wrong kind
//!
//! `fill: MatchUpstream` follows a Stage that holds nothing, since it has no steps.
//!
//! *Way out:* Follow a regular Stage.
//!
//! ## K0212: a selector matches nothing
//!
//! A selector matches nothing.
//!
//! *Way out:* Check the labels.
//!
//! # Selection
//!
//! ## K0301: a version constraint cannot be read
//!
//! A text is not a version range.
//!
//! *Way out:* `^1.2.0`, `~1.2`, `>=1.0.0 <2.0.0`. To follow a moving tag, use the strategy `Digest`.
//!
//! ## K0302: a pattern cannot be read
//!
//! A regular expression, a glob or a prefix of one cannot be read.
//!
//! *Way out:* Expressions are RE2's; prefixes are `glob:`, `regex:` and `regexp:`.
//!
//! ## K0303: a platform cannot be read
//!
//! A text is not a platform, or matches none.
//!
//! *Way out:* `linux/amd64`, `linux/arm64/v8`.
//!
//! ## K0304: the strategy Digest needs a tag
//!
//! The strategy `Digest` follows a tag, and none is given.
//!
//! *Way out:* `constraint: latest`.
//!
//! ## K0305: a repository is subscribed to twice
//!
//! A Warehouse subscribes to the same repository twice, whatever the spelling.
//!
//! *Way out:* Use a second Warehouse.
//!
//! ## K0306: artifacts do not fit the Warehouse's subscriptions
//!
//! Freight has artifacts that no subscription of its Warehouse brings, or lacks one.
//!
//! *Way out:* One artifact for each subscription.
//!
//! # Expressions
//!
//! Expressions are checked before they run: those of Stages, tasks, Warehouses and Junctions, in every place where Kargo or
//! this library evaluates one. The mark stands inside of the text where its form allows; in texts with escapes or folded
//! lines it stands at the beginning, and a note says where in the expression. A step of a task is reported once, with the
//! Stages that use it.
//!
//! ## K0401: an expression cannot be read
//!
//! The text between `${{` and `}}` is no expression, or the closer is missing. The first `}}` ends an expression, also in a text
//! or a map.
//!
//! *Way out:* Write `${% ... %}` around an expression with `}}` in it.
//!
//! ## K0402: a function does not exist here
//!
//! No function has this name, or it has none here: `success()`, `failure()`, `always()` and `status()` are for `if` and `config`,
//! not for variables; Warehouses' criteria have no functions for versions. In a branch that may never run it is a warning.
//!
//! *Way out:* The nearest name is suggested.
//!
//! ## K0403: types in an expression never fit
//!
//! An operator, a condition, an index or a member does not fit the types that are known before the run: numbers compared to
//! texts, fields that an artifact does not have. Kargo refuses such an expression each time.
//!
//! *Way out:* Write numbers without quotes; members of artifacts begin with capitals, such as `.Tag`.
//!
//! ## K0404: a function never takes these arguments
//!
//! A function has too few or too many arguments, or one of a type that it does not take.
//!
//! *Way out:* The help says how it is called.
//!
//! ## K0405: a member is taken of what never has one
//!
//! What stands before the point is always nil, or a text, so that the expression fails on each run: `target` in a Stage without
//! targets, `task` outside of a task, `outputs` of a step that does not run before, a name that does not exist. In a branch that
//! may never run it is a warning.
//!
//! *Way out:* Mend the name; `?.` gives nil instead of failing.
//!
//! ## K0406: a result is never of the kind that is needed
//!
//! An `if` that is never `true` or `false`, as one without `${{ }}`; an argument of an analysis that is never a text; a loop over
//! what is never a list.
//!
//! *Way out:* `if: ${{ success() }}`; `quote(...)` keeps a number a text.
//!
//! ## K0407: a loop's list needs what is not known yet
//!
//! The list of `forEach` is made when the promotion is created, of `ctx`, `target` and variables. Outputs of steps, secrets, config
//! maps and the state of the world are not known then.
//!
//! *Way out:* Write the list into a variable of the Stage.
//!
//! ## K0408: a name is not known
//!
//! Nothing of this name exists where the expression stands, so it is nil: a variable that is never defined or only later, a
//! field that `ctx` does not have.
//!
//! *Way out:* The nearest name is suggested.
//!
//! ## K0409: no earlier step has this alias
//!
//! `outputs`, `task.outputs` or `status()` is asked for a step that does not run before, or that cannot be seen from here. Inside a task
//! its own steps are in `task.outputs`; outside, a task's steps are `outputs['task::step']`.
//!
//! *Way out:* The nearest alias is suggested.
//!
//! ## K0410: an artifact is not among the requested freight
//!
//! `imageFrom`, `commitFrom`, `chartFrom` or `artifactFrom` names what no requested Warehouse subscribes to, or `warehouse()` names
//! one that is not requested. The result is nil; for charts it is an error of the step. Images and charts are compared letter
//! by letter.
//!
//! *Way out:* Spell the repository as the subscription does.
//!
//! ## K0411: several subscriptions bring the artifact
//!
//! Several subscriptions of the requested Warehouses fit, and Kargo refuses to choose.
//!
//! *Way out:* Name the origin: `imageFrom(url, warehouse("name"))`.
//!
//! ## K0412: a comparison always has the same result
//!
//! A value is compared to what it can never be: a status that does not exist, a number where a text is.
//!
//! *Way out:* Statuses are `Succeeded`, `Skipped`, `Running`, `Aborted`, `Failed`, `Errored`, or nothing.

#[cfg(test)]
mod tests {
    use crate::model::Code;

    #[test]
    fn every_code_has_a_section() {
        let page = include_str!("diagnostics.rs");
        for code in Code::ALL {
            let heading = format!("//! ## {}: {}\n", code.as_str(), code.summary());
            assert!(page.contains(&heading), "{heading}");
        }
    }
}
