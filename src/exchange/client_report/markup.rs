//! HTML by a writer that puts text in escaped, and has no other way to put it in.

use crate::model::text::visible::one_line;

/// Writes markup: the names of elements and attributes are of the program, and all else is text.
#[derive(Debug, Default)]
pub(super) struct Markup {
    html: String,
    open: Vec<&'static str>,
}

/// The name of an attribute, and its value.
pub(super) type Attribute<'a> = (&'static str, &'a str);

impl Markup {
    /// A document, from its type on.
    pub(super) fn document() -> Self {
        let html = "<!DOCTYPE html>\n".to_owned();
        let open = Vec::new();
        Self { html, open }
    }

    /// Begins an element, which [`Self::end`] ends.
    pub(super) fn begin(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.tag(name, attributes);
        self.open.push(name);
    }

    /// Ends the element that was begun last.
    pub(super) fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.html.push_str("</");
            self.html.push_str(name);
            self.html.push_str(">\n");
        }
    }

    /// An element of nothing but text.
    pub(super) fn element(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.begin(name, attributes);
        self.text(text);
        self.end();
    }

    /// An element that holds nothing and is not ended, as `meta`.
    pub(super) fn void(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.tag(name, attributes);
        self.html.push('\n');
    }

    /// Text, in one line of what is seen.
    pub(super) fn text(&mut self, text: &str) {
        for c in one_line(text).chars() {
            match c {
                '&' => self.html.push_str("&amp;"),
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                '"' => self.html.push_str("&quot;"),
                '\'' => self.html.push_str("&#39;"),
                c => self.html.push(c),
            }
        }
    }

    /// The style of the page, to the byte: a policy has its hash.
    pub(super) fn style(&mut self, css: &'static str) {
        self.html.push_str("<style>");
        self.html.push_str(css);
        self.html.push_str("</style>\n");
    }

    /// The whole, with all that was begun ended.
    pub(super) fn into_html(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.html
    }

    fn tag(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.html.push('<');
        self.html.push_str(name);
        for (name, value) in attributes {
            self.html.push(' ');
            self.html.push_str(name);
            self.html.push_str("=\"");
            self.text(value);
            self.html.push('"');
        }
        self.html.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn text_is_text_in_elements_and_in_attributes() {
        let mut html = Markup::default();
        html.begin("p", &[("title", "\"><script>'")]);
        html.text("</p>]]><b>&amp;");
        assert_eq!(
            html.into_html(),
            "<p title=\"&quot;&gt;&lt;script&gt;&#39;\">&lt;/p&gt;]]&gt;&lt;b&gt;&amp;amp;</p>\n"
        );
    }
}
