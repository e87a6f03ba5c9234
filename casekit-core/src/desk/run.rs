//! An operation with its answer.

use super::context::Context;
use super::engine::Attempt;
use crate::change::Committed;
use crate::error::{Error, Result};
use crate::operations::Operation;
use crate::send::BoxFuture;

/// An operation, and its answer once it was run.
#[derive(Debug)]
pub struct Run<O: Operation> {
    operation: O,
    output: Option<O::Output>,
}

impl<O: Operation> Run<O> {
    pub(crate) fn of(operation: O) -> Self {
        Self {
            operation,
            output: None,
        }
    }

    /// The operation.
    pub fn operation(&self) -> &O {
        &self.operation
    }

    /// Keeps its answer.
    pub fn answer(&mut self, output: O::Output) {
        self.output = Some(output);
    }

    /// Its answer, after it was run.
    pub(crate) fn answered(self) -> Result<O::Output> {
        self.output.ok_or_else(without_answer)
    }

    /// The same without taking it.
    pub(crate) fn seen(&self) -> Result<&O::Output> {
        self.output.as_ref().ok_or_else(without_answer)
    }
}

impl<O: Operation> Attempt for Run<O> {
    fn run<'a>(&'a mut self, context: &'a mut Context) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.output = Some(self.operation.run(context).await?);
            Ok(())
        })
    }

    fn finish(&mut self, committed: &Committed) {
        if let Some(output) = &mut self.output {
            O::finish(output, committed);
        }
    }
}

fn without_answer() -> Error {
    Error::bug("an operation ended without an answer")
}
