//! A copy of a workspace in memory, by which a store in JavaScript finds.

use std::cell::RefCell;

use casekit_core::model::{Key, Kind, WorkspaceId};
use casekit_core::{Error, ErrorKind, Result};
use casekit_memory::Mirror;
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json::{answer, read, write};

/// A copy of one workspace's records with the indexes of the store in memory.
#[wasm_bindgen(js_name = Mirror)]
#[derive(Debug)]
pub struct JsMirror {
    workspace: WorkspaceId,
    mirror: RefCell<Mirror>,
}

#[wasm_bindgen(js_class = Mirror)]
impl JsMirror {
    /// An empty copy of a workspace.
    #[wasm_bindgen(constructor)]
    pub fn new(workspace: &str) -> Result<Self, JsValue> {
        answer(|| {
            Ok(Self {
                workspace: workspace.parse()?,
                mirror: RefCell::default(),
            })
        })
    }

    /// Takes in a record of `kind`, which `body` is the JSON of.
    pub fn put(&self, kind: &str, body: &str) -> Result<(), JsValue> {
        answer(|| {
            let record = kind_of(kind)?.from_json(body.as_bytes()).map_err(|error| {
                let message = format!("a stored {kind} cannot be read");
                Error::new(ErrorKind::Storage, message).with_source(error)
            })?;
            self.mirror.borrow_mut().put(record);
            Ok(())
        })
    }

    /// Forgets the record of `kind` with this id.
    pub fn remove(&self, kind: &str, id: &str) -> Result<(), JsValue> {
        answer(|| {
            let id = Uuid::parse_str(id)
                .map_err(|error| Error::bug(format!("`{id}` is no id")).with_source(error))?;
            let key = Key {
                workspace: self.workspace,
                kind: kind_of(kind)?,
                id,
            };
            self.mirror.borrow_mut().remove(key);
            Ok(())
        })
    }

    /// The page that a query finds.
    pub fn find(&self, query: &str) -> Result<String, JsValue> {
        answer(|| write(&self.mirror.borrow().find(&read(query)?)?))
    }

    /// The rows that an aggregate gives.
    pub fn aggregate(&self, aggregate: &str) -> Result<String, JsValue> {
        answer(|| write(&self.mirror.borrow().aggregate(&read(aggregate)?)?))
    }
}

fn kind_of(name: &str) -> Result<Kind> {
    let mut kinds = Kind::ALL.iter().copied();
    let found = kinds.find(|kind| kind.name() == name);
    found.ok_or_else(|| Error::bug(format!("`{name}` is no kind of record")))
}
