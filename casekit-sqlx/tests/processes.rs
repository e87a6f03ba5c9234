//! Several processes on one database: what holds between threads holds between them.
//!
//! The processes are this program again, told by a variable what to do.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use casekit_core::model::{Role, Seq, WorkspaceId};
use casekit_core::operations::{
    Contact, CreateAgent, CreateProduct, CreateWorkspace, FindCases, ListAgents, OpenCase, Reply,
    TakeCase,
};
use casekit_core::{Desk, ErrorKind};
use casekit_servers::{fresh_mysql, fresh_postgres};
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

/// Set for a process that is started: what it does, on which database, and which one it is.
const ROLE: &str = "CASEKIT_PROCESS_ROLE";
const URL: &str = "CASEKIT_PROCESS_URL";
const NUMBER: &str = "CASEKIT_PROCESS_NUMBER";

const WRITERS: usize = 8;
const CASES_OF_A_WRITER: usize = 12;
const UNCLAIMED: u64 = 25;

/// What is done last, and by nobody else.
const LAST: &str = "create_product";

/// How long a process may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

async fn open(url: &str) -> Desk {
    let desk = Desk::builder_on(casekit_sqlx::connect(url).await.unwrap()).build();
    desk.migrate().await.unwrap();
    desk
}

/// What a process does; as a test, without the variables, it does nothing.
#[tokio::test]
async fn child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let url = std::env::var(URL).unwrap();
    let number: usize = std::env::var(NUMBER).unwrap().parse().unwrap();
    match role.as_str() {
        "write" => write(&url, number).await,
        "claim" => claim(&url, number).await,
        "follow" => follow(&url, number).await,
        other => panic!("there is no role `{other}`"),
    }
}

/// Opens cases and replies to each.
async fn write(url: &str, number: usize) {
    let desk = open(url).await;
    let system = desk.system(WORKSPACE);
    let agents = system.run(ListAgents::default()).await.unwrap().agents;
    let agent = desk.agent(WORKSPACE, agents.get(number % agents.len()).unwrap().id);
    for round in 0..CASES_OF_A_WRITER {
        // All write for the same few customers, whom the first of them creates.
        let customer = Contact::email("Carla", &format!("carla-{}@example.com", round % 3));
        let open = OpenCase::new(customer, "My printer").customer_says("It is on fire.");
        let case = system.run(open).await.unwrap();
        agent
            .run(Reply::new(&case, "Pull the plug!"))
            .await
            .unwrap();
        println!("told {}", case.number);
    }
}

/// Takes as many of the first cases as it can.
async fn claim(url: &str, number: usize) {
    let desk = open(url).await;
    let agents = desk.system(WORKSPACE).run(ListAgents::default()).await;
    let agents = agents.unwrap().agents;
    let agent = desk.agent(WORKSPACE, agents.get(number % agents.len()).unwrap().id);
    for case in 1..=UNCLAIMED {
        match agent.run(TakeCase { case: case.into() }).await {
            Ok(_) => println!("told {case}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
        }
    }
}

/// Follows the events until the last. A process with an odd number loses its connection now and then.
async fn follow(url: &str, number: usize) {
    let mut random = fastrand::Rng::with_seed(number as u64);
    let mut last = Seq(0);
    loop {
        let mut events = open(url).await.subscribe(WORKSPACE, last);
        let stays = if number.is_multiple_of(2) {
            usize::MAX
        } else {
            random.usize(1..40)
        };
        for _ in 0..stays {
            let event = events.next().await.unwrap();
            println!("told {} {}", event.seq, event.id);
            last = event.seq;
            if event.operation == LAST {
                return;
            }
        }
    }
}

/// Starts a process.
fn start(role: &str, url: &str, number: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env(URL, url)
        .env(NUMBER, number.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until a process ends well; gives what it told.
fn finish(mut child: Child) -> Vec<String> {
    let mut output = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        text
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("a process does not end: {}", reader.join().unwrap());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let text = reader.join().unwrap();
    assert!(status.success(), "{text}");
    let told = text.lines().filter_map(|line| line.split_once("told "));
    told.map(|(_, what)| what.to_owned()).collect()
}

/// A new database with agents and unclaimed cases.
async fn prepared(url: &str) -> Desk {
    let desk = open(url).await;
    let system = desk.system(WORKSPACE);
    system
        .run(CreateWorkspace {
            name: "Acme".into(),
        })
        .await
        .unwrap();
    for number in 0..WRITERS {
        let email = format!("agent-{number}@acme.example");
        system
            .run(CreateAgent::new("Anna", &email, Role::Agent))
            .await
            .unwrap();
    }
    for number in 0..UNCLAIMED {
        let customer = Contact::email("Carl", &format!("carl-{number}@example.com"));
        let open = OpenCase::new(customer, "Help").customer_says("Help!");
        system.run(open).await.unwrap();
    }
    desk
}

/// A new database of each kind, with the folder of the one that is a file. That a server is missing
/// has been said loudly.
async fn databases() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}", folder.path().join("cases.db").display());
    let servers = [fresh_postgres().await, fresh_mysql().await];
    let all = std::iter::once(file).chain(servers.into_iter().flatten());
    (folder, all.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_comes_once_and_in_order_to_those_who_follow() {
    let (_folder, urls) = databases().await;
    for url in urls {
        follow_writers(&url).await;
    }
}

async fn follow_writers(url: &str) {
    let desk = prepared(url).await;
    let followers = [0, 1].map(|number| start("follow", url, number));
    let writers: Vec<Child> = (0..WRITERS)
        .map(|number| start("write", url, number))
        .collect();
    let numbers: Vec<u64> = writers
        .into_iter()
        .flat_map(finish)
        .map(|n| n.parse().unwrap())
        .collect();
    // Every number once, without gaps.
    let first = UNCLAIMED + 1;
    let all = first..first + (WRITERS * CASES_OF_A_WRITER) as u64;
    assert_eq!(
        BTreeSet::from_iter(numbers.iter().copied()),
        BTreeSet::from_iter(all)
    );
    assert_eq!(numbers.len(), WRITERS * CASES_OF_A_WRITER);
    let system = desk.system(WORKSPACE);
    system.run(CreateProduct::new("The end")).await.unwrap();
    let [stayed, reconnected] = followers.map(finish);
    assert_eq!(stayed, reconnected);
    let split = stayed.iter().map(|line| line.split_once(' ').unwrap());
    let (numbers, ids): (Vec<u64>, BTreeSet<&str>) = split
        .map(|(seq, id)| (seq.parse::<u64>().unwrap(), id))
        .unzip();
    assert_eq!(numbers, (1..=stayed.len() as u64).collect::<Vec<_>>());
    assert_eq!(ids.len(), stayed.len());
    // The customers were created by whoever came first, and by nobody else.
    let cases = system
        .run(FindCases {
            limit: 1_000,
            ..FindCases::default()
        })
        .await
        .unwrap()
        .cases;
    let customers: BTreeSet<_> = cases.iter().map(|case| case.customer).collect();
    assert_eq!(customers.len() as u64, UNCLAIMED + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_taken_by_one_process() {
    let (_folder, urls) = databases().await;
    for url in urls {
        claim_from_everywhere(&url).await;
    }
}

async fn claim_from_everywhere(url: &str) {
    prepared(url).await;
    let claimers: Vec<Child> = (0..WRITERS)
        .map(|number| start("claim", url, number))
        .collect();
    let mut taken: Vec<u64> = claimers
        .into_iter()
        .flat_map(finish)
        .map(|n| n.parse().unwrap())
        .collect();
    taken.sort_unstable();
    assert_eq!(taken, (1..=UNCLAIMED).collect::<Vec<_>>());
}
