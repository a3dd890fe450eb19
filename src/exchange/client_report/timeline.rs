//! Spans of time, drawn as SVG: a line of text above each bar, so that nothing is told by colour
//! alone.

use super::markup::Markup;
use super::page::{PageTimeline, TimeSpan};

/// The width of the drawing, in its own units.
const WIDTH: i64 = 400;
/// Where the bars stand.
const LEFT: i64 = 2;
const RIGHT: i64 = WIDTH - 2;
/// What one span takes, and where its text and its bar stand in that.
const ROW: i64 = 36;
const TEXT: i64 = 13;
const BAR: i64 = 18;
const BAR_HEIGHT: i64 = 10;
/// Above the first span and below the last.
const TOP: i64 = 20;
const BOTTOM: i64 = 22;
/// The most letters that stand in a line.
const LETTERS: usize = 58;

/// Draws it; `id` is that of the drawing.
pub(super) fn draw(html: &mut Markup, timeline: &PageTimeline, id: &str) {
    let rows = i64::try_from(timeline.spans.len()).unwrap_or_default();
    let height = TOP + rows * ROW + BOTTOM;
    let (title, description, hatch) = (format!("{id}t"), format!("{id}d"), format!("{id}h"));
    let view = format!("0 0 {WIDTH} {height}");
    let labelled = format!("{title} {description}");
    html.begin("figure", &[]);
    html.element("figcaption", &[], &timeline.title);
    html.begin(
        "svg",
        &[
            ("viewBox", &view),
            ("role", "img"),
            ("aria-labelledby", &labelled),
        ],
    );
    html.element("title", &[("id", &title)], &timeline.title);
    let labels = timeline.spans.iter().map(|it| it.label.as_str());
    let told: Vec<&str> = std::iter::once(timeline.description.as_str())
        .chain(labels)
        .collect();
    html.element("desc", &[("id", &description)], &told.join(" \u{b7} "));
    draw_hatch(html, &hatch);
    let x = |second: i64| place(timeline, second);
    let today = x(timeline.now);
    let (at, bottom) = (today.to_string(), (height - BOTTOM).to_string());
    html.element(
        "line",
        &[
            ("x1", &at),
            ("x2", &at),
            ("y1", "16"),
            ("y2", &bottom),
            ("class", "today"),
        ],
        "",
    );
    for (span, row) in timeline.spans.iter().zip(0..) {
        draw_span(html, span, (TOP + row * ROW, &x), &format!("url(#{hatch})"));
    }
    let anchor = anchor(today);
    html.element(
        "text",
        &[("x", &at), ("y", "12"), ("text-anchor", anchor)],
        &timeline.today,
    );
    let [first, last] = &timeline.ends;
    let y = (height - 8).to_string();
    let (left, right) = (LEFT.to_string(), RIGHT.to_string());
    html.element("text", &[("x", &left), ("y", &y)], first);
    html.element(
        "text",
        &[("x", &right), ("y", &y), ("text-anchor", "end")],
        last,
    );
    html.end();
    html.end();
}

/// What bars of what is over are filled with.
fn draw_hatch(html: &mut Markup, id: &str) {
    html.begin("defs", &[]);
    html.begin(
        "pattern",
        &[
            ("id", id),
            ("width", "6"),
            ("height", "6"),
            ("patternUnits", "userSpaceOnUse"),
            ("patternTransform", "rotate(45)"),
        ],
    );
    html.element(
        "rect",
        &[("width", "2.5"), ("height", "6"), ("class", "hatch")],
        "",
    );
    html.end();
    html.end();
}

fn draw_span(
    html: &mut Markup,
    span: &TimeSpan,
    (top, x): (i64, &dyn Fn(i64) -> i64),
    hatch: &str,
) {
    let from = x(span.from);
    let to = span.to.map_or(RIGHT, x).max(from + 2);
    let (left, width) = (from.to_string(), (to - from).to_string());
    let (text, bar) = ((top + TEXT).to_string(), (top + BAR).to_string());
    let (class, fill) = if span.is_over {
        ("over", hatch)
    } else {
        ("lasts", "currentColor")
    };
    html.element(
        "text",
        &[("x", &LEFT.to_string()), ("y", &text)],
        &shortened(&span.label),
    );
    html.element(
        "rect",
        &[
            ("x", &left),
            ("y", &bar),
            ("width", &width),
            ("height", &BAR_HEIGHT.to_string()),
            ("rx", "2"),
            ("fill", fill),
            ("class", class),
        ],
        "",
    );
}

/// Where a time stands.
fn place(timeline: &PageTimeline, second: i64) -> i64 {
    let (first, last) = timeline.range();
    let wide = i128::from(RIGHT - LEFT);
    let part = i128::from(second.saturating_sub(first)) * wide / i128::from(last - first).max(1);
    LEFT + i64::try_from(part)
        .unwrap_or_default()
        .clamp(0, RIGHT - LEFT)
}

fn anchor(x: i64) -> &'static str {
    match x {
        ..60 => "start",
        340.. => "end",
        _ => "middle",
    }
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LETTERS {
        return label.to_owned();
    }
    let short: String = label.chars().take(LETTERS - 1).collect();
    short + "\u{2026}"
}
