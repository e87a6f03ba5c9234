//! Changes to seeds, for runs without a fuzzer.

/// What breaks programs, put where something else was.
const WORDS: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "1",
    "18446744073709551616",
    "1e308",
    "-0.0",
    "\"\"",
    "[]",
    "{}",
    "\"\\u0000\"",
    "\"\\ud83d\"",
    "\"é\"",
    "\"%_\\\\\"",
    "\"9999-12-31T23:59:60Z\"",
    ",",
    ":",
    "\"",
];

/// `seed` with one to four changes.
pub fn mutate(seed: &[u8], rng: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..rng.usize(1..=4) {
        let start = rng.usize(..=bytes.len());
        let end = rng.usize(start..=bytes.len().min(start + 12));
        match rng.u8(..6) {
            0 => bytes.truncate(start),
            1 => drop(bytes.drain(start..end)),
            2 => bytes.insert(start, rng.u8(..)),
            3 => {
                let copied = bytes.get(start..end).unwrap_or_default().to_vec();
                bytes.splice(end..end, copied);
            }
            _ => {
                let word = rng.choice(WORDS).copied().unwrap_or_default();
                let (start, end) = value_at(&bytes, start);
                bytes.splice(start..end, word.bytes());
            }
        }
    }
    bytes
}

/// Where the value of JSON begins and ends that `at` is in, roughly.
fn value_at(bytes: &[u8], at: usize) -> (usize, usize) {
    let bounds = |byte: &u8| b",:[]{} ".contains(byte);
    let (before, after) = bytes.split_at(at.min(bytes.len()));
    let start = before.iter().rposition(bounds).map_or(0, |found| found + 1);
    let end = after.iter().position(bounds).unwrap_or(after.len());
    (start, before.len() + end)
}
