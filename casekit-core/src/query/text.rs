//! Words: how text is folded, cut into words and matched, the same in every store.
//!
//! A store that has a full text index of its own writes [`words`] into it, so that all stores find
//! the same records in every language.

use std::borrow::Cow;
use std::collections::BTreeSet;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

/// The most characters of a word that count, and the most words of a search.
const MAX_WORD: usize = 64;
pub(crate) const MAX_WORDS: usize = 16;
/// The most characters of a text that a sort looks at.
const MAX_SORT_KEY: usize = 64;

/// Where every word of a search is in very many records, and its filter selects more than this, a store need look
/// only at so many, the newest that have one of the words: so a search for what everybody says takes no longer the
/// more there is to find, unless no index serves its filter. In very many is a word that more records than this have, or three times as many texts.
pub const MAX_MATCHES: u32 = 10_000;

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
    /// The words of `text`, each once, of which 16 count; `None` if there are none. Operations refuse more.
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
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    let category = CodePointMapData::<GeneralCategory>::new();
    let is_mark = |char: &char| GeneralCategoryGroup::Mark.contains(category.get(*char));
    for char in decomposed.filter(|char| !is_mark(char)) {
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
    if folded.is_ascii() {
        return ascii_words(&folded);
    }
    let mut found = Vec::new();
    for word in folded.unicode_words() {
        let parts = word.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric());
        for part in parts.filter(|part| !part.is_empty()) {
            found.push(part.chars().take(MAX_WORD).collect());
        }
    }
    found
}

/// The same for a folded text of ASCII characters alone, in which Unicode's rules cut nothing that
/// the punctuation does not: many times as fast.
fn ascii_words(folded: &str) -> Vec<String> {
    let parts = folded.split(|c: char| !c.is_ascii_alphanumeric());
    let parts = parts.filter(|part| !part.is_empty());
    parts
        .map(|part| part.get(..MAX_WORD).unwrap_or(part).to_owned())
        .collect()
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

/// Whether one of the folded `words` begins a word of `text`.
pub(crate) fn holds_any(text: &str, words: &[String]) -> bool {
    self::words(text)
        .iter()
        .any(|found| words.iter().any(|word| found.starts_with(word.as_str())))
}

/// What a text is sorted by: folded, without leading blanks, its first 64 characters.
pub fn sort_key(text: &str) -> String {
    fold(text.trim_start()).chars().take(MAX_SORT_KEY).collect()
}

/// The part of `text` around the first of `words`, at most `width` characters, cut at word
/// boundaries; its beginning, if none of them occurs.
pub fn excerpt(text: &str, words: &[String], width: usize) -> String {
    let segments: Vec<&str> = text.split_word_bounds().collect();
    let hit = segments
        .iter()
        .position(|segment| holds_any(segment, words));
    let hit = hit.unwrap_or(0);
    let lengths: Vec<usize> = segments.iter().map(|s| s.chars().count()).collect();
    let (before, after) = lengths.split_at(hit.min(lengths.len()));
    let (led, used) = fitting(before.iter().rev(), width / 3);
    let (followed, _) = fitting(after.iter(), width - used);
    let (start, end) = (hit - led, hit + followed);
    let middle = segments.get(start..end).unwrap_or_default().concat();
    let before = if start > 0 { "…" } else { "" };
    let after = if end < segments.len() { "…" } else { "" };
    format!("{before}{}{after}", middle.trim())
}

/// How many of `lengths`, from the first on, fit into `width`, and what they take of it.
fn fitting<'l>(lengths: impl Iterator<Item = &'l usize>, width: usize) -> (usize, usize) {
    let (mut count, mut used) = (0, 0);
    for length in lengths {
        if used + length > width {
            break;
        }
        count += 1;
        used += length;
    }
    (count, used)
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
    fn ascii_is_cut_in_the_same_places_as_by_unicode() {
        let mut seed = 1_u64;
        for _ in 0..20_000 {
            let text: String = (0..12)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let drawn = u8::try_from(seed >> 57).unwrap_or_default();
                    char::from(b"a1Z9_.,:;'\"- /@\n\r\t\0b2"[usize::from(drawn) % 21])
                })
                .collect();
            // What is not ASCII takes the other way, and is a word of its own.
            let mut other = words(&format!("{text} 打"));
            assert_eq!(other.pop().as_deref(), Some("打"));
            assert_eq!(words(&text), other, "{text:?}");
        }
        let long = "x".repeat(MAX_WORD + 1);
        assert_eq!(words(&long), ["x".repeat(MAX_WORD)]);
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
