//! Who waits for whom: what each entry of a thread does to the attention of its case.

use crate::model::{
    Attention, Author, Body, CallDirection, CallOutcome, Entry, Happening, Turn, Visibility,
};

/// Whose turn `entry` makes it.
pub(crate) fn turn(entry: &Entry) -> Turn {
    if let Body::Happening(Happening::Opened { turn, .. } | Happening::Logged { turn, .. }) =
        entry.body
    {
        return turn;
    }
    if entry.visibility == Visibility::Internal {
        return Turn::Unchanged;
    }
    match (&entry.body, &entry.author) {
        // Who asks for a closed case to be worked on again wants an answer.
        (Body::Happening(Happening::Reopened { .. }), Author::Customer { .. }) => Turn::Staff,
        (Body::Message(message), _) if message.automatic => Turn::Unchanged,
        (Body::Message(_), Author::Customer { .. }) => Turn::Staff,
        (Body::Message(_), Author::Agent { .. }) => Turn::Customer,
        (Body::Call(call), _) if call.direction == CallDirection::Inbound => Turn::Staff,
        (Body::Call(call), Author::Agent { .. }) if call.outcome == CallOutcome::Answered => {
            Turn::Customer
        }
        (Body::Redacted { turn }, _) => *turn,
        _ => Turn::Unchanged,
    }
}

/// Takes up an entry that was added to the thread.
pub(crate) fn step(attention: &mut Attention, entry: &mut Entry) {
    let said = matches!(
        entry.body,
        Body::Message(_) | Body::Call(_) | Body::Redacted { .. }
    );
    if said && entry.visibility == Visibility::Public {
        attention.messages += 1;
    }
    match turn(entry) {
        Turn::Staff => asked(attention, entry, said),
        Turn::Customer => answered(attention, entry),
        Turn::Unchanged => {}
    }
    if let Body::Happening(Happening::Closed { .. }) = entry.body {
        attention.awaiting_since = None;
    }
}

fn asked(attention: &mut Attention, entry: &Entry, said: bool) {
    if said {
        attention.customer_last_at = attention.customer_last_at.max(Some(entry.at));
    }
    // A call that is logged late may have been answered since. Who writes again keeps the place in the queue.
    if attention.staff_last_at <= Some(entry.at) {
        attention.awaiting_since.get_or_insert(entry.at);
    }
}

fn answered(attention: &mut Attention, entry: &mut Entry) {
    // A call that is logged late does not answer what was asked after it.
    if attention.awaiting_since <= Some(entry.at) {
        entry.ended_wait = attention.awaiting_since.take();
    }
    attention.staff_last_at = attention.staff_last_at.max(Some(entry.at));
    let first = attention.first_reply_at.unwrap_or(entry.at);
    attention.first_reply_at = Some(first.min(entry.at));
}

/// The attention of a case with these entries, sorted by time; sets their `ended_wait` anew.
pub(crate) fn derive(entries: &mut [Entry]) -> Attention {
    let mut attention = Attention::default();
    for entry in entries {
        entry.ended_wait = None;
        step(&mut attention, entry);
    }
    attention
}
