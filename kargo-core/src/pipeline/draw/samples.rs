//! Pictures that several tests draw.

use super::{Line, LineStyle, Picture, Shape, ShapeKind, Status};

/// The shop: cart, then uat, then prod after an hour.
pub(super) fn shop() -> Picture {
    Picture::new("shop")
        .with_shape(Shape::new("Warehouse/cart", ShapeKind::Warehouse, "cart"))
        .with_shape(
            Shape::new("Stage/uat", ShapeKind::Stage, "uat")
                .with_status(Status::Verified)
                .with_detail("modest-marlin 1.4.2"),
        )
        .with_shape(
            Shape::new("Stage/prod", ShapeKind::Stage, "prod")
                .with_status(Status::Promoting)
                .with_detail("calm-crane 1.4.1")
                .with_detail("promoting modest-marlin"),
        )
        .with_line(Line::new("Warehouse/cart", "Stage/uat"))
        .with_line(Line::new("Stage/uat", "Stage/prod").with_label("soak 1h"))
}

/// Names that no format may take for its own.
pub(super) fn nasty() -> Picture {
    let names = [
        "a\"]; n1 -->|x| n0",
        "<script>alert(1)</script>",
        "line\nbreak\\",
        "end",
        "🚀 日本 `x` #35; &amp;",
        "%%{init}%%",
    ];
    let kinds = ShapeKind::ALL.iter().cycle();
    let mut picture = Picture::new("it's \"a\" <test>");
    for (name, kind) in names.into_iter().zip(kinds) {
        picture.add_shape(Shape::new(name, *kind, name).with_detail(format!("{name}'s")));
        picture.add_line(Line::new(names[0], name).with_label(format!("a|b\" {name}")).with_style(LineStyle::Dashed));
    }
    picture
}
