//! Choosing from a list on the terminal: what is typed filters it, fuzzily.
//!
//! It is drawn on a screen of its own on the controlling terminal, so that stdout and stderr may
//! lead anywhere and no name is left behind. The signal keys work as at a prompt: see
//! [`hidden`](super::hidden).

mod frame;
mod keys;
mod list;

use std::io;

use super::hidden::Hidden;
use super::{Ui, Unasked};
use crate::error::{Error, Result};
use frame::Frame;
use keys::KeyPress;
use list::List;

/// Where a terminal does not know its size.
const USUAL_SIZE: (usize, usize) = (24, 80);

/// Something to choose.
#[derive(Clone, Debug)]
pub struct PickerRow {
    /// What it is called.
    pub name: String,
    /// What else it can be found by, shown beside the name.
    pub details: Vec<String>,
}

impl Ui {
    /// Refuses where nobody could choose from a list.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`].
    pub fn check_can_pick(&self, unasked: Unasked<'_>) -> Result<()> {
        self.terminal(unasked)?;
        let kind = std::env::var("TERM").unwrap_or_default();
        if kind.is_empty() || kind == "dumb" {
            let message = format!("{}, and this terminal cannot show a list", unasked.needed);
            return Err(Error::needs_input(message).hint(unasked.instead));
        }
        Ok(())
    }

    /// Lets the user choose, and gives the index of the choice; `None` if the user gave up.
    ///
    /// # Errors
    /// As [`Ui::check_can_pick`]; [`crate::error::Kind::Failed`], when the terminal is gone.
    pub fn pick(
        &self,
        title: &str,
        choices: &[PickerRow],
        unasked: Unasked<'_>,
    ) -> Result<Option<usize>> {
        self.check_can_pick(unasked)?;
        let terminal = self.terminal(unasked)?;
        let color = self.options.color.applies(true);
        let pick = || {
            let screen = Hidden::screen(terminal, self.defaults()?)?;
            choose(&screen, title, choices, color)
        };
        pick().map_err(|why| Error::failed(format!("cannot show a list on the terminal: {why}")))
    }
}

fn choose(
    screen: &Hidden,
    title: &str,
    choices: &[PickerRow],
    color: bool,
) -> io::Result<Option<usize>> {
    let mut list = List::new(choices);
    let mut size = None;
    let mut is_drawn = false;
    loop {
        // A terminal that is gone says so here, while reading it says nothing for ever.
        let now = screen.size()?.unwrap_or(USUAL_SIZE);
        if !is_drawn || size != Some(now) {
            let frame = Frame {
                title,
                choices,
                lines: now.0,
                columns: now.1,
                color,
            };
            screen.draw(&frame.draw(&mut list))?;
            size = Some(now);
        }
        let key = keys::next(|| screen.byte())?;
        is_drawn = key.is_none();
        let page = now.0.saturating_sub(2).max(1);
        match key {
            Some(KeyPress::Enter) if list.chosen().is_some() => return Ok(list.chosen()),
            Some(KeyPress::Leave) => return Ok(None),
            Some(KeyPress::Up) => list.up(1),
            Some(KeyPress::Down) => list.down(1),
            Some(KeyPress::PageUp) => list.up(page),
            Some(KeyPress::PageDown) => list.down(page),
            Some(KeyPress::First) => list.up(usize::MAX),
            Some(KeyPress::Last) => list.down(usize::MAX),
            Some(KeyPress::Letter(letter)) => list.type_letter(letter),
            Some(KeyPress::Backspace) => list.erase_letter(),
            Some(KeyPress::EraseWord) => list.erase_word(),
            Some(KeyPress::EraseAll) => list.erase_all(),
            Some(KeyPress::Enter | KeyPress::Redraw) | None => {}
        }
    }
}
