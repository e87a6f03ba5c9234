//! Tables: columns aligned by the width that text has on a terminal.

use console::{Alignment, measure_text_width, pad_str, truncate_str};

use crate::text::{FAINT, styled};

/// How wide a column gets at most, except for the last, and how narrow it is made to fit the terminal.
const WIDEST: usize = 44;
const NARROWEST: usize = 8;

/// What stands between columns, and before the first.
const GAP: usize = 2;

/// A column with its heading.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Column {
    /// Numbers and times, which say nothing when they are cut.
    Whole(&'static str),
    /// Text, which is cut where there is little room.
    Text(&'static str),
}

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::Whole(heading) | Self::Text(heading) => heading,
        }
    }
}

/// Rows of cells under headings.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: &[Column]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, made to fit the terminal if there is one.
    pub(crate) fn render(self) -> String {
        let terminal = console::Term::stdout();
        let terminal = terminal.size_checked().filter(|_| terminal.is_term());
        let width = terminal.map_or(usize::MAX, |(_, columns)| usize::from(columns));
        self.render_in(width)
    }

    fn render_in(self, width: usize) -> String {
        let headings = self.columns.iter();
        let headings = headings.map(|column| styled(FAINT, column.heading()));
        let rows: Vec<Vec<String>> = std::iter::once(headings.collect())
            .chain(self.rows)
            .collect();
        let last = self.columns.len().saturating_sub(1);
        let widths = self.columns.iter().enumerate().map(|(place, column)| {
            let cells = rows.iter().filter_map(|row| row.get(place));
            let widest = cells.map(|cell| measure_text_width(cell)).max();
            let bound = if place == last { usize::MAX } else { WIDEST };
            (*column, widest.unwrap_or(0).min(bound))
        });
        let widths = fit(widths.collect(), width);
        rows.iter().map(|row| render_row(row, &widths)).collect()
    }
}

/// Narrows the widest columns of text until all fit into `width`, as far as that goes.
fn fit(mut columns: Vec<(Column, usize)>, width: usize) -> Vec<usize> {
    let taken: usize = columns.iter().map(|(_, width)| width + GAP).sum();
    for _ in 0..taken.saturating_sub(width) {
        let texts = columns
            .iter_mut()
            .filter(|(column, _)| matches!(column, Column::Text(_)));
        match texts.map(|(_, width)| width).max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
    columns.into_iter().map(|(_, width)| width).collect()
}

fn render_row(cells: &[String], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths).map(|(cell, width)| {
        let cut = truncate_str(cell, *width, "…");
        pad_str(&cut, *width, Alignment::Left, None).into_owned()
    });
    let gap = " ".repeat(GAP);
    let line = cells.fold(String::new(), |line, cell| line + &gap + &cell);
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_width_on_the_terminal() {
        let mut table = Table::new(&[Column::Text("name"), Column::Whole("n")]);
        table.row(["日本".to_owned(), "1".to_owned()]);
        table.row(["José".to_owned(), "2".to_owned()]);
        table.row([styled(FAINT, "x"), "3".to_owned()]);
        let rendered = console::strip_ansi_codes(&table.render()).into_owned();
        assert_eq!(rendered, "  name  n\n  日本  1\n  José  2\n  x     3\n");
    }

    #[test]
    fn what_is_too_wide_is_cut() {
        let mut table = Table::new(&[Column::Text("name"), Column::Whole("n")]);
        table.row(["a".repeat(60), "1".to_owned()]);
        let cut = format!("{}…  1", "a".repeat(WIDEST - 1));
        assert!(table.render_in(usize::MAX).contains(&cut));
    }

    #[test]
    fn columns_of_text_give_way_to_the_width_of_the_terminal() {
        let columns = || {
            let [number, name, text] = ["n", "name", "text"];
            vec![
                (Column::Whole(number), 16),
                (Column::Text(name), 30),
                (Column::Text(text), 20),
            ]
        };
        assert_eq!(fit(columns(), 58), [16, 18, 18]);
        assert_eq!(fit(columns(), 100), [16, 30, 20]);
        assert_eq!(fit(columns(), 10), [16, NARROWEST, NARROWEST]);
    }
}
