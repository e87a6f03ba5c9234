//! What the fuzzers begin with.

use casekit_core::model::Kind;
use casekit_core::operations::registry;
use casekit_testkit::generate::Generator;

use crate::world::WORKSPACE;

/// Operations that succeed in the fuzzers' world, one a line. `b`, `c` and `d` at the end of an id are
/// the agent, the customer and the product.
const OPERATIONS: &str = include_str!("../seeds/operations.txt");

/// Operations, as [`crate::operation`] takes them: those that are written here, and every other with no input.
pub fn operations() -> Vec<Vec<u8>> {
    let empty = registry().iter().map(|operation| {
        let actor = match operation.audience {
            "customers" => "customer",
            _ => "agent",
        };
        format!("{actor} {} {{}}", operation.name).into_bytes()
    });
    written_operations().into_iter().chain(empty).collect()
}

/// Those that succeed.
pub fn written_operations() -> Vec<Vec<u8>> {
    let lines = OPERATIONS.lines();
    lines.map(|line| line.as_bytes().to_vec()).collect()
}

/// Queries, filters and aggregates, as [`crate::query`] takes them.
pub fn queries() -> Vec<Vec<u8>> {
    let mut generator = Generator::new(1, WORKSPACE);
    let records = generator.scene(12).records;
    let mut seeds = Vec::new();
    for kind in Kind::ALL {
        for _ in 0..3 {
            let query = generator.query(*kind, &records);
            let filter = generator.filter(*kind, &records, 3);
            let aggregate = generator.aggregate(*kind, &records);
            seeds.push(serde_json::to_vec(&query));
            seeds.push(serde_json::to_vec(&filter));
            seeds.push(serde_json::to_vec(&aggregate));
        }
    }
    let written: Result<_, _> = seeds.into_iter().collect();
    written.expect("what is generated can be written")
}
