//! Any bytes as an operation: its actor, its name, its input.

use casekit_core::ErrorKind;
use casekit_core::model::Actor;
use serde::de::IgnoredAny;

use crate::world::{AGENT, CUSTOMER, World};

/// Runs `agent|customer|system NAME INPUT`. It never panics, and answers JSON, or an error that is
/// neither a fault of ours nor a reason to try again. Gives the error's message, if it was one.
pub fn operation(data: &[u8]) -> Result<(), String> {
    let mut words = data.splitn(3, |byte| *byte == b' ');
    let mut word = || words.next().unwrap_or_default();
    let actor = match word() {
        b"agent" => Actor::Agent(AGENT),
        b"customer" => Actor::Customer(CUSTOMER),
        _ => Actor::System,
    };
    let Ok(name) = std::str::from_utf8(word()) else {
        return Err("the name is no text".to_owned());
    };
    let input = word();
    let world = World::new();
    let outcome = match world.call(actor, name, input) {
        Ok(answer) => {
            let json = serde_json::from_slice::<IgnoredAny>(&answer);
            assert!(json.is_ok(), "`{name}` answered no JSON");
            Ok(())
        }
        Err(error) => {
            let message = error.message();
            assert_ne!(error.kind(), ErrorKind::Bug, "`{name}`: {message}");
            assert!(!error.is_retryable(), "`{name}`, alone, again: {message}");
            assert!(!message.is_empty(), "`{name}`: an error without a message");
            Err(message.to_owned())
        }
    };
    let readable = world.call(Actor::System, "find_cases", b"{}");
    assert!(readable.is_ok(), "after `{name}`: {readable:?}");
    outcome
}
