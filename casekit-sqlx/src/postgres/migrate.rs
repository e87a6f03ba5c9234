//! The tables, and the function that writes a change set.

use std::fmt::Write as _;

use crate::compile::Statement;
use crate::declared::DeclaredKind;
use crate::dialect::{Dialect, Postgres};
use crate::schema::{Schema, Table};
use crate::server::{Result, Server, Session, Tables, int};

/// How long to wait for another program that migrates.
const PATIENCE: &str = "60s";

/// The tables that no kind declares.
const COMMON: &str = r#"
CREATE TABLE PREFIX_migration (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, layout bigint NOT NULL,
  declared text NOT NULL, at timestamptz NOT NULL
);
CREATE TABLE PREFIX_counter (workspace uuid PRIMARY KEY, seq bigint NOT NULL, number bigint NOT NULL);
CREATE TABLE PREFIX_commit (
  workspace uuid NOT NULL, id uuid NOT NULL, day bigint NOT NULL, seq bigint NOT NULL,
  numbers jsonb NOT NULL, PRIMARY KEY (workspace, id)
);
CREATE INDEX PREFIX_commit_by_day ON PREFIX_commit (workspace, day);
CREATE TABLE PREFIX_unique (
  workspace uuid NOT NULL, name text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL,
  kind text NOT NULL, id uuid NOT NULL, PRIMARY KEY (workspace, name, value)
);
CREATE TABLE PREFIX_text (
  workspace uuid NOT NULL, kind text COLLATE "C" NOT NULL, id uuid NOT NULL,
  internal boolean NOT NULL, part integer NOT NULL, owner_kind text COLLATE "C" NOT NULL,
  owner uuid NOT NULL, class smallint NOT NULL, words tsvector NOT NULL,
  PRIMARY KEY (workspace, kind, id, internal, part)
);
CREATE INDEX PREFIX_text_by_owner ON PREFIX_text (workspace, owner_kind, owner);
CREATE INDEX PREFIX_text_by_words ON PREFIX_text USING gin (words);
"#;

/// What stands before and after the body of the function.
const QUOTE: &str = "$casekit$";

/// The function, up to what it does for each kind.
const BEGIN: &str = r#"
CREATE OR REPLACE FUNCTION PREFIX_commit(_workspace uuid, _id uuid, _day bigint, _set jsonb)
RETURNS jsonb LANGUAGE plpgsql SET lock_timeout = '10s' AS $casekit$
#variable_conflict use_column
DECLARE
  _seq bigint; _number bigint; _events bigint := (_set->>'events')::bigint;
  _kind jsonb; _one jsonb; _answer jsonb; _stale jsonb := '[]';
  _assigned jsonb := '{}'; _numbers jsonb := '[]';
BEGIN
  -- From here on no other commit to the workspace is under way.
  SELECT seq, number INTO _seq, _number FROM PREFIX_counter WHERE workspace = _workspace FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO PREFIX_counter (workspace, seq, number) VALUES (_workspace, 0, 0) ON CONFLICT DO NOTHING;
    SELECT seq, number INTO _seq, _number FROM PREFIX_counter WHERE workspace = _workspace FOR UPDATE;
  END IF;
  SELECT jsonb_build_object('done', jsonb_build_object('seq', seq, 'numbers', numbers)) INTO _answer
    FROM PREFIX_commit WHERE workspace = _workspace AND id = _id;
  IF FOUND THEN RETURN _answer; END IF;
"#;

/// What it refuses for a unique value, and the numbers.
const CHECKED: &str = r#"
  IF _stale <> '[]' THEN RETURN jsonb_build_object('stale', _stale); END IF;
  IF _set ? 'twice' THEN RETURN jsonb_build_object('taken', _set->'twice'); END IF;
  IF _set ? 'claimed' THEN
    SELECT jsonb_build_object('taken', to_jsonb(u) - 'workspace') INTO _answer
      FROM jsonb_to_recordset(_set->'claimed') AS c(name text, value text)
      JOIN PREFIX_unique AS u ON u.workspace = _workspace AND u.name = c.name AND u.value = c.value
      WHERE NOT EXISTS (
        SELECT FROM jsonb_to_recordset(_set->'released') AS r(name text, value text, kind text, id uuid)
        WHERE r.name = u.name AND r.value = u.value AND r.kind = u.kind AND r.id = u.id)
      LIMIT 1;
    IF FOUND THEN RETURN _answer; END IF;
  END IF;
  FOR _one IN SELECT e FROM jsonb_array_elements(_set->'numbers') AS e LOOP
    IF _one->>'given' IS NOT NULL THEN
      _number := greatest(_number, (_one->>'given')::bigint);
    ELSE
      _number := _number + 1;
      _assigned := _assigned || jsonb_build_object(_one->>'id', _number);
      _numbers := _numbers || jsonb_build_array(jsonb_build_array(_one->'kind', _one->'id', _number));
    END IF;
  END LOOP;
"#;

/// What stands beside the kinds.
const END: &str = r#"
  IF _set ? 'released' THEN
    DELETE FROM PREFIX_unique AS u
      USING jsonb_to_recordset(_set->'released') AS r(name text, value text, kind text, id uuid)
      WHERE u.workspace = _workspace AND u.name = r.name AND u.value = r.value
        AND u.kind = r.kind AND u.id = r.id;
  END IF;
  IF _set ? 'claimed' THEN
    INSERT INTO PREFIX_unique (workspace, name, value, kind, id)
      SELECT _workspace, r.* FROM jsonb_to_recordset(_set->'claimed')
        AS r(name text, value text, kind text, id uuid);
  END IF;
  IF _set ? 'untold' THEN
    DELETE FROM PREFIX_text AS x USING jsonb_to_recordset(_set->'untold') AS r(kind text, id uuid)
      WHERE x.workspace = _workspace AND x.kind = r.kind AND x.id = r.id;
  END IF;
  IF _set ? 'texts' THEN
    INSERT INTO PREFIX_text (workspace, kind, id, internal, part, owner_kind, owner, class, words)
      SELECT _workspace, r.kind, r.id, r.internal, r.part, r.owner_kind, r.owner, r.class,
        array_to_tsvector(CASE WHEN r.numbered IS NULL THEN r.words
          ELSE r.words || (r.numbered || (_assigned->>(r.id::text))) END)
      FROM jsonb_to_recordset(_set->'texts') AS r(kind text, id uuid, internal boolean, part integer,
        owner_kind text, owner uuid, class smallint, words text[], numbered text);
  END IF;
  _seq := _seq + _events;
  UPDATE PREFIX_counter AS c SET seq = _seq, number = _number
    WHERE c.workspace = _workspace AND (c.seq <> _seq OR c.number <> _number);
  INSERT INTO PREFIX_commit (workspace, id, day, seq, numbers)
    VALUES (_workspace, _id, _day, _seq, _numbers);
  IF random() < 0.001 THEN
    DELETE FROM PREFIX_commit AS c WHERE c.workspace = _workspace AND c.day < _day - 1;
  END IF;
  IF _events > 0 THEN PERFORM pg_notify('PREFIX_event', _workspace::text); END IF;
  RETURN jsonb_build_object('done', jsonb_build_object('seq', _seq, 'numbers', _numbers));
END
$casekit$;
"#;

/// The name of the function.
pub(super) fn function(schema: &Schema) -> String {
    schema.named("commit")
}

impl Tables for Postgres {
    const RELATIONS: &'static str = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'v') \
         AND relnamespace = current_schema()::text::regnamespace AND relname IN";

    async fn lock<S: Server>(&self, session: &mut Session<'_, S>) -> Result<()> {
        let begin = format!("BEGIN; SET LOCAL lock_timeout = '{PATIENCE}'");
        session.script(&begin).await?;
        let sql = "SELECT 1::bigint FROM pg_advisory_xact_lock(hashtextextended($1, 0))".to_owned();
        let params = vec![self.schema.named("migration").into()];
        session.rows(&Statement { sql, params }).await?;
        Ok(())
    }

    fn unlock(&self) -> String {
        "COMMIT".to_owned()
    }

    fn common(&self) -> String {
        COMMON.replace("PREFIX_", &self.schema.named(""))
    }

    fn create(&self, table: &Table) -> String {
        let (name, key) = (&table.name, &table.key_index);
        let mut sql = format!(
            "CREATE TABLE {name} (workspace uuid NOT NULL, id uuid NOT NULL, version bigint NOT NULL"
        );
        for column in &table.columns {
            sql.push_str(", ");
            self.name(column.name, &mut sql);
            // Writing to a string does not fail.
            let _ = write!(sql, " {} NOT NULL", self.column_type(column.holds));
        }
        let _ = write!(
            sql,
            ", body jsonb NOT NULL, CONSTRAINT {key} PRIMARY KEY (workspace, id));"
        );
        if let Some(values) = &table.values {
            let _ = write!(
                sql,
                "CREATE TABLE {values} (workspace uuid NOT NULL, id uuid NOT NULL, \
                 field text COLLATE \"C\" NOT NULL, holds smallint NOT NULL, \
                 value text COLLATE \"C\" NOT NULL, \
                 PRIMARY KEY (workspace, field, holds, value, id)); \
                 CREATE INDEX {values}_of ON {values} (workspace, id, field, holds, value);"
            );
        }
        for index in &table.indexes {
            sql.push_str(&self.create_index(table, index));
        }
        sql
    }

    fn drop_index(&self, _table: &Table, name: &str) -> String {
        format!("DROP INDEX {name}")
    }

    const INDEXES: (&'static str, &'static str) = (
        "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema() AND tablename = ",
        " AND indexname = ",
    );

    fn put_aside(&self, table: &Table, aside: &str, old: &DeclaredKind) -> String {
        let (name, key) = (&table.name, &table.key_index);
        let mut sql = format!(
            "DROP TABLE IF EXISTS {name}_value; ALTER TABLE {name} RENAME TO {aside}; \
             ALTER TABLE {aside} RENAME CONSTRAINT {key} TO {aside}_key;"
        );
        for index in old.indexes.keys() {
            let _ = write!(sql, "DROP INDEX IF EXISTS {index};");
        }
        sql
    }

    const RECORD: &'static str = "::jsonb";

    fn depending(&self) -> String {
        let tables = self.schema.tables();
        let mut sql = BEGIN.to_owned();
        tables.iter().for_each(|table| check(table, &mut sql));
        sql.push_str(CHECKED);
        tables.iter().for_each(|table| self.put(table, &mut sql));
        sql.push_str(END);
        sql.replace("PREFIX_", &self.schema.named(""))
    }

    async fn has_depending<S: Server>(&self, session: &mut Session<'_, S>) -> Result<bool> {
        let depending = self.depending();
        let sql = "SELECT count(*) FROM pg_proc WHERE prosrc = $1 AND oid = to_regprocedure(\
                   quote_ident(current_schema()) || '.' || $2 || '(uuid, uuid, bigint, jsonb)')";
        let params = vec![
            depending.split(QUOTE).nth(1).unwrap_or_default().into(),
            function(&self.schema).into(),
        ];
        let sql = sql.to_owned();
        let found = session.rows(&Statement { sql, params }).await?;
        Ok(found.first().map(|row| int::<S>(row, 0)).transpose()? == Some(1))
    }
}

/// What the function checks for a kind.
fn check(table: &Table, sql: &mut String) {
    let (kind, name) = (table.kind.name(), &table.name);
    let _ = write!(
        sql,
        "
  _kind := _set->'kinds'->'{kind}';
  IF _kind IS NOT NULL THEN
    SELECT _stale || coalesce(jsonb_agg(jsonb_build_array('{kind}', s.id)), '[]') INTO _stale
      FROM jsonb_to_recordset(_kind->'seen') AS s(id uuid, version bigint)
      LEFT JOIN {name} AS t ON t.workspace = _workspace AND t.id = s.id
      WHERE t.version IS DISTINCT FROM s.version;
  END IF;"
    );
}

impl Postgres {
    /// What the function writes for a kind.
    fn put(&self, table: &Table, sql: &mut String) {
        let (kind, name) = (table.kind.name(), &table.name);
        let mut columns = String::from("workspace, id, version");
        let (mut values, mut typed) = (String::from("_workspace, r.id, r.version"), String::new());
        let mut updates = String::from("version = excluded.version");
        for column in &table.columns {
            let mut quoted = String::new();
            self.name(column.name, &mut quoted);
            let _ = write!(columns, ", {quoted}");
            let _ = match assigned(table, column.name) {
                Some(assigned) => write!(values, ", {assigned}"),
                None => write!(values, ", r.{quoted}"),
            };
            let _ = write!(updates, ", {quoted} = excluded.{quoted}");
            let holds = self.column_type(column.holds);
            let _ = write!(typed, ", {quoted} {}", holds.replace(" COLLATE \"C\"", ""));
        }
        let body = body(table);
        let _ = write!(
            sql,
            "
  _kind := _set->'kinds'->'{kind}';
  IF _kind ? 'gone' THEN
    DELETE FROM {name} AS t USING jsonb_array_elements_text(_kind->'gone') AS g(id)
      WHERE t.workspace = _workspace AND t.id = g.id::uuid;
  END IF;
  IF _kind ? 'put' THEN
    INSERT INTO {name} ({columns}, body)
      SELECT {values}, {body}
      FROM jsonb_to_recordset(_kind->'put') AS r(id uuid, version bigint{typed}, body jsonb)
      ON CONFLICT (workspace, id) DO UPDATE SET {updates}, body = excluded.body;
  END IF;"
        );
        if let Some(values) = &table.values {
            let _ = write!(
                sql,
                "
  IF _kind ? 'less' THEN
    DELETE FROM {values} AS v USING jsonb_to_recordset(_kind->'less')
      AS r(id uuid, field text, holds smallint, value text)
      WHERE v.workspace = _workspace AND v.field = r.field AND v.holds = r.holds
        AND v.value = r.value AND v.id = r.id;
  END IF;
  IF _kind ? 'more' THEN
    INSERT INTO {values} (workspace, id, field, holds, value)
      SELECT _workspace, r.* FROM jsonb_to_recordset(_kind->'more')
        AS r(id uuid, field text, holds smallint, value text);
  END IF;"
            );
        }
    }
}

/// What stands in a column that the function assigns: the number of a new record that waited for one,
/// and the place of a new event.
fn assigned(table: &Table, column: &str) -> Option<&'static str> {
    match column {
        "number" => Some("coalesce((_assigned->>(r.id::text))::bigint, r.\"number\")"),
        "seq" if is_event(table) => {
            Some("CASE WHEN r.version = 1 THEN _seq + r.\"seq\" ELSE r.\"seq\" END")
        }
        _ => None,
    }
}

/// The record with what the function assigns.
fn body(table: &Table) -> &'static str {
    if is_event(table) {
        return "CASE WHEN r.version = 1 THEN jsonb_set(r.body, '{seq}', to_jsonb(_seq + r.\"seq\")) \
                ELSE r.body END";
    }
    if table.columns.iter().any(|column| column.name == "number") {
        return "CASE WHEN _assigned ? (r.id::text) \
                THEN jsonb_set(r.body, '{number}', _assigned->(r.id::text)) ELSE r.body END";
    }
    "r.body"
}

fn is_event(table: &Table) -> bool {
    table.kind == casekit_core::model::Kind::Event
}
