//! Words: how text is folded, cut into words and matched, the same in every store.
//!
//! A store that has a full text index of its own writes [`words`] into it, so that all stores find
//! the same records in every language.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// The most characters of a word that count, and the most words of a search.
const MAX_WORD: usize = 64;
const MAX_WORDS: usize = 16;
/// The most characters of a text that a sort looks at.
const MAX_SORT_KEY: usize = 64;

/// Words by which a record must be found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextQuery {
    /// The folded words; each must begin a word of the record's texts.
    pub words: Vec<String>,
    /// Whose texts count.
    pub scope: Scope,
}

/// Whose texts a search looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Public and internal texts: for staff.
    All,
    /// Public texts only: for customers.
    Public,
}

impl TextQuery {
    /// The words of `text`; `None` if there are none.
    pub fn new(text: &str, scope: Scope) -> Option<Self> {
        let mut seen = BTreeSet::new();
        let words: Vec<_> = words(text)
            .into_iter()
            .filter(|word| seen.insert(word.clone()))
            .take(MAX_WORDS)
            .collect();
        (!words.is_empty()).then_some(Self { words, scope })
    }
}

/// `text` without case and accents: "Señor STRAẞE" becomes "senor strasse".
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    for char in text.nfkd().filter(|char| !is_combining_mark(*char)) {
        match char {
            'ß' | 'ẞ' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'đ' | 'Đ' => folded.push('d'),
            _ => folded.extend(char.to_lowercase()),
        }
    }
    Cow::Owned(folded)
}

/// The folded words of `text`, in order: cut by Unicode's rules (UAX #29), then at ASCII punctuation.
///
/// A word holds no ASCII character but a-z and 0-9, so that a text index can be given the words
/// with blanks between and will cut them again in the same places.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut found = Vec::new();
    for word in folded.unicode_words() {
        let parts = word.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric());
        for part in parts.filter(|part| !part.is_empty()) {
            found.push(part.chars().take(MAX_WORD).collect());
        }
    }
    found
}

/// Whether each of `query` begins a word of `text`.
pub fn matches(query: &TextQuery, text: &BTreeSet<String>) -> bool {
    query.words.iter().all(|word| {
        text.range::<str, _>((
            std::ops::Bound::Included(word.as_str()),
            std::ops::Bound::Unbounded,
        ))
        .next()
        .is_some_and(|found| found.starts_with(word.as_str()))
    })
}

/// What a text is sorted by: folded, without leading blanks, its first 64 characters.
pub fn sort_key(text: &str) -> String {
    fold(text.trim_start()).chars().take(MAX_SORT_KEY).collect()
}

/// The part of `text` around the first of `words`, at most `width` characters, cut at word
/// boundaries; its beginning, if none of them occurs.
pub fn excerpt(text: &str, words: &[String], width: usize) -> String {
    let segments: Vec<&str> = text.split_word_bounds().collect();
    let hit = segments.iter().position(|segment| {
        self::words(segment)
            .iter()
            .any(|found| words.iter().any(|word| found.starts_with(word.as_str())))
    });
    let hit = hit.unwrap_or(0);
    let length = |range: &[&str]| range.iter().map(|s| s.chars().count()).sum::<usize>();
    let mut start = hit;
    let slice = |from: usize, to: usize| segments.get(from..to).unwrap_or_default();
    while start > 0 && length(slice(start - 1, hit)) <= width / 3 {
        start -= 1;
    }
    let mut end = hit;
    while end < segments.len() && length(slice(start, end + 1)) <= width {
        end += 1;
    }
    let middle = slice(start, end).concat();
    let before = if start > 0 { "…" } else { "" };
    let after = if end < segments.len() { "…" } else { "" };
    format!("{before}{}{after}", middle.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_removes_case_and_accents() {
        assert_eq!(fold("Señor STRAẞE"), "senor strasse");
        assert_eq!(
            fold("Ærøskøbing Łódź Ĳsselmeer"),
            "aeroskobing lodz ijsselmeer"
        );
        assert_eq!(fold("plain"), "plain");
    }

    #[test]
    fn words_are_cut_at_ascii_punctuation_and_between_han_characters() {
        assert_eq!(
            words("Don't e-mail a@b.com, 3.5€!"),
            ["don", "t", "e", "mail", "a", "b", "com", "3", "5"]
        );
        assert_eq!(words("打印机"), ["打", "印", "机"]);
    }

    #[test]
    fn an_excerpt_surrounds_the_hit_and_keeps_whole_words() {
        let text = "The quick brown fox jumps over the lazy dog and runs away into the forest";
        assert_eq!(
            excerpt(text, &["laz".into()], 30),
            "…over the lazy dog and runs…"
        );
        assert_eq!(excerpt("short", &["nothing".into()], 30), "short");
    }
}
