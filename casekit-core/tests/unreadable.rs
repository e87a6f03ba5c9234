//! What is said of input that cannot be read: the whole message, for every form that is easily got wrong.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use casekit_core::Desk;
use casekit_core::model::{Actor, WorkspaceId};
use casekit_core::operations::registry;
use casekit_memory::MemoryStore;

async fn message(operation: &str, input: &str) -> String {
    let desk = Desk::new(MemoryStore::new());
    let workspace = WorkspaceId(desk.new_id());
    let found = registry().iter().find(|known| known.name == operation);
    let actor = match found.unwrap().audience {
        "staff" => Actor::System,
        _ => Actor::Customer(desk.new_id().into()),
    };
    let session = desk.session(workspace, actor);
    let refused = session.call(operation, input.as_bytes()).await;
    let message = refused.unwrap_err().message().to_owned();
    // Where in the input it was noticed is the parser's to say.
    let place = message.rfind(" at line 1 column ");
    message[..place.unwrap_or(message.len())].to_owned()
}

#[tokio::test]
async fn a_case_that_is_not_named() {
    for (case, given) in [
        ("true", "`true`"),
        ("-1", "`-1`"),
        ("1.5", "`1.5`"),
        ("null", "`null`"),
        (r#""first""#, "`first`"),
        (r#""42""#, "`42`"),
        ("[1]", "a list"),
        (r#"{"number": 1}"#, "an object"),
    ] {
        let input = format!(r#"{{"case":{case}}}"#);
        let said = message("get_case", &input).await;
        assert_eq!(
            said,
            format!(
                "`get_case` cannot be read: a case is named by its number or its id, not {given}"
            )
        );
    }
}

#[tokio::test]
async fn a_customer_who_is_not_named() {
    for (customer, told) in [
        (
            "7",
            "a customer is named by their id, or by an object with `email` or `phone`, not `7`",
        ),
        (
            r#""Carla""#,
            "a customer is named by their id, or by an object with `email` or `phone`, not `Carla`",
        ),
        (
            r#"{"emial":"carla@example.com"}"#,
            "unknown field `emial`, expected one of `name`, `email`, `phone`, `language`",
        ),
        (
            r#"{"email":7}"#,
            "invalid type: integer `7`, expected a string",
        ),
    ] {
        let input = format!(r#"{{"customer":{customer}}}"#);
        let said = message("open_case", &input).await;
        assert_eq!(said, format!("`open_case` cannot be read: {told}"));
    }
}

#[tokio::test]
async fn a_value_that_no_custom_field_holds() {
    for (value, told) in [
        (
            "null",
            "the value of a custom field is a text, a number, true, false or a list of texts, not `null`",
        ),
        (
            r#"{"a":1}"#,
            "the value of a custom field is a text, a number, true, false or a list of texts, not an object",
        ),
        (
            r#"["red",7]"#,
            "a list in a custom field holds texts, not `7`",
        ),
    ] {
        let input = format!(r#"{{"name":"Carla","custom":{{"colour":{value}}}}}"#);
        let said = message("create_customer", &input).await;
        assert_eq!(said, format!("`create_customer` cannot be read: {told}"));
    }
}

#[tokio::test]
async fn other_forms() {
    for (operation, input, told) in [
        (
            "get_case",
            "7",
            "invalid type: integer `7`, expected an object",
        ),
        ("get_case", "{}", "missing field `case`"),
        (
            "find_cases",
            r#"{"limit":"many"}"#,
            r#"invalid type: string "many", expected a whole number that is not negative"#,
        ),
        (
            "find_cases",
            r#"{"filter":{"colour":"red"}}"#,
            "unknown variant `colour`, expected one of `all`, `any`, `exclude`, `status`, `stage`, `assignee`, `owner`, `operator`, `customer`, `organisation`, `product`, `tag`, `any_tag`, `flagged`, `origin`, `priority`, `priority_at_least`, `language`, `awaiting`, `opened`, `updated`, `closed`, `customer_last`, `awaiting_since`, `custom`",
        ),
        (
            "bulk_cases",
            r#"{"cases":[],"action":"close"}"#,
            r#"invalid type: string "close", expected an object with `type`"#,
        ),
        (
            "bulk_cases",
            r#"{"cases":[],"action":{"type":"close","reasons":"done"}}"#,
            "unknown field `reasons`, expected `reason` or `seen`",
        ),
        // JavaScript drops what is undefined: nobody is unassigned by that.
        ("assign_case", r#"{"case":1}"#, "missing field `to`"),
        (
            "bulk_cases",
            r#"{"cases":[],"action":{"type":"assign"}}"#,
            "missing field `to`",
        ),
        (
            "set_delivery",
            r#"{"entry":"00000000-0000-0000-0000-000000000001","delivery":"sent"}"#,
            r#"invalid type: string "sent", expected an object with `type`"#,
        ),
        (
            "define_field",
            r#"{"target":"case","key":"a","label":"A","holds":"text"}"#,
            r#"invalid type: string "text", expected an object with `type`"#,
        ),
        (
            "receive_message",
            r#"{"case":1,"message":{"text":"hi"},"by":"customer"}"#,
            r#"invalid type: string "customer", expected an object with `type`"#,
        ),
    ] {
        let said = message(operation, input).await;
        let told = format!("`{operation}` cannot be read: {told}");
        assert_eq!(said, told);
    }
}

/// Whatever is given to whichever operation, nobody reads of a type of Rust.
#[tokio::test]
async fn no_message_names_a_type_of_rust() {
    for operation in registry() {
        for input in [
            "7",
            "null",
            "[]",
            "\"x\"",
            "true",
            r#"{"case":[],"customer":[],"message":7,"limit":{}}"#,
        ] {
            let said = message(operation.name, input).await;
            for word in [
                "struct ", "enum ", "untagged", " u64", " u32", " i64", " usize", " f64", "::",
            ] {
                assert!(!said.contains(word), "{} said: {said}", operation.name);
            }
        }
    }
}
