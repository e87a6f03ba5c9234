//! Records that every operation reads, kept as they were decoded.
//!
//! Each operation loads its workspace and its agent anew, as others may have changed them. Most
//! often they are what they were, byte by byte; then nothing has to be decoded.

use std::cell::RefCell;
use std::collections::BTreeMap;

use casekit_core::model::{Entity, Key, Kind};

/// How many records are kept.
const CAPACITY: usize = 256;

/// Records as they were decoded last, with the JSON that they were decoded from.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    records: RefCell<BTreeMap<Key, Known>>,
}

#[derive(Debug)]
struct Known {
    json: Box<[u8]>,
    record: Entity,
}

impl Decoded {
    /// The record that this JSON stands for, decoded by `decode` unless it is known.
    pub(crate) fn get<E>(
        &self,
        key: Key,
        json: &[u8],
        decode: impl FnOnce() -> Result<Entity, E>,
    ) -> Result<Entity, E> {
        if !matches!(key.kind, Kind::Workspace | Kind::Agent) {
            return decode();
        }
        let mut records = self.records.borrow_mut();
        if let Some(known) = records.get(&key)
            && *known.json == *json
        {
            return Ok(known.record.clone());
        }
        let record = decode()?;
        if records.len() >= CAPACITY {
            records.clear();
        }
        let known = Known {
            json: json.into(),
            record: record.clone(),
        };
        records.insert(key, known);
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use casekit_core::model::WorkspaceId;
    use casekit_testkit::generate::Generator;
    use uuid::Uuid;

    use super::*;

    fn decode(json: &[u8]) -> Result<Entity, serde_json::Error> {
        Kind::Agent.from_json(json)
    }

    #[test]
    fn what_is_known_is_decoded_once_and_what_changed_again() {
        let decoded = Decoded::default();
        let mut agent = Entity::from(Generator::new(1, WorkspaceId(Uuid::nil())).agent());
        let key = agent.key();
        let before = agent.to_json().unwrap();
        let unexpected = || -> Result<Entity, serde_json::Error> { panic!("it is known") };
        assert_eq!(
            decoded.get(key, &before, || decode(&before)).unwrap(),
            agent
        );
        assert_eq!(decoded.get(key, &before, unexpected).unwrap(), agent);
        // The same version with other contents: it was deleted and created again.
        if let Entity::Agent(agent) = &mut agent {
            Arc::make_mut(agent).name.push('!');
        }
        let after = agent.to_json().unwrap();
        assert_eq!(decoded.get(key, &after, || decode(&after)).unwrap(), agent);
        assert_eq!(decoded.get(key, &after, unexpected).unwrap(), agent);
    }

    #[test]
    fn no_more_is_kept_than_fits() {
        let decoded = Decoded::default();
        let mut generator = Generator::new(1, WorkspaceId(Uuid::nil()));
        for _ in 0..=CAPACITY {
            let agent = Entity::from(generator.agent());
            let json = agent.to_json().unwrap();
            decoded.get(agent.key(), &json, || decode(&json)).unwrap();
        }
        assert_eq!(decoded.records.borrow().len(), 1);
    }
}
