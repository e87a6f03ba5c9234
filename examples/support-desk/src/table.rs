//! Tables: columns aligned by the width that text has on a terminal.

use console::{Alignment, measure_text_width, pad_str, truncate_str};

use crate::text::{FAINT, styled};

/// How wide a column gets at most, except for the last, and how narrow it is made to fit the terminal.
const WIDEST: usize = 44;
const NARROWEST: usize = 8;

/// What stands between columns, and before the first.
const GAP: usize = 2;

/// Rows of cells under headings.
#[derive(Debug)]
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(headings: &[&'static str]) -> Self {
        Self {
            headings: headings.to_vec(),
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
        let headings = self.headings.iter().map(|name| styled(FAINT, name));
        let rows: Vec<Vec<String>> = std::iter::once(headings.collect())
            .chain(self.rows)
            .collect();
        let last = self.headings.len().saturating_sub(1);
        let widths = (0..self.headings.len()).map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| measure_text_width(cell)).max();
            let bound = if column == last { usize::MAX } else { WIDEST };
            widest.unwrap_or(0).min(bound)
        });
        let widths = fit(widths.collect(), width);
        rows.iter().map(|row| render_row(row, &widths)).collect()
    }
}

/// Narrows the widest columns until all fit into `width`, as far as that goes.
fn fit(mut widths: Vec<usize>, width: usize) -> Vec<usize> {
    let gaps = widths.len() * GAP;
    let mut surplus = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
    while surplus > 0 {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
        surplus -= 1;
    }
    widths
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
        let mut table = Table::new(&["name", "n"]);
        table.row(["日本".to_owned(), "1".to_owned()]);
        table.row(["José".to_owned(), "2".to_owned()]);
        table.row([styled(FAINT, "x"), "3".to_owned()]);
        let rendered = console::strip_ansi_codes(&table.render()).into_owned();
        assert_eq!(rendered, "  name  n\n  日本  1\n  José  2\n  x     3\n");
    }

    #[test]
    fn what_is_too_wide_is_cut() {
        let mut table = Table::new(&["name", "n"]);
        table.row(["a".repeat(60), "1".to_owned()]);
        let cut = format!("{}…  1", "a".repeat(WIDEST - 1));
        assert!(table.render_in(usize::MAX).contains(&cut));
    }

    #[test]
    fn the_widest_columns_give_way_to_the_width_of_the_terminal() {
        assert_eq!(fit(vec![4, 30, 20], 46), [4, 18, 18]);
        assert_eq!(fit(vec![4, 30, 20], 100), [4, 30, 20]);
        assert_eq!(fit(vec![4, 30, 20], 10), [4, NARROWEST, NARROWEST]);
    }
}
