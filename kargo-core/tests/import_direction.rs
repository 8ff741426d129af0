//! Architecture section 3: inside the core a module may use only those listed before it. This reads the `use` lines and every
//! path that begins with `crate::`, and fails on an arrow that runs the other way.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads the sources, which are there")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The modules in their order; each may use itself and those before it. `manual` is text alone.
const ORDER: &[&str] = &[
    "model",
    "calendar",
    "expr",
    "select",
    "freight",
    "manifest",
    "pipeline",
    "report",
    "why",
    "world",
    "eligible",
    "admit",
    "promotion",
    "verification",
    "policy",
    "command",
    "engine",
    "port",
    "discover",
];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// Modules that a source names behind `crate::`, also inside braces: `crate::{model::X, select}`.
fn used(source: &str) -> Vec<String> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            let mut fresh = true;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.push(std::mem::take(&mut name));
                        fresh = true;
                        continue;
                    }
                    _ => {}
                }
                if depth == 0 && fresh {
                    if c.is_alphanumeric() || c == '_' {
                        name.push(c);
                    } else if !name.is_empty() {
                        fresh = false;
                    }
                }
            }
            found.push(name);
        } else {
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// What the crate root re-exports, and the module it comes from.
fn root_exports(lib: &str) -> BTreeMap<String, String> {
    let mut exports = BTreeMap::new();
    let joined = lib.replace('\n', " ");
    for (at, _) in joined.match_indices("pub use ") {
        let line = &joined[at + "pub use ".len()..];
        let line = &line[..line.find(';').unwrap()];
        let (module, names) = line.split_once("::").unwrap();
        for name in names.trim_matches(['{', '}', ' ']).split(',') {
            exports.insert(name.trim().to_owned(), module.to_owned());
        }
    }
    exports
}

#[test]
fn no_module_uses_a_later_one() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let exports = root_exports(&fs::read_to_string(src.join("lib.rs")).unwrap());
    let mut files = Vec::new();
    sources(&src, &mut files);
    files.sort();
    let rank = |module: &str| ORDER.iter().position(|known| *known == module);
    let (mut wrong, mut arrows) = (Vec::new(), 0);
    for file in files {
        let relative = file.strip_prefix(&src).unwrap();
        let module = relative.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
        if matches!(module.as_str(), "lib" | "manual") {
            continue;
        }
        let here = rank(&module).unwrap_or_else(|| panic!("module {module} is not in ORDER: say where it belongs"));
        for name in used(&fs::read_to_string(&file).unwrap()) {
            let target = exports.get(&name).unwrap_or(&name);
            let Some(there) = rank(target) else { continue };
            arrows += 1;
            if there > here {
                wrong.push(format!("{}: {module} uses {target}", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows against the order {ORDER:?}:\n{}", wrong.join("\n"));
    assert!(arrows > 20, "only {arrows} arrows seen: does the test still read the sources?");
}

#[test]
fn the_reader_of_use_lines_sees_groups() {
    let source = "use crate::{\n    model::{Code, Span},\n    select::Constraint, Pipeline,\n};\n// crate::freight\nfn f() { crate::manifest::x() }";
    assert_eq!(used(source), ["model", "select", "Pipeline", "manifest"]);
}
