//! The picture in the DOT language of Graphviz.

use super::{
    picture::{LineStyle, Shape, ShapeKind, Sorted},
    status::{INK, LINE, PLAIN, SOFT_INK, Status},
};

const FONT: &str = "Helvetica,Arial,sans-serif";

/// Writes the graph. Nothing a user wrote is an id, and everything a user wrote is a quoted string.
pub(super) fn write(picture: &Sorted<'_>) -> String {
    let mut out = format!(
        "digraph {} {{\n  graph [rankdir=LR, nodesep=0.3, ranksep=0.6, fontname=\"{FONT}\"]\n  \
         node [fontname=\"{FONT}\", fontsize=12, fontcolor=\"{INK}\", margin=\"0.2,0.1\"]\n  \
         edge [fontname=\"{FONT}\", fontsize=10, fontcolor=\"{SOFT_INK}\", color=\"{LINE}\"]\n",
        quote([picture.title.as_str()])
    );
    for (number, shape) in picture.shapes.iter().enumerate() {
        let (form, style) = match shape.kind {
            ShapeKind::Warehouse => ("cylinder", "filled"),
            ShapeKind::Junction => ("hexagon", "filled"),
            ShapeKind::Stage => ("box", "rounded,filled"),
            ShapeKind::ControlFlowStage => ("box", "rounded,filled,dashed"),
        };
        let colours = shape.status.map_or(PLAIN, Status::colours);
        out += &format!(
            "  n{number} [label={}, shape={form}, style=\"{style}\", fillcolor=\"{}\", color=\"{}\"]\n",
            label(shape),
            colours.fill,
            colours.border,
        );
    }
    for line in &picture.lines {
        let mut attributes = Vec::new();
        let label = line.line.clean_label();
        if !label.is_empty() {
            attributes.push(format!("label={}", quote([label.as_str()])));
        }
        if line.line.style == LineStyle::Dashed {
            attributes.push("style=dashed".to_owned());
        }
        let attributes = if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
        out += &format!("  n{} -> n{}{attributes}\n", line.from, line.to);
    }
    out + "}\n"
}

fn label(shape: &Shape) -> String {
    let name = shape.clean_title();
    let details: Vec<String> = shape.clean_details().collect();
    let status = shape.status.map(Status::as_str);
    quote([name.as_str()].into_iter().chain(status).chain(details.iter().map(String::as_str)))
}

/// Lines of text as one quoted string. Graphviz reads backslashes and character entities in labels.
fn quote<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let lines: Vec<String> =
        lines.into_iter().map(|line| line.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")).collect();
    format!("\"{}\"", lines.join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::draw::samples;

    #[test]
    fn the_shop() {
        insta::assert_snapshot!(samples::shop().to_dot(), @r##"
        digraph "shop" {
          graph [rankdir=LR, nodesep=0.3, ranksep=0.6, fontname="Helvetica,Arial,sans-serif"]
          node [fontname="Helvetica,Arial,sans-serif", fontsize=12, fontcolor="#1f2328", margin="0.2,0.1"]
          edge [fontname="Helvetica,Arial,sans-serif", fontsize=10, fontcolor="#424a53", color="#6e7781"]
          n0 [label="cart", shape=cylinder, style="filled", fillcolor="#ffffff", color="#6e7781"]
          n1 [label="prod\nPromoting\ncalm-crane 1.4.1\npromoting modest-marlin", shape=box, style="rounded,filled", fillcolor="#ddf4ff", color="#0969da"]
          n2 [label="uat\nVerified\nmodest-marlin 1.4.2", shape=box, style="rounded,filled", fillcolor="#d2f4dc", color="#1a7f37"]
          n0 -> n2
          n2 -> n1 [label="soak 1h"]
        }
        "##);
    }

    #[test]
    fn nasty_names_stay_inside_their_quotes() {
        insta::assert_snapshot!(samples::nasty().to_dot(), @r##"
        digraph "it's \"a\" <test>" {
          graph [rankdir=LR, nodesep=0.3, ranksep=0.6, fontname="Helvetica,Arial,sans-serif"]
          node [fontname="Helvetica,Arial,sans-serif", fontsize=12, fontcolor="#1f2328", margin="0.2,0.1"]
          edge [fontname="Helvetica,Arial,sans-serif", fontsize=10, fontcolor="#424a53", color="#6e7781"]
          n0 [label="a\"]; n1 -->|x| n0\na\"]; n1 -->|x| n0's", shape=cylinder, style="filled", fillcolor="#ffffff", color="#6e7781"]
          n1 [label="🚀 日本 `x` #35; &amp;amp;\n🚀 日本 `x` #35; &amp;amp;'s", shape=cylinder, style="filled", fillcolor="#ffffff", color="#6e7781"]
          n2 [label="%%{init}%%\n%%{init}%%'s", shape=hexagon, style="filled", fillcolor="#ffffff", color="#6e7781"]
          n3 [label="<script>alert(1)</script>\n<script>alert(1)</script>'s", shape=hexagon, style="filled", fillcolor="#ffffff", color="#6e7781"]
          n4 [label="end\nend's", shape=box, style="rounded,filled,dashed", fillcolor="#ffffff", color="#6e7781"]
          n5 [label="line break\\\nline break\\'s", shape=box, style="rounded,filled", fillcolor="#ffffff", color="#6e7781"]
          n0 -> n1 [label="a|b\" 🚀 日本 `x` #35; &amp;amp;", style=dashed]
          n0 -> n2 [label="a|b\" %%{init}%%", style=dashed]
          n0 -> n3 [label="a|b\" <script>alert(1)</script>", style=dashed]
          n0 -> n4 [label="a|b\" end", style=dashed]
          n0 -> n5 [label="a|b\" line break\\", style=dashed]
        }
        "##);
    }

    #[test]
    fn a_quoted_string_ends_where_it_should() {
        for text in ["\\", "\"", "\\\"", "a\\N", "&lt;", "]; x -> y [", ""] {
            let quoted = quote([text]);
            let inside = &quoted[1..quoted.len() - 1];
            let mut read = String::new();
            let mut rest = inside.chars();
            while let Some(c) = rest.next() {
                assert_ne!(c, '"', "{quoted} ends early");
                read.push(if c == '\\' { rest.next().unwrap() } else { c });
            }
            assert_eq!(read.replace("&amp;", "&"), text);
        }
    }
}
