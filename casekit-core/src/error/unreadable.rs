//! What is said of JSON that cannot be read: in the words of people who write JSON, without the names
//! that things have in Rust.

use serde_json::Value as Json;

/// The longest text that a message repeats, in characters.
const SHOWN: usize = 60;

/// A value that was given where another was expected, as a message shows it.
pub(crate) fn shown(json: &Json) -> String {
    match json {
        Json::Object(_) => "an object".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::String(text) if text.chars().count() > SHOWN => {
            let begin: String = text.chars().take(SHOWN).collect();
            format!("`{begin}…`")
        }
        Json::String(text) => format!("`{text}`"),
        Json::Null | Json::Bool(_) | Json::Number(_) => format!("`{json}`"),
    }
}

/// What the reader of JSON says, in which a type of Rust is told by its form in JSON.
pub(crate) fn told(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let Some((before, rest)) = message.split_once(", expected ") else {
        return message;
    };
    let (expected, place) = match rest.rfind(" at line ") {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    format!("{before}, expected {}{place}", form(expected))
}

/// How people call what serde names by its type.
fn form(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "unit" => "null",
        _ if expected.starts_with("struct ") => "an object",
        _ if expected.contains("enum ") => "one of its variants",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut() {
        let shown = shown(&Json::String("é".repeat(100)));
        assert_eq!(shown, format!("`{}…`", "é".repeat(60)));
    }

    #[test]
    fn what_is_said_of_other_mistakes_stays() {
        let error = serde_json::from_str::<u8>("[1").unwrap_err();
        assert_eq!(
            told(&error),
            "invalid type: sequence, expected a whole number that is not negative at line 1 column 0"
        );
        let error = serde_json::from_str::<Json>("[1").unwrap_err();
        assert_eq!(told(&error), error.to_string());
    }
}
