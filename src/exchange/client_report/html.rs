//! A paper as one page of HTML that loads nothing and runs nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::markup::Markup;
use super::page::{Block, MarkedPage, PageTable};
use super::timeline;

/// The style of the page; a policy allows it by its hash.
const STYLE: &str = include_str!("style.css");

/// The page, or several, one below the other.
pub(super) fn html(pages: &[MarkedPage]) -> String {
    let first = pages.first();
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    );
    let mut html = Markup::document();
    html.begin("html", &[("lang", first.map_or("en", |it| it.lang))]);
    html.begin("head", &[]);
    html.void("meta", &[("charset", "utf-8")]);
    html.void(
        "meta",
        &[
            ("http-equiv", "Content-Security-Policy"),
            ("content", &policy),
        ],
    );
    let viewport = "width=device-width, initial-scale=1";
    html.void("meta", &[("name", "viewport"), ("content", viewport)]);
    html.void(
        "meta",
        &[("name", "color-scheme"), ("content", "light dark")],
    );
    html.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
    html.element("title", &[], first.map_or("", |it| &it.title));
    html.style(STYLE);
    html.end();
    html.begin("body", &[]);
    html.begin("main", &[]);
    for (page, at) in pages.iter().zip(1..) {
        article(&mut html, page, at);
    }
    html.into_html()
}

fn article(html: &mut Markup, page: &MarkedPage, number: usize) {
    let id = format!("r{number}");
    html.begin("article", &[("lang", page.lang), ("aria-labelledby", &id)]);
    html.element("h1", &[("id", &id)], &page.title);
    for line in &page.opening {
        html.element("p", &[("class", "opening")], line);
    }
    for (section, at) in page.sections.iter().zip(1..) {
        let id = format!("r{number}s{at}");
        html.begin("section", &[("aria-labelledby", &id)]);
        html.element("h2", &[("id", &id)], &format!("{at}. {}", section.title));
        for block in &section.blocks {
            put(html, block, &id);
        }
        html.end();
    }
    html.end();
}

fn put(html: &mut Markup, block: &Block, id: &str) {
    match block {
        Block::Lead(text) => html.element("p", &[("class", "lead")], text),
        Block::Text(text) => html.element("p", &[], text),
        Block::List(items) => {
            html.begin("ul", &[]);
            for item in items {
                html.element("li", &[], item);
            }
            html.end();
        }
        Block::Table(table) => put_table(html, table),
        Block::Timeline(drawing) => timeline::draw(html, drawing, &format!("{id}t")),
    }
}

/// A table; on a narrow screen its rows stand as blocks, so that their parts are named for who has
/// the page read out.
fn put_table(html: &mut Markup, table: &PageTable) {
    html.begin("table", &[("role", "table")]);
    html.element("caption", &[], &table.caption);
    html.begin("thead", &[("role", "rowgroup")]);
    html.begin("tr", &[("role", "row")]);
    for column in &table.columns {
        html.element("th", &[("scope", "col"), ("role", "columnheader")], column);
    }
    html.end();
    html.end();
    html.begin("tbody", &[("role", "rowgroup")]);
    for row in &table.rows {
        html.begin("tr", &[("role", "row")]);
        for ((cell, column), at) in row.iter().zip(&table.columns).zip(0..) {
            let column = ("data-column", *column);
            if at == 0 {
                html.begin("th", &[("scope", "row"), ("role", "rowheader"), column]);
            } else {
                html.begin("td", &[("role", "cell"), column]);
            }
            for line in cell {
                html.element("div", &[], line);
            }
            html.end();
        }
        html.end();
    }
    html.end();
    html.end();
}
