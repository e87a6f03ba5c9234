//! Operations by their names, with JSON in and out: how other languages run them.
//!
//! What is generic here is made anew for every operation, and much of what a browser has to fetch: so it is short.

use super::{Audience, Operation, registry};
use crate::desk::{Call, Run};
use crate::error::unreadable::told;
use crate::error::{Error, Result};
use crate::json;
use crate::port::Access;
use crate::send::{BoxFuture, MaybeSend};

/// An operation as the registry knows it.
#[derive(Debug, Clone, Copy)]
pub struct OperationInfo {
    /// The name.
    pub name: &'static str,
    /// Who can run it: `staff` or `customers`.
    pub audience: &'static str,
    /// What one must be allowed to do.
    pub access: Access,
    read: fn(&[u8]) -> Result<Box<dyn AnyRun>>,
    /// The JSON Schema of its input and of its output.
    #[cfg(feature = "schema")]
    pub schema: fn(&mut schemars::SchemaGenerator) -> (schemars::Schema, schemars::Schema),
}

impl OperationInfo {
    pub(super) const fn of<O: Operation>() -> Self {
        Self {
            name: O::NAME,
            audience: <O::For as Audience>::NAME,
            access: O::ACCESS,
            read: read::<O>,
            #[cfg(feature = "schema")]
            schema: |generator| {
                (
                    generator.subschema_for::<O>(),
                    generator.subschema_for::<O::Output>(),
                )
            },
        }
    }

    /// Runs it with JSON in and out.
    pub(crate) fn run(&self, call: Call, input: &[u8]) -> BoxFuture<'static, Result<Vec<u8>>> {
        let run = (self.read)(input);
        Box::pin(async move {
            let mut run = run?;
            run.perform(&call).await?;
            run.written()
        })
    }
}

/// The operation called `name`.
pub fn find(name: &str) -> Option<&'static OperationInfo> {
    registry().iter().find(|operation| operation.name == name)
}

/// An operation of any type.
trait AnyRun: MaybeSend {
    /// Does it.
    fn perform<'a>(&'a mut self, call: &'a Call) -> BoxFuture<'a, Result<()>>;

    /// Its answer as JSON.
    fn written(&self) -> Result<Vec<u8>>;
}

impl<O: Operation> AnyRun for Run<O> {
    fn perform<'a>(&'a mut self, call: &'a Call) -> BoxFuture<'a, Result<()>> {
        O::perform(self, call)
    }

    fn written(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self.seen()?).map_err(unwritable)
    }
}

fn read<O: Operation>(input: &[u8]) -> Result<Box<dyn AnyRun>> {
    let operation: O = json::read(input).map_err(|error| unreadable(O::NAME, &error))?;
    Ok(Box::new(Run::of(operation)))
}

fn unreadable(name: &str, error: &serde_json::Error) -> Error {
    Error::invalid(format!("`{name}` cannot be read: {}", told(error)))
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::bug("an answer has no JSON form").with_source(error)
}
