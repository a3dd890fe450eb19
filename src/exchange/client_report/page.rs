//! A paper as what it is made of, before it is Markdown or HTML: there is no markup in it, all of it
//! is text, whoever wrote that.

/// A whole paper.
#[derive(Clone, Debug)]
pub(super) struct MarkedPage {
    /// Its language, as HTML names it.
    pub(super) lang: &'static str,
    /// What it is.
    pub(super) title: String,
    /// From whom, for whom and of when.
    pub(super) opening: Vec<String>,
    /// Its parts.
    pub(super) sections: Vec<PageSection>,
}

/// A part of a paper.
#[derive(Clone, Debug)]
pub(super) struct PageSection {
    /// What it is about.
    pub(super) title: String,
    /// What it says.
    pub(super) blocks: Vec<Block>,
}

/// Something in a part.
#[derive(Clone, Debug)]
pub(super) enum Block {
    /// What matters most.
    Lead(String),
    /// Sentences.
    Text(String),
    /// Points.
    List(Vec<String>),
    /// Rows of the same kind.
    Table(PageTable),
    /// When what held.
    Timeline(PageTimeline),
}

/// Rows of the same kind.
#[derive(Clone, Debug)]
pub(super) struct PageTable {
    /// What they are.
    pub(super) caption: String,
    /// What each column is.
    pub(super) columns: Vec<&'static str>,
    /// The rows, with what each is about first; a cell has a line for each thing that it says.
    pub(super) rows: Vec<Vec<Vec<String>>>,
}

/// Spans of time, one below the other.
#[derive(Clone, Debug)]
pub(super) struct PageTimeline {
    /// What it shows.
    pub(super) title: String,
    /// The same in words, for who does not see it.
    pub(super) description: String,
    /// What today is called.
    pub(super) today: String,
    /// The time of today, in seconds.
    pub(super) now: i64,
    /// What the start and the end of it are called.
    pub(super) ends: [String; 2],
    /// The spans.
    pub(super) spans: Vec<TimeSpan>,
}

/// A span of time.
#[derive(Clone, Debug)]
pub(super) struct TimeSpan {
    /// What held.
    pub(super) label: String,
    /// When it began, in seconds.
    pub(super) from: i64,
    /// When it ended or is to end; none where there is no end.
    pub(super) to: Option<i64>,
    /// Whether it is over.
    pub(super) is_over: bool,
}

impl PageTimeline {
    /// The first and the last second that it shows.
    pub(super) fn range(&self) -> (i64, i64) {
        let times = self.spans.iter().flat_map(|it| [Some(it.from), it.to]);
        let times = times.flatten().chain([self.now]);
        let (first, last) = times.fold((self.now, self.now), |(first, last), time| {
            (first.min(time), last.max(time))
        });
        (first, last.max(first + 1))
    }
}
