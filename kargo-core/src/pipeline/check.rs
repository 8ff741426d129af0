//! The ways to a pipeline: from manifests, from nouns, checked or only if right.

use super::{Nouns, Pipeline, build::build, nouns::entries_in, subject};
use crate::{
    Manifests, freight,
    model::{Code, Diagnostic, Diagnostics},
};

impl Pipeline {
    /// The pipeline of the only project in some manifests.
    ///
    /// Manifests that hold nothing make an empty pipeline of a project without name.
    ///
    /// # Errors
    ///
    /// All mistakes at once, warnings among them: see [`of_project`](Self::of_project). K0210 if there are several projects.
    pub fn from_manifests(manifests: &Manifests) -> Result<Self, Diagnostics> {
        Self::of_project(manifests, Nouns::only_project(manifests)?)
    }

    /// The pipeline of one project.
    ///
    /// Objects that stood in the texts but had mistakes ([`Manifests::is_broken`]) are nodes of which only the name
    /// is known, so that they cause no second mistake.
    ///
    /// # Errors
    ///
    /// All mistakes at once, warnings among them: upstream Stages (K0201) and origins (K0202) that do not exist, circles
    /// (K0203), upstream Stages that never hold what is asked of them (K0204), origins requested twice (K0205), upstream
    /// Stages of the wrong kind (K0211), selectors that cannot be read (K0109). K0210 if no object belongs to the project.
    pub fn of_project(manifests: &Manifests, project: &str) -> Result<Self, Diagnostics> {
        let (pipeline, found) = Self::check(manifests, project);
        pipeline.ok_or(found)
    }

    /// The pipeline of one project, if nothing is wrong with it; and everything that is wrong, or works but hardly as meant:
    /// requests that only an approval satisfies (K0206), Stages that nothing reaches (K0207), tasks (K0208) and Stages or
    /// Warehouses (K0209) that are not among the documents, selectors that match nothing (K0212), freight that is not named by
    /// its id (K0121) or does not fit its Warehouse (K0306).
    ///
    /// The list is in the order of the texts, at most 1,000 errors and 1,000 warnings.
    #[must_use]
    pub fn check(manifests: &Manifests, project: &str) -> (Option<Self>, Diagnostics) {
        let nothing = entries_in(manifests, project).next().is_none()
            && !manifests.broken().any(|(_, of, _)| of == Some(project));
        if nothing && !manifests.is_empty() {
            let projects = manifests.projects();
            let known = super::text::list(projects.iter().copied());
            let message = format!("no document belongs to project {project:?}");
            let diagnostic = Diagnostic::error(Code::ManyProjects, message).help(format!("projects here: {known}"));
            return (None, [diagnostic].into_iter().collect());
        }
        let (pipeline, mut found) = build(Nouns::of_project(manifests, project), |draft, report| {
            subject::check_tasks(draft, manifests, report);
            subject::check_subjects(draft, manifests, report);
        });
        freight::check(manifests, project, &mut found);
        found.sort();
        (pipeline.filter(|_| !found.has_errors()), found)
    }

    /// The pipeline of nouns that a program holds, without manifests. Whether tasks exist, and what other objects are about,
    /// is not checked.
    ///
    /// # Errors
    ///
    /// As [`of_project`](Self::of_project); mistakes have a [path](Diagnostic::path) but no place in a text.
    pub fn from_nouns(nouns: &Nouns<'_>) -> Result<Self, Diagnostics> {
        let (pipeline, found) = build(nouns.clone(), |_, _| {});
        pipeline.ok_or(found)
    }
}
