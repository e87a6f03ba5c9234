//! The Rust of the README compiles and runs: it stands here word for word, between what it needs around it.

#[tokio::test]
#[rustfmt::skip] // The lines are as long as those of the README.
async fn the_examples_of_the_readme_run() -> casekit_core::Result<()> {
    // The README names a file in the folder that a program runs in. No other test of this program needs the folder.
    let folder = tempfile::tempdir().expect("a folder");
    std::env::set_current_dir(&folder).expect("entered");
    // README
    use casekit_core::{Desk, model::*, operations::*};
    use casekit_sqlx::SqliteStore;

    let desk = Desk::new(SqliteStore::connect("sqlite://desk.db").await?);
    desk.migrate().await?;
    let workspace = WorkspaceId(desk.new_id());
    let system = desk.system(workspace);
    system.run(CreateWorkspace { name: "Acme".into() }).await?;
    let anna = system.run(CreateAgent::new("Anna", "anna@acme.example", Role::Agent)).await?;
    let carla = Contact::email("Carla", "carla@example.com");
    let case = system.run(OpenCase::new(carla, "My printer").customer_says("It is on fire.")).await?;

    let agent = desk.agent(workspace, anna.id);
    let load = agent.run(GetCaseLoad::default()).await?;        // what needs attention, own, unclaimed
    agent.run(TakeCase { case: case.number.into() }).await?;    // the first who takes it gets it
    agent.run(Reply::new(&case, "Pull the plug!")).await?;

    let customer = desk.customer(workspace, case.customer);     // other operations, other types:
    customer.run(MyThread::of(case.id)).await?;                 // the public part, and only that

    let session = desk.session(workspace, Actor::Agent(anna.id));
    let answer = session.call("get_case", br#"{"case": 1}"#).await?;
    // README

    assert_eq!(load.needs_attention.cases.len(), 1);
    let shown = customer.run(MyThread::of(case.id)).await?;
    assert!(format!("{shown:?}").contains("Pull the plug!"));
    assert!(String::from_utf8_lossy(&answer).contains("My printer"));
    Ok(())
}

#[test]
fn the_examples_are_those_of_the_readme() {
    let here = include_str!("readme.rs").split("// README\n").nth(1);
    let here: Vec<&str> = here.into_iter().flat_map(lines).collect();
    let readme = include_str!("../../README.md").split("```rust\n").skip(1);
    let readme: Vec<&str> = readme
        .filter_map(|from| from.split("```").next())
        .flat_map(lines)
        .collect();
    assert_eq!(here, readme);
    assert!(!readme.is_empty());
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}
