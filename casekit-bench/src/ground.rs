//! The stores that are measured, filled with the same data.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use casekit_core::port::Store;
use casekit_memory::MemoryStore;
use casekit_sqlx::SqliteStore;
use indicatif::{ProgressBar, ProgressStyle};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::ours::Ours;
use crate::threads::Lanes;
use crate::world::World;

/// Below so many, waiting texts are left until more come.
const FEW_TEXTS: u64 = 128;

/// How often and how long at most to wait until texts are indexed.
const LOOKS: u32 = 2_000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// The stores that are measured, filled with the same data.
pub(crate) struct Ground {
    pub(crate) runtime: Runtime,
    pub(crate) sqlite: Ours,
    pub(crate) memory: Ours,
    pub(crate) theirs: Lanes,
    file: PathBuf,
    _folder: TempDir,
}

impl Ground {
    /// Fills the stores with so many cases.
    pub(crate) fn fill(world: &mut World, cases: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let folder = tempfile::Builder::new().prefix("casekit-bench").tempdir()?;
        let (ours, theirs) = (
            folder.path().join("ours.db"),
            folder.path().join("theirs.db"),
        );
        let memory = Arc::new(MemoryStore::new());
        runtime.block_on(fill(world, cases, &ours, &memory))?;
        copy(&ours, &theirs)?;
        let sqlite = runtime.block_on(SqliteStore::open(&ours))?;
        runtime.block_on(sqlite.migrate())?;
        Ok(Self {
            sqlite: Ours::new(Arc::new(sqlite), world),
            memory: Ours::new(memory, world),
            theirs: Lanes::open(&theirs, world)?,
            runtime,
            file: ours,
            _folder: folder,
        })
    }

    /// Waits until casekit has indexed what was written, so that this is not counted as the other's.
    pub(crate) fn settle(&self) -> Result<()> {
        settle(&self.file)
    }
}

async fn fill(world: &mut World, cases: usize, file: &Path, memory: &MemoryStore) -> Result<()> {
    let sqlite = SqliteStore::open(file).await?;
    sqlite.migrate().await?;
    let bar = ProgressBar::new(cases as u64).with_message("fill");
    bar.set_style(ProgressStyle::with_template(
        "{msg} {wide_bar} {pos}/{len} cases, {per_sec}, {eta} left",
    )?);
    let sets: Vec<_> = world.fill(cases).collect();
    let sets_in_all = sets.len().max(1);
    for (done, set) in sets.into_iter().enumerate() {
        memory.commit(set.clone()).await?;
        sqlite.commit(set).await?;
        bar.set_position((cases * (done + 1) / sets_in_all) as u64);
    }
    bar.finish_and_clear();
    eprintln!("index texts");
    Ok(sqlite.tidy().await?)
}

/// Copies a database file with all that is in its log.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let connection = Connection::open(from)?;
    // casekit may be copying the log back itself, and then nobody else can.
    for _ in 0..LOOKS {
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        if busy == 0 {
            std::fs::copy(from, to).context("cannot copy the database")?;
            return Ok(());
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    anyhow::bail!("the log cannot be emptied")
}

/// Waits until few texts wait to be indexed.
fn settle(file: &Path) -> Result<()> {
    let connection = Connection::open(file)?;
    for _ in 0..LOOKS {
        let sql = "SELECT count(*) FROM casekit_pending";
        let waiting: u64 = connection.query_row(sql, [], |row| row.get(0))?;
        if waiting < FEW_TEXTS {
            return Ok(());
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    anyhow::bail!("texts are not indexed")
}
