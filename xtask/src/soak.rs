//! The runs that find more the longer they take.

use clap::Args;

use crate::place::Place;
use crate::rust::Profile;
use crate::servers::Servers;
use crate::steps::Steps;
use crate::{fuzz, python, rust};

#[derive(Args)]
pub(crate) struct Settings {
    /// Kills a writing process at random moments, for so many seconds.
    #[arg(long, default_value_t = 60)]
    crash_seconds: u32,
    /// Compares every store with the memory store, with so many seeds.
    #[arg(long, default_value_t = 20)]
    model_seeds: u32,
    /// So many random steps for each seed.
    #[arg(long, default_value_t = 10_000)]
    model_steps: u32,
    /// Begins with a later seed than the first: goes on where a run was stopped.
    #[arg(long, default_value_t = 0)]
    model_first_seed: u32,
    /// Runs each fuzzer for so many seconds.
    #[arg(long, default_value_t = 60)]
    fuzz_seconds: u32,
}

/// The long runs.
pub(crate) fn run(place: &Place, settings: &Settings, steps: &mut Steps) {
    let servers = Servers::find(steps);
    stores(place, settings, Profile::Release, &servers, steps);
    fuzz::run(place, settings.fuzz_seconds, steps);
    python::from_source(place, steps);
}

/// A taste of them, without the fuzzers, whose bodies run over their seeds with the other tests.
pub(crate) fn short(place: &Place, servers: &Servers, steps: &mut Steps) {
    let settings = Settings {
        crash_seconds: 10,
        model_seeds: 6,
        model_steps: 1_500,
        model_first_seed: 0,
        fuzz_seconds: 0,
    };
    stores(place, &settings, Profile::Debug, servers, steps);
}

fn stores(
    place: &Place,
    settings: &Settings,
    profile: Profile,
    servers: &Servers,
    steps: &mut Steps,
) {
    let first = settings.model_first_seed.to_string();
    let mut variables = vec![
        ("CASEKIT_CRASH_SECONDS", settings.crash_seconds.to_string()),
        ("CASEKIT_MODEL_SEEDS", settings.model_seeds.to_string()),
        ("CASEKIT_MODEL_STEPS", settings.model_steps.to_string()),
        ("CASEKIT_MODEL_FIRST_SEED", first),
    ];
    variables.extend(servers.variables());
    let name = format!(
        "soak: crashes for {} s; model of SQLite, PostgreSQL, MariaDB and memory with {} seeds × {} steps",
        settings.crash_seconds, settings.model_seeds, settings.model_steps
    );
    steps.step(&name, |tally| {
        rust::tests_in(
            place,
            tally,
            &["crash", "model", "kit_on_servers"],
            profile,
            &variables,
        )
    });
}
