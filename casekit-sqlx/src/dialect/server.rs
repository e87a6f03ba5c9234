//! What the dialects of servers have in common.

use casekit_core::model::Value;

/// A text that sorts among the texts of values of the same type as the value does among the values.
///
/// A column cannot hold values of several types there, and compare them.
pub(crate) fn held_text(value: &Value) -> String {
    const SIGN: u64 = 1 << 63;
    let whole = |number: &i64| format!("{:016x}", number.cast_unsigned() ^ SIGN);
    match value {
        Value::Bool(yes) => u8::from(*yes).to_string(),
        Value::Int(number) | Value::Time(number) => whole(number),
        Value::Real(number) => {
            // Adding 0 makes -0 a 0.
            let bits = (number + 0.0).to_bits();
            let sorted = if bits & SIGN == 0 { bits | SIGN } else { !bits };
            format!("{sorted:016x}")
        }
        Value::Text(text) => text.clone(),
        Value::Id(id) => id.simple().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_sort_as_their_texts() {
        let numbers = [i64::MIN, -300, -1, 0, 1, 2, 300, i64::MAX];
        let reals = [f64::MIN, -2.5, -1.0, -0.0, 1e-300, 0.5, 1.0, 1e22, f64::MAX];
        let ids = [0_u128, 1, 1 << 64, u128::MAX].map(uuid::Uuid::from_u128);
        let all: Vec<Vec<Value>> = vec![
            numbers.map(Value::Int).to_vec(),
            numbers.map(Value::Time).to_vec(),
            reals.map(Value::Real).to_vec(),
            ids.map(Value::Id).to_vec(),
            vec![Value::Bool(false), Value::Bool(true)],
        ];
        for pair in all.iter().flat_map(|values| values.windows(2)) {
            let [a, b] = pair else { continue };
            assert!(held_text(a) < held_text(b), "{a:?} {b:?}");
        }
        assert_eq!(held_text(&Value::Real(-0.0)), held_text(&Value::Real(0.0)));
    }
}
