//! Who waits for whom: what each entry of a thread does to the attention of its case.

use std::collections::BTreeMap;

use crate::model::{
    Attention, Author, Body, CallDirection, CallOutcome, CaseId, Entry, Happening, Stay, Time,
    Turn, Visibility, Wait,
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

/// The attention that follows from the whole of a case, sorted by time; sets the `ended_wait` of its entries anew.
///
/// What is said answers, or closes, what was in the same case when it was said.
pub(crate) fn derive<'a>(entries: impl IntoIterator<Item = &'a mut Entry>) -> (Attention, Waits) {
    let mut attention = Attention::default();
    let mut waits = Waits::default();
    for entry in entries {
        entry.ended_wait = None;
        waits.end_elsewhere(|stay| stay.until < entry.at);
        let together = waits.together_with(entry);
        attention.awaiting_since = together.values().min().copied();
        step(&mut attention, entry);
        if attention.awaiting_since.is_none() {
            waits.0.retain(|way, _| !together.contains_key(way));
        } else if turn(entry) == Turn::Staff {
            waits.0.entry(entry.was_in.clone()).or_insert(entry.at);
        }
    }
    waits.end_elsewhere(|_| true);
    attention.awaiting_since = waits.0.values().min().copied();
    (attention, waits)
}

/// Since when there is a wait, by the way the question came: entries that came the same way were always
/// together.
#[derive(Debug, Default)]
pub(crate) struct Waits(BTreeMap<Vec<Stay>, Time>);

impl Waits {
    /// Whether a wait that `entry` began, or prolonged, goes on.
    pub(crate) fn of(&self, entry: &Entry) -> Wait {
        match self.0.get(&entry.was_in) {
            Some(since) if *since <= entry.at => Wait::GoesOn,
            _ => Wait::Over,
        }
    }

    fn end_elsewhere(&mut self, by_then: impl Fn(&Stay) -> bool) {
        let over = |stay: &Stay| stay.wait == Wait::Over && by_then(stay);
        self.0.retain(|way, _| !way.iter().any(over));
    }

    /// Those that were in the same case as `entry` when it was said.
    fn together_with(&self, entry: &Entry) -> BTreeMap<Vec<Stay>, Time> {
        let here = place(&entry.was_in, entry.at);
        let waits = self.0.iter();
        let together = waits.filter(|(way, _)| place(way, entry.at) == here);
        together.map(|(way, since)| (way.clone(), *since)).collect()
    }
}

/// The case in which what came this way was at a time; none for the one in which it is now.
fn place(way: &[Stay], at: Time) -> Option<CaseId> {
    let stay = way.iter().find(|stay| at <= stay.until);
    stay.map(|stay| stay.case)
}
