//! The picture as a Mermaid flow chart.

use super::{
    picture::{LineStyle, Shape, ShapeKind, Sorted},
    status::{Colours, INK, PLAIN},
    text,
};

/// Writes the chart. Nothing a user wrote is an id, and everything a user wrote stands in quotes.
pub(super) fn write(picture: &Sorted<'_>) -> String {
    let mut out = String::from("flowchart LR\n");
    // Mermaid reads this line without codes, so it keeps to letters, digits and a few marks.
    let title: String =
        picture.title.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { ' ' }).collect();
    let title = text::one_line(&title);
    if !title.is_empty() {
        out += &format!("  accTitle: {title}\n");
    }
    for (number, shape) in picture.shapes.iter().enumerate() {
        let (open, close) = match shape.kind {
            ShapeKind::Warehouse => ("[(", ")]"),
            ShapeKind::Junction => ("{{", "}}"),
            ShapeKind::Stage | ShapeKind::ControlFlowStage => ("(", ")"),
        };
        out += &format!("  n{number}{open}\"{}\"{close}\n", label(shape));
    }
    for line in &picture.lines {
        let arrow = match line.line.style {
            LineStyle::Solid => "-->",
            LineStyle::Dashed => "-.->",
        };
        let label = match line.line.clean_label() {
            label if label.is_empty() => String::new(),
            label => format!("|\"{}\"|", escape(&label)),
        };
        out += &format!("  n{} {arrow}{label} n{}\n", line.from, line.to);
    }
    out + &classes(picture)
}

/// Colours by status, and the dashed border of control-flow Stages.
fn classes(picture: &Sorted<'_>) -> String {
    let mut out = String::new();
    let mut class = |name: &str, members: Vec<usize>, style: String| {
        if !members.is_empty() {
            let members: Vec<String> = members.iter().map(|number| format!("n{number}")).collect();
            out += &format!("  classDef {name} {style}\n  class {} {name}\n", members.join(","));
        }
    };
    let numbers = |wanted: &dyn Fn(&Shape) -> bool| {
        (0..).zip(&picture.shapes).filter(|(_, shape)| wanted(shape)).map(|(number, _)| number).collect()
    };
    let style = |Colours { fill, border, .. }: Colours| format!("fill:{fill},stroke:{border},color:{INK}");

    class("plain", numbers(&|shape| shape.status.is_none()), style(PLAIN));
    for status in picture.statuses() {
        let name = status.as_str().to_lowercase();
        class(&name, numbers(&|shape| shape.status == Some(status)), style(status.colours()));
    }
    let dashed = numbers(&|shape| shape.kind == ShapeKind::ControlFlowStage);
    class("passing", dashed, "stroke-dasharray:5 3".to_owned());
    out
}

fn label(shape: &Shape) -> String {
    let name = escape(&shape.clean_title());
    let status = shape.status.map(|status| status.as_str().to_owned());
    let details = shape.clean_details().map(|detail| escape(&detail));
    let lines: Vec<String> = std::iter::once(name).chain(status).chain(details).collect();
    lines.join("<br/>")
}

/// Text for a quoted label. Mermaid reads `#code;` as a character; it also reads Markdown, HTML and icon names in labels,
/// so all punctuation but a few harmless marks goes that way.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next_is_blank = rest.peek().is_none_or(|next| *next == ' ');
        let harmless = match c {
            ' ' | '/' | ',' => true,
            // Not the beginning of an item of a Markdown list.
            '-' | '.' => before != ' ' && !next_is_blank,
            _ => !c.is_ascii_punctuation(),
        };
        match c {
            _ if harmless => out.push(c),
            '"' => out += "#quot;",
            '<' => out += "#lt;",
            '>' => out += "#gt;",
            '&' => out += "#amp;",
            _ => out += &format!("#{};", u32::from(c)),
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::draw::samples;

    #[test]
    fn the_shop() {
        insta::assert_snapshot!(samples::shop().to_mermaid(), @r##"
        flowchart LR
          accTitle: shop
          n0[("cart")]
          n1("prod<br/>Promoting<br/>calm-crane 1.4.1<br/>promoting modest-marlin")
          n2("uat<br/>Verified<br/>modest-marlin 1.4.2")
          n0 --> n2
          n2 -->|"soak 1h"| n1
          classDef plain fill:#ffffff,stroke:#6e7781,color:#1f2328
          class n0 plain
          classDef promoting fill:#ddf4ff,stroke:#0969da,color:#1f2328
          class n1 promoting
          classDef verified fill:#d2f4dc,stroke:#1a7f37,color:#1f2328
          class n2 verified
        "##);
    }

    #[test]
    fn nasty_names_stay_inside_their_quotes() {
        let chart = samples::nasty().to_mermaid();
        insta::assert_snapshot!(chart, @r##"
        flowchart LR
          accTitle: it s a test
          n0[("a#quot;#93;#59; n1 #45;-#gt;#124;x#124; n0<br/>a#quot;#93;#59; n1 #45;-#gt;#124;x#124; n0#39;s")]
          n1[("🚀 日本 #96;x#96; #35;35#59; #amp;amp#59;<br/>🚀 日本 #96;x#96; #35;35#59; #amp;amp#59;#39;s")]
          n2{{"#37;#37;#123;init#125;#37;#37;<br/>#37;#37;#123;init#125;#37;#37;#39;s"}}
          n3{{"#lt;script#gt;alert#40;1#41;#lt;/script#gt;<br/>#lt;script#gt;alert#40;1#41;#lt;/script#gt;#39;s"}}
          n4("end<br/>end#39;s")
          n5("line break#92;<br/>line break#92;#39;s")
          n0 -.->|"a#124;b#quot; 🚀 日本 #96;x#96; #35;35#59; #amp;amp#59;"| n1
          n0 -.->|"a#124;b#quot; #37;#37;#123;init#125;#37;#37;"| n2
          n0 -.->|"a#124;b#quot; #lt;script#gt;alert#40;1#41;#lt;/script#gt;"| n3
          n0 -.->|"a#124;b#quot; end"| n4
          n0 -.->|"a#124;b#quot; line break#92;"| n5
          classDef plain fill:#ffffff,stroke:#6e7781,color:#1f2328
          class n0,n1,n2,n3,n4,n5 plain
          classDef passing stroke-dasharray:5 3
          class n4 passing
        "##);
    }

    #[test]
    fn labels_hold_no_punctuation_that_mermaid_reads() {
        let all: String = (1..=0x2ff).filter_map(char::from_u32).collect();
        let escaped = escape(&all);
        let plain = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || " /,#;.-".contains(c);
        assert!(escaped.chars().all(|c| plain(c) || c.is_control()), "{escaped}");
        // A `#` begins a code, and a `;` ends one: nothing else holds them.
        for code in escaped.split('#').skip(1) {
            let (code, _) = code.split_once(';').unwrap();
            assert!(code.bytes().all(|b| b.is_ascii_alphanumeric()), "{code}");
        }
        assert_eq!(escape("1. item"), "1#46; item");
        assert_eq!(escape("- item"), "#45; item");
        assert_eq!(escape("v1.2-rc.1"), "v1.2-rc.1");
    }
}
