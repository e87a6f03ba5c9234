//! The registry described as one JSON document, from which bindings are generated.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value as Json, json};

use crate::port::Access;

/// Every operation with the JSON Schema (draft 2020-12) of its input and output, and the definitions
/// that these refer to: `{"operations": [{"name", "audience", "access", "input", "output"}], "$defs"}`.
pub fn describe() -> Json {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let operations: Vec<Json> = super::registry()
        .iter()
        .map(|operation| {
            let (input, output) = (operation.schema)(&mut generator);
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
    json!({
        "operations": operations,
        "error": error,
        "$defs": generator.take_definitions(true),
    })
}
