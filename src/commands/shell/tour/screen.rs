//! What the tour shows: where somebody looks on, a screen at a time.

use unicode_width::UnicodeWidthStr;

use crate::context::Context;
use crate::error::Result;
use crate::help::layout::{WIDEST, command_lines, literal_lines, paragraph};
use crate::ui::{Unasked, help_columns};

/// The lines of the pause: a blank one and the question.
const PAUSE: usize = 2;

/// A line that is not shown yet.
enum ScreenLine {
    Heading(String),
    Text(String),
}

/// Where the story is shown. Nothing of it is where the answer is JSON.
pub(super) struct Screen<'a> {
    ctx: &'a Context,
    /// Whether it waits for somebody who looks on.
    waits: bool,
    /// What is shown next, as much of it at once as there is room for.
    next: Vec<ScreenLine>,
    /// The lines since the last pause.
    shown: usize,
}

impl<'a> Screen<'a> {
    pub(super) fn new(ctx: &'a Context, waits: bool) -> Self {
        Self {
            ctx,
            waits,
            next: Vec::new(),
            shown: 0,
        }
    }

    fn is_terminal(&self) -> bool {
        self.ctx.ui.stdout_is_terminal()
    }

    fn add(&mut self, text: &str, line: fn(String) -> ScreenLine) {
        if text.is_empty() {
            self.next.push(line(String::new()));
        }
        self.next.extend(text.lines().map(str::to_owned).map(line));
    }

    /// Adds an empty line.
    pub(super) fn gap(&mut self) {
        self.add("", ScreenLine::Text);
    }

    /// Adds a line that stands out, broken at the width of a terminal.
    pub(super) fn heading(&mut self, text: &str) {
        let text = if self.is_terminal() {
            paragraph(text)
        } else {
            text.to_owned()
        };
        self.add(&text, ScreenLine::Heading);
    }

    /// Adds a text in lines of a width that can be read.
    pub(super) fn prose(&mut self, text: &str) {
        self.add(&paragraph(text), ScreenLine::Text);
    }

    /// Adds a command as it is typed.
    pub(super) fn command(&mut self, typed: &str) {
        let text = if self.is_terminal() {
            command_lines("", typed)
        } else {
            typed.to_owned()
        };
        self.add(&text, ScreenLine::Text);
    }

    /// Adds what a command printed, if anything, with each line broken by `fit` at the width of a
    /// terminal.
    fn printed(&mut self, text: &str, fit: impl Fn(&str) -> String) {
        for line in text.trim_end_matches('\n').lines() {
            if self.is_terminal() && !line.is_empty() {
                self.add(&fit(line), ScreenLine::Text);
            } else {
                self.add(line, ScreenLine::Text);
            }
        }
    }

    /// Adds the answer of a command.
    pub(super) fn answer(&mut self, text: &str) {
        self.printed(text, |line| literal_lines("", line));
    }

    /// Adds a text as it is.
    pub(super) fn text(&mut self, text: &str) {
        self.add(text, ScreenLine::Text);
    }

    /// Adds what a command said besides.
    pub(super) fn messages(&mut self, text: &str) {
        let ctx = self.ctx;
        self.printed(text, |line| {
            ctx.ui.message_lines(help_columns(WIDEST), line)
        });
    }

    /// Counts a line that somebody else wrote.
    pub(super) fn skip_line(&mut self) {
        self.shown += 1;
    }

    /// Shows what was added, after a pause where it, and `more` lines after it, would not fit under
    /// what is shown already. Gives whether somebody wants to go on.
    pub(super) fn show(&mut self, more: usize) -> Result<bool> {
        let next = std::mem::take(&mut self.next);
        if self.ctx.ui.is_json() {
            return Ok(true);
        }
        let rows: usize = next.iter().map(ScreenLine::rows).sum();
        if self.shown > 0 && !self.has_room_for(rows + more) && !self.goes_on()? {
            return Ok(false);
        }
        for line in next {
            if self.shown > 0 && !self.has_room_for(line.rows()) && !self.goes_on()? {
                return Ok(false);
            }
            self.put(line)?;
        }
        self.ctx.ui.flush()?;
        Ok(true)
    }

    /// Shows what was added last, whatever is answered to a pause before it.
    pub(super) fn show_end(&mut self) -> Result<()> {
        let end = std::mem::take(&mut self.next);
        let rows = end.iter().map(ScreenLine::rows).sum();
        if self.shown > 0 && !self.has_room_for(rows) {
            self.goes_on()?;
        }
        end.into_iter().try_for_each(|line| self.put(line))?;
        self.ctx.ui.flush()
    }

    fn put(&mut self, line: ScreenLine) -> Result<()> {
        let rows = line.rows();
        match line {
            // A screen does not begin with a gap.
            ScreenLine::Text(text) if text.is_empty() && self.waits && self.shown == 0 => {
                return Ok(());
            }
            ScreenLine::Heading(text) => self.ctx.ui.heading(&text)?,
            ScreenLine::Text(text) => self.ctx.ui.line(&text)?,
        }
        self.shown += rows;
        Ok(())
    }

    /// Whether so many lines and a pause fit under what is shown; where nobody waits they do.
    fn has_room_for(&self, rows: usize) -> bool {
        let ui = &self.ctx.ui;
        let is_measured = ui.has_room_for(0);
        !self.waits || !is_measured || ui.has_room_for(self.shown + rows + PAUSE - 1)
    }

    /// Waits, and gives whether somebody wants to go on: at once where nobody looks on.
    pub(super) fn goes_on(&mut self) -> Result<bool> {
        if !self.waits {
            return Ok(true);
        }
        self.ctx.ui.line("")?;
        self.ctx.ui.flush()?;
        let unasked = Unasked {
            needed: "the tour waits after each chapter",
            instead: "use --all",
        };
        let typed = self.ctx.ui.ask_line("Enter goes on, q ends it", unasked)?;
        self.shown = 0;
        Ok(!typed.trim().eq_ignore_ascii_case("q"))
    }
}

impl ScreenLine {
    /// How many lines of a terminal it takes.
    fn rows(&self) -> usize {
        let (Self::Heading(text) | Self::Text(text)) = self;
        text.width().div_ceil(help_columns(WIDEST).max(1)).max(1)
    }
}
