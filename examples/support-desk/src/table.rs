//! Tables: columns aligned by the width that text has on a terminal.

use console::{Alignment, measure_text_width, pad_str, truncate_str};

use crate::text::{FAINT, styled};

/// How wide a column gets at most; the last one is not cut.
const MAX_COLUMN: usize = 44;

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

    /// The table as text, indented by two.
    pub(crate) fn render(self) -> String {
        let headings = self.headings.iter().map(|name| styled(FAINT, name));
        let rows: Vec<Vec<String>> = std::iter::once(headings.collect())
            .chain(self.rows)
            .collect();
        let widths: Vec<usize> = (0..self.headings.len())
            .map(|column| {
                let cells = rows.iter().filter_map(|row| row.get(column));
                let widest = cells.map(|cell| measure_text_width(cell)).max();
                widest.unwrap_or(0).min(MAX_COLUMN)
            })
            .collect();
        rows.iter().map(|row| render_row(row, &widths)).collect()
    }
}

fn render_row(cells: &[String], widths: &[usize]) -> String {
    let last = cells.len().saturating_sub(1);
    let cells = cells.iter().zip(widths).enumerate();
    let cells: Vec<_> = cells
        .map(|(place, (cell, width))| {
            if place == last {
                return cell.clone();
            }
            let cut = truncate_str(cell, *width, "…");
            pad_str(&cut, *width, Alignment::Left, None).into_owned()
        })
        .collect();
    format!("  {}\n", cells.join("  ").trim_end())
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
        let cut = format!("{}…  1", "a".repeat(MAX_COLUMN - 1));
        assert!(table.render().contains(&cut));
    }
}
