//! XML as a stream of elements, in memory that does not grow with the document. Entities other than
//! XML's own five are not resolved: there is nothing to expand and nothing to fetch. Depth and the
//! length of texts are held against limits before anything is kept.

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zeroize::Zeroizing;

use crate::error::{Error, Kind, Result};
use crate::model::text::limits::JSON_DEPTH;

/// How deeply elements may be nested.
const DEPTH: usize = JSON_DEPTH;
/// The length of a name or a time, in bytes.
const WORD_BYTES: usize = 4 << 10;

/// A document that is being read.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    depth: usize,
}

/// The text of an element.
pub(crate) enum Text {
    /// All of it.
    Whole(Zeroizing<String>),
    /// It has more bytes than were asked for: this many, white space aside.
    Long(usize),
}

/// The start of an element.
pub(crate) struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.0.name().0
    }

    /// The value of an attribute; nothing where it has none of that name.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let found = self.0.try_get_attribute(name).ok()??;
        found
            .normalized_value(XmlVersion::Implicit1_0)
            .ok()
            .map(std::borrow::Cow::into_owned)
    }

    /// Whether an attribute says `True`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.attribute(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

impl<'a> Xml<'a> {
    /// The document, at its start.
    pub(crate) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            text,
            depth: 0,
        }
    }

    /// The outermost element.
    pub(crate) fn root(&mut self) -> Result<Element<'a>> {
        loop {
            match self.event()? {
                Event::Start(start) => return Ok(Element(start)),
                Event::Eof | Event::End(_) => return Err(self.malformed()),
                _ => {}
            }
        }
    }

    /// Reads what is in the element that was just started, and its end. `read` gets each element in
    /// it and has to read that to its end: by this, [`Self::text`] or [`Self::skip`].
    pub(crate) fn children(
        &mut self,
        mut read: impl FnMut(&mut Self, &Element<'a>) -> Result<()>,
    ) -> Result<()> {
        self.depth += 1;
        check_depth(self.depth)?;
        loop {
            match self.event()? {
                Event::Start(start) => read(self, &Element(start))?,
                Event::End(_) => break,
                Event::Eof => return Err(self.malformed()),
                _ => {}
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// The text in the element that was just started, and its end; of a long one the beginning.
    /// For names, times and other words of which nobody writes that much.
    pub(crate) fn text(&mut self) -> Result<Zeroizing<String>> {
        Ok(self.read_text(WORD_BYTES)?.0)
    }

    /// The text in the element that was just started, if it has no more than `limit` bytes, and its
    /// end.
    pub(crate) fn text_within(&mut self, limit: usize) -> Result<Text> {
        let (text, length) = self.read_text(limit)?;
        Ok(if length > limit {
            Text::Long(length)
        } else {
            Text::Whole(text)
        })
    }

    /// As much of a text as the limit allows, and how long it is.
    fn read_text(&mut self, limit: usize) -> Result<(Zeroizing<String>, usize)> {
        let mut text = Zeroizing::new(String::new());
        let mut length = 0_usize;
        let mut add = |part: &str| {
            let room = limit.saturating_sub(length);
            text.push_str(part.get(..part.floor_char_boundary(room)).unwrap_or(part));
            length += part.len();
        };
        loop {
            match self.event()? {
                Event::Text(part) if part.len() > limit => add_long(&part, &mut add),
                Event::CData(part) if part.len() > limit => add_long(&part, &mut add),
                Event::Text(part) => add(&part.xml10_content()),
                Event::CData(part) => add(&part.xml10_content()),
                Event::GeneralRef(entity) => {
                    // No entity that is known has a longer name.
                    if entity.len() > 16 {
                        return Err(self.unknown_entity());
                    }
                    let spelt = format!("&{};", entity.xml10_content());
                    add(&unescape(&spelt).map_err(|_| self.unknown_entity())?);
                }
                // How KeePassX ends a line. Any other element would leave a part of the text out.
                Event::Start(element) if element.name().0 == "br" => {
                    if !matches!(self.event()?, Event::End(_)) {
                        return Err(self.element_in_text());
                    }
                    add("\n");
                }
                Event::Start(_) => return Err(self.element_in_text()),
                Event::End(_) => return Ok((text, length)),
                Event::Eof => return Err(self.malformed()),
                _ => {}
            }
        }
    }

    /// What the element that was just started says, to its end; nothing where it has elements in
    /// it.
    pub(crate) fn plain_text(&mut self, limit: usize) -> Result<Option<Text>> {
        let before = self.reader.clone();
        match self.text_within(limit) {
            Ok(text) => Ok(Some(text)),
            Err(why) if why.kind() == Kind::Usage => {
                self.reader = before;
                self.skip()?;
                Ok(None)
            }
            Err(why) => Err(why),
        }
    }

    /// Passes over the element that was just started, to its end.
    pub(crate) fn skip(&mut self) -> Result<()> {
        let mut open = 1_usize;
        while open > 0 {
            match self.event()? {
                Event::Start(_) => {
                    open += 1;
                    check_depth(self.depth + open)?;
                }
                Event::End(_) => open -= 1,
                Event::Eof => return Err(self.malformed()),
                _ => {}
            }
        }
        Ok(())
    }

    fn event(&mut self) -> Result<Event<'a>> {
        match self.reader.read_event() {
            Ok(Event::DocType(doctype)) if doctype.xml10_content().contains(['[', '"', '\'']) => {
                Err(
                    Error::refused("the file declares entities or refers to other files")
                        .hint("no export does that: do not trust where it came from"),
                )
            }
            Ok(event) => Ok(event),
            Err(_) => Err(self.malformed()),
        }
    }

    fn malformed(&self) -> Error {
        Error::usage(format!("the file is malformed XML at line {}", self.line()))
            .hint("export it again; nothing was changed")
    }

    fn unknown_entity(&self) -> Error {
        Error::usage(format!(
            "the file names an unknown entity at line {}",
            self.line()
        ))
    }

    fn element_in_text(&self) -> Error {
        Error::usage(format!(
            "the file has an element inside of a value at line {}",
            self.line()
        ))
        .hint("export it again: a mark inside of a text is &lt; in XML; nothing was changed")
    }

    fn line(&self) -> usize {
        let position = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let before = self
            .text
            .as_bytes()
            .get(..position)
            .unwrap_or(self.text.as_bytes());
        1 + memchr::memchr_iter(b'\n', before).count()
    }
}

/// Adds a text that is too long to be kept: its line breaks are left as they are.
fn add_long(part: &str, mut add: impl FnMut(&str)) {
    add(part.trim_ascii());
}

fn check_depth(depth: usize) -> Result<()> {
    if depth > DEPTH {
        return Err(Error::usage(format!(
            "the file's elements are nested more than {DEPTH} deep, the limit"
        )));
    }
    Ok(())
}
