//! The registry described as one JSON document, from which bindings are generated.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value as Json, json};

use crate::port::Access;

/// Every operation with the JSON Schema (draft 2020-12) of its input and output, and the definitions
/// that these refer to: `{"operations": [{"name", "audience", "access", "input", "output"}], "$defs"}`.
///
/// `$defs` says what is read: a field with a default may be absent. `$written` has the same definitions as
/// they are written, so that the types of answers can say which fields are always there.
pub fn describe() -> Json {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let mut written = SchemaGenerator::new(SchemaSettings::draft2020_12().for_serialize());
    let operations: Vec<Json> = super::registry()
        .iter()
        .map(|operation| {
            let (input, output) = (operation.schema)(&mut generator);
            (operation.schema)(&mut written);
            json!({
                "name": operation.name,
                "audience": operation.audience,
                "access": match operation.access {
                    Access::Read => "read",
                    Access::Work => "work",
                    Access::Supervise => "supervise",
                    Access::Administer => "administer",
                },
                "input": input,
                "output": output,
            })
        })
        .collect();
    let error = generator.subschema_for::<crate::WireError>();
    written.subschema_for::<crate::WireError>();
    json!({
        "operations": operations,
        "error": error,
        "$defs": generator.take_definitions(true),
        "$written": written.take_definitions(true),
    })
}
