//! What goes on at a desk while a backup is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use casekit_core::model::{Entity, Event, FromEntity, Key, Stored, What, WorkspaceId};
use casekit_core::operations::{Contact, CreateWorkspace, OpenCase, PatchCase, Reply};
use casekit_core::port::{Lookup, Store};
use casekit_core::{Change, ChangeSet, Committed, Desk, ErrorKind};
use casekit_testkit::SeededIds;
use casekit_testkit::generate::Generator;
use tokio::task::JoinSet;
use uuid::Uuid;

pub(crate) const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(0x42));

/// How the subjects of cases begin that were opened by operations.
pub(crate) const LAMP: &str = "lamp";

/// Cases that are there when the backup begins, so that it takes a while, and how many of them are
/// deleted again, so that there are holes.
const OLD_SETS: usize = 10;
const OLD_CASES: usize = 40;
pub(crate) const DELETED: u64 = 10;

/// Writers by operations, and writers of change sets, which know what they committed.
const BY_OPERATION: u64 = 2;
const BY_SET: u64 = 2;

/// How many cases the former have opened at least when the backup begins.
const LAMPS: u64 = 6;

/// How often a set is sent at most.
const SENDS: u32 = 5;

/// A set, and what the store answered.
pub(crate) type Done = (ChangeSet, Committed);

/// Writers at work.
pub(crate) struct Work {
    shared: Arc<Shared>,
    writers: JoinSet<Vec<Done>>,
}

struct Shared {
    store: Arc<dyn Store>,
    ends: AtomicBool,
    /// The highest number of an event that was committed for certain.
    seq: AtomicU64,
    /// How many cases were opened by operations.
    lamps: AtomicU64,
}

impl Shared {
    fn goes_on(&self) -> bool {
        !self.ends.load(Ordering::Relaxed)
    }

    async fn commit(&self, set: ChangeSet) -> Committed {
        let committed = self.sent(set).await;
        self.seq.fetch_max(committed.seq.0, Ordering::Relaxed);
        committed
    }

    /// Sends a set until it is answered, as the engine does: a machine can be too busy for a lock.
    async fn sent(&self, set: ChangeSet) -> Committed {
        for _ in 1..SENDS {
            match self.store.commit(set.clone()).await {
                Err(error) if error.kind() == ErrorKind::Unavailable => {}
                answer => return answer.unwrap(),
            }
        }
        self.store.commit(set).await.unwrap()
    }
}

impl Work {
    /// Fills the store, and begins to write.
    pub(crate) async fn begin(store: Arc<dyn Store>) -> Self {
        let shared = Arc::new(Shared {
            store,
            ends: AtomicBool::new(false),
            seq: AtomicU64::new(0),
            lamps: AtomicU64::new(0),
        });
        let desk = Desk::builder_on(Arc::clone(&shared.store)).build();
        let name = "Acme".to_owned();
        let system = desk.system(WORKSPACE);
        system.run(CreateWorkspace { name }).await.unwrap();
        fill(&shared).await;
        let mut writers = JoinSet::new();
        for writer in 0..BY_OPERATION {
            writers.spawn(operate(Arc::clone(&shared), writer));
        }
        for writer in 0..BY_SET {
            writers.spawn(commit_sets(Arc::clone(&shared), writer));
        }
        let work = Self { shared, writers };
        let begun = work.events();
        let lamps = &work.shared.lamps;
        // Until all have surely begun.
        while work.events() < begun + 20 || lamps.load(Ordering::Relaxed) < LAMPS {
            tokio::task::yield_now().await;
        }
        work
    }

    /// How many events were committed, at least.
    pub(crate) fn events(&self) -> u64 {
        self.shared.seq.load(Ordering::Relaxed)
    }

    /// Ends it; gives for each writer of sets what it committed, in order.
    pub(crate) async fn end(self) -> Vec<Vec<Done>> {
        self.shared.ends.store(true, Ordering::Relaxed);
        let all = self.writers.join_all().await;
        all.into_iter().filter(|done| !done.is_empty()).collect()
    }
}

/// A case opened with its first message: a case, an activity, two entries, an event.
pub(crate) fn opened(world: &mut Generator) -> (Key, ChangeSet) {
    let customer = world.customer();
    let mut case = world.case(&customer);
    case.number = 0;
    case.external_id = None;
    let mut activity = world.activity(&case);
    activity.external_id = None;
    let entries = [world.entry(&case), world.entry(&case)];
    let key = case.key();
    let mut records = vec![case.into_entity(), activity.into_entity()];
    records.extend(entries.map(FromEntity::into_entity));
    let event = world.event(key, What::Opened);
    let changes = records.into_iter().map(Change::Create).collect();
    (key, set(world, changes, vec![event]))
}

fn set(world: &mut Generator, changes: Vec<Change>, events: Vec<Event>) -> ChangeSet {
    ChangeSet {
        id: world.id(),
        workspace: WORKSPACE,
        changes,
        events,
    }
}

/// Cases that were there long before, and some that were deleted.
async fn fill(shared: &Shared) {
    let mut world = Generator::new(1_000, WORKSPACE);
    let mut first = Vec::new();
    for _ in 0..OLD_SETS {
        let all = (0..OLD_CASES).map(|_| opened(&mut world));
        let mut all: Vec<(Key, ChangeSet)> = all.collect();
        if first.is_empty() {
            first.extend(all.iter().map(|(key, _)| Lookup::Key(*key)));
        }
        let (_, mut whole) = all.pop().unwrap();
        for (_, mut one) in all {
            whole.changes.append(&mut one.changes);
            whole.events.append(&mut one.events);
        }
        shared.commit(whole).await;
    }
    first.truncate(DELETED as usize);
    let found: Vec<Option<Entity>> = shared.store.load(&first).await.unwrap();
    let delete = found.into_iter().flatten();
    let delete = delete.map(|before| Change::Delete { before }).collect();
    let deletion = set(&mut world, delete, Vec::new());
    shared.commit(deletion).await;
}

/// Opens cases, replies and tags, as programs do.
async fn operate(shared: Arc<Shared>, writer: u64) -> Vec<Done> {
    let desk = Desk::builder_on(Arc::clone(&shared.store));
    let desk = desk.ids(SeededIds::new(2_000 + writer)).build();
    let system = desk.system(WORKSPACE);
    let mut count = 0;
    while shared.goes_on() {
        count += 1;
        let carla = Contact::email("Carla", &format!("carla{writer}@example.com"));
        let subject = format!("{LAMP}{writer}x{count:06}");
        let open = OpenCase::new(carla, &subject).customer_says("It flickers.");
        let case = system.run(open).await.unwrap();
        shared.lamps.fetch_add(1, Ordering::Relaxed);
        system.run(Reply::new(&case, "Unplug it.")).await.unwrap();
        let mut patch = PatchCase::of(&case);
        patch.tags = Some(["lamps".to_owned()].into());
        system.run(patch).await.unwrap();
    }
    Vec::new()
}

/// Commits sets, and remembers them.
async fn commit_sets(shared: Arc<Shared>, writer: u64) -> Vec<Done> {
    let mut world = Generator::new(3_000 + writer, WORKSPACE);
    let mut done = Vec::new();
    while shared.goes_on() {
        let (_, set) = opened(&mut world);
        let committed = shared.commit(set.clone()).await;
        done.push((set, committed));
    }
    done
}
