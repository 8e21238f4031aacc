//! Curves by a whole number from 1 on, as SVG: the points that were measured, and the line through them.

use super::statistics::Line;
use std::fmt::Write;

/// What was measured for 1, 2, 3 and so on.
pub struct Curve<'a> {
    /// What is measured.
    pub name: &'a str,
    /// The values.
    pub values: &'a [f64],
    /// The line through them.
    pub line: Line,
}

const WIDTH: f64 = 640.0;
/// Of one curve, with its axes.
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 60.0;
const MARGIN: f64 = 30.0;

/// One below the other, with a title.
pub fn svg(title: &str, curves: &[Curve<'_>]) -> String {
    let height = MARGIN + HEIGHT * curves.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>{title}</title>\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (index, curve) in curves.iter().enumerate() {
        draw(&mut svg, curve, MARGIN + HEIGHT * index as f64);
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, curve: &Curve<'_>, top: f64) {
    let most = curve.values.len().max(1) as f64;
    let highest = curve.values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let bottom = top + HEIGHT - 2.0 * MARGIN;
    let x = |number: f64| LEFT + number / most * (WIDTH - LEFT - MARGIN);
    let y = |value: f64| bottom - value / highest * (bottom - top);
    let (left, right) = (x(0.0), x(most));
    let _ = writeln!(
        svg,
        "<path d=\"M{left:.1} {top:.1}V{bottom:.1}H{right:.1}\" fill=\"none\" stroke=\"black\"/>"
    );
    for (value, at) in [(0.0, bottom), (highest, top)] {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value:.0} {}</text>",
            LEFT - 6.0,
            at + 4.0,
            curve.name
        );
    }
    for number in [1.0, (most / 2.0).round(), most] {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{number:.0}</text>",
            x(number),
            bottom + 16.0
        );
    }
    let ends = (y(curve.line.at_zero), y(curve.line.at_zero + curve.line.slope * most));
    let _ = writeln!(svg, "<path d=\"M{left:.1} {:.1}L{right:.1} {:.1}\" stroke=\"#999\"/>", ends.0, ends.1);
    for (index, value) in curve.values.iter().enumerate() {
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"#26c\"/>",
            x(index as f64 + 1.0),
            y(*value)
        );
    }
    let said = format!("{:.2} {} a level, R² {:.4}", curve.line.slope, curve.name, curve.line.r2);
    let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\">{said}</text>", LEFT + 12.0, top + 12.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::statistics::fit;

    #[test]
    fn each_value_is_a_point() {
        let values = [1.0, 2.0, 3.5];
        let svg = svg("a title", &[Curve { name: "ms", values: &values, line: fit(&values) }]);
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(
            svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains("<title>a title</title>")
        );
        // The highest is at the top.
        assert!(svg.contains("cy=\"30.0\""), "{svg}");
    }
}
