//! Values as bytes that sort like the values, so that an index is a plain sorted set.

use casekit_core::model::Value;
use smallvec::SmallVec;
use uuid::Uuid;

/// The values of an index one after another, then the id of the record. Most fit without an
/// allocation of their own, which keeps the nodes of the index together in memory.
pub(crate) type OrderKey = SmallVec<[u8; 48]>;

/// Appends a value. Two keys compare like the lists of values that were appended to them.
pub(crate) fn push(key: &mut OrderKey, value: &Value) {
    match value {
        Value::Bool(yes) => key.extend([0, u8::from(*yes)]),
        Value::Int(number) => push_number(key, 1, signed(*number)),
        Value::Real(number) => push_number(key, 2, real(*number)),
        Value::Text(text) => {
            push_start(key, text);
            // Below every byte of a longer text: a NUL in a text is followed by 255.
            key.extend([0, 0]);
        }
        Value::Time(time) => push_number(key, 4, signed(*time)),
        Value::Id(id) => {
            key.push(5);
            key.extend_from_slice(id.as_bytes());
        }
    }
}

/// Appends the beginning of a text: a prefix of every text that begins so.
pub(crate) fn push_start(key: &mut OrderKey, text: &str) {
    key.push(3);
    for byte in text.bytes() {
        key.push(byte);
        if byte == 0 {
            key.push(255);
        }
    }
}

/// Appends the id of the record, always last.
pub(crate) fn push_record(key: &mut OrderKey, id: Uuid) {
    key.extend_from_slice(id.as_bytes());
}

/// The id of the record, with which every key ends.
pub(crate) fn record(key: &OrderKey) -> Uuid {
    let (_, id) = key.split_last_chunk().unwrap_or((&[], &[0; 16]));
    Uuid::from_bytes(*id)
}

/// The first key that sorts after all that begin with `prefix`; none if there is no such key.
pub(crate) fn successor(prefix: &OrderKey) -> Option<OrderKey> {
    let mut next = prefix.clone();
    while let Some(last) = next.pop() {
        if last < 255 {
            next.push(last + 1);
            return Some(next);
        }
    }
    None
}

fn push_number(key: &mut OrderKey, tag: u8, sortable: u64) {
    key.push(tag);
    key.extend_from_slice(&sortable.to_be_bytes());
}

fn signed(number: i64) -> u64 {
    number.cast_unsigned() ^ 1 << 63
}

fn real(number: f64) -> u64 {
    // Adding 0 makes -0 a 0, as in the order of values.
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 0 {
        bits | 1 << 63
    } else {
        !bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Value> {
        let texts = [
            "",
            "\0",
            "\0\0",
            "\0a",
            "a",
            "a\0",
            "a\u{ff}",
            "ab",
            "b",
            "\u{10ffff}",
        ];
        let reals = [f64::MIN, -1.5, -0.0, 0.0, f64::MIN_POSITIVE, 1.5, f64::MAX];
        let ints = [i64::MIN, -1, 0, 1, i64::MAX];
        let ids = [Uuid::nil(), Uuid::from_u128(1), Uuid::max()];
        let mut all = vec![Value::Bool(false), Value::Bool(true)];
        all.extend(ints.map(Value::Int));
        all.extend(reals.map(Value::Real));
        all.extend(texts.map(Value::from));
        all.extend(ints.map(Value::Time));
        all.extend(ids.map(Value::Id));
        all
    }

    fn key(values: &[&Value]) -> OrderKey {
        let mut key = OrderKey::new();
        for value in values {
            push(&mut key, value);
        }
        key
    }

    #[test]
    fn keys_compare_like_values() {
        let all = samples();
        for a in &all {
            for b in &all {
                assert_eq!(key(&[a]).cmp(&key(&[b])), a.cmp(b), "{a:?} {b:?}");
                for c in &all {
                    let (left, right) = (key(&[a, c]), key(&[b, b]));
                    assert_eq!(left.cmp(&right), (a, c).cmp(&(b, b)), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }

    #[test]
    fn a_successor_follows_all_that_begin_alike_and_nothing_more() {
        let prefix = OrderKey::from_slice(&[7, 255, 255]);
        let next = successor(&prefix).expect("there is one");
        assert_eq!(next.as_slice(), [8]);
        assert!(OrderKey::from_slice(&[7, 255, 255, 255, 255]) < next);
        assert_eq!(successor(&OrderKey::from_slice(&[255, 255])), None);
    }

    #[test]
    fn the_record_is_at_the_end() {
        let id = Uuid::from_u128(0x1234);
        let mut key = key(&[&Value::from("x")]);
        push_record(&mut key, id);
        assert_eq!(record(&key), id);
    }
}
