//! Whether the store answers.

use casekit_core::{Desk, ErrorKind};
use casekit_sqlx::SqliteStore;

use crate::world::on_every_store;

#[tokio::test]
async fn a_desk_is_well_while_its_store_answers() {
    on_every_store(|world| async move { world.desk.health().await.unwrap() }).await;
}

#[tokio::test]
async fn a_desk_without_tables_is_not_well() {
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    let error = Desk::new(store).health().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("migrate it first"), "{error}");
}
