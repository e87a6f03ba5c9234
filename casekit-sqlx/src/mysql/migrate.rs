//! The tables.
//!
//! These databases commit with every change of a table. So each statement can be run again, and what
//! is noted last says that all of them were.

use std::fmt::Write as _;

use casekit_core::{Error, ErrorKind};

use crate::compile::Statement;
use crate::declared::DeclaredKind;
use crate::dialect::{Dialect, Mysql};
use crate::schema::Table;
use crate::server::{Result, Server, Session, Tables, int};

/// The tables that no kind declares.
const COMMON: &str = "
CREATE TABLE IF NOT EXISTS PREFIX_migration (
  number BIGINT AUTO_INCREMENT PRIMARY KEY, layout BIGINT NOT NULL, declared LONGTEXT NOT NULL,
  at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE IF NOT EXISTS PREFIX_counter (
  workspace BINARY(16) PRIMARY KEY, seq BIGINT NOT NULL, number BIGINT NOT NULL
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS PREFIX_commit (
  workspace BINARY(16) NOT NULL, id BINARY(16) NOT NULL, day BIGINT NOT NULL, seq BIGINT NOT NULL,
  numbers LONGTEXT NOT NULL, PRIMARY KEY (workspace, id), KEY by_day (workspace, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE IF NOT EXISTS PREFIX_unique (
  workspace BINARY(16) NOT NULL, name VARBINARY(64) NOT NULL, value VARBINARY(1300) NOT NULL,
  kind VARBINARY(32) NOT NULL, id BINARY(16) NOT NULL, PRIMARY KEY (workspace, name, value)
) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS PREFIX_word (
  workspace BINARY(16) NOT NULL, owner_kind VARBINARY(32) NOT NULL, word VARBINARY(256) NOT NULL,
  owner BINARY(16) NOT NULL, kind VARBINARY(32) NOT NULL, id BINARY(16) NOT NULL,
  internal BOOLEAN NOT NULL, class SMALLINT NOT NULL,
  PRIMARY KEY (workspace, owner_kind, word, owner, kind, id, internal),
  KEY by_record (workspace, kind, id), KEY by_owner (workspace, owner_kind, owner, word)
) ENGINE=InnoDB;
";

/// How long to wait for another program that migrates, in seconds.
const PATIENCE: &str = "60";

impl Tables for Mysql {
    const RELATIONS: &'static str = "SELECT count(*) FROM information_schema.tables \
         WHERE table_schema = DATABASE() AND table_name IN";

    async fn lock<S: Server>(&self, session: &mut Session<'_, S>) -> Result<()> {
        let sql = format!("SELECT GET_LOCK(SHA1(CONCAT(DATABASE(), ?)), {PATIENCE})");
        let params = vec![self.schema.named(".migration").into()];
        let rows = session.rows(&Statement { sql, params }).await?;
        match rows.first().map(|row| int::<S>(row, 0)).transpose()? {
            Some(1) => Ok(()),
            _ => Err(Error::new(
                ErrorKind::Unavailable,
                "another program migrates the database, and has not finished in time",
            )
            .into()),
        }
    }

    fn unlock(&self) -> String {
        "DO RELEASE_ALL_LOCKS()".to_owned()
    }

    fn common(&self) -> String {
        COMMON.replace("PREFIX_", &self.schema.named(""))
    }

    fn create(&self, table: &Table) -> String {
        let name = &table.name;
        let mut sql = format!(
            "CREATE TABLE IF NOT EXISTS {name} (workspace BINARY(16) NOT NULL, \
             id BINARY(16) NOT NULL, version BIGINT NOT NULL"
        );
        for column in &table.columns {
            sql.push_str(", ");
            self.name(column.name, &mut sql);
            // Writing to a string does not fail.
            let _ = write!(sql, " {} NOT NULL", self.column_type(column.holds));
        }
        sql.push_str(
            ", body LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, \
             PRIMARY KEY (workspace, id)",
        );
        for index in &table.indexes {
            let _ = write!(sql, ", KEY {} (workspace", index.name);
            for field in index.fields {
                sql.push_str(", ");
                self.name(field, &mut sql);
            }
            sql.push_str(", id)");
        }
        sql.push_str(") ENGINE=InnoDB;");
        if let Some(values) = &table.values {
            let _ = write!(
                sql,
                "CREATE TABLE IF NOT EXISTS {values} (workspace BINARY(16) NOT NULL, \
                 id BINARY(16) NOT NULL, field VARBINARY(300) NOT NULL, holds TINYINT NOT NULL, \
                 value VARBINARY(1020) NOT NULL, \
                 PRIMARY KEY (workspace, field, holds, value, id), \
                 KEY of_record (workspace, id, field, holds, value)) ENGINE=InnoDB;"
            );
        }
        sql
    }

    fn drop_index(&self, table: &Table, name: &str) -> String {
        format!("DROP INDEX {name} ON {}", table.name)
    }

    const INDEXES: (&'static str, &'static str) = (
        "SELECT count(DISTINCT index_name) FROM information_schema.statistics \
         WHERE table_schema = DATABASE() AND table_name = ",
        " AND index_name = ",
    );

    fn put_aside(&self, table: &Table, aside: &str, _old: &DeclaredKind) -> String {
        let name = &table.name;
        format!("DROP TABLE IF EXISTS {name}_value; RENAME TABLE {name} TO {aside}")
    }

    const RECORD: &'static str = "";

    fn depending(&self) -> String {
        // Nothing does.
        "DO 0".to_owned()
    }

    async fn has_depending<S: Server>(&self, _session: &mut Session<'_, S>) -> Result<bool> {
        Ok(true)
    }
}
