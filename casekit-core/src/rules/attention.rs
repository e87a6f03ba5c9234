//! Who waits for whom: what each entry of a thread does to the attention of its case.

use crate::model::{
    Attention, Author, Body, CallDirection, CallOutcome, Entry, Happening, Visibility,
};

/// Whose turn an entry makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// The customer wrote or called: staff has to answer.
    ByCustomer,
    /// A person on staff replied publicly: the customer has been answered.
    ByStaff,
    /// Neither: notes, what the system records, automatic messages, strangers.
    Neither,
}

/// Whose turn `entry` makes it.
pub(crate) fn said(entry: &Entry) -> Said {
    if entry.visibility == Visibility::Internal {
        return Said::Neither;
    }
    match (&entry.body, &entry.author) {
        (Body::Message(message), _) if message.automatic => Said::Neither,
        (Body::Message(_), Author::Customer { .. }) => Said::ByCustomer,
        (Body::Message(_), Author::Agent { .. }) => Said::ByStaff,
        (Body::Call(call), _) if call.direction == CallDirection::Inbound => Said::ByCustomer,
        (Body::Call(call), Author::Agent { .. }) if call.outcome == CallOutcome::Answered => {
            Said::ByStaff
        }
        _ => Said::Neither,
    }
}

/// Takes up an entry that was added at the end of the thread.
pub(crate) fn step(attention: &mut Attention, entry: &mut Entry) {
    if matches!(entry.body, Body::Message(_) | Body::Call(_))
        && entry.visibility == Visibility::Public
    {
        attention.messages += 1;
    }
    match said(entry) {
        Said::ByCustomer => {
            attention.customer_last_at = attention.customer_last_at.max(Some(entry.at));
            // Who writes again keeps the place in the queue.
            attention.awaiting_since.get_or_insert(entry.at);
        }
        Said::ByStaff => {
            entry.ended_wait = attention.awaiting_since.take();
            attention.staff_last_at = attention.staff_last_at.max(Some(entry.at));
            attention.first_reply_at.get_or_insert(entry.at);
        }
        Said::Neither => {}
    }
    if let Body::Happening(Happening::Closed { .. }) = entry.body {
        attention.awaiting_since = None;
    }
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
