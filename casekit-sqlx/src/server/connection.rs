//! Connections: whose they are, and running statements on them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use casekit_core::Error;
use casekit_core::port::Clock;
use sqlx::Transaction;
use tokio::sync::{Mutex, MutexGuard, watch};
use tracing::{Instrument as _, Span};

use super::parked::{Parked, Parking};
use super::{ConnectionOf, Result, RowOf, Server};
use crate::compile::Statement;
use crate::lent::taken_back;
use crate::told;

/// What the clones of a store share.
#[derive(Debug)]
pub struct Core<S: Server> {
    pub(crate) server: S,
    pub(crate) place: Place<S>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How many statements were run.
    pub(crate) statements: AtomicU64,
    /// Counts what may have brought events.
    pub(crate) changed: watch::Sender<u64>,
    /// Whether somebody looks for events that others commit.
    pub(crate) watched: AtomicBool,
}

/// Where statements run.
#[derive(Debug)]
pub(crate) enum Place<S: Server> {
    /// On connections of a pool.
    Pool(Parking<S::Database>),
    /// In a transaction of the host, until it takes it back.
    Transaction(Mutex<Option<Transaction<'static, S::Database>>>),
}

impl<S: Server> Core<S> {
    pub(crate) fn new(server: S, place: Place<S>, clock: Arc<dyn Clock>) -> Self {
        Self {
            server,
            place,
            clock,
            statements: AtomicU64::new(0),
            changed: watch::Sender::new(0),
            watched: AtomicBool::new(false),
        }
    }

    /// A connection to run statements on.
    pub(crate) async fn session(&self) -> Result<Session<'_, S>> {
        let held = match &self.place {
            Place::Pool(parking) => Held::Pooled(parking.take().await?),
            Place::Transaction(transaction) => Held::Lent(transaction.lock().await),
        };
        Ok(Session { core: self, held })
    }

    /// A connection in a transaction that `begin` begins; at a savepoint of the host's, if there is one.
    #[cfg(feature = "mysql")]
    pub(crate) async fn transaction(&self, begin: &'static str) -> Result<Session<'_, S>> {
        let mut session = self.session().await?;
        match &mut session.held {
            Held::Pooled(connection) => {
                // Whoever is cancelled meanwhile leaves it in the transaction.
                connection.close_at_end(true);
                session.script(begin).await?;
            }
            Held::Lent(_) => session.script("SAVEPOINT casekit").await?,
        }
        Ok(session)
    }

    /// Counts a statement, and gives the span in which it runs.
    fn count(&self, sql: &str) -> Span {
        self.statements.fetch_add(1, Ordering::Relaxed);
        told::statement(sql)
    }

    /// Tells those who wait that there may be events.
    pub(crate) fn tell_changed(&self) {
        self.changed.send_modify(|times| *times += 1);
    }
}

/// A connection in use.
pub struct Session<'c, S: Server> {
    pub(crate) core: &'c Core<S>,
    held: Held<'c, S>,
}

enum Held<'c, S: Server> {
    Pooled(Parked<'c, S::Database>),
    Lent(MutexGuard<'c, Option<Transaction<'static, S::Database>>>),
}

impl<S: Server> Session<'_, S> {
    /// Runs a statement and gives its rows.
    pub(crate) async fn rows(&mut self, statement: &Statement) -> Result<Vec<RowOf<S>>> {
        let span = self.core.count(&statement.sql);
        let rows = S::rows(self.connection()?, statement);
        let rows = rows.instrument(span.clone()).await?;
        told::rows(&span, rows.len());
        self.went_well();
        Ok(rows)
    }

    /// The same for a search, whose best plan depends on what is searched for.
    pub(crate) async fn found(&mut self, statement: &Statement) -> Result<Vec<RowOf<S>>> {
        let span = self.core.count(&statement.sql);
        let rows = S::found(self.connection()?, statement);
        let rows = rows.instrument(span.clone()).await?;
        told::rows(&span, rows.len());
        self.went_well();
        Ok(rows)
    }

    /// Runs statements without parameters.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        let span = self.core.count(sql);
        let done = S::script(self.connection()?, sql.to_owned());
        done.instrument(span).await?;
        self.went_well();
        Ok(())
    }

    /// Commits what was done since [`Core::transaction`]; the rest of the host's is the host's to commit.
    #[cfg(feature = "mysql")]
    pub(crate) async fn commit(mut self) -> Result<()> {
        self.end("COMMIT", "RELEASE SAVEPOINT casekit").await
    }

    /// Takes back what was done since [`Core::transaction`].
    #[cfg(feature = "mysql")]
    pub(crate) async fn roll_back(mut self) -> Result<()> {
        self.end("ROLLBACK", "ROLLBACK TO SAVEPOINT casekit").await
    }

    /// Ends a transaction of ours, or a part of the host's.
    #[cfg(feature = "mysql")]
    async fn end(&mut self, ours: &str, of_host: &str) -> Result<()> {
        if matches!(self.held, Held::Lent(_)) {
            return self.script(of_host).await;
        }
        self.script(ours).await?;
        if let Held::Pooled(connection) = &mut self.held {
            connection.close_at_end(false);
        }
        Ok(())
    }

    /// Closes the connection at the end, and so ends whatever is left open on it.
    pub(crate) fn close_at_end(&mut self) {
        if let Held::Pooled(connection) = &mut self.held {
            connection.close_at_end(true);
        }
    }

    fn went_well(&mut self) {
        if let Held::Pooled(connection) = &mut self.held {
            connection.went_well();
        }
    }

    fn connection(&mut self) -> Result<&mut ConnectionOf<S>> {
        match &mut self.held {
            Held::Pooled(connection) => {
                let connection = connection.for_statement();
                connection.ok_or_else(|| Error::bug("a connection is used after its end").into())
            }
            Held::Lent(transaction) => match transaction.as_mut() {
                Some(transaction) => Ok(&mut **transaction),
                None => Err(taken_back().into()),
            },
        }
    }
}
