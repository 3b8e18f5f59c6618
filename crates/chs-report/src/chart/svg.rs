//! Charts as SVG: selectable text, words for screen readers, colours that a style sheet may change.

use super::canvas::{Canvas, WIDTH, number};
use super::{
    Chart, Drawing, bar_strips, distribution, forest, reliability, strips, timeline, weights,
};
use crate::escape::xml;

/// Colours of a chart in both themes; the report and a chart that stands alone share them.
pub(crate) const STYLE: &str = include_str!("chart.css");

/// The chart as an element of a page whose style sheet holds [`STYLE`].
pub(crate) fn inline(chart: &Chart) -> String {
    element(chart, "")
}

/// The chart as a file of its own.
pub(crate) fn standalone(chart: &Chart) -> String {
    let ground = format!(
        "<style>{STYLE}</style><rect class=\"paper\" color=\"#fff\" fill=\"currentColor\" x=\"-16\" y=\"-12\" width=\"100%\" height=\"100%\"/>"
    );
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", element(chart, &ground))
}

fn element(chart: &Chart, ground: &str) -> String {
    let mut canvas = Canvas::default();
    canvas.title(&chart.title);
    match &chart.drawing {
        Drawing::Forest(found) => forest::draw(&mut canvas, found),
        Drawing::Timeline(found) => timeline::draw(&mut canvas, found),
        Drawing::Reliability(found) => reliability::draw(&mut canvas, found),
        Drawing::Distribution(found) => distribution::draw(&mut canvas, found),
        Drawing::Weights(found) => weights::draw(&mut canvas, found),
        Drawing::Strips(found) => strips::draw(&mut canvas, found),
        Drawing::BarStrips(found) => bar_strips::draw(&mut canvas, found),
    }
    let name = xml(&chart.name);
    // A chart that stands alone has a margin around it.
    let (left, top) = if ground.is_empty() { (0.0, 0.0) } else { (16.0, 12.0) };
    let (width, height) = (WIDTH + 2.0 * left, canvas.height + 2.0 * top);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"{} {} {} {}\" width=\"{}\" \
         height=\"{}\" role=\"img\" aria-labelledby=\"{name}-title {name}-text\" \
         font-family=\"system-ui, sans-serif\" font-size=\"14\"><title id=\"{name}-title\">{}</title>\
         <desc id=\"{name}-text\">{}</desc>{ground}{}</svg>",
        number(-left),
        number(-top),
        number(width),
        number(height),
        number(width),
        number(height),
        xml(&chart.title),
        xml(&chart.description),
        canvas.shapes
    )
}
