//! The whole SVG element: texts for readers of screens, title, lines, boxes, legend.

use super::{boxes::Content, legend::Legend, lines, xml::Writer};
use crate::pipeline::draw::{
    layout::{self, Link, Plan, Rect},
    picture::{ShapeKind, Sorted},
    status::{INK, LINE, PAPER},
    text::{self, Face},
};

const TITLE: Face = Face { size: 16, bold: true };
/// Room around everything, in pixels.
const MARGIN: i64 = 24;
const TITLE_HEIGHT: i64 = 36;
const LEGEND_GAP: i64 = 28;
/// A picture is at least that wide, so that its title and legend have room.
const LEAST_WIDTH: i64 = 320;

/// Writes the picture.
pub(in super::super) fn write(picture: &Sorted<'_>) -> String {
    let contents: Vec<Content<'_>> = picture.shapes.iter().map(|shape| Content::of(shape)).collect();
    let plan = Plan {
        boxes: contents.iter().map(Content::size).collect(),
        links: picture
            .lines
            .iter()
            .map(|line| Link { from: line.from, to: line.to, label: lines::label_size(line.line) })
            .collect(),
    };
    let mut layout = layout::lay_out(&plan);

    let width = layout.size.width.max(LEAST_WIDTH);
    let legend = Legend::of(picture, width);
    let title = text::clip(&picture.title, TITLE, width);
    let top = MARGIN + if title.is_empty() { 0 } else { TITLE_HEIGHT };
    for rect in layout.boxes.iter_mut().chain(layout.routes.iter_mut().filter_map(|route| route.label.as_mut())) {
        rect.x += MARGIN;
        rect.y += top;
    }
    for point in layout.routes.iter_mut().flat_map(|route| &mut route.points) {
        point.x += MARGIN;
        point.y += top;
    }
    let legend_top = top + layout.size.height + LEGEND_GAP;
    let bottom = if legend.size.height > 0 { legend_top + legend.size.height } else { top + layout.size.height };
    let paper = Rect { x: 0, y: 0, width: width.max(legend.size.width) + 2 * MARGIN, height: bottom + MARGIN };

    let mut out = Writer::default();
    let name = if picture.title.is_empty() { "Pipeline".to_owned() } else { format!("Pipeline {}", picture.title) };
    out.open(
        "svg",
        &[
            ("xmlns", &"http://www.w3.org/2000/svg"),
            ("width", &paper.width),
            ("height", &paper.height),
            ("viewBox", &format!("0 0 {} {}", paper.width, paper.height)),
            ("role", &"img"),
            ("aria-label", &name),
            ("font-family", &"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"),
        ],
    );
    out.text("title", &[], &name);
    out.text("desc", &[], &describe(picture));
    out.empty("rect", &[("width", &paper.width), ("height", &paper.height), ("fill", &PAPER)]);
    if !title.is_empty() {
        out.text(
            "text",
            &[
                ("x", &MARGIN),
                ("y", &(MARGIN + 14)),
                ("font-size", &TITLE.size),
                ("font-weight", &"bold"),
                ("fill", &INK),
            ],
            &title,
        );
    }
    out.open("g", &[("stroke", &LINE), ("stroke-width", &"1.5")]);
    for (line, route) in picture.lines.iter().zip(&layout.routes) {
        lines::write_line(&mut out, line.line, route);
    }
    out.close();
    for (line, route) in picture.lines.iter().zip(&layout.routes) {
        lines::write_label(&mut out, line.line, route);
    }
    for (content, rect) in contents.iter().zip(&layout.boxes) {
        content.write(&mut out, *rect);
    }
    legend.write(&mut out, MARGIN, legend_top);
    out.finish()
}

/// What the picture shows, in a sentence.
fn describe(picture: &Sorted<'_>) -> String {
    let count = |one: &str, many: &str, number: usize| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    };
    let number = |kinds: &[ShapeKind]| picture.shapes.iter().filter(|shape| kinds.contains(&shape.kind)).count();
    let mut parts = vec![
        count("warehouse", "warehouses", number(&[ShapeKind::Warehouse])),
        count("stage", "stages", number(&[ShapeKind::Stage, ShapeKind::ControlFlowStage])),
    ];
    let junctions = number(&[ShapeKind::Junction]);
    if junctions > 0 {
        parts.insert(1, count("junction", "junctions", junctions));
    }
    let ways = count("way", "ways", picture.lines.len());
    let mut text = format!("{}; {ways} of freight from left to right.", parts.join(", "));
    for status in picture.statuses() {
        let number = picture.shapes.iter().filter(|shape| shape.status == Some(status)).count();
        text += &format!(" {number} {}.", status.as_str());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::draw::{Line, LineStyle, Picture, Shape, Status, samples};

    /// Reads XML without comments, CDATA and declarations; says what is wrong with it, or which elements and attribute
    /// values it has.
    fn read(xml: &str) -> Result<(Vec<&str>, Vec<&str>), String> {
        let (mut open, mut elements, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest = xml;
        while let Some((text, after)) = rest.split_once('<') {
            check_text(text)?;
            let (tag, after) = after.split_once('>').ok_or("a tag does not end")?;
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                let opened = open.pop().ok_or("an end without a start")?;
                if opened != name {
                    return Err(format!("{opened} is ended as {name}"));
                }
                continue;
            }
            let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphabetic()) {
                return Err(format!("{name:?} is no element"));
            }
            while !attributes.is_empty() {
                let (key, after) = attributes.split_once("=\"").ok_or("an attribute without a value")?;
                if !key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') {
                    return Err(format!("{key:?} is no attribute"));
                }
                let (value, after) = after.split_once('"').ok_or("a value does not end")?;
                check_text(value)?;
                values.push(value);
                attributes = after.trim_start();
            }
            elements.push(name);
            if !empty {
                open.push(name);
            }
        }
        check_text(rest)?;
        if open.is_empty() { Ok((elements, values)) } else { Err(format!("{open:?} do not end")) }
    }

    fn check_text(text: &str) -> Result<(), String> {
        if text.contains(['<', '>', '"']) {
            return Err(format!("{text:?} holds markup"));
        }
        for code in text.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
            if !known.iter().any(|known| code.starts_with(known)) {
                return Err(format!("&{code} is no code"));
            }
        }
        match text.chars().find(|&c| (c.is_control() && c != '\n') || matches!(c, '\u{fffe}' | '\u{ffff}')) {
            Some(c) => Err(format!("{c:?} is not permitted")),
            None => Ok(()),
        }
    }

    #[test]
    fn the_reader_of_these_tests_finds_mistakes() {
        for wrong in
            ["<a>", "<a></b>", "</a>", "<a b=\"&\"/>", "<a>\u{1}</a>", "<a b=c/>", "<a>&nbsp;</a>", "<a", "<!a/>"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(read("<a b=\"1\"><c/>&lt;</a>").unwrap(), (vec!["a", "c"], vec!["1"]));
    }

    #[test]
    fn nasty_names_leave_well_formed_xml_without_scripts_and_references() {
        let svg = samples::nasty().to_svg();
        let (elements, values) = read(&svg).unwrap();
        for element in elements {
            let known = ["svg", "title", "desc", "g", "rect", "path", "text", "circle"];
            assert!(known.contains(&element), "{element}");
        }
        assert!(values.iter().all(|value| !value.contains("url(")), "{values:?}");
        let outside = values.iter().filter(|value| value.contains("://")).count();
        assert_eq!(outside, 1, "the name space alone: {values:?}");
        assert!(svg.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{svg}");
    }

    #[test]
    fn the_picture_names_and_describes_itself() {
        let svg = samples::shop().to_svg();
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width="), "{svg}");
        for part in [
            " role=\"img\" aria-label=\"Pipeline shop\"",
            "<title>Pipeline shop</title>",
            "<desc>1 warehouse, 2 stages; 2 ways of freight from left to right. 1 Promoting. 1 Verified.</desc>",
            "<title>Stage uat, Verified, modest-marlin 1.4.2</title>",
            ">soak 1h</text>",
        ] {
            assert!(svg.contains(part), "{part} is not in {svg}");
        }
    }

    #[test]
    fn long_names_are_cut_and_kept_whole_in_a_title() {
        let name = "a-name-that-goes-on-and-on-".repeat(6);
        let svg = Picture::new("").with_shape(Shape::new("x", ShapeKind::Stage, &name)).to_svg();
        assert!(svg.contains(&format!("<title>Stage {name}</title>")), "{svg}");
        assert!(svg.contains("…</text>"), "{svg}");
        let shown: Vec<&str> = svg.lines().filter(|line| line.contains("font-weight")).collect();
        assert_eq!(shown.len(), 2, "{shown:?}");
    }

    #[test]
    fn many_details_end_with_how_many_more() {
        let shape =
            (0..30).fold(Shape::new("x", ShapeKind::Stage, "x"), |shape, n| shape.with_detail(format!("line {n}")));
        let svg = Picture::new("").with_shape(shape).to_svg();
        assert!(svg.contains(">line 6</text>") && !svg.contains(">line 7</text>"), "{svg}");
        assert!(svg.contains(">+ 23 more</text>"), "{svg}");
    }

    #[test]
    fn a_legend_explains_what_occurs_once_there_is_a_status() {
        let plain = Picture::new("").with_shape(Shape::new("x", ShapeKind::Stage, "x"));
        assert!(!plain.to_svg().contains(">Stage</text>"));
        let shape = Shape::new("x", ShapeKind::Stage, "x").with_status(Status::Paused);
        let svg = plain.with_shape(shape).to_svg();
        assert!(svg.contains(">Stage</text>") && !svg.contains(">Warehouse</text>"), "{svg}");
        // In the box and in the legend.
        assert_eq!(svg.matches(">Paused</text>").count(), 2, "{svg}");
        assert!(!svg.contains(">Healthy</text>"), "{svg}");
    }

    #[test]
    fn an_empty_picture_is_a_picture() {
        let svg = Picture::new("").to_svg();
        read(&svg).unwrap();
        assert!(svg.contains("<desc>0 warehouses, 0 stages; 0 ways of freight from left to right.</desc>"), "{svg}");
    }

    #[test]
    fn every_format_is_the_same_whatever_the_order_of_additions() {
        let shapes: Vec<Shape> = samples::shop().shapes().chain(samples::nasty().shapes()).cloned().collect();
        let mut added: Vec<Line> = samples::shop().lines().chain(samples::nasty().lines()).cloned().collect();
        added.push(added[0].clone().with_label("other").with_style(LineStyle::Dashed));
        let draw = |shapes: &mut dyn Iterator<Item = &Shape>, lines: &mut dyn Iterator<Item = &Line>| {
            let picture = shapes.fold(Picture::new("all"), |picture, shape| picture.with_shape(shape.clone()));
            let picture = lines.fold(picture, |picture, line| picture.with_line(line.clone()));
            [picture.to_svg(), picture.to_dot(), picture.to_mermaid()]
        };
        let first = draw(&mut shapes.iter(), &mut added.iter());
        assert_eq!(first, draw(&mut shapes.iter(), &mut added.iter()));
        assert_eq!(first, draw(&mut shapes.iter().rev(), &mut added.iter().rev()));
    }
}
